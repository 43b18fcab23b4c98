package fold

import "github.com/rapport-project/rapport/metrics"

// survey is the cell as one of satisfaction_days.
func (c *cell) survey(l *layout) metrics.Survey {
	index := c.sum(0)
	s := metrics.Survey{
		N: c.count(valid), Invalid: c.count(invalid),
		IndexN: index.n, IndexDen: index.den, IndexSum: index.num, IndexSumSq: metrics.Wide{Hi: index.hi, Lo: index.lo},
		VerySatisfied: c.count(verySatisfied), Satisfied: c.count(satisfied), Neutral: c.count(neutral), Dissatisfied: c.count(dissatisfied),
		VeryDissatisfied: c.count(veryDissatisfied),
		Promoters:        c.count(promoters), Passives: c.count(passives), Detractors: c.count(detractors),
		ResolvedYes: c.count(resolvedYes), ResolvedNo: c.count(resolvedNo),
	}
	s.CESN, s.CESSum, s.CESSumSq = c.stated(l.ces)
	s.RepurchaseN, s.RepurchaseSum, _ = c.stated(l.repurchase)
	return s
}

// dimension is a dimension of the cell as a cell of dimension_days; false if there is nothing of it.
func (c *cell) dimension(d *dimensionParts) (metrics.Dimension, bool) {
	sum := c.sum(d.sum)
	m := metrics.Dimension{N: sum.n, Den: sum.den, NumSum: sum.num, NumSumSq: metrics.Wide{Hi: sum.hi, Lo: sum.lo}}
	m.GapN, m.GapSum, m.GapSumSq = c.stated(d.gap)
	m.ImportanceN, m.ImportanceSum, m.ImportanceSumSq = c.stated(d.importance)
	return m, m.N > 0 || m.GapN > 0 || m.ImportanceN > 0
}

// each calls do for all cells with the layout of their series; layouts are those of the Space by code.
func (c *Cells) each(do func(cut, value string, l *layout, it *cell)) {
	if c.Empty() {
		return
	}
	layouts := make([]*layout, len(c.space.series))
	for i := range c.all {
		it := &c.all[i]
		cut, series, value := parted(it.key)
		if layouts[series] == nil {
			l := c.space.layout(c.space.series[series], series)
			layouts[series] = &l
		}
		of := c.space.cuts[cut]
		do(of.name, c.space.value(of, value), layouts[series], it)
	}
}

func parted(key uint64) (cut int, series, value uint32) {
	return int(key >> 56), uint32(key>>32) & (mostSeries - 1), uint32(key)
}

// names of a layout's series.
func (c *Cells) names(l *layout) (questionnaire, version, role string) {
	n := c.space.names
	return n[l.series.questionnaire], n[l.series.version], n[l.series.role]
}

// Surveys calls do for each cell of satisfaction_days, in no order.
func (c *Cells) Surveys(do func(cut, value string, key metrics.SurveyKey, sum metrics.Survey)) {
	c.each(func(cut, value string, l *layout, it *cell) {
		q, v, r := c.names(l)
		do(cut, value, metrics.SurveyKey{Questionnaire: q, Version: v, Role: r}, it.survey(l))
	})
}

// Dimensions calls do for each cell of dimension_days, in no order.
func (c *Cells) Dimensions(do func(cut, value string, key metrics.DimensionKey, sum metrics.Dimension)) {
	c.each(func(cut, value string, l *layout, it *cell) {
		q, v, r := c.names(l)
		for i := range l.dimensions {
			d := &l.dimensions[i]
			if m, ok := it.dimension(d); ok {
				do(cut, value, metrics.DimensionKey{Questionnaire: q, Version: v, Role: r, Dimension: c.space.names[d.name]}, m)
			}
		}
	})
}

// Scores calls do for each cell of score_days, in no order.
func (c *Cells) Scores(do func(cut, value string, key metrics.ScoreKey, n uint64)) {
	c.each(func(cut, value string, l *layout, it *cell) {
		q, v, r := c.names(l)
		for _, f := range l.scores {
			if n := it.count(f.feature); n > 0 {
				do(cut, value, metrics.ScoreKey{Questionnaire: q, Version: v, Role: r, Dimension: c.space.names[f.dimension], Item: c.space.names[f.name], Score: f.score}, n)
			}
		}
	})
}

// Reasons calls do for each cell of reason_days, in no order.
func (c *Cells) Reasons(do func(cut, value string, key metrics.ReasonKey, n uint64)) {
	c.each(func(cut, value string, l *layout, it *cell) {
		q, v, r := c.names(l)
		for _, f := range l.reasons {
			if n := it.count(f.feature); n > 0 {
				do(cut, value, metrics.ReasonKey{Questionnaire: q, Version: v, Role: r, Dimension: c.space.names[f.dimension], Reason: c.space.names[f.name], Score: f.score}, n)
			}
		}
	})
}
