package rollups

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// company makes outcomes at random, as the outcome stage stores them: the versions of a row come in any order, some are tombstones, some
// move a case or complaint to another day.
type company struct {
	rng      *rand.Rand
	settings fakeSettings
	tenants  []string

	contacts   []schemas.ContactOutcome
	cases      []schemas.CaseOutcome
	complaints []schemas.ComplaintOutcome
	subjects   []schemas.ComplaintSubject
	milestones []schemas.MilestoneFact
	events     []schemas.ComplaintFact
	days       daySet
}

func newCompany(settings fakeSettings, seed uint64) *company {
	c := &company{rng: rand.New(rand.NewPCG(seed, 4)), settings: settings, days: daySet{}}
	for _, t := range settings.Configured() {
		c.tenants = append(c.tenants, t.ID)
	}
	slices.Sort(c.tenants)
	return c
}

func (c *company) pick(all ...string) string { return all[c.rng.IntN(len(all))] }

func (c *company) maybe(p float64) bool { return c.rng.Float64() < p }

// instant is near a change of clocks or of the beginning of time.
func (c *company) instant() time.Time {
	start := [...]time.Time{time.Date(2026, 3, 7, 22, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 22, 0, 0, 0, time.UTC), time.Unix(0, 0).UTC()}[c.rng.IntN(3)]
	return start.Add(time.Duration(c.rng.Int64N(3*86400*1e6)) * time.Microsecond)
}

func (c *company) micros() *int64 {
	if c.maybe(0.3) {
		return nil
	}
	// Whole octaves: the edges of buckets are where they go wrong.
	v := int64(1) << c.rng.IntN(48)
	v += c.rng.Int64N(3) - 1
	if c.maybe(0.5) {
		v = c.rng.Int64N(1e13)
	}
	return &v
}

func (c *company) attributes() schemas.AttributeColumns {
	return schemas.AttributeColumns{
		Region: c.pick("", "north", `sou"th`), Product: c.pick("x/y", "pump", "<ü>"), Channel: c.pick("", "mail", "a\\b"), Agent: fmt.Sprint("a", c.rng.IntN(20)),
	}
}

func (c *company) bool() *bool {
	if c.maybe(0.3) {
		return nil
	}
	v := c.maybe(0.5)
	return &v
}

func (c *company) addContact(i int) {
	hour := c.instant().Truncate(time.Hour)
	for v := range 1 + c.rng.IntN(3) {
		o := schemas.ContactOutcome{OutcomeVersion: schemas.OutcomeVersion{Epoch: uint64(c.rng.IntN(2)), Mark: uint64(v)}}
		o.Tenant, o.Hour, o.Source, o.ID, o.Chain = c.tenants[i%len(c.tenants)], hour, "app", fmt.Sprint(i), fmt.Sprint("c", i)
		o.OccurredAt = hour.Add(time.Duration(c.rng.Int64N(3600*1e6)) * time.Microsecond)
		o.AttributeColumns = c.attributes()
		if o.Live = c.maybe(0.85); o.Live {
			o.Direction, o.Answered = c.pick("inbound", "inbound", "outbound"), c.maybe(0.8)
			o.Resolved, o.WaitMicros, o.TalkMicros, o.HoldMicros, o.WrapMicros = c.bool(), c.micros(), c.micros(), c.micros(), c.micros()
			o.InChain = o.Answered && o.Direction == "inbound"
			o.InServiceLevel = o.InChain && c.maybe(0.5)
			if o.First = o.InChain && c.maybe(0.7); o.First {
				o.Episode = uint32(1 + c.rng.IntN(3))
			}
			o.Later = o.InChain && c.maybe(0.4)
			if o.First && o.Resolved != nil {
				if o.FCR = c.pick("yes", "no"); o.FCR == "no" {
					o.FCRReason = c.pick("not_resolved", "repeat_contact", "reopened")
				}
			}
		}
		c.contacts = append(c.contacts, o)
		c.days.add(daysOfHour(c.settings.For(o.Tenant), hour, schemas.Contacts)...)
	}
}

