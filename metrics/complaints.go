package metrics

import (
	"cmp"
	"slices"

	"github.com/rapport-project/rapport/questionnaires"
)

func complaintMetrics() []Metric {
	return []Metric{
		{
			Name: "complaints", Section: Complaints, Version: 1, Kind: Plain, Unit: Count, Better: Lower,
			Label:   Text{"Complaints opened", "投诉量"},
			Formula: "complaints opened", Denominator: "complaints opened",
			Rests: []State{ComplaintStates}, Points: func(s *States, _ *questionnaires.Catalog) []Point { return counted(s.complaints().Opened) },
		},
		{
			Name: "complaint_rate", Section: Complaints, Version: 1, Kind: Plain, Unit: PerMille, Better: Lower,
			Label:   Text{"Complaints per 1 000 contacts", "每千次联系投诉数"},
			Formula: "1 000 * complaints opened / contacts", Denominator: "answered inbound contacts", LeavesOut: leavesUnlinked,
			Rests: []State{ComplaintStates, ContactStates}, Points: func(s *States, _ *questionnaires.Catalog) []Point {
				return one(ratio(s.complaints().Opened, s.Contacts.Contacts, 1000, unlinked(s.Contacts)))
			},
		},
		{
			Name: "major_share", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Better: Lower,
			Label:   Text{"Major complaints", "重大投诉占比"},
			Formula: "complaints of severity major / complaints", Denominator: "complaints opened",
			Rests: []State{ComplaintStates}, Points: complaintPoints(func(c Complaint, major uint64) Sample { return share(major, c.Opened, 0) }),
		},
		{
			Name: "complaint_timely_rate", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:   Text{"Timely by the source's verdict", "投诉处理及时率（来源判定）"},
			Formula: "verdict of the source true / true or false", Denominator: "complaints on which the source has a verdict", LeavesOut: "complaints without verdict",
			Rests: []State{ComplaintStates}, Points: complaintPoints(func(c Complaint, _ uint64) Sample {
				return share(c.TimelyYes, c.TimelyYes+c.TimelyNo, less(c.Opened, c.TimelyYes+c.TimelyNo))
			}),
		},
		{
			Name: "repeat_complaint_rate", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Better: Lower,
			Label:   Text{"Repeat complaints", "重复投诉率"},
			Formula: "complaints on an issue that the customer had complained of in the 30 days before / complaints", Denominator: "complaints opened",
			Rests: []State{ComplaintStates}, Points: complaintPoints(func(c Complaint, _ uint64) Sample { return share(c.Repeats, c.Opened, 0) }),
		},
		{
			Name: "complaint_reopen_rate", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Better: Lower,
			Label:   Text{"Complaints reopened", "投诉重开率"},
			Formula: "complaints resolved and then reopened / complaints resolved at some time", Denominator: "complaints resolved at some time",
			LeavesOut: "complaints never resolved",
			Rests:     []State{ComplaintStates}, Points: complaintPoints(func(c Complaint, _ uint64) Sample { return share(c.Reopened, c.Resolved, less(c.Opened, c.Resolved)) }),
		},
		{
			Name: "complaint_reason_share", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Detail: "reason; '' where none is stated",
			Label:   Text{"Share of a reason of complaints", "投诉原因占比"},
			Formula: "complaints that name the reason / complaints", Denominator: "complaints opened",
			Rests: []State{ComplaintStates}, Points: pareto(func(_, n uint64) uint64 { return n }),
		},
		{
			Name: "complaint_reason_cumulative", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Detail: "reason; '' where none is stated",
			Label:       Text{"Cumulative share of reasons of complaints", "投诉原因累计占比"},
			Formula:     "complaints that name this reason or one that more complaints name, of equal ones in the order of names / complaints",
			Denominator: "complaints opened",
			Rests:       []State{ComplaintStates}, Points: pareto(func(before, n uint64) uint64 { return before + n }),
		},
		{
			Name: "handling_score", Section: Complaints, Version: 1, Kind: Mean, Unit: Points, Better: Higher,
			Label: Text{"Score of handling", "投诉处理得分"},
			Formula: "mean of the scores of the follow-up: unhandled -5, dissatisfied -5, not_very_satisfied -3, mostly_satisfied -1, satisfied 0, very_satisfied 2; " +
				"what a unit without complaints scores is a matter of scorecards",
			Denominator: "complaints whose handling the customer judged", LeavesOut: "complaints not followed up",
			Rests: []State{ComplaintStates}, Points: complaintPoints(func(c Complaint, _ uint64) Sample { return c.handling() }),
		},
	}
}

