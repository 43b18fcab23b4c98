package fold

import (
	"github.com/ClickHouse/ch-go/proto"

	"github.com/rapport-project/rapport/metrics"
)

// tableRows is what rows of a table are made of.
type tableRows struct {
	name string
	// names are the keys after role that are names; a score comes after them where there is one.
	names    []string
	score    bool
	measures []measure
	// cells adds the cells that one of a layout comes to; names are the codes of value, questionnaire, version and role.
	cells func(c *rowColumns, it *cell, l *layout, names []uint32)
}

// measure is a column of figures.
type measure struct {
	name string
	of   measureType
}

type measureType uint8

// Types of measures: UInt64, Int64, Int128.
const (
	count measureType = iota
	total
	wide
)

func counts(names ...string) []measure {
	var all []measure
	for _, n := range names {
		all = append(all, measure{n, count})
	}
	return all
}

// allTables are the tables of the survey family. That their columns are those of the statements and of the store is tested.
func allTables() []tableRows {
	one := counts("n")
	return []tableRows{
		{name: "satisfaction_days", cells: surveyCells, measures: concat(
			counts("n", "n_invalid", "index_n"), []measure{{"index_den", total}, {"index_sum", total}, {"index_sum_sq", wide}},
			counts("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied", "promoters", "passives", "detractors", "ces_n"),
			[]measure{{"ces_sum", total}, {"ces_sum_sq", total}, {"repurchase_n", count}, {"repurchase_sum", total}}, counts("resolved_yes", "resolved_no"),
		)},
		{name: "dimension_days", names: []string{"dimension"}, cells: dimensionCells, measures: []measure{
			{"n", count}, {"den", total}, {"num_sum", total}, {"num_sum_sq", wide}, {"gap_n", count}, {"gap_sum", total}, {"gap_sum_sq", total},
			{"importance_n", count}, {"importance_sum", total}, {"importance_sum_sq", total},
		}},
		{name: "score_days", names: []string{"dimension", "item"}, score: true, measures: one, cells: func(c *rowColumns, it *cell, l *layout, names []uint32) {
			countedCells(c, it, l.scores, names)
		}},
		{name: "reason_days", names: []string{"dimension", "reason"}, score: true, measures: one, cells: func(c *rowColumns, it *cell, l *layout, names []uint32) {
			countedCells(c, it, l.reasons, names)
		}},
	}
}

func concat(parts ...[]measure) []measure {
	var all []measure
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func surveyCells(c *rowColumns, it *cell, l *layout, names []uint32) {
	s := it.survey(l)
	c.cell(names, 0, []uint64{
		s.N, s.Invalid, s.IndexN, s.VerySatisfied, s.Satisfied, s.Neutral, s.Dissatisfied, s.VeryDissatisfied, s.Promoters, s.Passives, s.Detractors,
		s.CESN, s.RepurchaseN, s.ResolvedYes, s.ResolvedNo,
	}, []int64{s.IndexDen, s.IndexSum, s.CESSum, s.CESSumSq, s.RepurchaseSum}, int128(s.IndexSumSq))
}

func dimensionCells(c *rowColumns, it *cell, l *layout, names []uint32) {
	for i := range l.dimensions {
		d := &l.dimensions[i]
		m, ok := it.dimension(d)
		if !ok {
			continue
		}
		c.cell(append(names, d.name), 0, []uint64{m.N, m.GapN, m.ImportanceN},
			[]int64{m.Den, m.NumSum, m.GapSum, m.GapSumSq, m.ImportanceSum, m.ImportanceSumSq}, int128(m.NumSumSq))
	}
}

func countedCells(c *rowColumns, it *cell, features []counted, names []uint32) {
	names = append(names, 0, 0)
	for _, f := range features {
		if n := it.count(f.feature); n > 0 {
			names[len(names)-2], names[len(names)-1] = f.dimension, f.name
			c.cell(names, f.score, []uint64{n}, nil)
		}
	}
}

func int128(w metrics.Wide) proto.Int128 { return proto.Int128{Low: w.Lo, High: uint64(w.Hi)} }
