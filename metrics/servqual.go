package metrics

import (
	"math/big"

	"github.com/rapport-project/rapport/questionnaires"
)

func servqualMetrics() []Metric {
	return []Metric{
		{
			Name: "servqual_gap", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Points, Better: Higher, PerQuestionnaire: true, Detail: "dimension",
			Label:   Text{"Gap to expectation", "感知与期望差距"},
			Formula: "mean of perception less expectation, in points of the scale", Denominator: "answers of valid responses that have both", LeavesOut: "answers without expectation",
			Rests: []State{Dimensions}, Points: gapPoints,
		},
		{
			Name: "servqual_weighted_gap", Section: Satisfaction, Version: 1, Kind: Plain, Unit: Points, Better: Higher, PerQuestionnaire: true,
			Label:       Text{"Weighted gap to expectation", "加权感知与期望差距"},
			Formula:     "sum over the dimensions of weight times gap, with the weights of the newest version among the responses; none where a dimension has no gap",
			Denominator: "answers of valid responses that have both perception and expectation", LeavesOut: "answers without expectation",
			Rests: []State{Dimensions}, Points: weightedGapPoints,
		},
		{
			Name: "gap_by_role", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Score, Better: Higher, PerQuestionnaire: true, Detail: "dimension:role",
			Label:       Text{"Value curve by role", "各角色价值曲线"},
			Formula:     "mean score of the dimension as customers, employees and managers see it, side by side",
			Denominator: "valid responses of the role with an answer in the dimension", LeavesOut: "responses that the validity rule refuses",
			Rests: []State{Dimensions}, Points: rolePoints,
		},
	}
}

// gaps are the parts of the mean gap by questionnaire and dimension.
func (s *States) gaps() map[detailed]parts {
	all := make(map[detailed]parts)
	for key, c := range s.Dimensions {
		if key.Role == customer {
			at := detailed{key.Questionnaire, key.Dimension}
			all[at] = all[at].add(part{c.GapN, 1, c.GapSum, whole(c.GapSumSq)})
		}
	}
	return all
}

func gapPoints(s *States, _ *questionnaires.Catalog) []Point {
	return points(s.gaps(), func(_ detailed, p parts) Sample { return p.mean() })
}

func weightedGapPoints(s *States, c *questionnaires.Catalog) []Point {
	gaps := s.gaps()
	of := make(map[detailed]Sample)
	for id, newest := range s.newest() {
		v := version(c, id, newest)
		if v == nil {
			continue
		}
		var n uint64
		sum, weights := new(big.Rat), new(big.Rat)
		missing := len(v.Dimensions) == 0
		for _, d := range v.Dimensions {
			p := gaps[detailed{id, d.ID}]
			if missing = missing || p.count() == 0; missing {
				break
			}
			n += p.count()
			weight := new(big.Rat).SetInt64(d.Weight)
			weights.Add(weights, weight)
			sum.Add(sum, weight.Mul(weight, p.center()))
		}
		if missing || weights.Sign() == 0 {
			continue
		}
		value, _ := sum.Quo(sum, weights).Float64()
		of[detailed{questionnaire: id}] = Sample{Kind: Plain, N: n, Plain: value, Known: true}
	}
	return points(of, func(_ detailed, s Sample) Sample { return s })
}

func rolePoints(s *States, _ *questionnaires.Catalog) []Point {
	of := make(map[detailed]parts)
	for _, role := range []string{customer, "employee", "manager"} {
		for at, p := range s.dimensions(role) {
			of[detailed{at.questionnaire, at.detail + ":" + role}] = p
		}
	}
	return points(of, func(_ detailed, p parts) Sample { return p.mean() })
}
