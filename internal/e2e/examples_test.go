package e2e

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/schemas"
)

var examplesAt = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// timeliness is worked example 1: 38 responses, their timeliness scored 6x1, 7x2, 8x34, 9x1; the rest of each is 8.
func timeliness(tenant string) []Event {
	var out []Event
	for score, n := range map[int]int{6: 1, 7: 2, 8: 34, 9: 1} {
		for i := range n {
			answers := []map[string]any{{"item": "timeliness", "score": score}}
			for _, item := range []string{"skill", "attitude", "parts", "overall"} {
				answers = append(answers, map[string]any{"item": item, "score": 8})
			}
			out = append(out, Event{
				ID: fmt.Sprintf("t-%d-%d", score, i), Type: string(schemas.TypeSurveyResponse), Tenant: tenant,
				Time: examplesAt.Add(time.Duration(len(out)) * 7 * time.Minute),
				Data: map[string]any{"questionnaire": "after-sales-10", "customer_id": fmt.Sprintf("c%d", i),
					"attributes": map[string]any{"region": "north", "product": "pump"}, "answers": answers},
			})
		}
	}
	return out
}

// twelve are the two responses of worked example 3: all answers 4, one missing, and two missing.
func twelve(tenant string) []Event {
	items := []string{"product_quality", "performance", "delivery", "price", "packaging", "complaint_handling", "response_speed",
		"technical_support", "attitude", "communication", "versus_competitors", "overall"}
	var out []Event
	for missing := 1; missing <= 2; missing++ {
		var answers []map[string]any
		for i, item := range items {
			a := map[string]any{"item": item, "score": 4}
			if i < missing {
				a["score"] = nil
			}
			answers = append(answers, a)
		}
		out = append(out, Event{
			ID: fmt.Sprintf("l-%d", missing), Type: string(schemas.TypeSurveyResponse), Tenant: tenant, Time: examplesAt.Add(time.Hour),
			Data: map[string]any{"questionnaire": "likert-12", "customer_id": "c", "answers": answers},
		})
	}
	return out
}

func TestWorkedExamplesByEveryWayIn(t *testing.T) { onEach(t, workedExamples) }

func workedExamples(t *testing.T, on broker) {
	s := New(t, rapport, on.settings(t)...)
	s.Up()
	client := s.Client()
	topic := schemas.TopicSurveyResponses
	publish := func(record func(Event) *kgo.Record) func(*testing.T, []Event) {
		return func(t *testing.T, events []Event) {
			var records []*kgo.Record
			for _, e := range events {
				records = append(records, record(e))
			}
			s.Publish(client, records...)
		}
	}
	ways := []struct {
		tenant string
		send   func(*testing.T, []Event)
	}{
		{"default", func(t *testing.T, events []Event) {
			for i, e := range events {
				e.Tenant = "" // from the credential
				if i%2 == 1 {
					e.Tenant = "default"
				}
				if a, err := s.Post("/v1/events", "application/cloudevents+json", e.Structured()); err != nil || a.Status != 202 {
					t.Fatalf("%v %d %s", err, a.Status, a.Body)
				}
			}
		}},
		{"kafka-structured", publish(func(e Event) *kgo.Record { return e.StructuredRecord(topic, fmt.Sprint(e.Data["customer_id"])) })},
		{"kafka-binary", publish(func(e Event) *kgo.Record { return e.BinaryRecord(topic, fmt.Sprint(e.Data["customer_id"])) })},
		{"kafka-wrong-keys", publish(func(e Event) *kgo.Record { return e.StructuredRecord(topic, "not the customer of "+e.ID) })},
		{"kafka-no-keys-twice", func(t *testing.T, events []Event) {
			for range 2 {
				publish(func(e Event) *kgo.Record {
					r := e.BinaryRecord(topic, "")
					r.Key = nil
					return r
				})(t, events)
			}
		}},
	}
	for _, w := range ways {
		w.send(t, append(timeliness(w.tenant), twelve(w.tenant)...))
	}
	s.Drained()
	conn := s.Conn()
	ctx := context.Background()
	for _, w := range ways {
		t.Run(w.tenant, func(t *testing.T) {
			near := func(what string, want float64, query string) {
				t.Helper()
				var got *float64
				if err := conn.QueryRow(ctx, query, w.tenant).Scan(&got); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if got == nil || math.Abs(*got-want) > 1e-9 {
					t.Errorf("%s: got %v, want %v", what, got, want)
				}
			}
			for _, view := range []string{"dimension_daily", "dimension_by_cut_daily"} {
				cut := ""
				if view == "dimension_by_cut_daily" {
					cut = " AND cut = 'region' AND cut_value = 'north'"
				}
				near(view, 301.0/38*10, "SELECT toNullable(toFloat64(dimension_score)) FROM rapport."+view+
					" WHERE tenant = ? AND questionnaire = 'after-sales-10' AND dimension = 'timeliness'"+cut)
			}
			for score, n := range map[int]float64{6: 1, 7: 2, 8: 34, 9: 1} {
				near(fmt.Sprintf("share of %d", score), n/38*100, fmt.Sprintf(
					"SELECT toNullable(100 * countIf(score = %d) / count()) FROM rapport.survey_answers WHERE tenant = ? AND item = 'timeliness'", score))
			}
			near("index with one missing", (11*4+3)/12.0/5*100, "SELECT toNullable(toFloat64(satisfaction_index)) FROM rapport.survey_responses WHERE tenant = ? AND response_id = 'l-1'")
			near("index over both", (11*4+3)/12.0/5*100, "SELECT toNullable(toFloat64(satisfaction_index)) FROM rapport.satisfaction_daily WHERE tenant = ? AND questionnaire = 'likert-12'")
			near("n", 1, "SELECT toNullable(toFloat64(n)) FROM rapport.satisfaction_daily WHERE tenant = ? AND questionnaire = 'likert-12'")
			near("n_invalid", 1, "SELECT toNullable(toFloat64(n_invalid)) FROM rapport.satisfaction_daily WHERE tenant = ? AND questionnaire = 'likert-12'")
			near("n_invalid by cut", 1, "SELECT toNullable(toFloat64(n_invalid)) FROM rapport.satisfaction_by_cut_daily WHERE tenant = ? AND questionnaire = 'likert-12' AND cut = ''")
		})
	}
}
