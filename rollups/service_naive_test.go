package rollups

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// measuresOf are the figures of a cell by table, written out here as the migration has them.
var measuresOf = map[string][]string{
	ContactDays: strings.Fields(`offered answered in_service_level outbound wait_n wait_sum wait_sum_sq handle_n handle_sum handle_sum_sq contacts first_contacts
		fcr_n resolved_first failed_not_resolved failed_repeat_contact failed_reopened resolved_unknown flagged no_repeat one_touch`),
	MilestoneDays:         strings.Fields("cases reached on_time late n sum sum_sq working_n working_sum working_sum_sq"),
	MilestoneDurationDays: {"n"},
	MilestoneDueDays:      {"n"},
	ComplaintDays: strings.Fields(`opened timely_yes timely_no repeats resolved reopened handling_very_satisfied handling_satisfied handling_mostly_satisfied
		handling_not_very_satisfied handling_dissatisfied handling_unhandled on_time late response_n response_sum response_sum_sq resolution_n resolution_sum resolution_sum_sq`),
	ComplaintDurationDays: {"n"},
	ComplaintDueDays:      {"n"},
}

// cellsOf gathers cells in plain Go.
type cellsOf struct {
	settings Settings
	rows     map[rowKey]map[string]map[string]*big.Int
}

// newCells has an empty row for every cut of the days.
func newCells(settings Settings, days []schemas.Day) cellsOf {
	c := cellsOf{settings, map[rowKey]map[string]map[string]*big.Int{}}
	for _, d := range days {
		f, _ := familyOf(d.Family)
		for _, name := range cutNames(settings.For(d.Tenant)) {
			for _, table := range f.Tables {
				c.rows[rowKey{table, d.Tenant, name, d.Date}] = map[string]map[string]*big.Int{}
			}
		}
	}
	return c
}

// at calls put with the cell of each cut.
func (c cellsOf) at(table, tenant string, when time.Time, a schemas.AttributeColumns, key []string, put func(map[string]*big.Int)) {
	t := c.settings.For(tenant)
	for _, name := range cutNames(t) {
		if row := c.rows[rowKey{table, tenant, name, t.Day(when)}]; row != nil {
			put(cellAt(row, append([]string{cutValue(name, a)}, key...)))
		}
	}
}

// lines are the rows in the form that stored gives, each row's cells sorted as text.
func (c cellsOf) lines() map[rowKey][]string {
	out := map[rowKey][]string{}
	for at, row := range c.rows {
		lines := []string{}
		for key, cell := range row {
			for _, name := range measuresOf[at.table] {
				key += "\x00" + cmp.Or(cell[name], new(big.Int)).String()
			}
			lines = append(lines, key)
		}
		slices.Sort(lines)
		out[at] = lines
	}
	return out
}

func count(c map[string]*big.Int, name string, when bool) {
	if when {
		add(c, name, 1)
	}
}

func spread(c map[string]*big.Int, prefix string, x int64) {
	add(c, prefix+"n", 1)
	add(c, prefix+"sum", x)
	addSquare(c, prefix+"sum_sq", x)
}

func (c cellsOf) contact(o schemas.ContactOutcome) {
	if !o.Live {
		return
	}
	c.at(ContactDays, o.Tenant, o.OccurredAt, o.AttributeColumns, nil, func(m map[string]*big.Int) {
		inbound := o.Direction == "inbound"
		resolved := o.Resolved != nil && *o.Resolved
		count(m, "offered", inbound)
		count(m, "answered", inbound && o.Answered)
		count(m, "in_service_level", o.InServiceLevel)
		count(m, "outbound", !inbound)
		if inbound && o.Answered {
			if o.WaitMicros != nil {
				spread(m, "wait_", *o.WaitMicros)
			}
			if o.TalkMicros != nil || o.HoldMicros != nil || o.WrapMicros != nil {
				var sum int64
				for _, p := range []*int64{o.TalkMicros, o.HoldMicros, o.WrapMicros} {
					if p != nil {
						sum += *p
					}
				}
				spread(m, "handle_", sum)
			}
		}
		count(m, "contacts", o.InChain)
		count(m, "first_contacts", o.First)
		count(m, "fcr_n", o.FCR != "")
		count(m, "resolved_first", o.FCR == "yes")
		if o.FCRReason != "" {
			add(m, "failed_"+o.FCRReason, 1)
		}
		count(m, "resolved_unknown", o.First && o.Resolved == nil)
		count(m, "flagged", o.First && resolved)
		count(m, "no_repeat", o.First && !o.Later)
		count(m, "one_touch", o.First && o.Episode == 1 && resolved)
	})
}

func (c cellsOf) durations(table, tenant string, when time.Time, a schemas.AttributeColumns, names []string, micros []int64, working []*int64) {
	for i, name := range names {
		put := func(clock string, v int64) {
			key := []string{name, clock, strconv.Itoa(int(outcomes.DurationBucket(v)))}
			c.at(table, tenant, when, a, key, func(m map[string]*big.Int) { add(m, "n", 1) })
		}
		put("calendar", micros[i])
		if working[i] != nil {
			put("working", *working[i])
		}
	}
}

