package receivers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/store/storetest"
)

// told is a transition as the evaluator stores it.
func told(tenant, id string, change alerts.Change, at time.Time) alerts.Transition {
	return alerts.Transition{
		ID: id, Tenant: tenant, Group: "g", Key: alerts.Key{Alert: "SatisfactionDrop", Questionnaire: "after-sales-10", Cut: "region", CutValue: "north"}, Change: change,
		At: at, StartedAt: at, FiredAt: at, Metric: "csat_top2", Window: "7d", AsOf: at, Value: ptr(61.5), Low: ptr(50.0), N: 75, Previous: ptr(84.0), PreviousN: 80,
		Unit: "%", LabelEn: "Satisfied responses", LabelZh: "满意率", Bound: alerts.Below, Threshold: 75, Confidence: ptr(0.95),
		Movers: []alerts.Mover{{Cut: "product", CutValue: "pump", Value: ptr(50.0), N: 50, Contribution: -24}},
		Labels: map[string]string{"severity": "page"}, Annotations: map[string]string{"summary": "s", "summary_zh": "总结"}, Explain: "/v1/explain?metric=csat_top2",
	}
}

// save stores the transitions of one instant, with as many alerts alive.
func save(t *testing.T, conn driver.Conn, tenant string, at time.Time, alive int, all ...alerts.Transition) {
	t.Helper()
	state := alerts.State{At: at, Alive: make([]alerts.Alert, alive)}
	if err := alerts.NewStored(conn).Save(t.Context(), alerts.Evaluation{Tenant: tenant, Group: "g", State: state, Transitions: all}); err != nil {
		t.Fatal(err)
	}
}

func keysOf(all []Notification) []string {
	keys := []string{}
	for _, n := range all {
		keys = append(keys, n.Tenant+" "+n.Key())
	}
	return keys
}

