package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Outcome is one row of a table of outcomes as plain values. Only what is live is an outcome.
type Outcome struct {
	Table string
	// Key are the columns that name the row.
	Key []string
	// Values are all columns but the version, by name: one text for a plain value, none for NULL, one for each element of an
	// array. Times are microseconds since 1970, labels are names and values by turns in the order of names.
	Values map[string][]string
}

// Outcomes are the expected rows of the four tables of outcomes, to be compared with what LoadOutcomes reads.
func (r Result) Outcomes() []Outcome {
	var all []Outcome
	for _, c := range r.Contacts {
		all = append(all, c.outcome())
	}
	for _, c := range r.Cases {
		all = append(all, c.outcome())
	}
	for _, c := range r.Complaints {
		all = append(all, c.outcome())
		if c.hasSubject() {
			all = append(all, c.subject())
		}
	}
	return all
}

func (c Contact) outcome() Outcome {
	v := values{}
	v.text("tenant", c.Tenant)
	v.instant("hour", c.At.Truncate(time.Hour))
	v.text("source", c.Source)
	v.text("id", c.ID)
	v.number("revision", c.Revision)
	v.text("payload", strconv.FormatUint(c.Payload, 10))
	v.instant("occurred_at", c.At)
	v.text("chain", c.Chain)
	v.text("customer_id", c.CustomerID)
	v.text("issue", c.Issue)
	v.text("case_id", c.CaseID)
	v.attributes(c.Attributes, c.Labels)
	v.text("direction", c.Direction)
	v.flag("answered", &c.Answered)
	v.flag("resolved", c.Resolved)
	for name, x := range map[string]*int64{"wait": c.Wait, "talk": c.Talk, "hold": c.Hold, "wrap": c.Wrap} {
		v.optional(name+"_micros", x)
	}
	v.flag("transferred", &c.Transferred)
	live, dead := true, false
	v.flag("live", &live)
	v.flag("retracted", &dead)
	v.flag("superseded", &dead)
	v.flag("in_chain", &c.InChain)
	v.flag("is_first", &c.First)
	v.number("episode", c.Episode)
	v.flag("later", &c.Later)
	v.text("fcr", c.FCR)
	v.text("fcr_reason", c.FCRReason)
	v.text("excluded", c.Excluded)
	v.optionalInstant("confirmed_at", c.ConfirmedAt)
	v.optional("next_micros", c.Next)
	v.flag("in_service_level", &c.InServiceLevel)
	return v.of(ContactOutcomes())
}

func (c Case) outcome() Outcome {
	v := values{}
	v.text("tenant", c.Tenant)
	v.text("case_id", c.CaseID)
	v.text("customer_id", c.CustomerID)
	v.attributes(c.Attributes, c.Labels)
	v.timeline(c.Reached, c.Due, c.Durations)
	v.optionalInstant("requested_at", c.RequestedAt)
	v.flag("was_resolved", &c.WasResolved)
	v.flag("was_reopened", &c.WasReopened)
	return v.of(CaseOutcomes())
}

func (c Complaint) outcome() Outcome {
	v := values{}
	v.text("tenant", c.Tenant)
	v.text("complaint_id", c.ComplaintID)
	v.text("customer_id", c.CustomerID)
	v.text("case_id", c.CaseID)
	v.text("issue", c.Issue)
	v.text("severity", c.Severity)
	v.text("category", c.Category)
	v.text("reason", c.Reason)
	v.text("dimension", c.Dimension)
	v.text("handling", c.Handling)
	v.flag("timely", c.Timely)
	v.attributes(c.Attributes, c.Labels)
	v.timeline(c.Reached, c.Due, c.Durations)
	v.optionalInstant("opened_at", c.OpenedAt)
	v.flag("was_resolved", &c.WasResolved)
	v.flag("was_reopened", &c.WasReopened)
	return v.of(ComplaintOutcomes())
}

