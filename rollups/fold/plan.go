package fold

import (
	"cmp"
	"slices"
	"strings"
)

// layout of a series: the features of each table in the order of its keys.
type layout struct {
	series *series
	code   uint32
	// ces and repurchase say what value a feature is of.
	ces, repurchase []weighed
	dimensions      []dimensionParts
	scores, reasons []counted
}

// weighed is a feature with the value that it counts.
type weighed struct {
	feature uint32
	value   int64
}

// dimensionParts is what there is of a dimension.
type dimensionParts struct {
	name            uint32
	sum             uint32
	gap, importance []weighed
}

// counted is a feature that is a cell of its own: of a dimension and an item or a reason.
type counted struct {
	feature         uint32
	dimension, name uint32
	score           int16
}

// layouts of all series, in the order of their keys.
func (s *Space) layouts() []layout {
	all := make([]layout, len(s.series))
	for i, r := range s.series {
		all[i] = s.layout(r, uint32(i))
	}
	slices.SortFunc(all, func(a, b layout) int {
		return cmp.Or(s.compare(a.series.questionnaire, b.series.questionnaire), s.compare(a.series.version, b.series.version), s.compare(a.series.role, b.series.role))
	})
	return all
}

func (s *Space) compare(a, b uint32) int {
	if a == b {
		return 0
	}
	return strings.Compare(s.names[a], s.names[b])
}

func (s *Space) layout(r *series, code uint32) layout {
	l := layout{series: r, code: code}
	at := map[uint32]int{} // of dimensions
	for i, d := range r.dimensions {
		at[d] = i
		l.dimensions = append(l.dimensions, dimensionParts{name: d, sum: uint32(i) + 1})
	}
	for i, f := range r.features {
		w := weighed{uint32(i), int64(f.value)}
		switch f.kind {
		case fixed:
		case cesValue:
			l.ces = append(l.ces, w)
		case repurchaseValue:
			l.repurchase = append(l.repurchase, w)
		case gapValue:
			d := &l.dimensions[at[f.of]]
			d.gap = append(d.gap, w)
		case importanceValue:
			d := &l.dimensions[at[f.of]]
			d.importance = append(d.importance, w)
		case scoreValue:
			l.scores = append(l.scores, s.counted(w.feature, f))
		case reasonValue:
			l.reasons = append(l.reasons, s.counted(w.feature, f))
		}
	}
	slices.SortFunc(l.dimensions, func(a, b dimensionParts) int { return s.compare(a.name, b.name) })
	for _, of := range [][]counted{l.scores, l.reasons} {
		slices.SortFunc(of, func(a, b counted) int {
			return cmp.Or(s.compare(a.dimension, b.dimension), s.compare(a.name, b.name), cmp.Compare(a.score, b.score))
		})
	}
	return l
}

func (s *Space) counted(i uint32, f feature) counted {
	both := s.halves[f.of]
	return counted{i, uint32(both >> 32), uint32(both), int16(f.value)}
}

// count of a feature, 0 where the vector of a cell ends before it.
func (c *cell) count(feature uint32) uint64 {
	if int(feature) >= len(c.counts) {
		return 0
	}
	return uint64(c.counts[feature])
}

// stated is the number, sum and sum of squares of weighed features.
func (c *cell) stated(of []weighed) (n uint64, total, squares int64) {
	for _, w := range of {
		if k := c.count(w.feature); k > 0 {
			n += k
			total += int64(k) * w.value
			squares += int64(k) * w.value * w.value
		}
	}
	return n, total, squares
}

// sum of a number; zero where the cell has none yet.
func (c *cell) sum(i uint32) sum {
	if int(i) >= len(c.sums) {
		return sum{}
	}
	return c.sums[i]
}
