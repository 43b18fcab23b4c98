package metrics_test

import (
	"slices"
	"time"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/schemas"
)

func addContact(c *metrics.Contacts, o schemas.ContactOutcome) {
	inbound := o.Direction == "inbound"
	c.Offered += bit(inbound)
	c.Answered += bit(inbound && o.Answered)
	c.InServiceLevel += bit(o.InServiceLevel)
	c.Outbound += bit(!inbound)
	if inbound && o.Answered && o.WaitMicros != nil {
		c.WaitN, c.WaitSum, c.WaitSumSq = c.WaitN+1, c.WaitSum+*o.WaitMicros, c.WaitSumSq.Plus(square(*o.WaitMicros))
	}
	if inbound && o.Answered && (o.TalkMicros != nil || o.HoldMicros != nil || o.WrapMicros != nil) {
		var x int64
		for _, part := range []*int64{o.TalkMicros, o.HoldMicros, o.WrapMicros} {
			if part != nil {
				x += *part
			}
		}
		c.HandleN, c.HandleSum, c.HandleSumSq = c.HandleN+1, c.HandleSum+x, c.HandleSumSq.Plus(square(x))
	}
	c.Contacts += bit(o.InChain)
	c.FirstContacts += bit(o.First)
	c.FCRN += bit(o.FCR != "")
	c.ResolvedFirst += bit(o.FCR == "yes")
	c.FailedNotResolved += bit(o.FCRReason == "not_resolved")
	c.FailedRepeatContact += bit(o.FCRReason == "repeat_contact")
	c.FailedReopened += bit(o.FCRReason == "reopened")
	c.ResolvedUnknown += bit(o.First && o.Resolved == nil)
	c.Flagged += bit(o.First && o.Resolved != nil && *o.Resolved)
	c.NoRepeat += bit(o.First && !o.Later)
	c.OneTouch += bit(o.First && o.Episode == 1 && o.Resolved != nil && *o.Resolved)
}

func addCase(out *metrics.States, o schemas.CaseOutcome, judged time.Time) {
	add := func(name string, of func(*metrics.Milestone)) {
		m := out.Milestones[name]
		of(&m)
		out.Milestones[name] = m
	}
	add("", func(m *metrics.Milestone) {
		m.Cases, m.Reached, m.Late = m.Cases+1, m.Reached+bit(o.WasResolved), m.Late+bit(o.WasReopened)
	})
	for i, name := range o.Due.Name {
		if name == "requested" || name == "reopened" {
			continue
		}
		at := slices.Index(o.Reached, name)
		if at < 0 {
			out.Overdue[name] += bit(o.Due.At[i].Before(judged))
			continue
		}
		add(name, func(m *metrics.Milestone) {
			m.OnTime += bit(!o.ReachedAt[at].After(o.Due.At[i]))
			m.Late += bit(o.ReachedAt[at].After(o.Due.At[i]))
		})
	}
	for i, name := range o.Duration {
		add(name, func(m *metrics.Milestone) {
			x := o.DurationMicros[i]
			m.N, m.Sum, m.SumSq = m.N+1, m.Sum+x, m.SumSq.Plus(square(x))
			if w := o.DurationWorking[i]; w != nil {
				m.WorkingN, m.WorkingSum, m.WorkingSumSq = m.WorkingN+1, m.WorkingSum+*w, m.WorkingSumSq.Plus(square(*w))
			}
		})
		addDuration(out.Durations, name, o.DurationMicros[i], o.DurationWorking[i])
	}
}

func addDuration(to map[metrics.DurationKey]uint64, name string, micros int64, working *int64) {
	to[metrics.DurationKey{Name: name, Clock: "calendar", Bucket: outcomes.DurationBucket(micros)}]++
	if working != nil {
		to[metrics.DurationKey{Name: name, Clock: "working", Bucket: outcomes.DurationBucket(*working)}]++
	}
}

func (c *company) addTo(out *metrics.States, o schemas.ComplaintOutcome, judged time.Time) {
	key := metrics.ComplaintKey{Severity: o.Severity, Category: o.Category, Reason: o.Reason}
	v := out.Complaints[key]
	v.Opened++
	v.TimelyYes += bit(o.Timely != nil && *o.Timely)
	v.TimelyNo += bit(o.Timely != nil && !*o.Timely)
	v.Resolved += bit(o.WasResolved)
	v.Reopened += bit(o.WasReopened)
	v.Repeats += bit(slices.ContainsFunc(c.subjects, func(s schemas.ComplaintSubject) bool {
		before := s.OpenedAt.Before(*o.OpenedAt) || s.OpenedAt.Equal(*o.OpenedAt) && s.ComplaintID < o.ComplaintID
		return o.CustomerID != "" && o.Issue != "" && s.CustomerID == o.CustomerID && s.Issue == o.Issue && before && s.ComplaintID != o.ComplaintID
	}))
	for name, field := range map[string]*uint64{
		"very_satisfied": &v.VerySatisfied, "satisfied": &v.Satisfied, "mostly_satisfied": &v.MostlySatisfied,
		"not_very_satisfied": &v.NotVerySatisfied, "dissatisfied": &v.Dissatisfied, "unhandled": &v.Unhandled,
	} {
		*field += bit(o.Handling == name)
	}
	for i, name := range o.Due.Name {
		if at := slices.Index(o.Reached, name); at < 0 {
			out.ComplaintOverdue[name] += bit(o.Due.At[i].Before(judged))
		} else {
			v.OnTime += bit(!o.ReachedAt[at].After(o.Due.At[i]))
			v.Late += bit(o.ReachedAt[at].After(o.Due.At[i]))
		}
	}
	for i, name := range o.Duration {
		x := o.DurationMicros[i]
		if name == "first_response" {
			v.ResponseN, v.ResponseSum, v.ResponseSumSq = v.ResponseN+1, v.ResponseSum+x, v.ResponseSumSq.Plus(square(x))
		} else {
			v.ResolutionN, v.ResolutionSum, v.ResolutionSumSq = v.ResolutionN+1, v.ResolutionSum+x, v.ResolutionSumSq.Plus(square(x))
		}
		addDuration(out.ComplaintDurations, name, x, o.DurationWorking[i])
	}
	out.Complaints[key] = v
}