func (c Complaint) subject() Outcome {
	v := values{}
	v.text("tenant", c.Tenant)
	v.text("customer_id", c.CustomerID)
	v.text("issue", c.Issue)
	v.text("complaint_id", c.ComplaintID)
	v.instant("opened_at", *c.OpenedAt)
	live := true
	v.flag("live", &live)
	return v.of(ComplaintSubjects())
}

// values are an outcome's columns in the making.
type values map[string][]string

func (v values) text(name, x string)              { v[name] = []string{x} }
func (v values) number(name string, x int64)      { v.text(name, strconv.FormatInt(x, 10)) }
func (v values) instant(name string, t time.Time) { v.text(name, instant(t)) }

func (v values) flag(name string, x *bool) {
	v[name] = []string{}
	if x != nil {
		v.text(name, strconv.FormatBool(*x))
	}
}

func (v values) optional(name string, x *int64) {
	v[name] = []string{}
	if x != nil {
		v.number(name, *x)
	}
}

func (v values) optionalInstant(name string, t *time.Time) {
	v[name] = []string{}
	if t != nil {
		v.instant(name, *t)
	}
}

func (v values) attributes(a schemas.Attributes, labels map[string]string) {
	for _, name := range []string{"region", "org_unit", "product", "service", "channel", "segment", "agent"} {
		v.text(name, attribute(a, name))
	}
	v["labels"] = []string{}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		v["labels"] = append(v["labels"], name, labels[name])
	}
}

func (v values) timeline(reached, due map[string]time.Time, durations map[string]Duration) {
	live := true
	v.flag("live", &live)
	for prefix, times := range map[string]map[string]time.Time{"reached": reached, "due": due} {
		v[prefix+".name"], v[prefix+".at"] = slices.Sorted(maps.Keys(times)), []string{}
		for _, name := range v[prefix+".name"] {
			v[prefix+".at"] = append(v[prefix+".at"], instant(times[name]))
		}
	}
	v["duration.name"], v["duration.micros"], v["duration.working_micros"] = slices.Sorted(maps.Keys(durations)), []string{}, []string{}
	for _, name := range v["duration.name"] {
		d, working := durations[name], null
		if d.Working != nil {
			working = strconv.FormatInt(*d.Working, 10)
		}
		v["duration.micros"] = append(v["duration.micros"], strconv.FormatInt(d.Micros, 10))
		v["duration.working_micros"] = append(v["duration.working_micros"], working)
	}
}

// null stands for NULL within an array.
const null = "NULL"

func (v values) of(t OutcomeTable) Outcome {
	o := Outcome{Table: t.Name, Values: v}
	for _, name := range t.Key {
		o.Key = append(o.Key, strings.Join(v[name], ""))
	}
	return o
}

// CompareOutcomes lists every difference between stored and expected outcomes, to the bit, whatever the order of the rows. No
// difference gives nil.
func CompareOutcomes(got, want []Outcome) []Difference {
	got, want = slices.SortedFunc(slices.Values(got), compareOutcomes), slices.SortedFunc(slices.Values(want), compareOutcomes)
	var ds []Difference
	merge(got, want, compareOutcomes,
		func(g Outcome) { ds = append(ds, g.difference("row", fmt.Sprint("present: ", g.Values), "absent")) },
		func(w Outcome) { ds = append(ds, w.difference("row", "absent", fmt.Sprint("present: ", w.Values))) },
		func(g, w Outcome) {
			for _, name := range slices.Sorted(maps.Keys(w.Values)) {
				if !slices.Equal(g.Values[name], w.Values[name]) {
					ds = append(ds, w.difference(name, readable(g.Values[name]), readable(w.Values[name])))
				}
			}
		})
	return ds
}

func readable(values []string) string { return fmt.Sprintf("%q", values) }

func (o Outcome) difference(what, got, want string) Difference {
	return Difference{Table: o.Table, Tenant: o.Key[0], Key: readable(o.Key), What: what, Got: got, Want: want}
}

func compareOutcomes(a, b Outcome) int {
	if c := strings.Compare(a.Table, b.Table); c != 0 {
		return c
	}
	return slices.Compare(a.Key, b.Key)
}
