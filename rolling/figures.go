package rolling

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Figures are the figures of a window, each beside the same window one period earlier, in the order of (metric, questionnaire, detail, cut, value of the
// cut). What rests on nothing in both windows is left out, but for overall, where what is counted is 0 then.
func (c *Computer) Figures(ctx context.Context, a Asked) ([]Figure, error) {
	if !a.AsOf.Equal(a.Window.AsOf(a.AsOf)) {
		return nil, fmt.Errorf("rolling: window %s: as_of %s is no whole number of %s", a.Window.Name, a.AsOf.UTC().Format(time.RFC3339Nano), a.Window.Step)
	}
	b, err := c.board(a.Tenant, a.Metrics, a.Window.Length)
	if err != nil {
		return nil, err
	}
	before := a.AsOf.Add(-a.Window.Length)
	states, err := c.States(ctx, Query{
		Tenant: a.Tenant, Cuts: a.Cuts, Rests: b.rests(), Has: a.Has,
		Spans: []Span{{before, a.AsOf, a.AsOf}, {before.Add(-a.Window.Length), before, before}},
	})
	if err != nil {
		return nil, err
	}
	var all []Figure
	for _, cut := range a.Cuts {
		now, past := b.points(cut, states[cut], 0), b.points(cut, states[cut], 1)
		for at := range union(now, past) {
			f := b.figure(at, now[at], past[at])
			if cut != "" && f.N == 0 && f.PreviousN == 0 {
				continue
			}
			f.Tenant, f.Window, f.Cut, f.AsOf = a.Tenant, a.Window.Name, cut, a.AsOf
			b.compare(&f)
			all = append(all, f)
		}
	}
	sortFigures(all)
	return all, nil
}

// union are the keys of either map, each once.
func union(a, b map[figureKey]point) iter.Seq[figureKey] {
	return func(yield func(figureKey) bool) {
		for k := range a {
			if !yield(k) {
				return
			}
		}
		for k := range b {
			if _, ok := a[k]; !ok && !yield(k) {
				return
			}
		}
	}
}

func sortFigures(all []Figure) {
	slices.SortFunc(all, func(a, b Figure) int {
		return cmp.Or(
			cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Questionnaire, b.Questionnaire), cmp.Compare(a.Detail, b.Detail),
			cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.CutValue, b.CutValue), a.AsOf.Compare(b.AsOf),
		)
	})
}
