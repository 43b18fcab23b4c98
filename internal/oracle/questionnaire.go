package oracle

import (
	"fmt"
	"math/big"
)

// Questionnaire is the oracle's own table of what it needs to score a response.
type Questionnaire struct {
	ID      string
	Version string
	Min     int64
	Max     int64
	// Range scales by (x-min)/(max-min); else x/max.
	Range      bool
	Dimensions []Dimension
	// MayMiss is how many items may be unanswered; each takes Neutral in the index.
	MayMiss int
	Neutral int64
	// Twice asks what was expected beside what was perceived: an item counts as answered with both.
	Twice bool
	// Levels are the least indexes of very_satisfied, satisfied, neutral and dissatisfied.
	Levels [4]int64
}

// Dimension is a weighted group of items.
type Dimension struct {
	ID     string
	Weight int64
	Items  []Item
}

// Item is one question; its weight counts within its dimension.
type Item struct {
	ID     string
	Weight int64
}

// Shipped are the questionnaires that come with the product, as the metric catalogue describes them.
func Shipped() []Questionnaire {
	levels := [4]int64{90, 70, 50, 30}
	return []Questionnaire{
		{
			ID: "after-sales-10", Version: "1", Min: 1, Max: 10, Levels: levels,
			Dimensions: alone("skill", "attitude", "timeliness", "parts", "overall"),
		},
		{
			ID: "rater-5", Version: "1", Min: 1, Max: 5, Levels: levels,
			Dimensions: alone("reliability", "assurance", "tangibles", "empathy", "responsiveness"),
		},
		{
			ID: "likert-12", Version: "1", Min: 1, Max: 5, Levels: levels, MayMiss: 1, Neutral: 3,
			Dimensions: alone("product_quality", "performance", "delivery", "price", "packaging", "complaint_handling",
				"response_speed", "technical_support", "attitude", "communication", "versus_competitors", "overall"),
		},
		{
			ID: "servqual-22", Version: "1", Min: 1, Max: 7, Range: true, Twice: true, Levels: [4]int64{83, 66, 50, 33},
			Dimensions: []Dimension{
				alike("tangibles", "t1", "t2", "t3", "t4"), alike("reliability", "rel1", "rel2", "rel3", "rel4", "rel5"),
				alike("responsiveness", "res1", "res2", "res3", "res4"), alike("assurance", "a1", "a2", "a3", "a4"),
				alike("empathy", "e1", "e2", "e3", "e4", "e5"),
			},
		},
		{
			ID: "ecommerce-5", Version: "1", Min: 1, Max: 5, Levels: levels, MayMiss: 1, Neutral: 3,
			Dimensions: alone("transaction", "product_quality", "customer_service", "after_sales", "user_experience"),
		},
		{ID: "relationship", Version: "1"},
	}
}

// alike is a dimension of equally weighted items.
func alike(id string, items ...string) Dimension {
	d := Dimension{ID: id, Weight: 1}
	for _, item := range items {
		d.Items = append(d.Items, Item{ID: item, Weight: 1})
	}
	return d
}

// alone are equally weighted dimensions of one item each.
func alone(ids ...string) []Dimension {
	ds := make([]Dimension, 0, len(ids))
	for _, id := range ids {
		ds = append(ds, Dimension{ID: id, Weight: 1, Items: []Item{{ID: id, Weight: 1}}})
	}
	return ds
}

// Fraction is a score in 0..100 over the denominator that all scores of its questionnaire version (or dimension) share.
type Fraction struct {
	Num, Den int64
}

// Score is what a response's answers amount to.
type Score struct {
	Valid bool
	// Index is Den 0 where the response is not valid or the questionnaire has no items.
	Index      Fraction
	Level      string
	Dimensions map[string]Fraction
	// Stated is what the answers say beside their scores, by dimension; also of an invalid response.
	Stated map[string]Stated
	// Points are the answers that have a score, by item; also of an invalid response.
	Points map[string]Point
}

// Point is one answer.
type Point struct {
	Dimension string
	Score     int64
	// Reasons that it names, as they come.
	Reasons []string
}

// Stated are the points of a dimension's answers, in scale points and in no order that matters.
type Stated struct {
	// Gaps are score less expectation where both are there.
	Gaps []int64
	// Importances are as stated.
	Importances []int64
}

