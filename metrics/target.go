package metrics

import (
	"math/big"

	"github.com/rapport-project/rapport/questionnaires"
)

func targetMetrics() []Metric {
	return []Metric{
		{
			Name: "target_gap", Section: Satisfaction, Version: 1, Kind: Plain, Unit: Points, Better: Lower, PerQuestionnaire: true,
			Detail: "'' for the first target there is of satisfaction_index, satisfied_customer_rate, csat_top2, nps, ces, the metric's name for the others; " +
				"dimension for a target of dimension_score; servqual_gap:dimension for one of servqual_gap",
			Label:       Text{"Gap to target", "与目标差距"},
			Formula:     "target less value, in the unit of the metric that the target is of; the target of the newest version among the responses",
			Denominator: "that of the metric", LeavesOut: "questionnaires without target",
			Rests: []State{Surveys, Dimensions, CustomerMeans}, Points: targetGapPoints,
		},
		{
			Name: "target_moves", Section: Satisfaction, Version: 1, Kind: Plain, Unit: Count, Better: Lower, PerQuestionnaire: true,
			Detail: "'' for a target of satisfaction_index; dimension for one of dimension_score",
			Label:  Text{"Moves to target", "达标所需提分次数"},
			Formula: "the fewest answers that would have to be one point higher for the target to be reached, those of the greatest weight first; 0 where it is reached, " +
				"none where it cannot be", Denominator: "that of the metric", LeavesOut: "targets of other metrics",
			Rests: []State{Surveys, Dimensions, Scores}, Points: targetMovesPoints,
		},
		{
			Name: "rank", Section: Satisfaction, Version: 1, Kind: Plain, Unit: Place, Better: Lower,
			Detail:      "the metric that is ranked, with a colon and its detail where it has one",
			Label:       Text{"Rank", "排名"},
			Formula:     "place of the value among those of its cut with n of at least min_n, the best first; equal values share a place",
			Denominator: "that of the metric ranked", LeavesOut: "values with n below min_n",
		},
	}
}

// scored is what a target is held against: an exact value and what it rests on.
type scored struct {
	value *big.Rat
	n     uint64
}

// target is one of a version, under the detail that its figures have; dimension is ” for one of the whole.
type target struct {
	metric, detail, dimension string
	value                     *big.Rat
}

// targetsOf are the targets of a version, each dimension's by itself.
func targetsOf(v *questionnaires.Version) []target {
	if v == nil {
		return nil
	}
	byMetric := make(map[string]*big.Rat)
	for _, t := range v.Targets {
		byMetric[t.Metric] = t.Value.Rat()
	}
	var all []target
	for _, metric := range []string{"satisfaction_index", "satisfied_customer_rate", "csat_top2", "nps", "ces"} {
		if value := byMetric[metric]; value != nil {
			t := target{metric: metric, value: value}
			if len(all) > 0 {
				t.detail = metric
			}
			all = append(all, t)
		}
	}
	for _, d := range v.Dimensions {
		if value := byMetric["dimension_score"]; value != nil {
			all = append(all, target{"dimension_score", d.ID, d.ID, value})
		}
		if value := byMetric["servqual_gap"]; value != nil {
			all = append(all, target{"servqual_gap", "servqual_gap:" + d.ID, d.ID, value})
		}
	}
	return all
}

func targetGapPoints(s *States, c *questionnaires.Catalog) []Point {
	surveys, indexes, dimensions, gaps := s.surveyed(), s.indexes(), s.dimensions(customer), s.gaps()
	value := func(id string, t target) scored {
		at, survey := detailed{id, t.dimension}, surveys[id]
		switch t.metric {
		case "satisfaction_index":
			return scoreOf(indexes[id])
		case "satisfied_customer_rate":
			return rateOf(s.Customers[id].Satisfied, s.Customers[id].Surveyed)
		case "csat_top2":
			return survey.topTwo()
		case "nps":
			return survey.promoting()
		case "ces":
			return scoreOf(parts{}.add(part{survey.CESN, 1, survey.CESSum, Wide{}}))
		case "dimension_score":
			return scoreOf(dimensions[at])
		}
		return scoreOf(gaps[at])
	}
	of := make(map[detailed]Sample)
	for id, newest := range s.newest() {
		for _, t := range targetsOf(version(c, id, newest)) {
			if is := value(id, t); is.n > 0 {
				gap, _ := new(big.Rat).Sub(t.value, is.value).Float64()
				of[detailed{id, t.detail}] = Sample{Kind: Plain, N: is.n, Plain: gap, Known: true}
			}
		}
	}
	return points(of, func(_ detailed, s Sample) Sample { return s })
}

func scoreOf(p parts) scored {
	if p.count() == 0 {
		return scored{}
	}
	return scored{p.center(), p.count()}
}

// rateOf is in percent.
func rateOf(count, n uint64) scored {
	if n == 0 {
		return scored{}
	}
	r := new(big.Rat).SetInt(new(big.Int).SetUint64(count))
	return scored{over(r.Mul(r, big.NewRat(percent, 1)), n), n}
}

func (a Survey) topTwo() scored {
	if a.IndexN == 0 {
		return scored{}
	}
	return rateOf(a.VerySatisfied+a.Satisfied, a.N)
}

func (a Survey) promoting() scored {
	n := a.Promoters + a.Passives + a.Detractors
	if n == 0 {
		return scored{}
	}
	return scored{big.NewRat(percent*(int64(a.Promoters)-int64(a.Detractors)), int64(n)), n}
}
