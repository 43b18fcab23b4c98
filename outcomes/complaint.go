package outcomes

import (
	"cmp"
	"slices"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

const (
	opened     = "opened"
	resolution = "resolution"
)

// phases is how many different ones there are.
const phases = 7

// Complaint says what a complaint comes to, and under which subjects it has rows, in the order of (customer, issue): under each that any of its
// events named, dead ones too, so that a row written when they held is replaced. It takes all facts of one complaint of one tenant, in any
// order and each key (hour, source, id) once. Durations run from opened. The facts are left as they are; no facts at all give zero outcomes.
func Complaint(facts []schemas.ComplaintFact, r Rules) (schemas.ComplaintOutcome, []schemas.ComplaintSubject) {
	if len(facts) == 0 {
		return schemas.ComplaintOutcome{}, nil
	}
	out := schemas.ComplaintOutcome{Tenant: facts[0].Tenant, ComplaintID: facts[0].ComplaintID}
	var eventBuf [usual]event
	events := eventBuf[:0]
	for i := range facts {
		if f := &facts[i]; !f.Retracted && !f.Superseded {
			events = append(events, event{at: f.OccurredAt, source: f.Source, id: f.ID, name: f.Phase, due: f.Due, fact: i})
		}
	}
	if len(events) == 0 {
		return out, subjects(facts, &out)
	}
	sortEvents(events)
	var reachedBuf, dueBuf [phases]instant
	t := newTimeline(events, opened, reachedBuf[:], dueBuf[:])

	base := &facts[events[t.base].fact]
	out.Live = true
	out.AttributeColumns, out.CustomerID = base.AttributeColumns, base.CustomerID
	for i := 0; i < len(events) && out.CustomerID == ""; i++ {
		out.CustomerID = facts[events[i].fact].CustomerID
	}
	for i := range events {
		state(&out, &facts[events[i].fact])
	}
	out.Reached, out.ReachedAt = columns(t.reached)
	out.Due.Name, out.At = columns(t.due)
	out.WasResolved, out.WasReopened = t.wasResolved, t.wasReopened
	if t.hasBegun {
		began := events[t.base].at // not t.began, which would take the buffers of t to the heap
		out.OpenedAt = &began
		var endBuf [2]instant
		out.Duration, out.DurationMicros, out.DurationWorking = durations(began, t.complaintEnds(endBuf[:0]), r.Calendar)
	}
	return out, subjects(facts, &out)
}

// state takes over what a later event says of the complaint; what it leaves open stays.
func state(out *schemas.ComplaintOutcome, f *schemas.ComplaintFact) {
	out.CaseID = cmp.Or(f.CaseID, out.CaseID)
	out.Issue = cmp.Or(f.Issue, out.Issue)
	out.Severity = cmp.Or(f.Severity, out.Severity)
	out.Category = cmp.Or(f.Category, out.Category)
	out.Reason = cmp.Or(f.Reason, out.Reason)
	out.Dimension = cmp.Or(f.Dimension, out.Dimension)
	out.Handling = cmp.Or(f.Handling, out.Handling)
	out.Timely = cmp.Or(f.Timely, out.Timely)
}

// complaintEnds are what durations of a complaint run to, in the order of their names.
func (t *timeline) complaintEnds(ends []instant) []instant {
	if at, ok := t.response(); ok {
		ends = append(ends, instant{firstResponse, at})
	}
	if at, ok := t.find(resolved); ok {
		ends = append(ends, instant{resolution, at})
	}
	return ends
}

// subjects are all pairs of a customer and an issue that were ever named; the one that holds is live if the complaint is booked.
func subjects(facts []schemas.ComplaintFact, out *schemas.ComplaintOutcome) []schemas.ComplaintSubject {
	var customerBuf, issueBuf [usual]string
	customers, issues := customerBuf[:0], issueBuf[:0]
	for i := range facts {
		customers, issues = note(customers, facts[i].CustomerID), note(issues, facts[i].Issue)
	}
	if len(customers) == 0 || len(issues) == 0 {
		return nil
	}
	slices.Sort(customers)
	slices.Sort(issues)
	rows := make([]schemas.ComplaintSubject, 0, len(customers)*len(issues))
	for _, customer := range customers {
		for _, issue := range issues {
			row := schemas.ComplaintSubject{
				Tenant: out.Tenant, CustomerID: customer, Issue: issue, ComplaintID: out.ComplaintID, OpenedAt: time.Unix(0, 0).UTC(),
			}
			if out.OpenedAt != nil && customer == out.CustomerID && issue == out.Issue {
				row.Live, row.OpenedAt = true, *out.OpenedAt
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// note adds what is not empty and not there yet.
func note(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
