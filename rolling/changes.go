package rolling

import (
	"cmp"
	"math"
	"slices"
)

// name tells a figure of a unit.
type name struct{ metric, questionnaire, detail, cut, cutValue string }

func nameOf(f *Figure) name { return name{f.Metric, f.Questionnaire, f.Detail, f.Cut, f.CutValue} }

func byKey(a, b Figure) int {
	return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Questionnaire, b.Questionnaire), cmp.Compare(a.Detail, b.Detail),
		cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.CutValue, b.CutValue))
}

// changes are the figures of now that differ says are not as they were, and after them those that were there and are no more: without a value, resting on nothing.
func changes(before, now []Figure, differ func(a, b *Figure) bool) []Figure {
	were := make(map[name]*Figure, len(before))
	for i := range before {
		were[nameOf(&before[i])] = &before[i]
	}
	var out []Figure
	for i := range now {
		k := nameOf(&now[i])
		if was, ok := were[k]; !ok || differ(was, &now[i]) {
			out = append(out, now[i])
		}
		delete(were, k)
	}
	gone := make([]Figure, 0, len(were))
	for _, was := range were {
		f := Figure{
			Tenant: was.Tenant, Metric: was.Metric, Questionnaire: was.Questionnaire, Detail: was.Detail, Window: was.Window, Cut: was.Cut, CutValue: was.CutValue,
			Unit: was.Unit, Version: was.Version, BelowMinN: true,
		}
		if !differ(was, &f) {
			continue // it was gone already
		}
		gone = append(gone, f)
	}
	slices.SortFunc(gone, byKey)
	return append(out, gone...)
}

// differs is what is told to others: another value, other observations, other bounds.
func differs(a, b *Figure) bool {
	return recordedDiffers(a, b) || !same(a.Low, b.Low) || !same(a.High, b.High) || a.Label != b.Label
}

// recordedDiffers is what history has a row for.
func recordedDiffers(a, b *Figure) bool { return a.N != b.N || !same(a.Value, b.Value) }

func same(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// finite is v, or nothing where it is no number that JSON could hold.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

// tidy makes figures fit to be stored and sent: of the unit they were asked for, with numbers alone, sorted, with what no cut of the list has left out.
func tidy(figures []Figure, u unit, l basis) []Figure {
	for i := range figures {
		f := &figures[i]
		f.Tenant, f.Window, f.AsOf = u.tenant, u.window.Name, l.asOf
		for _, v := range []**float64{&f.Value, &f.Low, &f.High, &f.Previous, &f.Change} {
			*v = finite(*v)
		}
	}
	slices.SortFunc(figures, byKey)
	return figures
}