// timeline is reached, due and lasted, each in the order of names.
func (c *company) timeline(names, lasting []string, began time.Time) (reached []string, at []time.Time, due schemas.Due, lasted []string, micros []int64, working []*int64) {
	slices.Sort(names)
	for _, name := range names {
		when := began.Add(time.Duration(c.rng.IntN(3)-1) * time.Hour)
		if c.maybe(0.5) {
			reached, at = append(reached, name), append(at, when)
		}
		if c.maybe(0.4) {
			due.Name, due.At = append(due.Name, name), append(due.At, began.Add(time.Duration(c.rng.IntN(3)-1)*time.Hour))
		}
	}
	slices.Sort(lasting)
	for _, name := range lasting {
		if v := c.micros(); v != nil && (name == "first_response" || name == "resolution" || slices.Contains(reached, name)) {
			lasted, micros, working = append(lasted, name), append(micros, *v), append(working, c.micros())
		}
	}
	return
}

func (c *company) addCase(i int) {
	for v := range 1 + c.rng.IntN(3) {
		o := schemas.CaseOutcome{OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: uint64(v)}, Tenant: c.tenants[i%len(c.tenants)], CaseID: fmt.Sprint("k", i)}
		when := c.instant()
		f := schemas.MilestoneFact{OccurredAt: when, CaseID: o.CaseID, Milestone: "requested"}
		f.Identity = schemas.Identity{Tenant: o.Tenant, Hour: when.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i, "-", v)}
		c.milestones = append(c.milestones, f)
		c.days.add(daysOfHour(c.settings.For(o.Tenant), f.Hour, schemas.Cases)...)
		if o.Live = c.maybe(0.85); o.Live {
			o.AttributeColumns = c.attributes()
			if c.maybe(0.9) {
				o.RequestedAt = &when
			}
			all := strings.Fields("requested acknowledged responded dispatched arrived parts_ordered parts_arrived resolved closed reopened")
			o.Reached, o.ReachedAt, o.Due, o.Duration, o.DurationMicros, o.DurationWorking = c.timeline(all, append(all[1:len(all)-1:len(all)-1], "first_response"), when)
			o.WasResolved, o.WasReopened = c.maybe(0.5), c.maybe(0.2)
		}
		c.cases = append(c.cases, o)
	}
}

func (c *company) addComplaint(i int) {
	customers, issues := map[string]bool{}, map[string]bool{}
	var last schemas.ComplaintOutcome
	for v := range 1 + c.rng.IntN(3) {
		o := schemas.ComplaintOutcome{OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: uint64(v)}, Tenant: c.tenants[i%len(c.tenants)], ComplaintID: fmt.Sprint("k", i)}
		when := c.instant()
		if c.maybe(0.3) {
			when = when.Truncate(12 * time.Hour).Add(time.Duration(c.rng.IntN(2)*30*24) * time.Hour) // ties, and 30 days to the microsecond
		}
		f := schemas.ComplaintFact{OccurredAt: when, ComplaintID: o.ComplaintID, Phase: "opened"}
		f.Identity = schemas.Identity{Tenant: o.Tenant, Hour: when.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i, "-", v)}
		c.events = append(c.events, f)
		c.days.add(daysOfHour(c.settings.For(o.Tenant), f.Hour, schemas.Complaints)...)
		if o.Live = c.maybe(0.85); o.Live {
			o.AttributeColumns = c.attributes()
			o.CustomerID, o.Issue = c.pick("", "u1", "u2", "u3"), c.pick("", "leak", "noise")
			if c.maybe(0.9) {
				o.OpenedAt = &when
			}
			o.Severity, o.Category, o.Reason = c.pick("", "general", "major"), c.pick("", "c1", "c2"), c.pick("", "r1")
			o.Handling = c.pick("", "very_satisfied", "satisfied", "mostly_satisfied", "not_very_satisfied", "dissatisfied", "unhandled")
			o.Timely, o.WasResolved, o.WasReopened = c.bool(), c.maybe(0.5), c.maybe(0.2)
			all := strings.Fields("opened acknowledged responded resolved closed reopened followed_up")
			o.Reached, o.ReachedAt, o.Due, o.Duration, o.DurationMicros, o.DurationWorking = c.timeline(all, []string{"first_response", "resolution"}, when)
			customers[o.CustomerID], issues[o.Issue] = true, true
		}
		c.complaints = append(c.complaints, o)
		last = o
	}
	for customer := range customers {
		for issue := range issues {
			if customer == "" || issue == "" {
				continue
			}
			s := schemas.ComplaintSubject{OutcomeVersion: last.OutcomeVersion, Tenant: last.Tenant, CustomerID: customer, Issue: issue, ComplaintID: last.ComplaintID, OpenedAt: time.Unix(0, 0).UTC()}
			stale := s
			if last.OpenedAt != nil && last.CustomerID == customer && last.Issue == issue {
				s.Live, s.OpenedAt = true, *last.OpenedAt
			} else if last.Mark > 0 {
				stale.Mark, stale.Live, stale.OpenedAt = 0, true, c.instant()
				c.subjects = append(c.subjects, stale)
			}
			c.subjects = append(c.subjects, s)
		}
	}
}

