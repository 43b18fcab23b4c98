package questionnaires

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// scoring is what Score needs of a version, worked out once.
type scoring struct {
	position   map[string]int // of an item
	columns    Columns
	index      linear // over the items
	dimensions []dimensionScoring
}

type dimensionScoring struct {
	items []int // positions
	score linear
}

// compile works out the coefficients: part of an item in the index = w_d/W * v_i/V_d.
func (v *Version) compile() error {
	v.scoring = scoring{position: make(map[string]int, len(v.Items))}
	if len(v.Items) == 0 {
		return nil
	}
	var total int64
	for _, d := range v.Dimensions {
		total += d.Weight
	}
	parts := make([]*big.Rat, len(v.Items))
	for _, d := range v.Dimensions {
		ds, within, err := v.compileDimension(d.ID)
		if err != nil {
			return fmt.Errorf("dimension %s: %w", d.ID, err)
		}
		for i, position := range ds.items {
			parts[position] = new(big.Rat).Mul(within[i], big.NewRat(d.Weight, total))
		}
		v.scoring.dimensions = append(v.scoring.dimensions, ds)
	}
	for i, item := range v.Items {
		v.scoring.position[item.ID] = i
	}
	v.scoring.columns = v.columns()
	var err error
	v.scoring.index, err = reduce(parts, v.Scale.Span())
	return err
}

func (v *Version) compileDimension(id string) (dimensionScoring, []*big.Rat, error) {
	var ds dimensionScoring
	var total int64
	for i, item := range v.Items {
		if item.Dimension == id {
			ds.items = append(ds.items, i)
			total += item.Weight
		}
	}
	within := make([]*big.Rat, len(ds.items))
	for i, position := range ds.items {
		within[i] = big.NewRat(v.Items[position].Weight, total)
	}
	var err error
	ds.score, err = reduce(within, v.Scale.Span())
	return ds, within, err
}

// Result is a response scored. All scores are fractions of integers in 0..100.
type Result struct {
	// Valid says that the response counts in figures; one that is not has no index and no dimension scores.
	Valid bool
	// IndexDen is the same for all valid responses of a version; 0 where there is no index.
	IndexNum, IndexDen int64
	Level              Level // '' where there is no index
	// An answer x scores (x - ScaleZero) * 100 / ScaleSpan.
	ScaleZero, ScaleSpan int16
	// Answers are those that say something, in the questionnaire's order.
	Answers    []Answer
	Dimensions []DimensionScore
}

// Answer is one answer of a response with its dimension.
type Answer struct {
	*schemas.Answer
	Dimension string
}

// DimensionScore is the score Num/Den of a dimension of which at least one item was answered.
type DimensionScore struct {
	Dimension string
	Num, Den  int64
}

// Score scores a response by this version. It is pure. The error says which answer does not fit the questionnaire: an
// unknown item, one answered twice, or a number off its scale.
func (v *Version) Score(r *schemas.SurveyResponse) (Result, *schemas.InvalidError) {
	return new(Scorer).Score(v, r)
}

// Scorer is Score for many responses: it uses the room of one result again for the next. The zero value is ready to use; it is for one goroutine at a time.
type Scorer struct {
	given      []*schemas.Answer // by position
	answers    []Answer
	dimensions []DimensionScore
}

// Forget lets go of the last response.
func (s *Scorer) Forget() {
	clear(s.given)
	clear(s.answers[:cap(s.answers)])
}

// Check is the error of Score, without the score.
func (v *Version) Check(r *schemas.SurveyResponse) *schemas.InvalidError {
	var room [32]*schemas.Answer
	s := Scorer{given: room[:0]}
	return s.place(v, r)
}

// Score is Version.Score; the result's slices are valid until the next call.
func (s *Scorer) Score(v *Version, r *schemas.SurveyResponse) (Result, *schemas.InvalidError) {
	if err := s.place(v, r); err != nil {
		return Result{}, err
	}
	return s.score(v), nil
}