// complaints are those of all severities, categories and reasons.
func (s *States) complaints() Complaint {
	var all Complaint
	for _, c := range s.Complaints {
		all = all.plus(c)
	}
	return all
}

func (s *States) major() (n uint64) {
	for key, c := range s.Complaints {
		if key.Severity == "major" {
			n += c.Opened
		}
	}
	return n
}

func (a Complaint) plus(b Complaint) Complaint {
	a.Opened, a.TimelyYes, a.TimelyNo = a.Opened+b.Opened, a.TimelyYes+b.TimelyYes, a.TimelyNo+b.TimelyNo
	a.Repeats, a.Resolved, a.Reopened = a.Repeats+b.Repeats, a.Resolved+b.Resolved, a.Reopened+b.Reopened
	a.VerySatisfied, a.Satisfied, a.MostlySatisfied = a.VerySatisfied+b.VerySatisfied, a.Satisfied+b.Satisfied, a.MostlySatisfied+b.MostlySatisfied
	a.NotVerySatisfied, a.Dissatisfied, a.Unhandled = a.NotVerySatisfied+b.NotVerySatisfied, a.Dissatisfied+b.Dissatisfied, a.Unhandled+b.Unhandled
	a.OnTime, a.Late = a.OnTime+b.OnTime, a.Late+b.Late
	a.ResponseN, a.ResponseSum, a.ResponseSumSq = a.ResponseN+b.ResponseN, a.ResponseSum+b.ResponseSum, a.ResponseSumSq.Plus(b.ResponseSumSq)
	a.ResolutionN, a.ResolutionSum, a.ResolutionSumSq = a.ResolutionN+b.ResolutionN, a.ResolutionSum+b.ResolutionSum, a.ResolutionSumSq.Plus(b.ResolutionSumSq)
	return a
}

// complaintPoints makes the one sample of all complaints, of which some are major.
func complaintPoints(of func(c Complaint, major uint64) Sample) func(*States, *questionnaires.Catalog) []Point {
	return func(s *States, _ *questionnaires.Catalog) []Point { return one(of(s.complaints(), s.major())) }
}

// handling is the mean score of the follow-up.
func (a Complaint) handling() Sample {
	p := part{den: 1}
	var squares int64
	for _, h := range []struct {
		n     uint64
		score int64
	}{{a.Unhandled, -5}, {a.Dissatisfied, -5}, {a.NotVerySatisfied, -3}, {a.MostlySatisfied, -1}, {a.Satisfied, 0}, {a.VerySatisfied, 2}} {
		p.n += h.n
		p.sum += int64(h.n) * h.score
		squares += int64(h.n) * h.score * h.score
	}
	p.sq = whole(squares)
	s := parts{}.add(p).mean()
	s.Excluded = less(a.Opened, s.N)
	return s
}

// pareto makes a point of every reason, given the complaints of reasons before it, which have more, and its own.
func pareto(count func(before, n uint64) uint64) func(*States, *questionnaires.Catalog) []Point {
	return func(s *States, _ *questionnaires.Catalog) []Point {
		opened := make(map[string]uint64)
		var n uint64
		for key, c := range s.Complaints {
			if c.Opened > 0 {
				opened[key.Reason] += c.Opened
				n += c.Opened
			}
		}
		reasons := sortedKeys(opened, func(a, b string) int { return cmp.Or(cmp.Compare(opened[b], opened[a]), cmp.Compare(a, b)) })
		all := make([]Point, 0, len(reasons))
		var before uint64
		for _, reason := range reasons {
			all = append(all, Point{Detail: reason, Sample: share(count(before, opened[reason]), n, 0)})
			before += opened[reason]
		}
		return ordered(slices.Clip(all))
	}
}
