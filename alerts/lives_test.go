package alerts

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
)

// TestCorrected: late answers take an alert back, whether it still fires or is over, and no longer than a day.
func TestCorrected(t *testing.T) {
	const text = `
groups:
  - name: g
    interval: 1m
    rules:
      - {alert: low, metric: csat_top2, window: 1h, below: 80}
`
	bad := func(at time.Time, n int) []response { return draw(rand.New(rand.NewPCG(1, 1)), at, n, 0, nil) }
	good := func(at time.Time, n int) []response { return draw(rand.New(rand.NewPCG(1, 1)), at, n, 1, nil) }
	for name, test := range map[string]struct {
		// resolved says that the alert is over before the late answers come, late when they come.
		late time.Duration
		want []Change
	}{
		"while it fires":      {10 * time.Minute, []Change{Fired, Corrected}},
		"once it is over":     {3 * time.Hour, []Change{Fired, Resolved, Corrected}},
		"when it is too late": {26 * time.Hour, []Change{Fired, Resolved}},
	} {
		r, f, store := rules(t, nil, text), &fake{}, NewMemory()
		f.add("t", bad(start.Add(-time.Minute), 10)...)
		f.add("t", good(start.Add(70*time.Minute), 10)...)
		now := start
		e := evaluator(t, r, nil, f, store, &now, "t")
		for ; now.Before(start.Add(test.late + 20*time.Minute)); now = now.Add(time.Minute) {
			if now.Equal(start.Add(test.late)) {
				f.add("t", good(start.Add(-time.Minute), 90)...)
			}
			if err := e.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var got []Change
		ids := map[string]bool{}
		for _, x := range store.Transitions() {
			got = append(got, x.Change)
			ids[x.ID] = true
		}
		if diff := cmp.Diff(test.want, got); diff != "" || len(ids) != 1 {
			t.Errorf("%s: %s%v", name, diff, ids)
		}
		if last := store.Transitions()[len(got)-1]; last.Change == Corrected && (*last.Value != 90 || !last.AsOf.Equal(start)) {
			t.Errorf("%s: corrected to %v as of %s", name, *last.Value, last.AsOf)
		}
	}
}

// TestNotCorrectedWhilePast: a firing alert that late answers would take back is left alone while the present figure is past the bound too, and taken back in the place
// of its end.
func TestNotCorrectedWhilePast(t *testing.T) {
	const rule = "groups:\n  - {name: g, rules: [{alert: low, metric: csat_top2, window: 1h, below: 80, resolve: %d}]}\n"
	draw := func(at time.Time, n int, p float64) []response {
		return draw(rand.New(rand.NewPCG(1, 1)), at, n, p, nil)
	}
	for name, test := range map[string]struct {
		resolve int
		// end is the share of good ones among the last answers.
		end float64
	}{"back over the threshold": {80, 1}, "past no more": {99, 0.9}} {
		f, store, now := &fake{}, NewMemory(), start
		f.add("t", draw(start.Add(-time.Minute), 10, 0)...)
		e := evaluator(t, rules(t, nil, fmt.Sprintf(rule, test.resolve)), nil, f, store, &now, "t")
		for ; now.Before(start.Add(80 * time.Minute)); now = now.Add(time.Minute) {
			switch now.Sub(start) {
			case 10 * time.Minute: // of the instant that it fired at, and enough bad ones since
				f.add("t", draw(start.Add(-time.Minute), 90, 1)...)
				f.add("t", draw(now, 100, 0)...)
			case 50 * time.Minute:
				f.add("t", draw(now, 3000, test.end)...)
			}
			if err := e.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			if told := store.Transitions(); now.Before(start.Add(50*time.Minute)) && len(told) != 1 {
				t.Fatalf("at %s %d were told, the last %s", now, len(told), told[len(told)-1].Change)
			}
		}
		var got []string
		for _, x := range store.Transitions() {
			got = append(got, fmt.Sprint(x.Change, " ", x.At.Sub(start).Minutes()))
		}
		if diff := cmp.Diff([]string{"firing 0", "corrected 50"}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestRuleGone: an alert whose rule is taken out of the file is over, under the labels that it fired with; so is one whose group is gone.
func TestRuleGone(t *testing.T) {
	rule := "  - {name: %s, rules: [{alert: %s, metric: csat_top2, window: 1h, below: 80, labels: {x: y}}]}\n"
	for _, after := range []string{fmt.Sprintf(rule, "g", "other"), fmt.Sprintf(rule, "h", "low")} {
		f, store, now := &fake{}, NewMemory(), start
		f.add("t", draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 10, 0, nil)...)
		for _, text := range []string{fmt.Sprintf(rule, "g", "low"), after} {
			if err := evaluator(t, rules(t, nil, "groups:\n"+text), nil, f, store, &now, "t").Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Minute)
		}
		told := map[string][]Change{}
		for _, x := range store.Transitions() {
			told[x.Group+" "+x.Alert] = append(told[x.Group+" "+x.Alert], x.Change)
			if x.Labels["x"] != "y" {
				t.Errorf("labels %v", x.Labels)
			}
		}
		if !cmp.Equal(told["g low"], []Change{Fired, Resolved}) {
			t.Errorf("%v", told)
		}
	}
}

// TestCatchesUp: instants that were missed are judged in order, those of the last hour alone; a fault of one tenant holds up no other.
func TestCatchesUp(t *testing.T) {
	const text = "groups:\n  - {name: g, rules: [{alert: low, metric: csat_top2, window: 1h, below: 80, for: 30m}]}\n"
	f, store, now := &fake{}, NewMemory(), start
	r := rules(t, nil, text)
	for _, tenant := range []string{"a", "b"} {
		f.add(tenant, draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 10, 0, nil)...)
	}
	e := evaluator(t, r, nil, f, store, &now, "a", "b")
	if err := e.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	now = start.Add(40 * time.Minute)
	f.err = errors.New("away")
	if err := e.Round(t.Context()); err == nil {
		t.Error("a fault was not told")
	}
	if states, _ := store.States(t.Context(), "g"); states["a"].At.Equal(now) == states["b"].At.Equal(now) {
		t.Error("the fault of one tenant held up the other, or none")
	}
	if e.behind(now) < 39*time.Minute {
		t.Errorf("behind by %s", e.behind(now))
	}
	if err := e.Round(t.Context()); err != nil || e.behind(now) > 0 {
		t.Error(err, e.behind(now))
	}
	var got []time.Time
	for _, x := range store.Transitions() {
		got = append(got, x.At)
	}
	if !cmp.Equal(got, []time.Time{start.Add(30 * time.Minute), start.Add(30 * time.Minute)}) {
		t.Errorf("fired at %v", got)
	}
	asked := f.asked
	now = start.Add(10 * time.Hour)
	if err := e.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if judged := (f.asked - asked) / 2; judged > 61*2 {
		t.Errorf("%d figures were asked for after ten hours away", judged)
	}
	states, _ := store.States(t.Context(), "g")
	if at := states["a"].At; !at.Equal(now) {
		t.Errorf("judged up to %s", at)
	}
}

// TestNothingCounts: what is counted is 0 where there is none, and a count that stops is told.
func TestNothingCounts(t *testing.T) {
	const text = `
groups:
  - name: g
    interval: 10m
    rules:
      - {alert: stopped, metric: volume, window: 1h, drop: 20}
      - {alert: few, metric: volume, window: 1h, below: 3}
`
	f, store, now := &fake{}, NewMemory(), start
	f.add("t", draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 30, 1, nil)...)
	e := evaluator(t, rules(t, nil, text), nil, f, store, &now, "t")
	for ; now.Before(start.Add(4 * time.Hour)); now = now.Add(10 * time.Minute) {
		if err := e.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, x := range store.Transitions() {
		got = append(got, fmt.Sprint(x.Alert, " ", x.Change, " ", x.At.Sub(start), " ", *x.Value))
	}
	want := []string{"stopped firing 1h0m0s 0", "few firing 1h0m0s 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if m, _ := metrics.ByName("volume"); m.Kind != metrics.Plain {
		t.Error("volume is no count")
	}
}
