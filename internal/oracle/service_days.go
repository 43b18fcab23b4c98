package oracle

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// serviceDays gathers the cells of contacts, cases and complaints.
type serviceDays struct {
	opts   Options
	cuts   map[string][]cut // by tenant
	tables map[string]*gathered
}

// serviceRows are the rollup rows of the result's outcomes; days without any have no row.
func serviceRows(r Result, opts Options) []Row {
	d := serviceDays{opts: opts, cuts: map[string][]cut{}, tables: map[string]*gathered{}}
	for _, t := range Tables()[4:] {
		d.tables[t.Name] = newGathered(t)
	}
	for _, c := range r.Contacts {
		d.contact(c)
	}
	for _, c := range r.Cases {
		d.milestones(c)
	}
	for _, c := range r.Complaints {
		d.complaint(c)
	}
	var rows []Row
	for _, name := range slices.Sorted(maps.Keys(d.tables)) {
		rows = append(rows, d.tables[name].rows()...)
	}
	return rows
}

// add calls put with each cell that something with these attributes at this time is booked in, by cut.
func (d serviceDays) add(table, tenant string, at time.Time, a schemas.Attributes, key []string, put func(*Cell)) {
	if d.cuts[tenant] == nil {
		d.cuts[tenant] = cuts(d.opts.Tenants[tenant].Pairs)
	}
	for _, c := range d.cuts[tenant] {
		day := dayKey{tenant, c.name, d.opts.Tenants[tenant].day(at)}
		put(d.tables[table].cell(day, slices.Concat([]string{c.value(a)}, key)))
	}
}

// one adds 1 to a measure where the condition holds.
func (c Cell) one(name string, when bool) {
	if when {
		c.add(name, 1)
	}
}

// spread adds a value to the three measures n, sum and sum_sq behind the prefix; nil adds nothing.
func (c Cell) spread(prefix string, value *int64) {
	if value != nil {
		c.add(prefix+"n", 1)
		c.add(prefix+"sum", *value)
		c.addSquare(prefix+"sum_sq", *value)
	}
}

func (d serviceDays) contact(c Contact) {
	answered := c.Direction == "inbound" && c.Answered
	resolved := c.Resolved != nil && *c.Resolved
	var wait, handling *int64
	if answered {
		wait = c.Wait
		for _, part := range []*int64{c.Talk, c.Hold, c.Wrap} {
			if part != nil {
				if handling == nil {
					handling = new(int64)
				}
				*handling += *part
			}
		}
	}
	d.add("contact_days", c.Tenant, c.At, c.Attributes, nil, func(cell *Cell) {
		cell.one("offered", c.Direction == "inbound")
		cell.one("answered", answered)
		cell.one("in_service_level", c.InServiceLevel)
		cell.one("outbound", c.Direction == "outbound")
		cell.spread("wait_", wait)
		cell.spread("handle_", handling)
		cell.one("contacts", c.InChain)
		cell.one("first_contacts", c.First)
		cell.one("fcr_n", c.FCR != "")
		cell.one("resolved_first", c.FCR == "yes")
		cell.one("failed_not_resolved", c.FCRReason == "not_resolved")
		cell.one("failed_repeat_contact", c.FCRReason == "repeat_contact")
		cell.one("failed_reopened", c.FCRReason == "reopened")
		cell.one("resolved_unknown", c.First && c.Resolved == nil)
		cell.one("flagged", c.First && resolved)
		cell.one("no_repeat", c.First && !c.Later)
		cell.one("one_touch", c.First && c.Episode == 1 && resolved)
	})
}

func (d serviceDays) milestones(c Case) {
	if c.RequestedAt == nil {
		return
	}
	add := func(table string, key []string, put func(*Cell)) {
		d.add(table, c.Tenant, *c.RequestedAt, c.Attributes, key, put)
	}
	add("milestone_days", []string{""}, func(cell *Cell) {
		cell.add("cases", 1)
		cell.one("reached", c.WasResolved)
		cell.one("late", c.WasReopened)
	})
	names := map[string]bool{}
	for _, m := range []map[string]time.Time{c.Reached, c.Due} {
		for name := range m {
			names[name] = name != "requested" && name != "reopened"
		}
	}
	for name := range c.Durations {
		names[name] = true
	}
	for name, counted := range names {
		if !counted {
			continue
		}
		at, reached := c.Reached[name]
		due, hasDue := c.Due[name]
		duration, measured := c.Durations[name]
		add("milestone_days", []string{name}, func(cell *Cell) {
			cell.add("cases", 1)
			cell.one("reached", reached || name == "first_response")
			cell.one("on_time", reached && hasDue && !at.After(due))
			cell.one("late", reached && hasDue && at.After(due))
			if measured {
				cell.spread("", &duration.Micros)
				cell.spread("working_", duration.Working)
			}
		})
		if hasDue && !reached {
			add("milestone_due_days", []string{name, instant(due)}, func(cell *Cell) { cell.add("n", 1) })
		}
		if measured {
			duration.histogram(name, func(key []string) {
				add("milestone_duration_days", key, func(cell *Cell) { cell.add("n", 1) })
			})
		}
	}
}

func (d serviceDays) complaint(c Complaint) {
	if c.OpenedAt == nil {
		return
	}
	add := func(table string, key []string, put func(*Cell)) {
		d.add(table, c.Tenant, *c.OpenedAt, c.Attributes, key, put)
	}
	add("complaint_days", []string{c.Severity, c.Category, c.Reason}, func(cell *Cell) {
		cell.add("opened", 1)
		cell.one("timely_yes", c.Timely != nil && *c.Timely)
		cell.one("timely_no", c.Timely != nil && !*c.Timely)
		cell.one("repeats", c.Repeat)
		cell.one("resolved", c.WasResolved)
		cell.one("reopened", c.WasReopened)
		cell.one("handling_"+c.Handling, c.Handling != "")
		for phase, due := range c.Due {
			at, reached := c.Reached[phase]
			cell.one("on_time", reached && !at.After(due))
			cell.one("late", reached && at.After(due))
		}
		for name, prefix := range map[string]string{"first_response": "response_", "resolution": "resolution_"} {
			if duration, ok := c.Durations[name]; ok {
				cell.spread(prefix, &duration.Micros)
			}
		}
	})
	for phase, due := range c.Due {
		if _, reached := c.Reached[phase]; !reached {
			add("complaint_due_days", []string{phase, instant(due)}, func(cell *Cell) { cell.add("n", 1) })
		}
	}
	for name, duration := range c.Durations {
		duration.histogram(name, func(key []string) {
			add("complaint_duration_days", key, func(cell *Cell) { cell.add("n", 1) })
		})
	}
}

// histogram gives the keys of the cells that count a duration.
func (d Duration) histogram(name string, count func(key []string)) {
	count([]string{name, "calendar", strconv.FormatInt(bucket(d.Micros), 10)})
	if d.Working != nil {
		count([]string{name, "working", strconv.FormatInt(bucket(*d.Working), 10)})
	}
}

// bucket finds where a duration falls: single microseconds below 128, then 128 buckets of equal width to each power of two.
func bucket(micros int64) int64 {
	if micros < 128 {
		return micros
	}
	low, power := int64(128), int64(0)
	for micros-low >= low {
		low *= 2
		power++
	}
	return 128*(power+1) + (micros-low)/(low/128)
}

// instant is a time as the due tables key it: microseconds since 1970.
func instant(at time.Time) string { return strconv.FormatInt(at.UnixMicro(), 10) }
