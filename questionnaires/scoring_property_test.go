package questionnaires

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
)

// drawVersion makes a questionnaire of any scale, weights and validity, by way of its file.
func drawVersion(t *rapid.T) *Version {
	text := "id: any\nversion: 1\nvalid_from: 2020-01-01\ntitle: {en: Any}\n"
	kind := rapid.SampledFrom([]Normalisation{Ratio, Range}).Draw(t, "normalisation")
	lo := rapid.IntRange(0, 3).Draw(t, "min")
	if kind == Range {
		lo = rapid.IntRange(-5, 3).Draw(t, "min")
	}
	hi := rapid.IntRange(max(lo, 0)+1, 20).Draw(t, "max")
	text += fmt.Sprintf("scale: {min: %d, max: %d, normalisation: %s, levels: {very_satisfied: %d, satisfied: %d, neutral: %d, dissatisfied: %d}}\n",
		lo, hi, kind, hi, hi, lo, lo)
	decimals := rapid.SampledFrom([]string{"1", "2", "0.5", "0.25", "20", "0", "1.5"})
	dims := rapid.IntRange(1, 4).Draw(t, "dimensions")
	dimensions, items, count := "dimensions:\n", "items:\n", 0
	for d := range dims {
		n := rapid.IntRange(1, 4).Draw(t, "items")
		weight := decimals.Draw(t, "weight")
		if d == 0 {
			weight = "0.75"
		}
		dimensions += fmt.Sprintf("  - {id: d%d, title: {en: D}, weight: %s}\n", d, weight)
		for i := range n {
			weight := decimals.Draw(t, "weight")
			id := fmt.Sprintf("i%d", count)
			if i == 0 {
				weight = "2"
			}
			if n == 1 {
				id = fmt.Sprintf("d%d", d)
			}
			items += fmt.Sprintf("  - {id: %s, dimension: d%d, text: {en: I}, weight: %s}\n", id, d, weight)
			count++
		}
	}
	missing := rapid.IntRange(0, count-1).Draw(t, "max_missing")
	text += dimensions + items + "index_levels: {very_satisfied: 87.5, satisfied: 66.6, neutral: 50, dissatisfied: 0.1}\n"
	if missing > 0 {
		text += fmt.Sprintf("validity: {max_missing: %d, neutral: %d}\n", missing, rapid.IntRange(lo, hi).Draw(t, "neutral"))
	}
	v, problems := Check("any.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatalf("%v\n%s", problems, text)
	}
	return v
}

func drawResponse(t *rapid.T, v *Version) *schemas.SurveyResponse {
	r := &schemas.SurveyResponse{}
	for _, item := range v.Items {
		a := schemas.Answer{Item: item.ID}
		if rapid.IntRange(0, 9).Draw(t, "answered") > 0 {
			a.Score = number(rapid.IntRange(int(v.Scale.Min), int(v.Scale.Max)).Draw(t, "score"))
		}
		r.Answers = append(r.Answers, a)
	}
	r.Answers = rapid.Permutation(r.Answers).Draw(t, "answers")
	return r
}