// score applies the validity rule, the weights and the thresholds, in exact fractions.
func (q Questionnaire) score(answers []answer) (Score, error) {
	given, expected := map[string]int64{}, map[string]bool{}
	for _, a := range answers {
		if !q.has(a.Item) {
			return Score{}, fmt.Errorf("%s has no item %q", q.ID, a.Item)
		}
		expected[a.Item] = a.Expectation.set
		if !a.Score.set {
			continue
		}
		if a.Score.value < q.Min || a.Score.value > q.Max {
			return Score{}, fmt.Errorf("%s: %d is off the scale", q.ID, a.Score.value)
		}
		given[a.Item] = a.Score.value
	}
	missing := 0
	for _, d := range q.Dimensions {
		for _, it := range d.Items {
			if _, ok := given[it.ID]; !ok || q.Twice && !expected[it.ID] {
				missing++
			}
		}
	}
	stated, points := q.stated(answers), q.points(answers)
	if missing > q.MayMiss {
		return Score{Stated: stated, Points: points}, nil
	}
	s := Score{Valid: true, Dimensions: map[string]Fraction{}, Stated: stated, Points: points}
	if len(q.Dimensions) == 0 {
		return s, nil
	}

	var weights int64
	for _, d := range q.Dimensions {
		weights += d.Weight
	}
	index, unit := new(big.Rat), big.NewInt(1)
	for _, d := range q.Dimensions {
		value, den, answered := q.dimension(d, given)
		if answered {
			s.Dimensions[d.ID] = over(value, den)
		}
		share := big.NewRat(d.Weight, weights)
		index.Add(index, new(big.Rat).Mul(share, value))
		for _, it := range d.Items {
			unit = lcm(unit, new(big.Rat).Mul(share, q.coefficient(d, it)).Denom())
		}
	}
	s.Index = over(index, unit)
	s.Level = q.level(index)
	return s, nil
}

// stated gathers expectations and importances by dimension; dimensions without any have no entry.
func (q Questionnaire) stated(answers []answer) map[string]Stated {
	all := map[string]Stated{}
	for _, d := range q.Dimensions {
		var s Stated
		for _, it := range d.Items {
			for _, a := range answers {
				if a.Item != it.ID {
					continue
				}
				if a.Score.set && a.Expectation.set {
					s.Gaps = append(s.Gaps, a.Score.value-a.Expectation.value)
				}
				if a.Importance.set {
					s.Importances = append(s.Importances, a.Importance.value)
				}
			}
		}
		if len(s.Gaps)+len(s.Importances) > 0 {
			all[d.ID] = s
		}
	}
	return all
}

// points are the answers with a score; what stands in for a missing one is none.
func (q Questionnaire) points(answers []answer) map[string]Point {
	all := map[string]Point{}
	for _, a := range answers {
		for _, d := range q.Dimensions {
			for _, it := range d.Items {
				if it.ID == a.Item && a.Score.set {
					all[a.Item] = Point{Dimension: d.ID, Score: a.Score.value, Reasons: a.Reasons}
				}
			}
		}
	}
	return all
}

// dimension is the weighted mean of a dimension's item scores, the denominator that every such mean can be written over,
// and whether any of its items was answered.
func (q Questionnaire) dimension(d Dimension, given map[string]int64) (value *big.Rat, den *big.Int, answered bool) {
	value, den = new(big.Rat), big.NewInt(1)
	zero := int64(0)
	if q.Range {
		zero = q.Min
	}
	for _, it := range d.Items {
		x, ok := given[it.ID]
		if !ok {
			x = q.Neutral
		}
		answered = answered || ok
		c := q.coefficient(d, it)
		value.Add(value, new(big.Rat).Mul(c, big.NewRat(x-zero, 1)))
		den = lcm(den, c.Denom())
	}
	return value, den, answered
}

// coefficient is what one scale point of an item adds to its dimension's score.
func (q Questionnaire) coefficient(d Dimension, it Item) *big.Rat {
	span := q.Max
	if q.Range {
		span = q.Max - q.Min
	}
	var sum int64
	for _, i := range d.Items {
		sum += i.Weight
	}
	return new(big.Rat).Mul(big.NewRat(it.Weight, sum), big.NewRat(100, span))
}

func (q Questionnaire) has(item string) bool {
	for _, d := range q.Dimensions {
		for _, it := range d.Items {
			if it.ID == item {
				return true
			}
		}
	}
	return false
}

func (q Questionnaire) level(index *big.Rat) string {
	for i, name := range [4]string{"very_satisfied", "satisfied", "neutral", "dissatisfied"} {
		if index.Cmp(big.NewRat(q.Levels[i], 1)) >= 0 {
			return name
		}
	}
	return "very_dissatisfied"
}

func over(value *big.Rat, den *big.Int) Fraction {
	n := new(big.Rat).Mul(value, new(big.Rat).SetInt(den))
	return Fraction{Num: n.Num().Int64(), Den: den.Int64()}
}

func lcm(a, b *big.Int) *big.Int {
	g := new(big.Int).GCD(nil, nil, a, b)
	return new(big.Int).Mul(a, new(big.Int).Div(b, g))
}
