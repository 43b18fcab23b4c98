package metrics

import "github.com/rapport-project/rapport/questionnaires"

// durationDetail are the details of what is waited for.
const durationDetail = "quantile: p50, p90, p95, p99 or mean; the same after working_ by the business calendar"

func caseMetrics() []Metric {
	return []Metric{
		durationMetric("first_response", Text{"Time to first response", "首次响应时长"}, "requested to the first of acknowledged and responded", "first_response"),
		durationMetric("arrival", Text{"Time to arrival", "到达时长"}, "requested to arrived", "arrived"),
		durationMetric("parts", Text{"Time to parts", "配件到货时长"}, "requested to parts_arrived", "parts_arrived"),
		durationMetric("resolution", Text{"Time to resolution of a case", "工单解决时长"}, "requested to resolved", "resolved"),
		{
			Name: "on_time_rate", Section: Timeliness, Version: 1, Kind: Share, Unit: Percent, Better: Higher, Detail: "milestone",
			Label:       Text{"On time", "按时率"},
			Formula:     "reached at or before its due time / reached or overdue, booked at requested",
			Denominator: "cases in which the milestone has a due time and was reached or is overdue", LeavesOut: "what is not due yet, and what has no due time",
			Rests: []State{Milestones, DueTimes}, Points: onTimePoints,
		},
		{
			Name: "overdue_open", Section: Timeliness, Version: 1, Kind: Plain, Unit: Count, Better: Lower, Detail: "milestone",
			Label:       Text{"Overdue now", "当前逾期数"},
			Formula:     "cases in which the milestone was due before the instant of the figure and is not reached, booked at requested",
			Denominator: "cases in which the milestone has a due time and was reached or is overdue", LeavesOut: "what is not due yet, and what has no due time",
			Rests: []State{Milestones, DueTimes}, Points: overduePoints,
		},
	}
}

func durationMetric(name string, label Text, what, milestone string) Metric {
	return Metric{
		Name: name, Section: Timeliness, Version: 1, Kind: Quantile, Unit: Seconds, Better: Lower, Detail: durationDetail, Label: label,
		Formula:     "time from " + what + ", booked at requested; quantiles by linear interpolation, from buckets less than 1 % wide",
		Denominator: "cases that have it", LeavesOut: "cases that do not have it",
		Rests: []State{Milestones, Durations},
		Points: func(s *States, _ *questionnaires.Catalog) []Point {
			c, cases := s.Milestones[milestone], s.Milestones[""].Cases
			calendar, working := histograms(s.Durations, milestone)
			all := append(calendar.quantiles("", cases), working.quantiles(workingPrefix, cases)...)
			all = append(all, named("mean", seconds(c.N, c.Sum, c.SumSq, cases))...)
			return ordered(append(all, named(workingPrefix+"mean", seconds(c.WorkingN, c.WorkingSum, c.WorkingSumSq, cases))...))
		},
	}
}

const workingPrefix = "working_"

// named is a point with a detail; none where nothing was observed.
func named(detail string, s Sample) []Point {
	all := one(s)
	for i := range all {
		all[i].Detail = detail
	}
	return all
}

// due is how many cases of a milestone it is known of whether it was on time.
func (s *States) due(milestone string) uint64 {
	c := s.Milestones[milestone]
	return c.OnTime + c.Late + s.Overdue[milestone]
}

// eachDue makes a point of every milestone that was due.
func eachDue(s *States, sample func(milestone string) Sample) []Point {
	var all []Point
	for milestone := range s.Milestones {
		if milestone != "" && s.due(milestone) > 0 {
			all = append(all, Point{Detail: milestone, Sample: sample(milestone)})
		}
	}
	for milestone, n := range s.Overdue {
		if _, seen := s.Milestones[milestone]; !seen && n > 0 {
			all = append(all, Point{Detail: milestone, Sample: sample(milestone)})
		}
	}
	return ordered(all)
}

func onTimePoints(s *States, _ *questionnaires.Catalog) []Point {
	return eachDue(s, func(m string) Sample {
		return share(s.Milestones[m].OnTime, s.due(m), less(s.Milestones[m].Cases, s.due(m)))
	})
}

func overduePoints(s *States, _ *questionnaires.Catalog) []Point {
	return eachDue(s, func(m string) Sample {
		return Sample{Kind: Plain, N: s.due(m), Excluded: less(s.Milestones[m].Cases, s.due(m)), Plain: float64(s.Overdue[m]), Known: true}
	})
}
