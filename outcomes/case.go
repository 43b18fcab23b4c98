package outcomes

import "github.com/rapport-project/rapport/schemas"

const requested = "requested"

// milestones is how many different ones there are.
const milestones = 10

// Case says what a case comes to. It takes all facts of one case of one tenant, in any order and each key (hour, source, id) once. Durations
// run from requested. The facts are left as they are; no facts at all give the zero outcome.
func Case(facts []schemas.MilestoneFact, r Rules) schemas.CaseOutcome {
	if len(facts) == 0 {
		return schemas.CaseOutcome{}
	}
	out := schemas.CaseOutcome{Tenant: facts[0].Tenant, CaseID: facts[0].CaseID}
	var eventBuf [usual]event
	events := eventBuf[:0]
	for i := range facts {
		if f := &facts[i]; !f.Retracted && !f.Superseded {
			events = append(events, event{at: f.OccurredAt, source: f.Source, id: f.ID, name: f.Milestone, due: f.Due, fact: i})
		}
	}
	if len(events) == 0 {
		return out
	}
	sortEvents(events)
	var reachedBuf, dueBuf [milestones]instant
	t := newTimeline(events, requested, reachedBuf[:], dueBuf[:])

	base := &facts[events[t.base].fact]
	out.Live = true
	out.AttributeColumns, out.CustomerID = base.AttributeColumns, base.CustomerID
	for i := 0; i < len(events) && out.CustomerID == ""; i++ {
		out.CustomerID = facts[events[i].fact].CustomerID
	}
	out.Reached, out.ReachedAt = columns(t.reached)
	out.Due.Name, out.At = columns(t.due)
	out.WasResolved, out.WasReopened = t.wasResolved, t.wasReopened
	if t.hasBegun {
		began := events[t.base].at // not t.began, which would take the buffers of t to the heap
		out.RequestedAt = &began
		var endBuf [milestones]instant
		out.Duration, out.DurationMicros, out.DurationWorking = durations(began, t.caseEnds(endBuf[:0]), r.Calendar)
	}
	return out
}

// caseEnds are what durations of a case run to.
func (t *timeline) caseEnds(ends []instant) []instant {
	for _, v := range t.reached {
		if v.name != requested && v.name != reopened {
			ends = append(ends, v)
		}
	}
	if at, ok := t.response(); ok {
		ends = append(ends, instant{firstResponse, at})
	}
	sortInstants(ends)
	return ends
}
