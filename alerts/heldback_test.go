package alerts

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/rolling"
)

// failing are figures that are away for the questions that when says.
type failing struct {
	*fake
	when func(rolling.Asked) bool
}

func (f failing) Figures(ctx context.Context, a rolling.Asked) ([]rolling.Figure, error) {
	if f.when(a) {
		return nil, errors.New("away")
	}
	return f.fake.Figures(ctx, a)
}

// TestNothingIsHeldBack: where neither what moved a figure nor the figures of before can be computed, an alert fires and ends all the same.
func TestNothingIsHeldBack(t *testing.T) {
	r := rules(t, nil, "groups:\n  - {name: g, rules: [{alert: low, metric: csat_top2, window: 1h, below: 80}]}\n")
	f, store, now := &fake{}, NewMemory(), start
	f.add("t", draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 10, 0, nil)...)
	f.add("t", draw(rand.New(rand.NewPCG(1, 1)), start.Add(70*time.Minute), 10, 1, nil)...)
	refused := 0
	e := evaluator(t, r, nil, failing{f, func(a rolling.Asked) bool {
		away := len(a.Cuts) > 1 || a.AsOf.Before(now)
		if away {
			refused++
		}
		return away
	}}, store, &now, "t")
	for ; now.Before(start.Add(80 * time.Minute)); now = now.Add(time.Minute) {
		if err := e.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got []Change
	for _, x := range store.Transitions() {
		got = append(got, x.Change)
	}
	if diff := cmp.Diff([]Change{Fired, Resolved}, got); diff != "" || refused < 3 { // what moved it, and what it fired for once there is no present figure
		t.Errorf("%d questions refused; %s", refused, diff)
	}
}

// TestNotCorrected: what a rule that was changed makes of a figure, and what is left of it once facts are gone, takes nothing back.
func TestNotCorrected(t *testing.T) {
	const text = "groups:\n  - {name: g, rules: [{alert: low, metric: csat_top2, window: 1h, "
	for name, after := range map[string]string{"a lower threshold": "below: 20", "facts that are gone": "below: 80"} {
		f, store, now := &fake{}, NewMemory(), start
		add := func(n int, p float64) {
			f.add("t", draw(rand.New(rand.NewPCG(1, 1)), now.Add(-time.Second), n, p, nil)...)
		}
		add(10, 0)
		add(4, 1)
		e := evaluator(t, rules(t, nil, text+"below: 80}]}\n"), nil, f, store, &now, "t")
		for i := range 150 {
			if i == 10 {
				e = evaluator(t, rules(t, nil, text+after+", resolve: 100}]}\n"), nil, f, store, &now, "t")
				e.o.Retention = 26 * time.Hour
			}
			if name == "facts that are gone" {
				f.forget("t", now.Add(-time.Hour))
				e.o.Retention = 25 * time.Hour
			}
			if err := e.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Minute)
			add(1, 0)
		}
		if told := store.Transitions(); len(told) != 1 || told[0].Change != Fired {
			t.Errorf("%s: %d were told, the last %s", name, len(told), told[len(told)-1].Change)
		}
	}
}

// TestRankIsAskedForAlone: rank is of the metrics that are asked for beside it, which must not be those of other rules.
func TestRankIsAskedForAlone(t *testing.T) {
	r := rules(t, nil, `
groups:
  - name: g
    rules:
      - {alert: last, metric: rank, detail: csat_top2, window: 24h, cut: region, above: 3}
      - {alert: low, metric: fcr, window: 24h, cut: region, below: 50}
`)
	g := r.Groups[0]
	for i, want := range [][]string{{"rank"}, {"fcr"}} {
		if got := question(settings{}.For("t"), g, g.Rules[i], start).Metrics; !cmp.Equal(got, want) {
			t.Errorf("%s asks for %v", g.Rules[i].Alert, got)
		}
	}
}

// TestMovesAreNoCount: a target that cannot be reached is none of 0 moves, and few answers say nothing about it.
func TestMovesAreNoCount(t *testing.T) {
	r := rules(t, nil, "groups:\n  - {name: g, rules: [{alert: far, metric: target_moves, window: 24h, above: 20}]}\n").Groups[0].Rules[0]
	moves := 30.0
	for _, c := range []struct {
		f    rolling.Figure
		want Verdict
	}{
		{rolling.Figure{Value: &moves, N: 100}, Verdict{Past: true}}, {rolling.Figure{N: 100}, Verdict{None: true}}, {rolling.Figure{Value: &moves, N: 4}, Verdict{Thin: true}},
	} {
		if got := r.Judge(c.f, 5); got != c.want {
			t.Errorf("%+v is %+v, want %+v", c.f, got, c.want)
		}
	}
}