func TestStored(t *testing.T) {
	conn := storetest.Start(t)
	s := NewStored(conn, "https://rapport.example", zerolog.Nop())
	ctx, now := t.Context(), time.Now().UTC().Truncate(time.Minute)
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes-60) * time.Minute) }

	began, err := s.Begin(ctx, "slack", at(0))
	if err != nil || !began.Equal(at(0)) {
		t.Fatalf("began %s: %v", began, err)
	}
	for _, later := range []int{30, 59} {
		if again, err := s.Begin(ctx, "slack", at(later)); err != nil || !again.Equal(at(0)) {
			t.Errorf("a second start began %s: %v", again, err)
		}
	}
	if other, err := s.Begin(ctx, "kafka", at(7)); err != nil || !other.Equal(at(7)) {
		t.Errorf("another receiver began %s: %v", other, err)
	}

	save(t, conn, "acme", at(-5), 1, told("acme", "old", alerts.Fired, at(-5)))
	save(t, conn, "acme", at(1), 3, told("acme", "b", alerts.Fired, at(1)), told("acme", "a", alerts.Fired, at(1)))
	save(t, conn, "acme", at(1), 3, told("acme", "b", alerts.Fired, at(1)), told("acme", "a", alerts.Fired, at(1))) // another evaluator, the same instant
	save(t, conn, "beta", at(2), 1, told("beta", "a", alerts.Fired, at(2)))
	save(t, conn, "acme", at(3), 2, told("acme", "a", alerts.Resolved, at(3)))
	save(t, conn, "acme", at(4), 2) // nothing told
	save(t, conn, "gone", at(5), 1, told("gone", "c", alerts.Fired, at(5)))
	save(t, conn, "gone", at(6), 0) // its rule was removed

	want := []Backlog{{"acme", 3, at(1)}, {"beta", 1, at(2)}, {"gone", 1, at(5)}}
	if got, err := s.Backlog(ctx, "slack", began); err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v: %s", err, cmp.Diff(want, got))
	}
	ask := Asked{Receiver: "slack", Tenants: []string{"acme", "beta"}, Since: began, Limit: 10}
	waiting := func(want ...string) {
		t.Helper()
		got, err := s.Waiting(ctx, ask)
		if diff := cmp.Diff(want, keysOf(got)); err != nil || diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
	}
	waiting("acme a-firing", "acme b-firing", "beta a-firing", "acme a-resolved")
	ask.Limit = 2
	waiting("acme a-firing", "acme b-firing")
	ask.Limit = 10

	// One receiver's delivery is not another's, one tenant's not another's.
	d := Delivery{Tenant: "acme", AlertID: "a", Transition: Firing, Receiver: "slack", Outcome: Sent, Attempts: 1, At: now}
	refused := Delivery{Tenant: "acme", AlertID: "b", Transition: Firing, Receiver: "kafka", Outcome: Refused, Error: "因为", Attempts: 2, At: now}
	for range 2 {
		if err := s.Note(ctx, []Delivery{d, refused}); err != nil {
			t.Fatal(err)
		}
	}
	waiting("acme b-firing", "beta a-firing", "acme a-resolved")
	firing := func(receiver string, want ...string) {
		t.Helper()
		got, err := s.Firing(ctx, Asked{Receiver: receiver, Limit: 10})
		if diff := cmp.Diff(want, keysOf(got)); err != nil || diff != "" {
			t.Errorf("%s: %v: %s", receiver, err, diff)
		}
	}
	firing("slack", "acme old-firing", "acme b-firing", "beta a-firing")
	firing("kafka", "acme old-firing", "beta a-firing")

	t.Run("what is read is what was stored", func(t *testing.T) {
		got, err := s.Waiting(ctx, Asked{Receiver: "slack", Tenants: []string{"acme"}, Since: began, Limit: 10})
		if err != nil || len(got) != 2 {
			t.Fatalf("%d: %v", len(got), err)
		}
		fired := drop(Firing)
		want := Notification{
			ID: "b", Tenant: "acme", Alert: "SatisfactionDrop", Group: "g", Transition: Firing, StartsAt: at(1), At: at(1), Labels: map[string]string{"severity": "page"},
			Annotations: map[string]string{"summary": "s", "summary_zh": "总结"}, Metric: "csat_top2", Questionnaire: "after-sales-10", Window: "7d", Cut: "region", CutValue: "north",
			Value: ptr(61.5), Low: ptr(50.0), Previous: ptr(84.0), N: 75, PreviousN: 80, Unit: "%", Bound: "below", Threshold: 75, Confidence: ptr(0.95),
			Movers: []Mover{{Cut: "product", CutValue: "pump", Value: ptr(50.0), N: 50, Contribution: -24}}, Explain: "https://rapport.example/v1/explain?metric=csat_top2", Label: fired.Label,
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Error(diff)
		}
		if got[1].EndsAt == nil || !got[1].EndsAt.Equal(at(3)) {
			t.Errorf("over at %v", got[1].EndsAt)
		}
	})
	t.Run("what cannot be read holds up no other", func(t *testing.T) {
		err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO rapport_store.alert_states (tenant, `group`, slot, instant, alive, state, transitions) VALUES ('acme', 'x', %d, now64(), 0, '', ['nonsense'])", at(4).UnixMilli()))
		if err != nil {
			t.Fatal(err)
		}
		waiting("acme b-firing", "beta a-firing", "acme a-resolved")
	})
	t.Run("a dispatcher sends it all once, whoever runs it", func(t *testing.T) {
		i := &inbox{name: "slack"}
		for range 2 {
			_, stop := dispatch(t, Options{Outbox: s, Receivers: []Receiver{i}})
			eventually(t, "all sent", func() bool { return len(i.sent()) >= 4 })
			stop()
		}
		got := i.sent()
		slices.Sort(got)
		if diff := cmp.Diff([]string{"a-firing", "a-resolved", "b-firing", "c-firing"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzDecode(f *testing.F) {
	text, err := json.Marshal(told("acme", "a", alerts.Fired, time.Unix(1772442900, 0)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"alert_id":"x","tenant":"t","transition":"firing","at":"2026-03-02T09:15:00Z","threshold":1e400}`))
	f.Add([]byte(`{"alert_id":"x","tenant":"t","transition":"y","at":"2026-03-02T09:15:00Z","cut":"region,product","cut_value":"[\"\\u0000\"]","labels":{"":"","1":"é"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := decode(text, "http://h")
		if err != nil {
			return
		}
		// What could be read can be told to everyone.
		body, err := encode(n)
		if err != nil || !json.Valid(body) {
			t.Fatalf("%v: %s", err, body)
		}
		for name := range alertLabels(n) {
			if name == "" || strings.ContainsAny(name, "-. ") {
				t.Fatalf("label %q", name)
			}
		}
		for _, b := range slackMessage(n).Blocks {
			if b.Text != nil && len([]rune(b.Text.Text)) > slackSection {
				t.Fatalf("a block of %d", len([]rune(b.Text.Text)))
			}
		}
	})
}

// TestRoundReportsTheOutbox: a database that is away is a fault of the outbox, and no receiver's.
func TestRoundReportsTheOutbox(t *testing.T) {
	b := newBox(story(1, Firing)...)
	b.fail = func(call string) error { return errors.New(call) }
	l := newLane(Options{Config: quick(), Outbox: b, Share: func(string) bool { return true }, Now: time.Now}, &inbox{name: "one"}, newDispatcherMetrics(nil))
	for _, want := range []string{"begin", "backlog", "waiting"} {
		b.fail = func(call string) error {
			if call == want {
				return errors.New(call)
			}
			return nil
		}
		if _, err := l.round(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}
