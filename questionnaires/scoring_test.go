package questionnaires

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

func shipped(t testing.TB, id string) *Version {
	t.Helper()
	catalog, err := Load(Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	v, invalid := catalog.Lookup(id, "", time.Now())
	if invalid != nil {
		t.Fatal(invalid)
	}
	return v
}

func number(x int) *int16 {
	n := int16(x)
	return &n
}

// answered gives one score to every item; each of missing is left out.
func answered(v *Version, score int, missing ...int) *schemas.SurveyResponse {
	r := &schemas.SurveyResponse{Questionnaire: v.ID}
	for i, item := range v.Items {
		a := schemas.Answer{Item: item.ID, Score: number(score)}
		for _, m := range missing {
			if m == i {
				a.Score = nil
			}
		}
		r.Answers = append(r.Answers, a)
	}
	return r
}

func mustScore(t testing.TB, v *Version, r *schemas.SurveyResponse) Result {
	t.Helper()
	result, invalid := v.Score(r)
	if invalid != nil {
		t.Fatal(invalid)
	}
	return result
}

func TestWorkedExample1(t *testing.T) {
	v := shipped(t, "after-sales-10")
	var sum, n int64
	den := int64(0)
	for _, group := range []struct{ score, times int }{{6, 1}, {7, 2}, {8, 34}, {9, 1}} {
		for range group.times {
			r := answered(v, 10)
			r.Answers[2].Score = number(group.score)
			timeliness := mustScore(t, v, r).Dimensions[2]
			if timeliness.Dimension != "timeliness" {
				t.Fatalf("third dimension is %s", timeliness.Dimension)
			}
			sum, n, den = sum+timeliness.Num, n+1, timeliness.Den
		}
	}
	if got := big.NewRat(sum, n*den).FloatString(2); got != "79.21" || n != 38 {
		t.Errorf("mean of timeliness over %d responses = %s, want 79.21 over 38", n, got)
	}
}

func TestWorkedExample3(t *testing.T) {
	v := shipped(t, "likert-12")
	for missing := range v.Items {
		result := mustScore(t, v, answered(v, 4, missing))
		if got := big.NewRat(result.IndexNum, result.IndexDen).FloatString(2); got != "78.33" || !result.Valid || result.Level != Satisfied {
			t.Errorf("item %d missing: index %s, valid %t, %s; want 78.33, valid, satisfied", missing, got, result.Valid, result.Level)
		}
		// The fill is not an answer: the item's own dimension has no score.
		if len(result.Dimensions) != 11 {
			t.Errorf("item %d missing: %d dimensions, want 11", missing, len(result.Dimensions))
		}
	}
	result := mustScore(t, v, answered(v, 4, 0, 7))
	if result.Valid || result.IndexDen != 0 || result.IndexNum != 0 || result.Level != "" || result.Dimensions != nil {
		t.Errorf("two missing: %+v, want no index", result)
	}
	if len(result.Answers) != 10 {
		t.Errorf("two missing: %d answers kept, want 10", len(result.Answers))
	}
}

// An item is whole with score and expectation; one that lacks either is missing, and a score that is there still counts.
func TestExpectationRequired(t *testing.T) {
	text := strings.Replace(good, "neutral: 3}", "neutral: 3, expectation: required}", 1)
	required, problems := Check("f.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	optional, _ := Check("f.yaml", []byte(good))
	for _, test := range []struct {
		expected []int // items with an expectation
		scored   []int // items with a score
		valid    bool
		index    string
	}{
		{[]int{0, 1, 2}, []int{0, 1, 2}, true, "100"},
		{[]int{0, 2}, []int{0, 1, 2}, true, "100"},
		{[]int{0, 2}, []int{0, 2}, true, "96"}, // item 1 is missing once, and 3 stands for its score
		{[]int{0, 1}, []int{0, 2}, false, ""},
		{nil, []int{0, 1, 2}, false, ""},
	} {
		r := answered(required, 5)
		for i := range r.Answers {
			if !slices.Contains(test.scored, i) {
				r.Answers[i].Score = nil
			}
			if slices.Contains(test.expected, i) {
				r.Answers[i].Expectation = number(4)
			}
		}
		result := mustScore(t, required, r)
		if result.Valid != test.valid || test.valid && big.NewRat(result.IndexNum, result.IndexDen).RatString() != test.index {
			t.Errorf("%+v: valid %t, %d/%d", test, result.Valid, result.IndexNum, result.IndexDen)
		}
		if !mustScore(t, optional, r).Valid && len(test.scored) == 3 {
			t.Errorf("%+v: not valid where an expectation is optional", test)
		}
	}
}

func TestLevels(t *testing.T) {
	v := shipped(t, "after-sales-10")
	for score, want := range map[int]Level{10: VerySatisfied, 9: VerySatisfied, 8: Satisfied, 7: Satisfied, 6: Neutral, 5: Neutral,
		4: Dissatisfied, 3: Dissatisfied, 2: VeryDissatisfied, 1: VeryDissatisfied} {
		if got := v.Scale.Levels.Of(int16(score)); got != want {
			t.Errorf("answer %d is %s, want %s", score, got, want)
		}
		if got := mustScore(t, v, answered(v, score)).Level; got != want {
			t.Errorf("index %d is %s, want %s", score*10, got, want)
		}
	}
}

func TestAnswersKept(t *testing.T) {
	v := shipped(t, "after-sales-10")
	r := &schemas.SurveyResponse{Answers: []schemas.Answer{
		{Item: "overall", Score: number(7)},
		{Item: "parts", Reasons: []string{"low_stock"}},
		{Item: "timeliness", Importance: number(10)},
		{Item: "attitude"},
		{Item: "skill", Expectation: number(9)},
	}}
	result := mustScore(t, v, r)
	var kept []string
	for _, a := range result.Answers {
		kept = append(kept, a.Item+"/"+a.Dimension)
	}
	if diff := cmp.Diff([]string{"skill/skill", "timeliness/timeliness", "parts/parts", "overall/overall"}, kept); diff != "" {
		t.Error("answers in the questionnaire's order, without those that say nothing:", diff)
	}
	if result.Valid {
		t.Error("valid, though four scores are missing")
	}
}

func TestScoreRefuses(t *testing.T) {
	v := shipped(t, "rater-5")
	ok := schemas.Answer{Item: "assurance", Score: number(3)}
	for name, test := range map[string]struct {
		answer schemas.Answer
		want   schemas.InvalidError
	}{
		"unknown item": {schemas.Answer{Item: "speed", Score: number(3)}, schemas.InvalidError{Reason: schemas.UnknownItem, Field: "/data/answers/1/item",
			Detail: `rater-5 version 1 has no item "speed"; it has: reliability, assurance, tangibles, empathy, responsiveness`}},
		"duplicate":        {ok, schemas.InvalidError{Reason: schemas.DuplicateItem, Field: "/data/answers/1/item", Detail: "item assurance is answered twice"}},
		"above":            {schemas.Answer{Item: "empathy", Score: number(6)}, schemas.InvalidError{Reason: schemas.OutOfRange, Field: "/data/answers/1/score", Detail: "6 is off the scale of 1 to 5"}},
		"below":            {schemas.Answer{Item: "empathy", Score: number(0)}, schemas.InvalidError{Reason: schemas.OutOfRange, Field: "/data/answers/1/score", Detail: "0 is off the scale of 1 to 5"}},
		"expectation":      {schemas.Answer{Item: "empathy", Expectation: number(6)}, schemas.InvalidError{Reason: schemas.OutOfRange, Field: "/data/answers/1/expectation", Detail: "6 is off the scale of 1 to 5"}},
		"importance":       {schemas.Answer{Item: "empathy", Importance: number(0)}, schemas.InvalidError{Reason: schemas.OutOfRange, Field: "/data/answers/1/importance", Detail: "0 is off the scale of 1 to 5"}},
		"duplicate silent": {schemas.Answer{Item: "assurance"}, schemas.InvalidError{Reason: schemas.DuplicateItem, Field: "/data/answers/1/item", Detail: "item assurance is answered twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, invalid := v.Score(&schemas.SurveyResponse{Answers: []schemas.Answer{ok, test.answer}})
			if invalid == nil {
				t.Fatal("taken")
			}
			if diff := cmp.Diff(test.want, *invalid); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func BenchmarkScore(b *testing.B) {
	v := shipped(b, "likert-12")
	r := answered(v, 4, 3)
	b.ReportAllocs()
	for b.Loop() {
		mustScore(b, v, r)
	}
}