// exact computes the index from the definition alone, as metrics.md words it: the weighted mean of dimension scores, each
// the weighted mean of item scores.
func exact(v *Version, r *schemas.SurveyResponse) (index *big.Rat, valid bool) {
	score := map[string]*big.Rat{}
	for _, a := range r.Answers {
		if a.Score == nil {
			continue
		}
		if v.Scale.Normalisation == Range {
			score[a.Item] = big.NewRat(100*(int64(*a.Score)-int64(v.Scale.Min)), int64(v.Scale.Max)-int64(v.Scale.Min))
		} else {
			score[a.Item] = big.NewRat(100*int64(*a.Score), int64(v.Scale.Max))
		}
	}
	if len(v.Items)-len(score) > v.MaxMissing {
		return nil, false
	}
	neutral := big.NewRat(100*int64(v.Neutral), int64(v.Scale.Max))
	if v.Scale.Normalisation == Range {
		neutral = big.NewRat(100*(int64(v.Neutral)-int64(v.Scale.Min)), int64(v.Scale.Max)-int64(v.Scale.Min))
	}
	index, total := new(big.Rat), new(big.Rat)
	for _, d := range v.Dimensions {
		mean, within := new(big.Rat), new(big.Rat)
		for _, item := range v.Items {
			if item.Dimension != d.ID {
				continue
			}
			s, ok := score[item.ID]
			if !ok {
				s = neutral
			}
			w := big.NewRat(item.Weight, 1)
			mean.Add(mean, new(big.Rat).Mul(w, s))
			within.Add(within, w)
		}
		w := big.NewRat(d.Weight, 1)
		index.Add(index, new(big.Rat).Mul(w, mean.Quo(mean, within)))
		total.Add(total, w)
	}
	return index.Quo(index, total), true
}

func TestScoreIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawVersion(t)
		r := drawResponse(t, v)
		got, invalid := v.Score(r)
		if invalid != nil {
			t.Fatal(invalid)
		}
		want, valid := exact(v, r)
		if got.Valid != valid {
			t.Fatalf("valid %t, want %t", got.Valid, valid)
		}
		if !valid {
			return
		}
		index := big.NewRat(got.IndexNum, got.IndexDen)
		if index.Cmp(want) != 0 {
			t.Fatalf("index %s, want %s", index, want)
		}
		if index.Sign() < 0 || index.Cmp(big.NewRat(100, 1)) > 0 {
			t.Fatalf("index %s is not in 0..100", index)
		}
		if level := levelOf(want); got.Level != level {
			t.Fatalf("index %s is %s, want %s", index, got.Level, level)
		}
		if got.IndexDen != v.scoring.index.den {
			t.Fatalf("denominator %d, want the version's %d", got.IndexDen, v.scoring.index.den)
		}
		for _, d := range got.Dimensions {
			if d.Num < 0 || d.Num > 100*d.Den {
				t.Fatalf("%s %d/%d is not in 0..100", d.Dimension, d.Num, d.Den)
			}
		}
	})
}

// levelOf has the thresholds that drawVersion writes.
func levelOf(index *big.Rat) Level {
	for i, low := range []*big.Rat{big.NewRat(875, 10), big.NewRat(666, 10), big.NewRat(50, 1), big.NewRat(1, 10)} {
		if index.Cmp(low) >= 0 {
			return bounded()[i]
		}
	}
	return VeryDissatisfied
}

func TestDenominatorIsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawVersion(t)
		gcd := big.NewInt(v.scoring.index.den)
		for _, c := range v.scoring.index.coefficients {
			gcd.GCD(nil, nil, gcd, big.NewInt(c))
		}
		if gcd.Cmp(big.NewInt(1)) != 0 {
			t.Fatalf("%d over %d share the divisor %s", v.scoring.index.coefficients, v.scoring.index.den, gcd)
		}
	})
}

func TestScoreIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawVersion(t)
		r := answered(v, 0)
		for i := range r.Answers {
			r.Answers[i].Score = number(rapid.IntRange(int(v.Scale.Min), int(v.Scale.Max)).Draw(t, "score"))
		}
		low := mustIndex(t, v, r)
		i := rapid.IntRange(0, len(r.Answers)-1).Draw(t, "raised")
		*r.Answers[i].Score = int16(rapid.IntRange(int(*r.Answers[i].Score), int(v.Scale.Max)).Draw(t, "to"))
		if high := mustIndex(t, v, r); high < low {
			t.Fatalf("numerator fell from %d to %d", low, high)
		}
	})
}

func mustIndex(t *rapid.T, v *Version, r *schemas.SurveyResponse) int64 {
	result, invalid := v.Score(r)
	if invalid != nil {
		t.Fatal(invalid)
	}
	return result.IndexNum
}
