package metrics

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/questionnaires"
)

func shipped(t testing.TB) *questionnaires.Catalog {
	t.Helper()
	c, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// timelinessExample are the 38 responses of worked example 1, whose other dimensions are left aside.
func timelinessExample() *States {
	s := &States{
		Surveys: map[SurveyKey]Survey{{"after-sales-10", "1", customer}: {N: 38, IndexN: 38, IndexDen: 1, IndexSum: 38 * 85}},
		Scores:  map[ScoreKey]uint64{},
	}
	sum, squares := int64(0), int64(0)
	for score, n := range map[int16]uint64{6: 1, 7: 2, 8: 34, 9: 1} {
		s.Scores[ScoreKey{"after-sales-10", "1", customer, "timeliness", "timeliness", score}] = n
		sum += int64(n) * int64(score) * 10
		squares += int64(n) * int64(score) * int64(score) * 100
	}
	s.Dimensions = map[DimensionKey]Dimension{{"after-sales-10", "1", customer, "timeliness"}: {N: 38, Den: 1, NumSum: sum, NumSumSq: whole(squares)}}
	return s
}

// TestWorkedExample1And2: the score is 79.21, and three 8s that become 9s reach the target of 80.
func TestWorkedExample1And2(t *testing.T) {
	c, s := shipped(t), timelinessExample()
	for _, want := range []struct {
		metric, detail string
		value          float64
		n              uint64
	}{
		{"dimension_score", "timeliness", 3010. / 38, 38}, {"item_score", "timeliness", 3010. / 38, 38},
		{"score_share", "timeliness:6", 100. / 38, 38}, {"score_share", "timeliness:7", 200. / 38, 38},
		{"score_share", "timeliness:8", 3400. / 38, 38}, {"score_share", "timeliness:9", 100. / 38, 38},
		{"target_gap", "timeliness", 30. / 38, 38}, {"target_moves", "timeliness", 3, 38}, {"target_moves", "", 0, 38}, {"target_gap", "", -5, 38},
	} {
		p := figure(t, want.metric, s, c, "after-sales-10", want.detail)
		if v, ok := p.Value(); !ok || v != want.value || p.N != want.n {
			t.Errorf("%s of %q: %v, %v of %d; want %v of %d", want.metric, want.detail, v, ok, p.N, want.value, want.n)
		}
	}
	for i, n := range map[int16]uint64{6: 1, 7: 2, 8: 31, 9: 4} {
		s.Scores[ScoreKey{"after-sales-10", "1", customer, "timeliness", "timeliness", i}] = n
	}
	moved := figure(t, "item_score", s, c, "after-sales-10", "timeliness")
	if v, _ := moved.Value(); v != 80 {
		t.Errorf("after three moves: %v", v)
	}
	if v, _ := figure(t, "score_share", s, c, "after-sales-10", "timeliness:9").Value(); math.Abs(v-10.5) > 0.05 {
		t.Errorf("very satisfied after three moves: %v", v)
	}
}

// TestWorkedExample4: four customers of one response each; index and rate are not the same.
func TestWorkedExample4(t *testing.T) {
	s := &States{Surveys: map[SurveyKey]Survey{}, Customers: map[string]CustomerMean{"likert-12": {Surveyed: 4, Satisfied: 4, Anonymous: 1}}}
	sum, squares := int64(0), int64(0)
	for _, index := range []int64{700, 755, 820, 861} {
		sum += index
		squares += index * index
	}
	s.Surveys[SurveyKey{"likert-12", "1", customer}] = Survey{N: 4, Invalid: 1, IndexN: 4, IndexDen: 10, IndexSum: sum, IndexSumSq: whole(squares), Satisfied: 4}
	index := figure(t, "satisfaction_index", s, shipped(t), "likert-12", "")
	if v, _ := index.Value(); v != 78.4 || index.Excluded != 1 {
		t.Errorf("index: %+v", index)
	}
	rate := figure(t, "satisfied_customer_rate", s, shipped(t), "likert-12", "")
	if v, _ := rate.Value(); v != 100 || rate.N != 4 || rate.Excluded != 1 {
		t.Errorf("rate: %+v", rate)
	}
	// likert-12's target is of satisfied customers.
	if v, _ := figure(t, "target_gap", s, shipped(t), "likert-12", "").Value(); v != -15 {
		t.Errorf("gap: %v", v)
	}
}

func figure(t testing.TB, metric string, s *States, c *questionnaires.Catalog, questionnaire, detail string) Sample {
	t.Helper()
	m, ok := ByName(metric)
	if !ok {
		t.Fatalf("no metric %s", metric)
	}
	for _, p := range m.Points(s, c) {
		if p.Questionnaire == questionnaire && p.Detail == detail {
			return p.Sample
		}
	}
	t.Fatalf("%s has no point %s %q: %+v", metric, questionnaire, detail, m.Points(s, c))
	return Sample{}
}

// TestVersionsAreMergedExactly: two versions with denominators of their own come to the mean and variance of all their numbers.
func TestVersionsAreMergedExactly(t *testing.T) {
	a := part{n: 3, den: 3, sum: 100 + 200 + 250, sq: whole(100*100 + 200*200 + 250*250)}
	b := part{n: 2, den: 7, sum: 350 + 700, sq: whole(350*350 + 700*700)}
	got := parts{}.add(a).add(b).add(part{den: 11}).mean()
	numbers := []float64{100. / 3, 200. / 3, 250. / 3, 50, 100}
	mean, squares := 0.0, 0.0
	for _, x := range numbers {
		mean += x / 5
	}
	for _, x := range numbers {
		squares += (x - mean) * (x - mean) / 4
	}
	if got.N != 5 || math.Abs(got.Center-mean) > 1e-12 || math.Abs(got.Variance-squares) > 1e-9 {
		t.Errorf("got %+v, want %v, %v", got, mean, squares)
	}
	one, two := parts{}.add(a).add(b).mean(), parts{}.add(b).add(a).mean()
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("the order of versions changes the mean:\n%s", diff)
	}
}
