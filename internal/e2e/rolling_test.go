package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/schemas"
)

// answered is a response to after-sales-10 whose items all have one score.
func answered(id, region string, at time.Time, score int, extra map[string]any) Event {
	answers := []map[string]any{}
	for _, item := range []string{"skill", "attitude", "timeliness", "parts", "overall"} {
		answers = append(answers, map[string]any{"item": item, "score": score})
	}
	return Event{ID: id, Type: string(schemas.TypeSurveyResponse), Time: at, Extra: extra,
		Data: map[string]any{"questionnaire": "after-sales-10", "customer_id": "c-" + id, "attributes": map[string]any{"region": region}, "answers": answers}}
}

// TestRollingFiguresFollow: what is posted is in rolling_metrics soon, a revision changes it, a retraction takes it away; history, topic and gauges have it.
func TestRollingFiguresFollow(t *testing.T) {
	// The hour that history is first due for is the one before, nearly always, so that what is recorded of it before all is in can be told from the next.
	const early = 59*time.Minute + 59*time.Second
	s := New(t, rapport, "ROLLING_HISTORY_DELAY="+early.String())
	s.Up()
	post := func(events ...Event) {
		t.Helper()
		var lines []string
		for _, e := range events {
			lines = append(lines, string(e.Structured()))
		}
		if a, err := s.Post("/v1/events", "application/x-ndjson", []byte(strings.Join(lines, "\n"))); err != nil || a.Status != http.StatusAccepted {
			t.Fatalf("%+v %v", a, err)
		}
	}
	conn := s.Conn()
	query := func(sql, want string) func() error {
		return func() error {
			var got string
			if err := conn.QueryRow(context.Background(), sql).Scan(&got); err != nil {
				return err
			}
			if got != want {
				return fmt.Errorf("%s, want %s", got, want)
			}
			return nil
		}
	}
	const regions = `SELECT toString(arraySort(groupArray((cut_value, round(value, 3), n)))) FROM rapport.rolling_metrics
		WHERE tenant = 'default' AND metric = 'csat_top2' AND questionnaire = 'after-sales-10' AND window = '24h' AND cut = 'region'`
	at := time.Now().Add(-3 * time.Hour)
	events := []Event{answered("south", "south", at, 9, nil)}
	for i := range 6 {
		events = append(events, answered(fmt.Sprint("north-", i), "north", at, 9, nil))
	}
	follow := func(what, want string, events ...Event) {
		t.Helper()
		started := time.Now()
		post(events...)
		s.Eventually(what, query(regions, want))
		t.Logf("%s after %s", what, time.Since(started).Round(100*time.Millisecond))
	}
	follow("rolling", "[('north',100,6),('south',100,1)]", events...)
	// An hour is recorded once, with what was known: the next one, that all answers are in for, is due once the delay is gone.
	s.Eventually("an hour that nothing is recorded of", func() error {
		if now := time.Now(); !now.Truncate(time.Hour).After(now.Add(-early).Truncate(time.Hour)) {
			return errors.New("the last second of an hour")
		}
		return nil
	})
	s.Kill()
	s.Set("ROLLING_HISTORY_DELAY=0s")
	s.Up()
	s.Eventually("in history", query(`SELECT toString(arraySort(groupUniqArray((cut_value, as_of = toStartOfHour(as_of))))) FROM rapport.rolling_metrics_history
		WHERE tenant = 'default' AND metric = 'csat_top2' AND window = '24h' AND cut = 'region' AND n > 0`, "[('north',1),('south',1)]"))
	// What no day adds up to comes too.
	s.Eventually("rolling by customer", query(`SELECT toString((value, n)) FROM rapport.rolling_metrics
		WHERE tenant = 'default' AND metric = 'satisfied_customer_rate' AND questionnaire = 'after-sales-10' AND window = '24h' AND cut = ''`, "(100,7)"))
	s.Eventually("on /metrics", func() error {
		resp, err := http.Get(s.HTTP + "/metrics")
		if err != nil {
			return err
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		const line = `rapport_metric_value{cut="region",cut_value="north",detail="",metric="csat_top2",questionnaire="after-sales-10",tenant="default",window="24h"} 100`
		if err == nil && !strings.Contains(string(text), line) {
			err = errors.New("no gauge")
		}
		return err
	})
	follow("revised", "[('north',83.333,6),('south',100,1)]", answered("north-0", "north", at, 3, map[string]any{"revision": 1}))
	follow("taken back", "[('north',83.333,6)]", answered("south", "south", at, 9, map[string]any{"revision": 1, "retracted": true}))

	// The topic tells the same story: the last word on each figure is what the view shows.
	client := s.Client(kgo.ConsumeTopics(schemas.TopicMetrics), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	last := map[string]string{}
	s.Eventually("told", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			var e struct {
				Type string
				Data struct {
					Metric, Window, Cut, Questionnaire string
					CutValue                           string `json:"cut_value"`
					Value                              *float64
					N                                  int
				}
			}
			if err := json.Unmarshal(r.Value, &e); err != nil || e.Type != schemas.TypeMetricChanged || string(r.Key) != "default" {
				t.Errorf("%s under %s: %v", r.Value, r.Key, err)
			}
			if d := e.Data; d.Metric == "csat_top2" && d.Window == "24h" && d.Cut == "region" {
				value := "nothing"
				if d.Value != nil {
					value = fmt.Sprintf("%.3f", *d.Value)
				}
				last[d.CutValue] = fmt.Sprint(value, " of ", d.N)
			}
		})
		if last["north"] != "83.333 of 6" || last["south"] != "nothing of 0" {
			return fmt.Errorf("%v", last)
		}
		return nil
	})
}
