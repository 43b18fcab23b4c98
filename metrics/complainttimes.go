package metrics

import "github.com/rapport-project/rapport/questionnaires"

// complaintDetail are the details of what is waited for; working means are not kept.
const complaintDetail = "quantile: p50, p90, p95, p99 or mean; working_p50, working_p90, working_p95 or working_p99 by the business calendar"

func complaintTimeMetrics() []Metric {
	return []Metric{
		complaintDuration("time_to_first_response", Text{"Time to first response to a complaint", "投诉首次响应时长"}, "opened to the first of acknowledged and responded", "first_response",
			func(c Complaint) Sample { return seconds(c.ResponseN, c.ResponseSum, c.ResponseSumSq, c.Opened) }),
		complaintDuration("time_to_resolution", Text{"Time to resolution of a complaint", "投诉解决时长"}, "opened to resolved", "resolution",
			func(c Complaint) Sample { return seconds(c.ResolutionN, c.ResolutionSum, c.ResolutionSumSq, c.Opened) }),
		{
			Name: "complaint_on_time_rate", Section: Complaints, Version: 1, Kind: Share, Unit: Percent, Better: Higher,
			Label:       Text{"Complaint phases on time", "投诉环节按时率"},
			Formula:     "phases reached by their due time / phases with a due time that was reached or has passed, booked at opened",
			Denominator: "phases with a due time that were reached or are overdue", LeavesOut: "phases that are not due yet, and those without due time",
			Rests: []State{ComplaintStates, ComplaintDueTimes}, Points: complaintOnTimePoints,
		},
	}
}

func complaintDuration(name string, label Text, what, duration string, mean func(Complaint) Sample) Metric {
	return Metric{
		Name: name, Section: Complaints, Version: 1, Kind: Quantile, Unit: Seconds, Better: Lower, Detail: complaintDetail, Label: label,
		Formula:     "time from " + what + ", booked at opened; quantiles by linear interpolation, from buckets less than 1 % wide",
		Denominator: "complaints that have it", LeavesOut: "complaints that do not have it",
		Rests: []State{ComplaintStates, ComplaintDurations},
		Points: func(s *States, _ *questionnaires.Catalog) []Point {
			c := s.complaints()
			calendar, working := histograms(s.ComplaintDurations, duration)
			all := append(calendar.quantiles("", c.Opened), working.quantiles(workingPrefix, c.Opened)...)
			return ordered(append(all, named("mean", mean(c))...))
		},
	}
}

func complaintOnTimePoints(s *States, _ *questionnaires.Catalog) []Point {
	c := s.complaints()
	n := c.OnTime + c.Late
	for _, overdue := range s.ComplaintOverdue {
		n += overdue
	}
	return one(share(c.OnTime, n, 0))
}
