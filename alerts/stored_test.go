package alerts

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/store/storetest"
)

// slowly is the story's rules every four minutes, from when it begins until it is over: a row an instant is written to a disk.
func slowly(t *testing.T, s settings) (r *Rules, f *fake, from, to time.Time) {
	t.Helper()
	f = &fake{}
	story(f, "t")
	return rules(t, s, strings.Replace(storyRules, "interval: 1m", "interval: 4m", 1)), f, start.Add(2 * time.Hour), start.Add(4 * time.Hour)
}

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// TestStored: state and transitions come back as they were saved, each instant replaces the one before, and what was told stays.
func TestStored(t *testing.T) {
	conn := storetest.Start(t)
	s := settings{"t": pairs["acme"]}
	r, f, now, end := slowly(t, s)
	memory, stored := NewMemory(), NewStored(conn)
	inMemory, inStore := evaluator(t, r, s, f, memory, &now, "t", "nobody"), evaluator(t, r, s, f, stored, &now, "t", "nobody")
	for ; now.Before(end); now = now.Add(8 * time.Minute) {
		for _, e := range []*Evaluator{inMemory, inStore} {
			if err := e.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	told, err := stored.Transitions(t.Context(), "t", start, end)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(memory.Transitions(), told); diff != "" || len(told) < 4 {
		t.Errorf("told in memory (-) and in the store (+):\n%s", diff)
	}
	if n := count(t, conn, "SELECT count() FROM rapport_store.alert_states FINAL"); n > uint64(len(told))+2 {
		t.Errorf("%d rows for %d transitions and two states", n, len(told))
	}
	if names, err := stored.Groups(t.Context()); err != nil || len(names) > 0 {
		t.Errorf("groups with alerts that live: %v, %v", names, err)
	}
	shown(t, conn, told)
	oldest(t, stored, told[0])
}

// shown holds the view to what was told.
func shown(t *testing.T, conn driver.Conn, told []Transition) {
	t.Helper()
	for _, x := range told {
		if x.Change != Fired {
			continue
		}
		var state, movers, summary, label string
		var value, previous, low *float64
		var n uint64
		var fired time.Time
		var resolved, corrected *time.Time
		row := conn.QueryRow(t.Context(), `SELECT state, movers, annotations['summary'], label_zh, value, previous_value, ci_low, n, fired_at, resolved_at, corrected_at
			FROM rapport.alerts WHERE alert_id = '`+x.ID+`'`)
		if err := row.Scan(&state, &movers, &summary, &label, &value, &previous, &low, &n, &fired, &resolved, &corrected); err != nil {
			t.Fatal(err)
		}
		if state != "resolved" || len(movers) < 10 || summary != x.Annotations["summary"] || label != x.LabelZh || *value != *x.Value || *previous != *x.Previous ||
			*low != *x.Low || n != x.N || !fired.Equal(x.At) || resolved == nil || corrected != nil {
			t.Errorf("%s is shown as %s, %v of %d, fired %s, resolved %v", x.ID, state, *value, n, fired, resolved)
		}
	}
	if n := count(t, conn, "SELECT count() FROM rapport.alerts"); n != uint64(len(told)/2) {
		t.Errorf("%d alerts for %d transitions", n, len(told))
	}
}

// oldest: an evaluation of an instant long ago, by an evaluator that slept, takes no effect on the state.
func oldest(t *testing.T, stored *Stored, x Transition) {
	t.Helper()
	before, err := stored.States(t.Context(), x.Group)
	if err != nil {
		t.Fatal(err)
	}
	late := Evaluation{Tenant: x.Tenant, Group: x.Group, State: State{At: x.At.Add(-time.Minute), Alive: []Alert{{Key: x.Key}}}}
	if err := stored.Save(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	after, err := stored.States(t.Context(), x.Group)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after, cmp.AllowUnexported(State{})); diff != "" {
		t.Error(diff)
	}
}

func count(t *testing.T, conn driver.Conn, sql string) (n uint64) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// killed stops an evaluator like a kill would: at a moment of a save, before or after the row is in.
type killed struct {
	*Stored
	after int
	// stored says that the row that it dies at is in.
	stored bool
	saves  int
}

func (k *killed) Save(ctx context.Context, e Evaluation) error {
	k.saves++
	if k.saves == k.after && !k.stored {
		return context.Canceled
	}
	err := k.Stored.Save(ctx, e)
	if err == nil && k.saves == k.after {
		err = context.Canceled
	}
	return err
}

// TestKilledBetweenFiringAndResolving: an evaluator that dies at any save goes on as another, and everything is told once, under one id.
func TestKilledBetweenFiringAndResolving(t *testing.T) {
	conn := storetest.Start(t)
	s := settings{"t": pairs["acme"]}
	r, f, from, end := slowly(t, s)
	want, err := Backtest(t.Context(), Options{Rules: r, Figures: f, Settings: s}, Stretch{Tenants: []string{"t"}, From: from.Add(-1), To: end})
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range []bool{false, true} {
		storetest.Truncate(t, conn)
		now := from
		died := 0
		for now.Before(end) {
			store := &killed{Stored: NewStored(conn), after: 5, stored: stored}
			e := evaluator(t, r, s, f, store, &now, "t")
			for now.Before(end) && store.saves < store.after {
				if err := e.Round(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				now = now.Add(4 * time.Minute)
			}
			died++
			now = now.Add(11 * time.Minute) // nobody is there for a while
		}
		now = end
		if err := evaluator(t, r, s, f, NewStored(conn), &now, "t").Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := NewStored(conn).Transitions(t.Context(), "t", start, end)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || died < 3 {
			t.Errorf("died %d times, row stored %t; told without (-) and with deaths (+):\n%s", died, stored, diff)
		}
	}
}

// TestTwoAtOnce: two evaluators that both take a tenant for theirs tell everything once.
func TestTwoAtOnce(t *testing.T) {
	conn := storetest.Start(t)
	s := settings{"t": pairs["acme"]}
	r, f, now, end := slowly(t, s)
	both := []*Evaluator{evaluator(t, r, s, f, NewStored(conn), &now, "t"), evaluator(t, r, s, f, NewStored(conn), &now, "t")}
	for ; now.Before(end); now = now.Add(4 * time.Minute) {
		var all sync.WaitGroup
		for _, e := range both {
			all.Go(func() {
				if err := e.Round(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	told, err := NewStored(conn).Transitions(t.Context(), "", start, end)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, x := range told {
		seen[x.ID+" "+string(x.Change)]++
	}
	for what, n := range seen {
		if n != 1 {
			t.Errorf("%s was told %d times", what, n)
		}
	}
	if len(told) != 4 {
		t.Errorf("%d transitions: %v", len(told), seen)
	}
}

// TestRunStops: the loop ends with its context, and leaves nothing behind.
func TestRunStops(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f, store, now := &fake{}, NewMemory(), start
	story(f, "t")
	ctx, cancel := context.WithCancel(t.Context())
	e := evaluator(t, rules(t, nil, storyRules), nil, f, store, &now, "t")
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); ; {
		states, _ := store.States(ctx, "story")
		if states["t"].At.Equal(start) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was judged")
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