func (c cellsOf) one(o schemas.CaseOutcome) {
	if !o.Live || o.RequestedAt == nil {
		return
	}
	at := func(table string, key []string, put func(map[string]*big.Int)) {
		c.at(table, o.Tenant, *o.RequestedAt, o.AttributeColumns, key, put)
	}
	at(MilestoneDays, []string{""}, func(m map[string]*big.Int) {
		add(m, "cases", 1)
		count(m, "reached", o.WasResolved)
		count(m, "late", o.WasReopened)
	})
	for _, name := range strings.Fields("acknowledged responded dispatched arrived parts_ordered parts_arrived resolved closed first_response") {
		reach, due, length := slices.Index(o.Reached, name), slices.Index(o.Name, name), slices.Index(o.Duration, name)
		if reach < 0 && due < 0 && length < 0 {
			continue
		}
		at(MilestoneDays, []string{name}, func(m map[string]*big.Int) {
			add(m, "cases", 1)
			count(m, "reached", reach >= 0 || name == "first_response")
			if reach >= 0 && due >= 0 {
				late := o.ReachedAt[reach].After(o.At[due])
				count(m, "on_time", !late)
				count(m, "late", late)
			}
			if length >= 0 {
				spread(m, "", o.DurationMicros[length])
				if w := o.DurationWorking[length]; w != nil {
					spread(m, "working_", *w)
				}
			}
		})
		if due >= 0 && reach < 0 {
			at(MilestoneDueDays, []string{name, strconv.FormatInt(o.At[due].UnixMicro(), 10)}, func(m map[string]*big.Int) { add(m, "n", 1) })
		}
	}
	c.durations(MilestoneDurationDays, o.Tenant, *o.RequestedAt, o.AttributeColumns, o.Duration, o.DurationMicros, o.DurationWorking)
}

func (c cellsOf) complaint(o schemas.ComplaintOutcome, all []schemas.ComplaintOutcome) {
	if !o.Live || o.OpenedAt == nil {
		return
	}
	repeat := slices.ContainsFunc(all, func(p schemas.ComplaintOutcome) bool {
		if p.OpenedAt == nil || o.CustomerID == "" || o.Issue == "" || p.Tenant != o.Tenant || p.CustomerID != o.CustomerID || p.Issue != o.Issue {
			return false
		}
		before := cmp.Or(p.OpenedAt.Compare(*o.OpenedAt), cmp.Compare(p.ComplaintID, o.ComplaintID)) < 0
		return before && o.OpenedAt.Sub(*p.OpenedAt) <= 30*24*time.Hour
	})
	c.at(ComplaintDays, o.Tenant, *o.OpenedAt, o.AttributeColumns, []string{o.Severity, o.Category, o.Reason}, func(m map[string]*big.Int) {
		add(m, "opened", 1)
		count(m, "timely_yes", o.Timely != nil && *o.Timely)
		count(m, "timely_no", o.Timely != nil && !*o.Timely)
		count(m, "repeats", repeat)
		count(m, "resolved", o.WasResolved)
		count(m, "reopened", o.WasReopened)
		if o.Handling != "" {
			add(m, "handling_"+o.Handling, 1)
		}
		for i, phase := range o.Name {
			if at := slices.Index(o.Reached, phase); at >= 0 {
				late := o.ReachedAt[at].After(o.At[i])
				count(m, "on_time", !late)
				count(m, "late", late)
			}
		}
		for i, name := range o.Duration {
			spread(m, map[string]string{"first_response": "response_", "resolution": "resolution_"}[name], o.DurationMicros[i])
		}
	})
	for i, phase := range o.Name {
		if !slices.Contains(o.Reached, phase) {
			key := []string{phase, strconv.FormatInt(o.At[i].UnixMicro(), 10)}
			c.at(ComplaintDueDays, o.Tenant, *o.OpenedAt, o.AttributeColumns, key, func(m map[string]*big.Int) { add(m, "n", 1) })
		}
	}
	c.durations(ComplaintDurationDays, o.Tenant, *o.OpenedAt, o.AttributeColumns, o.Duration, o.DurationMicros, o.DurationWorking)
}

// textOrder sorts the cells of rows as text: those with numbers in their keys are stored in the order of the numbers.
func textOrder(rows map[rowKey][]string) map[rowKey][]string {
	for _, lines := range rows {
		slices.Sort(lines)
	}
	return rows
}

// TestTablesAreAsTheStatementsSay: statements fill columns by position.
func TestTablesAreAsTheStatementsSay(t *testing.T) {
	r := newRig(t, fakeSettings{"t": tenants.Tenant{Zone: time.UTC}})
	for _, f := range tables() {
		table, err := newTable(f.family, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		if err := r.conn.QueryRow(t.Context(), "SELECT groupArray(name) FROM (SELECT name FROM system.columns WHERE database = 'rapport_store' AND table = '"+f.Name+"' AND startsWith(name, 'cells.') ORDER BY position)").Scan(&names); err != nil {
			t.Fatal(err)
		}
		want := []string{}
		for _, c := range table.Columns() {
			want = append(want, "cells."+c)
		}
		if !slices.Equal(want, names) {
			t.Errorf("%s has columns %q, its statement fills %q", f.Name, names, want)
		}
	}
}
