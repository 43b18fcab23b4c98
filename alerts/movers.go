package alerts

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/tenants"
)

// most movers that an alert names.
const most = 3

func split(cut string) (a, b string, pair bool) { return strings.Cut(cut, ",") }

// moved names the values of cuts that moved a figure most between the window before and now.
//
// A share, a mean or nps over all is the mean of those of a cut's values, weighted by their n. With w = n_c/N now, w' before, v and v' the values of c
// and R halfway between both figures over all, c contributes w(v - R) - w'(v' - R): over the values of a cut this adds up to the change exactly, since
// the weights add up to one, and a value that is as all are contributes nothing for being there more often. Counts contribute what they changed by.
// For other figures the same formula is an approximation.
//
// Values of all cuts are ranked together by what they contribute beyond their part of all observations: the only channel there is
// contributes the whole change, says nothing, and is not named.
func moved(r Rule, overall rolling.Figure, cuts []rolling.Figure) []Mover {
	type ranked struct {
		Mover
		excess float64
	}
	var all []ranked
	change := changeOf(r, overall)
	toward := 1.0
	if change < 0 || change == 0 && r.Bound != Above {
		toward = -1
	}
	for _, f := range cuts {
		whole := f.N == overall.N && f.PreviousN == overall.PreviousN
		if f.CutValue == "" || f.N+f.PreviousN == 0 || whole {
			continue
		}
		c, weight := contribution(r, overall, f)
		all = append(all, ranked{
			Mover:  Mover{Cut: f.Cut, CutValue: f.CutValue, Value: f.Value, Previous: f.Previous, N: f.N, PreviousN: f.PreviousN, Contribution: c},
			excess: toward * (c - weight*change),
		})
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.excess, a.excess), cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.CutValue, b.CutValue))
	})
	movers := make([]Mover, 0, most)
	for _, m := range all[:min(most, len(all))] {
		movers = append(movers, m.Mover)
	}
	return movers
}

// changeOf is what contributions add up to: without a window before, the distance from the threshold.
func changeOf(r Rule, overall rolling.Figure) float64 {
	now, _ := r.value(overall.Value)
	before, known := r.value(overall.Previous)
	if overall.Previous == nil && !r.counts() || !known {
		before = r.Threshold
	}
	return now - before
}

// contribution of a value of a cut, and its part of all observations.
func contribution(r Rule, overall, f rolling.Figure) (float64, float64) {
	now, _ := r.value(f.Value)
	before, _ := r.value(f.Previous)
	w, u := part(f.N, overall.N), part(f.PreviousN, overall.PreviousN)
	switch {
	case r.counts():
		// What is counted need not be what n counts: the part is that of the count.
		total, was := zero(overall.Value), zero(overall.Previous)
		return now - before, (ratio(now, total) + ratio(before, was)) / 2
	case overall.Previous == nil || overall.Value == nil:
		return w * (now - r.Threshold), w
	}
	middle := (*overall.Value + *overall.Previous) / 2
	var c float64
	if f.Value != nil {
		c += w * (now - middle)
	}
	if f.Previous != nil {
		c -= u * (before - middle)
	}
	return c, (w + u) / 2
}

func zero(of *float64) float64 {
	if of == nil {
		return 0
	}
	return *of
}

func ratio(a, b float64) float64 {
	if b == 0 || math.IsNaN(b) {
		return 0
	}
	return a / b
}

func part(n, of uint64) float64 { return ratio(float64(n), float64(of)) }

// movers reads the figures by every cut and names those that moved an alert's figure most. A figure of a cut is broken down by the pairs of the
// tenant that the cut is in; where there is none, what moved the figure over all is named.
func (e *Evaluator) movers(ctx context.Context, t tenants.Tenant, r Rule, k Key, own rolling.Figure, at time.Time) ([]Mover, error) {
	ctx, cancel := half(ctx)
	defer cancel()
	cuts, within := breakdown(t, k)
	asked := rolling.Asked{Tenant: t.ID, Metrics: []string{r.Metric.Name}, Window: r.Window, Cuts: cuts, AsOf: r.Window.AsOf(at)}
	if !within && k.Cut != "" {
		asked.Cuts = append([]string{""}, cuts...)
	}
	figures, err := e.figures.ask(ctx, asked)
	if err != nil {
		return nil, err
	}
	overall := own
	var parted []rolling.Figure
	for _, f := range figures {
		if f.Questionnaire != k.Questionnaire || f.Detail != k.Detail {
			continue
		}
		switch {
		case f.Cut == "":
			overall = f
		case !within || inside(f, k):
			parted = append(parted, f)
		}
	}
	return moved(r, overall, parted), nil
}

// breakdown are the cuts that a figure is broken down by; within says that they part the figure's own cut value.
func breakdown(t tenants.Tenant, k Key) (cuts []string, within bool) {
	for _, p := range t.Cuts {
		if k.Cut == p[0] || k.Cut == p[1] {
			cuts = append(cuts, p[0]+","+p[1])
		}
	}
	if len(cuts) > 0 {
		return cuts, true
	}
	cuts = tenants.Attributes()
	for _, p := range t.Cuts {
		cuts = append(cuts, p[0]+","+p[1])
	}
	return cuts, false
}

// inside says whether a figure of a pair is of the alert's cut value.
func inside(f rolling.Figure, k Key) bool {
	attributes, values := parts(f.Cut, f.CutValue)
	for i, a := range attributes {
		if a == k.Cut && values[i] == k.CutValue {
			return true
		}
	}
	return false
}
