package oracle_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

func TestWorkedExample1(t *testing.T) {
	var raw [][]byte
	for score, n := range map[int]int{6: 1, 7: 2, 8: 34, 9: 1} {
		for i := range n {
			var answers []obj
			for _, item := range []string{"skill", "attitude", "timeliness", "parts", "overall"} {
				answers = append(answers, obj{"item": item, "score": score})
			}
			raw = append(raw, event(fmt.Sprintf("r-%d-%d", score, i), "2026-03-02T08:30:00Z", 0, 1,
				obj{"questionnaire": "after-sales-10", "answers": answers}))
		}
	}
	r := compute(t, oracle.Options{}, raw...)
	dimension := oracle.Find(r.Dimensions, "t", "", "2026-03-02").Cell("", "after-sales-10", "1", "customer", "timeliness")
	// Each scale point is 10; squares: 60², 2·70², 34·80², 90².
	want := map[string]int64{"n": 38, "den": 1, "num_sum": 3010, "num_sum_sq": 239100}
	if diff := cmp.Diff(want, measures(oracle.DimensionDays(), dimension)); diff != "" {
		t.Error(diff)
	}
	near(t, "dimension score", dimension.DimensionScore(), 3010.0/38)

	cell := oracle.Find(r.Satisfaction, "t", "", "2026-03-02").Cell("", "after-sales-10")
	// All items alike, so the index is the dimension's score: 60 neutral, 70 and 80 satisfied, 90 very satisfied.
	want = map[string]int64{
		"n": 38, "index_n": 38, "index_den": 1, "index_sum": 3010, "index_sum_sq": 239100,
		"very_satisfied": 1, "satisfied": 36, "neutral": 1,
	}
	if diff := cmp.Diff(want, measures(oracle.SatisfactionDays(), cell)); diff != "" {
		t.Error(diff)
	}
	f := cell.Figures()
	near(t, "index", f.SatisfactionIndex, 3010.0/38)
	near(t, "csat_top2", f.CSATTop2, 100*37.0/38)
	near(t, "share of neutral", f.LevelShares[2], 100*1.0/38)
	if f.NPS != nil || f.CES != nil {
		t.Error("a figure without observations")
	}
}

// likert answers all twelve items with 4 but the first few.
func likert(missing int) obj {
	answers := []obj{}
	for i, item := range []string{
		"product_quality", "performance", "delivery", "price", "packaging", "complaint_handling",
		"response_speed", "technical_support", "attitude", "communication", "versus_competitors", "overall",
	} {
		switch {
		case i >= missing:
			answers = append(answers, obj{"item": item, "score": 4.0})
		case i == 0:
			answers = append(answers, obj{"item": item, "score": nil, "comment": "no opinion"})
		}
	}
	return obj{"questionnaire": "likert-12", "questionnaire_version": 1, "answers": answers, "nps": 10}
}

func TestWorkedExample3(t *testing.T) {
	r := compute(t, oracle.Options{},
		event("one", "2026-03-02T08:30:00Z", 0, 1, likert(1)),
		event("two", "2026-03-02T09:30:00Z", 0, 1, likert(2)))
	// A scale point is 100/5/12 = 5/3, so the index 78.33 is 235/3. The invalid response's nps counts nowhere.
	want := map[string]int64{
		"n": 1, "n_invalid": 1, "index_n": 1, "index_den": 3, "index_sum": 235, "index_sum_sq": 55225, "satisfied": 1, "promoters": 1,
	}
	if diff := cmp.Diff(want, overall(t, r, "2026-03-02")); diff != "" {
		t.Error(diff)
	}
	near(t, "index", oracle.Find(r.Satisfaction, "t", "", "2026-03-02").Cells[0].Figures().SatisfactionIndex, 235.0/3)

	dimensions := oracle.Find(r.Dimensions, "t", "", "2026-03-02")
	if len(dimensions.Cells) != 11 || dimensions.Cell("", "likert-12", "1", "customer", "product_quality") != nil {
		t.Errorf("%d dimensions, want the 11 answered ones", len(dimensions.Cells))
	}
}

