package metrics

import (
	"math/big"
	"slices"

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

// targetOf is the target of a metric; nil where there is none.
func targetOf(v *questionnaires.Version, metric string) *big.Rat {
	if v == nil {
		return nil
	}
	for _, t := range v.Targets {
		if t.Metric == metric {
			return t.Value.Rat()
		}
	}
	return nil
}

func targetGapPoints(s *States, c *questionnaires.Catalog) []Point {
	of := make(map[detailed]Sample)
	surveys, indexes, dimensions, gaps := s.surveyed(), s.indexes(), s.dimensions(customer), s.gaps()
	put := func(at detailed, target *big.Rat, is scored) {
		if target != nil && is.n > 0 {
			gap, _ := new(big.Rat).Sub(target, is.value).Float64()
			of[at] = Sample{Kind: Plain, N: is.n, Plain: gap, Known: true}
		}
	}
	for id, newest := range s.newest() {
		v := version(c, id, newest)
		if v == nil {
			continue
		}
		detail := func(string) string { return "" }
		for _, one := range []struct {
			metric string
			is     scored
		}{
			{"satisfaction_index", scoreOf(indexes[id])}, {"satisfied_customer_rate", rateOf(s.Customers[id].Satisfied, s.Customers[id].Surveyed)},
			{"csat_top2", surveys[id].topTwo()}, {"nps", surveys[id].promoting()},
			{"ces", scoreOf(parts{}.add(part{surveys[id].CESN, 1, surveys[id].CESSum, Wide{}}))},
		} {
			if target := targetOf(v, one.metric); target != nil {
				put(detailed{id, detail(one.metric)}, target, one.is)
				detail = func(metric string) string { return metric }
			}
		}
		for _, d := range v.Dimensions {
			at := detailed{id, d.ID}
			put(at, targetOf(v, "dimension_score"), scoreOf(dimensions[at]))
			put(detailed{id, "servqual_gap:" + d.ID}, targetOf(v, "servqual_gap"), scoreOf(gaps[at]))
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

// move is a one-point rise of an answer: what it adds to the sum of the scores, and how many there is room for.
type move struct {
	gain *big.Rat
	room uint64
}

func targetMovesPoints(s *States, c *questionnaires.Catalog) []Point {
	of := make(map[detailed]Sample)
	put := func(at detailed, target *big.Rat, p parts, moves []move) {
		if n := p.count(); target != nil && n > 0 {
			need := new(big.Rat).SetInt(new(big.Int).SetUint64(n))
			need.Sub(need.Mul(need, target), p.total())
			count, ok := fewest(need, moves)
			of[at] = Sample{Kind: Plain, N: n, Plain: float64(count), Known: ok}
		}
	}
	indexes, dimensions := s.indexes(), s.dimensions(customer)
	for id, newest := range s.newest() {
		v := version(c, id, newest)
		ofIndex, ofDimension := targetOf(v, "satisfaction_index"), targetOf(v, "dimension_score")
		if ofIndex == nil && ofDimension == nil {
			continue
		}
		index, within := s.moves(id, c)
		put(detailed{questionnaire: id}, ofIndex, indexes[id], index)
		for _, d := range v.Dimensions {
			at := detailed{id, d.ID}
			put(at, ofDimension, dimensions[at], within[d.ID])
		}
	}
	return points(of, func(_ detailed, s Sample) Sample { return s })
}

// itemOf is an item of a version.
type itemOf struct{ version, item string }

// moves are those that the answers of a questionnaire have room for: by what they add to the index, and by dimension what they add to its score.
func (s *States) moves(id string, c *questionnaires.Catalog) (index []move, within map[string][]move) {
	room := make(map[itemOf]uint64)
	for key, n := range s.Scores {
		if v := version(c, id, key.Version); key.Questionnaire == id && key.Role == customer && v != nil && key.Score < v.Scale.Max {
			room[itemOf{key.Version, key.Item}] += n * uint64(v.Scale.Max-key.Score)
		}
	}
	within = make(map[string][]move)
	for _, v := range c.Versions(id) {
		var total int64
		ofDimension := make(map[string]int64)
		for _, item := range v.Items {
			ofDimension[item.Dimension] += item.Weight
		}
		weights := make(map[string]int64)
		for _, d := range v.Dimensions {
			total += d.Weight
			weights[d.ID] = d.Weight
		}
		for _, item := range v.Items {
			n := room[itemOf{v.Version, item.ID}]
			if n == 0 || item.Weight == 0 {
				continue
			}
			gain := big.NewRat(percent*item.Weight, ofDimension[item.Dimension])
			gain.Quo(gain, big.NewRat(int64(v.Scale.Span()), 1))
			within[item.Dimension] = append(within[item.Dimension], move{gain, n})
			if weights[item.Dimension] > 0 {
				index = append(index, move{new(big.Rat).Mul(gain, big.NewRat(weights[item.Dimension], total)), n})
			}
		}
	}
	return index, within
}

// fewest is how many moves add up to what is needed, the largest first; false where all together do not.
func fewest(need *big.Rat, moves []move) (count uint64, ok bool) {
	slices.SortFunc(moves, func(a, b move) int { return b.gain.Cmp(a.gain) })
	need = new(big.Rat).Set(need)
	for _, m := range moves {
		if need.Sign() <= 0 {
			break
		}
		wanted := new(big.Rat).Quo(need, m.gain)
		whole := new(big.Int).Add(wanted.Num(), new(big.Int).Sub(wanted.Denom(), big.NewInt(1)))
		whole.Quo(whole, wanted.Denom())
		take := m.room
		if whole.IsUint64() {
			take = min(take, whole.Uint64())
		}
		count += take
		used := new(big.Rat).SetInt(new(big.Int).SetUint64(take))
		need.Sub(need, used.Mul(used, m.gain))
	}
	return count, need.Sign() <= 0
}
