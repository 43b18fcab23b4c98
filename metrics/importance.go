package metrics

import (
	"math/big"

	"github.com/rapport-project/rapport/questionnaires"
)

// overall is the item that the others are held against where nobody asked what matters.
const overall = "overall"

func importanceMetrics() []Metric {
	return []Metric{
		{
			Name: "importance", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Rho, PerQuestionnaire: true, Detail: "dimension",
			Label: Text{"Importance", "重要度"},
			Formula: "mean stated importance in points of the scale where the questionnaire asks it; else Spearman's rank correlation of the dimension with the item overall, " +
				"ties at their middle rank, from 3 responses on",
			Denominator: "answers that state an importance, or valid responses with both scores", LeavesOut: "the dimension overall itself, where derived",
			Rests: []State{Dimensions, Joints}, Points: importancePoints,
		},
		{
			Name: "performance", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Score, Better: Higher, PerQuestionnaire: true, Detail: "dimension",
			Label:   Text{"Performance", "绩效表现"},
			Formula: "the dimension score", Denominator: "valid responses with an answer in the dimension", LeavesOut: leavesInvalid,
			Rests: []State{Dimensions, Surveys}, Points: dimensionPoints,
		},
		{
			Name: "ipa_quadrant", Section: Satisfaction, Version: 1, Kind: Labelled, Unit: Label, PerQuestionnaire: true, Detail: "dimension",
			Label: Text{"Importance-performance quadrant", "重要性—绩效象限（IPA）"},
			Formula: "importance and performance against their means over the dimensions that have both, equal to the mean is high: 1 keep_up (high, high), " +
				"2 concentrate_here (high, low), 3 low_priority (low, low), 4 possible_overkill (low, high)",
			Denominator: "the smaller n of importance and performance", LeavesOut: "questionnaires with fewer than two such dimensions",
			Rests: []State{Dimensions, Surveys, Joints}, Points: quadrantPoints,
		},
	}
}

// Quadrant is a field of the importance-performance analysis.
type Quadrant string

// The quadrants, in the order of their values 1 to 4.
const (
	KeepUp           Quadrant = "keep_up"
	ConcentrateHere  Quadrant = "concentrate_here"
	LowPriority      Quadrant = "low_priority"
	PossibleOverkill Quadrant = "possible_overkill"
)

// Quadrants are all of them, value 1 first.
func Quadrants() []Quadrant {
	return []Quadrant{KeepUp, ConcentrateHere, LowPriority, PossibleOverkill}
}

// quadrant of what is important or not, and performs well or not: its value.
func quadrant(important, well bool) int {
	switch {
	case important && well:
		return 1
	case important:
		return 2
	case !well:
		return 3
	}
	return 4
}

func importancePoints(s *States, _ *questionnaires.Catalog) []Point {
	stated := make(map[detailed]parts)
	asked := make(map[string]bool)
	for key, c := range s.Dimensions {
		if key.Role == customer && c.ImportanceN > 0 {
			at := detailed{key.Questionnaire, key.Dimension}
			stated[at] = stated[at].add(part{c.ImportanceN, 1, c.ImportanceSum, whole(c.ImportanceSumSq)})
			asked[key.Questionnaire] = true
		}
	}
	all := points(stated, func(_ detailed, p parts) Sample { return p.mean() })
	for i := range all {
		all[i].Unit = Points
	}
	joints := make(map[detailed][]joint)
	for key, n := range s.Joints {
		if !asked[key.Questionnaire] && key.Dimension != overall {
			at := detailed{key.Questionnaire, key.Dimension}
			joints[at] = append(joints[at], joint{key.Num, key.Den, key.Overall, n})
		}
	}
	return ordered(append(all, points(joints, func(_ detailed, cells []joint) Sample {
		rho, n, ok := spearman(cells)
		if !ok {
			return Sample{}
		}
		return Sample{Kind: Plain, N: n, Plain: rho, Known: true}
	})...))
}

func quadrantPoints(s *States, c *questionnaires.Catalog) []Point {
	performance := make(map[detailed]*big.Rat)
	for at, p := range s.dimensions(customer) {
		if p.count() > 0 {
			performance[at] = p.center()
		}
	}
	importance := make(map[string][]Point)
	for _, p := range importancePoints(s, c) {
		if performance[detailed{p.Questionnaire, p.Detail}] != nil {
			importance[p.Questionnaire] = append(importance[p.Questionnaire], p)
		}
	}
	scores := s.dimensions(customer)
	// Correlations that are equal to their mean, as 0 is to that of r and -r, may be rounded to either side of it.
	hair := big.NewRat(1, 1_000_000_000_000)
	var all []Point
	for id, of := range importance {
		if len(of) < 2 {
			continue
		}
		mattering, doing := new(big.Rat), new(big.Rat)
		for _, p := range of {
			mattering.Add(mattering, exact(p.Sample))
			doing.Add(doing, performance[detailed{id, p.Detail}])
		}
		mattering, doing = over(mattering, uint64(len(of))), over(doing, uint64(len(of)))
		for _, p := range of {
			at := detailed{id, p.Detail}
			value := quadrant(new(big.Rat).Add(exact(p.Sample), hair).Cmp(mattering) >= 0, performance[at].Cmp(doing) >= 0)
			all = append(all, Point{Questionnaire: id, Detail: p.Detail, Sample: Sample{
				Kind: Labelled, N: min(p.Sample.N, scores[at].count()), Plain: float64(value), Known: true, Text: string(Quadrants()[value-1]),
			}})
		}
	}
	return ordered(all)
}

// exact is the value as the fraction it is, so that equal values are equal to their mean.
func exact(s Sample) *big.Rat {
	v, _ := s.Value()
	return new(big.Rat).SetFloat64(v)
}