func TestWeightsRangeAndFill(t *testing.T) {
	q := oracle.Questionnaire{
		ID: "own", Version: "7", Min: 1, Max: 7, Range: true, MayMiss: 2, Neutral: 4, Levels: [4]int64{90, 70, 50, 30},
		Dimensions: []oracle.Dimension{
			{ID: "a", Weight: 3, Items: []oracle.Item{{ID: "a1", Weight: 1}, {ID: "a2", Weight: 2}}},
			{ID: "b", Weight: 1, Items: []oracle.Item{{ID: "b1", Weight: 1}}},
		},
	}
	r := compute(t, oracle.Options{Questionnaires: []oracle.Questionnaire{q}}, event("r", "2026-03-02T08:30:00Z", 0, 1, obj{
		"questionnaire": "own", "answers": []obj{{"item": "a2", "score": 7}},
	}))
	// a: (50 + 2·100)/3 = 250/3 over 9ths (100/6/3 = 50/9); b is all filled. Index: 3/4 · 250/3 + 1/4 · 50 = 75; parts of an
	// item point are 25/6, 25/3 and 25/6, so it is written over 6.
	want := map[string]int64{"n": 1, "index_n": 1, "index_den": 6, "index_sum": 450, "index_sum_sq": 202500, "satisfied": 1}
	if diff := cmp.Diff(want, overall(t, r, "2026-03-02")); diff != "" {
		t.Error(diff)
	}
	cells := oracle.Find(r.Dimensions, "t", "", "2026-03-02").Cells
	if len(cells) != 1 || cells[0].Key[4] != "a" {
		t.Fatalf("%v", cells)
	}
	if diff := cmp.Diff(map[string]int64{"n": 1, "den": 9, "num_sum": 750, "num_sum_sq": 562500}, measures(oracle.DimensionDays(), &cells[0])); diff != "" {
		t.Error(diff)
	}
}

// What is filled in for a missing answer is no score, an invalid response has none, and a reason named twice in an answer counts once.
func TestScoresAndReasons(t *testing.T) {
	answers := func(skill any, reasons ...string) obj {
		list := []obj{{"item": "skill", "score": skill, "reasons": reasons}}
		for _, item := range []string{"attitude", "timeliness", "parts", "overall"} {
			list = append(list, obj{"item": item, "score": 10})
		}
		return obj{"questionnaire": "after-sales-10", "answers": list}
	}
	r := compute(t, oracle.Options{},
		event("one", "2026-03-02T08:30:00Z", 0, 1, answers(10, "skill_lacking", "fault_not_cleared", "skill_lacking")),
		event("two", "2026-03-02T09:30:00Z", 0, 1, answers(9, "skill_lacking")),
		event("invalid", "2026-03-02T10:30:00Z", 0, 1, answers(nil, "skill_lacking")),
		event("filled", "2026-03-02T11:30:00Z", 0, 1, likert(1)))
	scores := oracle.Find(r.Scores, "t", "", "2026-03-02")
	if c := scores.Cells; len(c) != 6+11 {
		t.Errorf("%d cells: %v", len(c), c)
	}
	var skill []string
	for _, c := range scores.Cells {
		if c.Key[5] == "skill" {
			skill = append(skill, c.Key[6]+": "+c.Measure("n").String())
		}
	}
	if diff := cmp.Diff([]string{"9: 1", "10: 1"}, skill); diff != "" {
		t.Error(diff)
	}
	var reasons []string
	for _, c := range oracle.Find(r.Reasons, "t", "", "2026-03-02").Cells {
		reasons = append(reasons, c.Key[4]+" "+c.Key[5]+" "+c.Key[6]+": "+c.Measure("n").String())
	}
	if diff := cmp.Diff([]string{"skill fault_not_cleared 10: 1", "skill skill_lacking 9: 1", "skill skill_lacking 10: 1"}, reasons); diff != "" {
		t.Error(diff)
	}
}
