package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/schemas"
)

const alertRules = `
groups:
  - name: kill
    interval: 10s
    rules:
      - {alert: low, metric: csat_top2, window: 24h, below: 80, confidence: 0.95}
`

// TestKillBetweenFiringAndResolving: an evaluator that is killed while an alert fires goes on with that alert: it has one id and is resolved once.
func TestKillBetweenFiringAndResolving(t *testing.T) {
	s := New(t, rapport, folder(t, map[string]string{"alerts/kill.yaml": alertRules}), "ALERTS_DELAY=1s")
	s.Up()
	since := time.Now()
	lap := func(what string) {
		t.Helper()
		t.Logf("%s after %s", what, time.Since(since).Round(100*time.Millisecond))
		since = time.Now()
	}
	// The figures are of whole minutes: answers of minutes ago count at once.
	s.answers("bad", 20, time.Now().Add(-5*time.Minute), 1)
	var fired alertRow
	s.Eventually("firing", func() (err error) { fired, err = s.alert("firing"); return err })
	told := s.toldAlerts()
	s.Eventually("told that it fires", told.until("firing"))
	lap("told that it fires")
	s.Kill()
	s.Up()
	lap("up again")
	// Newer than the instant that it fired for, so that they end it and do not take it back.
	s.answers("good", 200, time.Now(), 10)
	var resolved alertRow
	s.Eventually("resolved", func() (err error) { resolved, err = s.alert("resolved"); return err })
	s.Eventually("told that it is resolved", told.until("resolved"))
	lap("told that it is resolved")
	// Of one more instant nothing must come.
	s.Eventually("judged again", func() error {
		var again bool
		err := s.Conn().QueryRow(t.Context(), "SELECT max(instant) > {at:DateTime64(3, 'UTC')} FROM rapport_store.alert_states",
			clickhouse.Named("at", resolved.at.UTC().Format("2006-01-02 15:04:05.000"))).Scan(&again)
		if err == nil && !again {
			err = errors.New("not yet")
		}
		return err
	})
	if resolved, err := s.alert("resolved"); err != nil || resolved.id != fired.id {
		t.Errorf("%s fired and %s is resolved: %v", fired.id, resolved.id, err)
	}
	var transitions string
	if err := s.Conn().QueryRow(t.Context(), "SELECT toString(arraySort(groupArray((alert_id, transition)))) FROM rapport_store.alert_transitions").Scan(&transitions); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("[('%[1]s','firing'),('%[1]s','resolved')]", fired.id); transitions != want {
		t.Errorf("stored are %s, want %s", transitions, want)
	}
	if err := told.poll(); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"firing": {fired.id}, "resolved": {fired.id}}
	if diff := cmp.Diff(want, told.alerts()); diff != "" {
		t.Errorf("alerts that were told of by each transition (-want +got):\n%s", diff)
	}
}

// answers posts responses that all have one score.
func (s *System) answers(name string, n int, at time.Time, score int) {
	s.t.Helper()
	var lines []string
	for i := range n {
		lines = append(lines, string(answered(fmt.Sprint(name, "-", i), "north", at, score, nil).Structured()))
	}
	if a, err := s.Post("/v1/events", "application/x-ndjson", []byte(strings.Join(lines, "\n"))); err != nil || a.Status != http.StatusAccepted {
		s.t.Fatalf("%+v %v", a, err)
	}
}

// alertRow is the one alert that there is, and the instant of what happened to it last.
type alertRow struct {
	id string
	at time.Time
}

// alert is the only row of rapport.alerts, once it has the state.
func (s *System) alert(state string) (alertRow, error) {
	var rows uint64
	var got string
	var a alertRow
	err := s.Conn().QueryRow(context.Background(), "SELECT count(), any(alert_id), any(state), any(coalesce(resolved_at, fired_at)) FROM rapport.alerts").
		Scan(&rows, &a.id, &got, &a.at)
	switch {
	case err != nil:
		return a, err
	case rows > 1 || got == "corrected":
		s.t.Fatalf("%d alerts, one of them %s", rows, got)
	case got != state:
		return a, fmt.Errorf("it is %q", got)
	}
	return a, nil
}

// toldAlerts are what the topic has told of, by the ids of the CloudEvents.
type toldAlerts struct {
	t      testing.TB
	client *kgo.Client
	// of has transition and alert id of each CloudEvent: one may be told more than once, and is the same then.
	of map[string][2]string
}

func (s *System) toldAlerts() *toldAlerts {
	s.t.Helper()
	return &toldAlerts{s.t, s.Client(kgo.ConsumeTopics(schemas.TopicAlerts), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())), map[string][2]string{}}
}

func (a *toldAlerts) poll() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var failed error
	a.client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
		var e struct {
			ID   string
			Data struct {
				AlertID    string `json:"alert_id"`
				Transition string
			}
		}
		if err := json.Unmarshal(r.Value, &e); err != nil {
			failed = err
			return
		}
		got := [2]string{e.Data.Transition, e.Data.AlertID}
		if before, again := a.of[e.ID]; again && before != got {
			failed = fmt.Errorf("%s is of %v and of %v", e.ID, before, got)
		}
		a.of[e.ID] = got
	})
	return failed
}

// until is a condition: a transition was told.
func (a *toldAlerts) until(transition string) func() error {
	return func() error {
		if err := a.poll(); err != nil {
			a.t.Fatal(err)
		}
		if len(a.alerts()[transition]) == 0 {
			return fmt.Errorf("told are %v", a.of)
		}
		return nil
	}
}

// alerts are those that CloudEvents told of, by transition: one for each CloudEvent.
func (a *toldAlerts) alerts() map[string][]string {
	by := map[string][]string{}
	for _, of := range a.of {
		by[of[0]] = append(by[of[0]], of[1])
	}
	return by
}
