package metrics

import (
	"testing"

	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/questionnaires"
)

// busy are the states of one value of a cut in which everything happens.
func busy(c *questionnaires.Catalog) *States {
	s := &States{
		Surveys: map[SurveyKey]Survey{}, Dimensions: map[DimensionKey]Dimension{}, Scores: map[ScoreKey]uint64{}, Reasons: map[ReasonKey]uint64{},
		Milestones: map[string]Milestone{"": {Cases: 900, Reached: 700, Late: 30}}, Durations: map[DurationKey]uint64{}, Overdue: map[string]uint64{"arrived": 3},
		Complaints: map[ComplaintKey]Complaint{}, ComplaintDurations: map[DurationKey]uint64{}, Joints: map[JointKey]uint64{},
		Customers: map[string]CustomerMean{}, Coverage: map[string]Coverage{},
	}
	s.Contacts = Contacts{Offered: 1000, Answered: 900, WaitN: 900, WaitSum: 9e9, WaitSumSq: whole(1e17), Contacts: 900, FirstContacts: 700, FCRN: 600, ResolvedFirst: 500}
	for _, v := range versions(c) {
		s.Surveys[SurveyKey{v.ID, v.Version, customer}] = Survey{N: 500, IndexN: 500, IndexDen: 1250, IndexSum: 500 * 80 * 1250, IndexSumSq: whole(5e15), Satisfied: 300, Promoters: 200, Passives: 100, Detractors: 50}
		s.Customers[v.ID] = CustomerMean{Surveyed: 100, Satisfied: 80}
		s.Coverage[v.ID] = Coverage{Customers: 200, Covered: 90, Contacts: 900, CoveredContacts: 400}
		for _, d := range v.Dimensions {
			s.Dimensions[DimensionKey{v.ID, v.Version, customer, d.ID}] = Dimension{N: 500, Den: 7, NumSum: 500 * 80 * 7, NumSumSq: whole(2e8), GapN: 10, GapSum: -3, GapSumSq: 20}
			for _, r := range d.Reasons {
				s.Reasons[ReasonKey{v.ID, v.Version, customer, d.ID, r.Code, v.Scale.Min}] = 3
			}
			for overall := v.Scale.Min; overall < v.Scale.Max; overall++ {
				s.Joints[JointKey{v.ID, d.ID, int64(overall) * 10, 1, overall}] = 7
			}
		}
		for _, item := range v.Items {
			for score := v.Scale.Min; score <= v.Scale.Max; score++ {
				s.Scores[ScoreKey{v.ID, v.Version, customer, item.Dimension, item.ID, score}] = 60
			}
		}
	}
	for _, name := range []string{"arrived", "resolved", "first_response"} {
		s.Milestones[name] = Milestone{Cases: 900, Reached: 700, OnTime: 500, Late: 100, N: 700, Sum: 7e12, SumSq: whole(8e17)}
		for i := range 300 {
			s.Durations[DurationKey{name, calendarClock, outcomes.DurationBucket(int64(i) * 1e8)}] += 2
		}
	}
	return s
}

// BenchmarkPoints is all figures of one value of a cut.
func BenchmarkPoints(b *testing.B) {
	c := shipped(b)
	s := busy(c)
	all := All()
	n := 0
	for b.Loop() {
		n = 0
		for _, m := range all {
			if m.Points != nil {
				n += len(m.Points(s, c))
			}
		}
	}
	b.ReportMetric(float64(n), "figures")
}

func BenchmarkPointsOf(b *testing.B) {
	c := shipped(b)
	s := busy(c)
	for _, m := range All() {
		if m.Points != nil {
			b.Run(m.Name, func(b *testing.B) {
				for b.Loop() {
					m.Points(s, c)
				}
			})
		}
	}
}
