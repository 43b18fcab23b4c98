package rolling

import (
	"fmt"
	"slices"
	"time"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
)

// board makes figures of states.
type board struct {
	// shown are the metrics asked for, rank aside; ranked are those that are ranked, which nobody need have asked for.
	shown, ranked  []metrics.Metric
	rank           metrics.Metric
	questionnaires *questionnaires.Catalog
	minN           uint64
}

// figureKey names a figure within a cut.
type figureKey struct{ metric, questionnaire, detail, value string }

// point is what one figure rests on.
type point struct {
	metrics.Sample
	unit    metrics.Unit
	version int
}

// board is for metrics by name; no names are all that spans of a length are long enough for.
func (c *Computer) board(tenant string, names []string, length time.Duration) (board, error) {
	b := board{questionnaires: c.o.Questionnaires, minN: uint64(c.tenant(tenant).MinN)}
	var all []metrics.Metric
	known := map[string]metrics.Metric{}
	for _, m := range metrics.All() {
		if known[m.Name] = m; m.Points == nil {
			b.rank = m
		}
		if m.Shortest() <= length {
			all = append(all, m)
		}
	}
	wanted := all
	if len(names) > 0 {
		wanted = nil
	}
	for _, name := range names {
		m, ok := known[name]
		switch {
		case !ok:
			return board{}, fmt.Errorf("rolling: no metric %q", name)
		case m.Shortest() > length:
			return board{}, fmt.Errorf("rolling: metric %s is served for %s and more, not for %s", name, m.Shortest(), length)
		}
		wanted = append(wanted, m)
	}
	ranks := false
	for _, m := range wanted {
		if m.Points == nil {
			ranks = true
		} else if !slices.ContainsFunc(b.shown, func(s metrics.Metric) bool { return s.Name == m.Name }) {
			b.shown = append(b.shown, m)
		}
	}
	if ranks {
		b.ranked = b.shown
		if len(b.shown) == 0 {
			b.ranked = all
		}
		b.ranked = slices.DeleteFunc(slices.Clone(b.ranked), func(m metrics.Metric) bool {
			return m.Points == nil || m.Better == metrics.Neither || m.Kind == metrics.Labelled
		})
	}
	return b, nil
}

// rests are the states that any of the metrics rests on.
func (b board) rests() []metrics.State {
	var all []metrics.State
	for _, m := range slices.Concat(b.shown, b.ranked) {
		all = append(all, m.Rests...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// points are those of one span, of all values of a cut. The overall cut has its value even where nothing is known of it: what is counted is 0 then.
func (b board) points(cut string, values map[string][]*metrics.States, span int) map[figureKey]point {
	all := map[figureKey]point{}
	none := &metrics.States{}
	each := func(m metrics.Metric, into map[figureKey]point) {
		for value, spans := range values {
			b.add(m, value, spans[span], none, into)
		}
		if cut == "" && len(values) == 0 {
			b.add(m, "", nil, none, into)
		}
	}
	for _, m := range b.shown {
		each(m, all)
	}
	if cut == "" || len(b.ranked) == 0 {
		return all
	}
	places := map[figureKey]point{}
	for _, m := range b.ranked {
		of := all
		if len(b.shown) == 0 {
			of = map[figureKey]point{}
			each(m, of)
		}
		b.places(m, of, places)
	}
	for k, p := range places {
		all[k] = p
	}
	return all
}

func (b board) add(m metrics.Metric, value string, s, none *metrics.States, into map[figureKey]point) {
	if s == nil {
		s = none
	}
	for _, p := range m.Points(s, b.questionnaires) {
		unit := m.Unit
		if p.Unit != "" {
			unit = p.Unit
		}
		into[figureKey{m.Name, p.Questionnaire, p.Detail, value}] = point{p.Sample, unit, m.Version}
	}
}

// figure is one of a sample and of the one before.
func (b board) figure(at figureKey, now, before point) Figure {
	f := Figure{
		Metric: at.metric, Questionnaire: at.questionnaire, Detail: at.detail, CutValue: at.value,
		N: now.N, Excluded: now.Excluded, PreviousN: before.N, Provisional: now.Provisional > 0, BelowMinN: now.N < b.minN,
		Unit: now.unit, Version: now.version, Label: now.Text, Now: now.Sample, Before: before.Sample,
	}
	if f.Unit == "" { // a figure that is no more
		f.Unit, f.Version = before.unit, before.version
		f.Now.Kind, f.Now.Scale = before.Kind, before.Scale
	}
	if v, ok := now.Value(); ok {
		f.Value = &v
	}
	if low, high, ok := now.Interval(metrics.Confidence); ok {
		f.Low, f.High = &low, &high
	}
	return f
}

// compare says what the window before has to say.
func (b board) compare(f *Figure) {
	v, ok := f.Before.Value()
	if !ok {
		return
	}
	f.Previous = &v
	if f.Value != nil && f.Now.Kind != metrics.Labelled {
		change := *f.Value - v
		f.Change = &change
	}
	f.Significant = f.Now.Differs(f.Before, metrics.Confidence, b.minN)
}
