package alerts

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rolling"
)

// Verdict is what a rule makes of a figure.
type Verdict struct {
	// Past the threshold, with the confidence asked for and enough observations.
	Past bool
	// Back on the good side of where alerts end, and not Past.
	Back bool
	// None: there is no figure. Thin: there is one, of too few observations to say anything. Neither is Past nor Back.
	None, Thin bool
}

// past says whether the rule fires for the verdict: a figure that is not there may count as one that is past.
func (v Verdict) past(r Rule) bool { return v.Past || v.None && r.NoData == Fire }

// Judge compares a figure with the rule's threshold. minN is the tenant's, where the rule has none of its own.
func (r Rule) Judge(f rolling.Figure, minN int) Verdict {
	if r.MinN > 0 {
		minN = r.MinN
	}
	value, ok := r.value(f.Value)
	if !ok || (r.Bound == Drop && f.Previous == nil) {
		return Verdict{None: true}
	}
	// A count is no sample: what must be enough is what it is compared with.
	if !r.counts() && f.N < uint64(minN) || r.Bound == Drop && f.PreviousN < uint64(minN) {
		return Verdict{Thin: true}
	}
	var v Verdict
	switch r.Bound {
	case Below:
		v.Past, v.Back = r.below(f.Now, value), value >= r.Back
	case Above:
		v.Past, v.Back = r.above(f.Now, value), value <= r.Back
	case Drop:
		drop := *f.Previous - value
		v.Past, v.Back = drop > r.Threshold, drop <= r.Back
		if r.Confidence > 0 {
			least, ok := leastDrop(f.Now, f.Before, r.Confidence)
			v.Past = ok && least > r.Threshold
		}
	}
	v.Back = v.Back && !v.Past
	return v
}

// value of a figure: of what is counted, none is 0.
func (r Rule) value(of *float64) (float64, bool) {
	if of != nil {
		return *of, true
	}
	return 0, r.counts()
}

func (r Rule) below(s metrics.Sample, value float64) bool {
	if r.Confidence == 0 {
		return value < r.Threshold
	}
	upper, ok := s.Upper(r.Confidence)
	return ok && upper < r.Threshold
}

func (r Rule) above(s metrics.Sample, value float64) bool {
	if r.Confidence == 0 {
		return value > r.Threshold
	}
	lower, ok := s.Lower(r.Confidence)
	return ok && lower > r.Threshold
}

// leastDrop is the bound that before - now lies above with a confidence: of means by Welch, of nps by its own variances, of shares by Newcombe's
// score interval of a difference (1998, method 10), since the plain normal one takes 5 of 5 for certain.
func leastDrop(now, before metrics.Sample, confidence float64) (float64, bool) {
	a, okA := before.Value()
	b, okB := now.Value()
	if !okA || !okB {
		return 0, false
	}
	switch now.Kind {
	case metrics.Share, metrics.NPS:
		lower, _ := before.Lower(confidence)
		upper, _ := now.Upper(confidence)
		return a - b - math.Hypot(a-lower, upper-b), true
	case metrics.Mean:
		if now.N < 2 || before.N < 2 {
			return 0, false
		}
		n, m := float64(now.N), float64(before.N)
		u, v := now.Variance/n, before.Variance/m
		if u+v == 0 {
			return a - b, true
		}
		nu := (u + v) * (u + v) / (u*u/(n-1) + v*v/(m-1))
		return a - b - distuv.StudentsT{Mu: 0, Sigma: 1, Nu: nu}.Quantile(confidence)*math.Sqrt(u+v), true
	}
	return 0, false
}
