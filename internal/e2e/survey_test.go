package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/schemas"
)

// thousand is a questionnaire whose one answer is the index in tenths.
const thousand = `id: thousand
version: 1
valid_from: 2025-01-01
title: {en: Thousand}
scale: {min: 0, max: 1000, normalisation: ratio, levels: {very_satisfied: 900, satisfied: 700, neutral: 500, dissatisfied: 300}}
items:
  - {id: all, text: {en: All in all?}}
satisfied_threshold: 70
`

// servqual answers all items of servqual-22 alike, those of reliability one lower.
func servqual(id, role string, score, expectation int) Event {
	answers := []map[string]any{}
	for _, group := range []struct {
		prefix string
		n      int
	}{{"t", 4}, {"rel", 5}, {"res", 4}, {"a", 4}, {"e", 5}} {
		for i := range group.n {
			a := map[string]any{"item": fmt.Sprint(group.prefix, i+1), "score": score, "importance": 6}
			if group.prefix == "rel" {
				a["score"] = score - 1
			}
			if expectation > 0 {
				a["expectation"] = expectation
			}
			answers = append(answers, a)
		}
	}
	return Event{ID: id, Type: string(schemas.TypeSurveyResponse), Tenant: "default", Time: examplesAt,
		Data: map[string]any{"questionnaire": "servqual-22", "role": role, "customer_id": id, "answers": answers}}
}

// TestWorkedExample4AndGaps: what only a process knows, thresholds and weights, reaches the views, from a file of the user and from a shipped one.
func TestWorkedExample4AndGaps(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "questionnaires"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "questionnaires", "thousand.yaml"), []byte(thousand), 0o644); err != nil {
		t.Fatal(err)
	}
	s := New(t, rapport, "CONFIG_DIR="+dir)
	s.Up()
	var events []Event
	for i, tenths := range []int{700, 755, 820, 861} {
		events = append(events, Event{
			ID: fmt.Sprint("x-", i), Type: string(schemas.TypeSurveyResponse), Tenant: "default", Time: examplesAt.Add(time.Duration(i) * 24 * time.Hour),
			Data: map[string]any{"questionnaire": "thousand", "customer_id": fmt.Sprint("c", i), "answers": []map[string]any{{"item": "all", "score": tenths}}},
		})
	}
	events = append(events, servqual("customer", "customer", 5, 6), servqual("employee", "employee", 6, 6), servqual("manager", "manager", 7, 6),
		servqual("nothing expected", "customer", 7, 0))
	var records []*kgo.Record
	for _, e := range events {
		records = append(records, e.StructuredRecord(schemas.TopicSurveyResponses, e.ID))
	}
	client := s.Client()
	s.Publish(client, records...)
	client.Close()
	s.Drained()

	conn := s.Conn()
	defer func() { _ = conn.Close() }()
	for _, c := range []struct{ what, query, want string }{
		{"satisfaction_index", `SELECT toString(tuple(sum(n), round(sum(index_sum) / sum(index_n), 9))) FROM rapport.satisfaction_by_cut_daily WHERE cut = '' AND questionnaire = 'thousand'`, "(4,78.4)"},
		{"satisfied_customer_rate", `SELECT toString(tuple(count(), 100 * countIf(satisfied) / count())) FROM (
			SELECT customer_id, round(sum(index_sum) / sum(n), 15) >= argMax(satisfied_threshold, day) AS satisfied
			FROM rapport.customer_satisfaction_daily WHERE questionnaire = 'thousand' GROUP BY customer_id)`, "(4,100)"},
		{"gaps", `SELECT toString(groupArray(tuple(dimension, n, servqual_gap, gap_n, importance, weight))) FROM (
			SELECT * FROM rapport.dimension_by_cut_daily WHERE cut = '' AND questionnaire = 'servqual-22' AND dimension <= 'reliability' ORDER BY dimension)`,
			"[('assurance',1,-1,4,6,0.2),('empathy',1,-1,5,6,0.2),('reliability',1,-2,5,6,0.2)]"},
		{"gaps of combinations", `SELECT toString(groupArray(tuple(dimension, n, servqual_gap, gap_n, importance, weight))) FROM (
			SELECT * FROM rapport.dimension_daily WHERE questionnaire = 'servqual-22' AND dimension = 'reliability')`, "[('reliability',1,-2,5,6,0.2)]"},
		{"servqual_weighted_gap", `SELECT toString(tuple(round(servqual_weighted_gap, 9), weighted_dimensions, dimensions, gap_n)) FROM rapport.servqual_gap_daily WHERE cut = ''`, "(-1.2,5,5,22)"},
		// (x - 1) / 6: customers 4, employees 5 and managers 6 of 7 for reliability.
		{"gap_by_role", `SELECT toString(tuple(round(customer_score, 6), customer_n, round(employee_score, 6), employee_n, round(manager_score, 6), manager_n))
			FROM rapport.gap_by_role_daily WHERE cut = '' AND dimension = 'reliability'`, "(50,1,66.666667,1,83.333333,1)"},
		{"invalid", `SELECT toString(tuple(n, n_invalid)) FROM rapport.satisfaction_by_cut_daily WHERE cut = '' AND questionnaire = 'servqual-22'`, "(1,1)"},
	} {
		var got string
		if err := conn.QueryRow(context.Background(), c.query).Scan(&got); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
}
