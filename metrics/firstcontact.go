package metrics

import "github.com/rapport-project/rapport/questionnaires"

const (
	leavesUnknown  = "first contacts of which it is not known whether they were resolved"
	leavesUnlinked = "abandoned and outbound contacts"
	answeredFirst  = "first contacts"
)

func firstContactMetrics() []Metric {
	return []Metric{
		{
			Name: "fcr", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"First-contact resolution", "首次解决率（FCR）"},
			Formula:     "resolved at first contact / first contacts, booked at the first contact, provisional ones as they stand",
			Denominator: "first contacts of which it is known whether they were resolved", LeavesOut: leavesUnknown,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(c.ResolvedFirst, c.FCRN, c.ResolvedUnknown) }, true),
		},
		{
			Name: "fcr_confirmed", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"First-contact resolution, confirmed", "首次解决率（已确认）"},
			Formula:     "resolved at first contact / first contacts, of those whose window is over",
			Denominator: "confirmed first contacts of which it is known whether they were resolved", LeavesOut: leavesUnknown + ", and provisional ones",
			Rests: []State{ContactStates}, Points: contactPoints(func(c, over Contacts) Sample {
				return share(over.ResolvedFirst, over.FCRN, over.ResolvedUnknown+less(c.FirstContacts, over.FirstContacts))
			}, false),
		},
		{
			Name: "fcr_low", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"First-contact resolution, floor", "首次解决率（下限）"},
			Formula:     "the floor under fcr: every provisional success counted as failed",
			Denominator: "first contacts of which it is known whether they were resolved", LeavesOut: leavesUnknown,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, over Contacts) Sample { return share(over.ResolvedFirst, c.FCRN, c.ResolvedUnknown) }, true),
		},
		{
			Name: "fcr_flagged", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:   Text{"First-contact resolution as ticked", "首次解决率（坐席标记）"},
			Formula: "first contacts whose own resolved is true / first contacts", Denominator: answeredFirst, LeavesOut: leavesUnlinked,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(c.Flagged, c.FirstContacts, unlinked(c)) }, false),
		},
		{
			Name: "fcr_no_repeat", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"First contacts without repeat", "首次联系无重复率"},
			Formula:     "first contacts with no later contact of the chain in the window, whatever the flag / first contacts",
			Denominator: answeredFirst, LeavesOut: leavesUnlinked,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(c.NoRepeat, c.FirstContacts, unlinked(c)) }, true),
		},
		{
			Name: "fcr_one_touch", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"One-touch resolution", "一次触达解决率"},
			Formula:     "episodes of exactly one contact, resolved / episodes",
			Denominator: "episodes, each begun by a first contact", LeavesOut: leavesUnlinked,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample { return share(c.OneTouch, c.FirstContacts, unlinked(c)) }, true),
		},
		{
			Name: "fcr_customer", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"First-contact resolution, said by customers", "首次解决率（客户反馈）"},
			Formula:     "responses that say the issue was resolved at first contact / responses that answer it, of all questionnaires",
			Denominator: "valid responses that answer the question", LeavesOut: leavesInvalid,
			Rests: []State{Surveys}, Points: saidPoints,
		},
		{
			Name: "fcr_failures", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Lower, Detail: "reason: not_resolved, repeat_contact or reopened",
			Label:       Text{"Failures of first-contact resolution", "首次未解决原因占比"},
			Formula:     "failures for that reason, the first that applies / first contacts",
			Denominator: answeredFirst, LeavesOut: leavesUnlinked,
			Rests: []State{ContactStates}, Points: failurePoints,
		},
	}
}

// unlinked are live contacts that are in no chain.
func unlinked(c Contacts) uint64 { return less(c.Offered, c.Answered) + c.Outbound }

// contactPoints makes the one sample of contacts and of those of them that are confirmed; provisional ones are counted where they can change it.
func contactPoints(of func(all, confirmed Contacts) Sample, provisional bool) func(*States, *questionnaires.Catalog) []Point {
	return func(s *States, _ *questionnaires.Catalog) []Point {
		sample := of(s.Contacts, s.Confirmed)
		if provisional {
			sample = sample.provisional(s.provisional(), of(s.Confirmed, s.Confirmed))
		}
		return one(sample)
	}
}

// provisional says of how many observations time alone can change what they come to, and what the others come to.
func (s Sample) provisional(n uint64, firm Sample) Sample {
	if n > 0 {
		s.Provisional, s.Firm = n, &firm
	}
	return s
}

// provisional are the first contacts whose window is not over.
func (s *States) provisional() uint64 {
	return less(s.Contacts.FirstContacts, s.Confirmed.FirstContacts)
}

func saidPoints(s *States, _ *questionnaires.Catalog) []Point {
	var all Survey
	for _, c := range s.surveyed() {
		all = all.plus(c)
	}
	n := all.ResolvedYes + all.ResolvedNo
	return one(share(all.ResolvedYes, n, all.leftOut(n)))
}

// The reasons why a first contact failed, in the order in which they apply.
const (
	NotResolved   = "not_resolved"
	RepeatContact = "repeat_contact"
	Reopened      = "reopened"
)

func failurePoints(s *States, _ *questionnaires.Catalog) []Point {
	c := s.Contacts
	if c.FirstContacts == 0 {
		return nil
	}
	failed := func(detail string, of func(Contacts) uint64) Point {
		sample := share(of(c), c.FirstContacts, unlinked(c))
		firm := share(of(s.Confirmed), s.Confirmed.FirstContacts, unlinked(s.Confirmed))
		return Point{Detail: detail, Sample: sample.provisional(s.provisional(), firm)}
	}
	return ordered([]Point{
		failed(NotResolved, func(c Contacts) uint64 { return c.FailedNotResolved }),
		failed(RepeatContact, func(c Contacts) uint64 { return c.FailedRepeatContact }),
		failed(Reopened, func(c Contacts) uint64 { return c.FailedReopened }),
	})
}