// holding are the newest versions of rows, as given by their keys.
func holding[R any](rows []R, key func(R) (string, schemas.OutcomeVersion)) []R {
	newest := map[string]R{}
	for _, row := range rows {
		k, v := key(row)
		have, ok := newest[k]
		if _, w := key(have); !ok || v.Epoch > w.Epoch || v.Epoch == w.Epoch && v.Mark > w.Mark {
			newest[k] = row
		}
	}
	var out []R
	for _, row := range newest {
		out = append(out, row)
	}
	return out
}

func (c *company) expected() map[rowKey][]string {
	cells := newCells(c.settings, c.days.sorted())
	for _, o := range holding(c.contacts, func(o schemas.ContactOutcome) (string, schemas.OutcomeVersion) {
		return o.Tenant + "|" + o.ID, o.OutcomeVersion
	}) {
		cells.contact(o)
	}
	for _, o := range holding(c.cases, func(o schemas.CaseOutcome) (string, schemas.OutcomeVersion) {
		return o.Tenant + "|" + o.CaseID, o.OutcomeVersion
	}) {
		cells.one(o)
	}
	complaints := holding(c.complaints, func(o schemas.ComplaintOutcome) (string, schemas.OutcomeVersion) {
		return o.Tenant + "|" + o.ComplaintID, o.OutcomeVersion
	})
	for _, o := range complaints {
		cells.complaint(o, complaints)
	}
	return cells.lines()
}

// write stores everything in several inserts of shuffled rows, so that FINAL has parts to merge.
func (c *company) write(r *rig) {
	r.t.Helper()
	shuffle := func(n int, swap func(i, j int)) { c.rng.Shuffle(n, swap) }
	shuffle(len(c.contacts), func(i, j int) { c.contacts[i], c.contacts[j] = c.contacts[j], c.contacts[i] })
	shuffle(len(c.cases), func(i, j int) { c.cases[i], c.cases[j] = c.cases[j], c.cases[i] })
	shuffle(len(c.complaints), func(i, j int) { c.complaints[i], c.complaints[j] = c.complaints[j], c.complaints[i] })
	shuffle(len(c.subjects), func(i, j int) { c.subjects[i], c.subjects[j] = c.subjects[j], c.subjects[i] })
	const parts = 3
	for i := range parts {
		err := r.sink.Write(r.t.Context(), sinks.Batch{
			ContactOutcomes: part3(c.contacts, i), CaseOutcomes: part3(c.cases, i), ComplaintOutcomes: part3(c.complaints, i), ComplaintSubjects: part3(c.subjects, i),
			Milestones: part3(c.milestones, i), Complaints: part3(c.events, i),
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// part3 is the i-th third of rows.
func part3[R any](rows []R, i int) []R { return rows[i*len(rows)/3 : (i+1)*len(rows)/3] }
