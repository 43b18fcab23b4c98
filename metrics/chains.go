package metrics

import (
	"fmt"

	"github.com/rapport-project/rapport/questionnaires"
)

func chainMetrics() []Metric {
	return []Metric{
		{
			Name: "repeat_contact_rate", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Lower,
			Label:   Text{"Repeat contacts", "重复联系率"},
			Formula: "repeats / contacts, booked at their own time", Denominator: "answered inbound contacts", LeavesOut: leavesUnlinked,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample {
				return share(less(c.Contacts, c.FirstContacts), c.Contacts, unlinked(c))
			}, false),
		},
		{
			Name: "recontact_days", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Detail: "days: 0 to 29, or 30+",
			Label:       Text{"Days to the next contact", "再次联系间隔天数分布"},
			Formula:     "contacts followed by the next one of their chain after so many whole days / contacts that were followed",
			Denominator: "contacts that were followed by another one of their chain", LeavesOut: "contacts that were not",
			Rests: []State{Recontacts}, Points: recontactPoints,
		},
		{
			Name: "contacts_per_case", Section: FirstContact, Version: 1, Kind: Plain, Unit: Ratio, Better: Lower,
			Label:   Text{"Contacts per case", "每单联系次数"},
			Formula: "contacts / first contacts", Denominator: answeredFirst, LeavesOut: leavesUnlinked,
			Rests: []State{ContactStates}, Points: contactPoints(func(c, _ Contacts) Sample {
				return ratio(c.Contacts, c.FirstContacts, 1, unlinked(c))
			}, false),
		},
		{
			Name: "reopen_rate", Section: FirstContact, Version: 1, Kind: Share, Unit: Percent, Better: Lower,
			Label:   Text{"Cases reopened", "工单重开率"},
			Formula: "cases resolved and then reopened / cases resolved at some time, booked at requested", Denominator: "cases resolved at some time",
			LeavesOut: "cases never resolved", Rests: []State{Milestones}, Points: reopenPoints,
		},
	}
}

// ratio is times * count / n, without interval.
func ratio(count, n, times, excluded uint64) Sample {
	s := Sample{Kind: Plain, N: n, Excluded: excluded, Known: n > 0}
	if n > 0 {
		s.Plain = float64(times) * float64(count) / float64(n)
	}
	return s
}

// recontactMax is the day from which contacts are counted together.
const recontactMax = 30

func recontactPoints(s *States, _ *questionnaires.Catalog) []Point {
	of := make(map[detailed]uint64)
	var n uint64
	for days, count := range s.Recontacts {
		n += count
		of[detailed{detail: recontactDetail(days)}] += count
	}
	return points(of, func(_ detailed, count uint64) Sample { return share(count, n, 0) })
}

func recontactDetail(days uint32) string {
	if days >= recontactMax {
		return fmt.Sprintf("%d+", recontactMax)
	}
	return fmt.Sprint(days)
}

func reopenPoints(s *States, _ *questionnaires.Catalog) []Point {
	cases := s.Milestones[""]
	return one(share(cases.Late, cases.Reached, less(cases.Cases, cases.Reached)))
}
