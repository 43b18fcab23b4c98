package alerts

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const belowEighty = `
groups:
  - name: g
    interval: 1h
    rules:
      - alert: point
        metric: csat_top2
        questionnaire: after-sales-10
        window: 1h
        below: 80
        min_n: 5
      - alert: sure
        metric: csat_top2
        questionnaire: after-sales-10
        window: 1h
        below: 80
        confidence: 0.95
        min_n: 5
`

// TestTableOfTheCatalogue: thousands of windows through the evaluator, each of a true value and judged once, fire as often as the exact binomial says
// (metrics.md, section 8). Each window is a tenant of its own, so that no alert is in the way of the next.
func TestTableOfTheCatalogue(t *testing.T) {
	const windows = 2500
	r := rules(t, nil, belowEighty)
	rng := rand.New(rand.NewPCG(8, 2026))
	for _, row := range []struct {
		n         int
		truth     float64
		published map[string]float64
	}{
		{20, 0.85, map[string]float64{"point": 0.17, "sure": 0.022}},
		{50, 0.85, map[string]float64{"point": 0.12, "sure": 0.005}},
		{100, 0.85, map[string]float64{"point": 0.066, "sure": 0.001}},
		{20, 0.65, map[string]float64{"sure": 0.58}},
		{50, 0.65, map[string]float64{"sure": 0.81}},
		{100, 0.65, map[string]float64{"sure": 0.965}},
	} {
		f, store, now := &fake{}, NewMemory(), start
		ids := make([]string, windows)
		for i := range ids {
			ids[i] = fmt.Sprint(i)
			f.add(ids[i], draw(rng, start.Add(-time.Minute), row.n, row.truth, nil)...)
		}
		if err := evaluator(t, r, nil, f, store, &now, ids...).Round(context.Background()); err != nil {
			t.Fatal(err)
		}
		fired := map[string]int{}
		for _, x := range store.Transitions() {
			fired[x.Alert]++
		}
		for rule, published := range row.published {
			got, exact := float64(fired[rule])/windows, exactly(row.n, row.truth, rule == "sure")
			// Four standard deviations of the sampling; the published figures are rounded.
			if within := 4 * math.Sqrt(exact*(1-exact)/windows); math.Abs(got-exact) > within {
				t.Errorf("%s, n = %d, true %.2f: fired in %.4f of the windows, the binomial says %.4f ± %.4f", rule, row.n, row.truth, got, exact, within)
			}
			if math.Abs(exact-published) > 0.0051 {
				t.Errorf("%s, n = %d, true %.2f: the binomial says %.4f, published is %.4f", rule, row.n, row.truth, exact, published)
			}
			t.Logf("%-5s n=%-3d true %.0f %%: fired %.2f %%, exact %.2f %%", rule, row.n, 100*row.truth, 100*got, 100*exact)
		}
	}
}

// exactly sums the binomial distribution over what is past the bound. It knows Wilson's bound by itself: z of 95 %, one-sided.
func exactly(n int, p float64, wilson bool) float64 {
	sum := 0.0
	for k := range n + 1 {
		x, m := float64(k)/float64(n), float64(n)
		if wilson {
			const z = 1.6448536269514722
			x = (x + z*z/(2*m) + z*math.Sqrt(x*(1-x)/m+z*z/(4*m*m))) / (1 + z*z/m)
		}
		if x < 0.8-1e-12 {
			a, _ := math.Lgamma(m + 1)
			b, _ := math.Lgamma(float64(k) + 1)
			c, _ := math.Lgamma(m - float64(k) + 1)
			sum += math.Exp(a - b - c + float64(k)*math.Log(p) + (m-float64(k))*math.Log(1-p))
		}
	}
	return sum
}

// TestNoisyCutsStayQuiet: 20 small cuts of a company that does not change, over 1,000 independent windows: at most 5 % of the checks are past the bound, and
// with `for` pages come at under 1 %.
func TestNoisyCutsStayQuiet(t *testing.T) {
	const windows, cuts = 1000, 20
	for _, rule := range []string{"below: 80", "drop: 5", "drop: 0"} {
		r := rules(t, nil, `
groups:
  - name: g
    interval: 1h
    rules:
      - {alert: at once, metric: csat_top2, window: 1h, cut: region, confidence: 0.95, `+rule+`}
      - {alert: waits, metric: csat_top2, window: 1h, cut: region, confidence: 0.95, `+rule+`, for: 1h}
`)
		rng := rand.New(rand.NewPCG(20, 1000))
		f, past, checks := &fake{}, 0, 0
		store, now := NewMemory(), start
		e := evaluator(t, r, nil, f, store, &now, "t")
		at := r.Groups[0].Rules[0]
		var state State
		for w := range windows + 1 {
			now = start.Add(time.Duration(w) * time.Hour)
			for c := range cuts {
				f.add("t", draw(rng, now.Add(-time.Minute), 8+2*c, 0.85, map[string]string{"region": fmt.Sprintf("r%02d", c)})...)
			}
			if w > 2 {
				f.forget("t", now.Add(-2*time.Hour))
			}
			if w == 0 {
				continue // there is no window before the first
			}
			figures, err := e.judged(context.Background(), settings{}.For("t"), r.Groups[0], at, nil, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, figure := range figures {
				checks++
				if at.Judge(figure.Figure, 5).Past {
					past++
				}
			}
			if state, err = e.Evaluate(context.Background(), r.Groups[0], "t", state, now); err != nil {
				t.Fatal(err)
			}
		}
		pages := map[string]int{}
		for _, x := range store.Transitions() {
			if x.Change == Fired {
				pages[x.Alert]++
			}
		}
		t.Logf("%s: %d checks, past the bound %.2f %%, pages without for %.2f %%, with for %.2f %%", rule, checks, 100*float64(past)/float64(checks),
			100*float64(pages["at once"])/float64(checks), 100*float64(pages["waits"])/float64(checks))
		if checks != windows*cuts || float64(past) > 0.05*float64(checks) {
			t.Errorf("%s: %d of %d checks are past the bound; at most 5 %%", rule, past, checks)
		}
		if float64(pages["waits"]) > 0.01*float64(checks) {
			t.Errorf("%s: %d pages in %d checks with for; less than 1 %%", rule, pages["waits"], checks)
		}
	}
}