// place puts each answer in the place of its item.
func (s *Scorer) place(v *Version, r *schemas.SurveyResponse) *schemas.InvalidError {
	s.given = slices.Grow(s.given[:0], len(v.Items))[:len(v.Items)]
	clear(s.given)
	next := 0
	for i := range r.Answers {
		answer := &r.Answers[i]
		// Most answers come in the order of the items.
		position, known := next, next < len(v.Items) && v.Items[next].ID == answer.Item
		if !known {
			position, known = v.scoring.position[answer.Item]
		}
		if !known {
			return v.unknownItem(i, answer.Item)
		}
		if s.given[position] != nil {
			return invalid(schemas.DuplicateItem, i, "item", "item %s is answered twice", answer.Item)
		}
		if err := v.Scale.check(i, answer); err != nil {
			return err
		}
		s.given[position] = answer
		next = position + 1
	}
	return nil
}

func (s *Scorer) score(v *Version) Result {
	result := Result{}
	if len(v.Items) == 0 {
		result.Valid = true
		return result
	}
	result.ScaleZero, result.ScaleSpan = v.Scale.Zero(), v.Scale.Span()
	answers := slices.Grow(s.answers[:0], len(v.Items))
	missing := 0
	for i, answer := range s.given {
		if answer == nil || answer.Score == nil || v.ExpectationRequired && answer.Expectation == nil {
			missing++
		}
		if says(answer) {
			answers = append(answers, Answer{Answer: answer, Dimension: v.Items[i].Dimension})
		}
	}
	s.answers, result.Answers = answers, answers
	if missing > v.MaxMissing {
		return result
	}
	result.Valid = true
	result.IndexDen = v.scoring.index.den
	zero := v.Scale.Zero()
	for i, answer := range s.given {
		result.IndexNum += v.scoring.index.coefficients[i] * v.distance(answer, zero)
	}
	result.Level = v.IndexLevels.of(result.IndexNum, result.IndexDen)
	result.Dimensions = s.dimensionScores(v, zero)
	return result
}

func (s *Scorer) dimensionScores(v *Version, zero int16) []DimensionScore {
	scores := slices.Grow(s.dimensions[:0], len(v.Dimensions))
	for d := range v.scoring.dimensions {
		ds := &v.scoring.dimensions[d]
		score := DimensionScore{Dimension: v.Dimensions[d].ID, Den: ds.score.den}
		answered := false
		for i, position := range ds.items {
			answer := s.given[position]
			answered = answered || answer != nil && answer.Score != nil
			score.Num += ds.score.coefficients[i] * v.distance(answer, zero)
		}
		if answered {
			scores = append(scores, score)
		}
	}
	s.dimensions = scores
	return scores
}

// distance of an answer, or of the neutral answer that stands for a missing one, from the scale's zero.
func (v *Version) distance(answer *schemas.Answer, zero int16) int64 {
	score := v.Neutral
	if answer != nil && answer.Score != nil {
		score = *answer.Score
	}
	return int64(score) - int64(zero)
}

// says is false for an answer that holds no more than its item.
func says(a *schemas.Answer) bool {
	return a != nil && (a.Score != nil || a.Expectation != nil || a.Importance != nil || len(a.Reasons) > 0 || a.Comment != "")
}

// check holds an answer's numbers against the scale. An importance starts at 1 even where the scale starts at 0.
func (s Scale) check(i int, a *schemas.Answer) *schemas.InvalidError {
	if err := within(i, "score", a.Score, s.Min, s.Max); err != nil {
		return err
	}
	if err := within(i, "expectation", a.Expectation, s.Min, s.Max); err != nil {
		return err
	}
	return within(i, "importance", a.Importance, 1, s.Max)
}

func within(i int, field string, x *int16, lo, hi int16) *schemas.InvalidError {
	if x == nil || lo <= *x && *x <= hi {
		return nil
	}
	return invalid(schemas.OutOfRange, i, field, "%d is off the scale of %d to %d", *x, lo, hi)
}

func (v *Version) unknownItem(i int, item string) *schemas.InvalidError {
	const shown = 30
	ids := make([]string, 0, shown)
	for _, known := range v.Items[:min(len(v.Items), shown)] {
		ids = append(ids, known.ID)
	}
	return invalid(schemas.UnknownItem, i, "item", "%s version %s has no item %.80q; it has: %s", v.ID, v.Version, item, strings.Join(ids, ", "))
}

func invalid(reason schemas.Reason, i int, field, format string, args ...any) *schemas.InvalidError {
	return &schemas.InvalidError{Reason: reason, Field: fmt.Sprintf("/data/answers/%d/%s", i, field), Detail: fmt.Sprintf(format, args...)}
}
