package oracle

import "math/big"

// Figures are what the views show of a satisfaction cell; a figure without observations is nil.
type Figures struct {
	N, NInvalid int64
	// SatisfactionIndex is the mean index, 0..100.
	SatisfactionIndex *float64
	// CSATTop2 is the share of valid responses at satisfied or better, in percent.
	CSATTop2 *float64
	// LevelShares are the shares of valid responses at each level, very_satisfied first, in percent.
	LevelShares [5]*float64
	// NPS is promoters less detractors in percent of NPSN answers, -100..100.
	NPS  *float64
	NPSN int64
	// CES is the mean customer effort score, 1..7, of CESN answers.
	CES  *float64
	CESN int64
	// FCRCustomer is the share of responses that say the issue was resolved at first contact, in percent.
	FCRCustomer *float64
}

// Figures computes the views' figures of a cell of SatisfactionDays, rounded once at the end.
func (c Cell) Figures() Figures {
	m := func(name string) int64 { return c.Measure(name).Int64() }
	f := Figures{
		N: m("n"), NInvalid: m("n_invalid"),
		NPSN: m("promoters") + m("passives") + m("detractors"), CESN: m("ces_n"),
	}
	f.SatisfactionIndex = ratio(c.Measure("index_sum"), m("index_n")*m("index_den"))
	f.CSATTop2 = percent(m("very_satisfied")+m("satisfied"), f.N)
	for i, level := range [5]string{"very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied"} {
		f.LevelShares[i] = percent(m(level), f.N)
	}
	f.NPS = percent(m("promoters")-m("detractors"), f.NPSN)
	f.CES = ratio(c.Measure("ces_sum"), f.CESN)
	f.FCRCustomer = percent(m("resolved_yes"), m("resolved_yes")+m("resolved_no"))
	return f
}

// DimensionScore is the mean score, 0..100, of a cell of DimensionDays; nil where nothing was answered.
func (c Cell) DimensionScore() *float64 {
	return ratio(c.Measure("num_sum"), c.Measure("n").Int64()*c.Measure("den").Int64())
}

// ServqualGap is the mean of perception less expectation of a cell of DimensionDays, in scale points; nil where nothing was expected.
func (c Cell) ServqualGap() *float64 { return ratio(c.Measure("gap_sum"), c.Measure("gap_n").Int64()) }

// Importance is the mean stated importance of a cell of DimensionDays, in scale points; nil where none was stated.
func (c Cell) Importance() *float64 {
	return ratio(c.Measure("importance_sum"), c.Measure("importance_n").Int64())
}

func percent(part, whole int64) *float64 { return ratio(big.NewInt(100*part), whole) }

func ratio(num *big.Int, den int64) *float64 {
	if den == 0 {
		return nil
	}
	v, _ := new(big.Rat).SetFrac(num, big.NewInt(den)).Float64()
	return &v
}
