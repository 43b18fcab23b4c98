package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Kind says what a figure is, and with that how its interval and its test are made.
type Kind string

// The kinds.
const (
	// Share is Count of N.
	Share Kind = "share"
	// Mean is of N numbers.
	Mean Kind = "mean"
	// NPS is Count less Against of N.
	NPS Kind = "nps"
	// Quantile, Plain (a count, a ratio, a gap to a target) and Labelled (a name) have no interval.
	Quantile Kind = "quantile"
	Plain    Kind = "plain"
	Labelled Kind = "label"
)

// Confidence is what intervals and tests beside a figure are made for.
const Confidence = 0.95

// Sample is what one figure rests on; it is enough for the value, an interval of any confidence and a test against another.
type Sample struct {
	Kind Kind
	// N observations; Excluded is how many were left out.
	N, Excluded uint64
	// Provisional observations can still change by time alone.
	Provisional uint64
	// Firm is the part of a provisional sample that time alone cannot change; nil where that is all of it.
	Firm *Sample
	// Count is how many of N a Share is of, or the promoters of an NPS; Against its detractors.
	Count, Against uint64
	// Of a Mean: the mean, and the variance with N - 1, both in Unit.
	Center, Variance float64
	// Of other kinds: the value, where it is Known.
	Plain float64
	Known bool
	// Text is the value of a Labelled.
	Text string
	// Scale turns the fraction of a Share or NPS into its unit: 100 for percent.
	Scale float64
}

// Value is the figure; false where there is none.
func (s Sample) Value() (float64, bool) {
	switch s.Kind {
	case Share:
		return s.Scale * float64(s.Count) / float64(s.N), s.N > 0
	case NPS:
		return s.Scale * (float64(s.Count) - float64(s.Against)) / float64(s.N), s.N > 0
	case Mean:
		return s.Center, s.N > 0
	}
	return s.Plain, s.Known
}

// Interval is the two-sided interval of a confidence in (0, 1): Wilson's score interval of a share, mean ± t s/√n, nps with its own variance p + d - (p - d)².
// False where there is none: other kinds, no observation, a mean of one.
func (s Sample) Interval(confidence float64) (low, high float64, ok bool) {
	return s.bounds(1 - (1-confidence)/2)
}

// Upper is the one-sided bound that the true value lies below with a confidence in (0, 1); Lower the one it lies above.
func (s Sample) Upper(confidence float64) (float64, bool) {
	_, high, ok := s.bounds(confidence)
	return high, ok
}

// Lower is the bound that the true value lies above.
func (s Sample) Lower(confidence float64) (float64, bool) {
	low, _, ok := s.bounds(confidence)
	return low, ok
}

// bounds are the ends at a quantile p of the distribution, above 0.5.
func (s Sample) bounds(p float64) (low, high float64, ok bool) {
	n := float64(s.N)
	switch s.Kind {
	case Share:
		if s.N == 0 {
			return 0, 0, false
		}
		low, high = wilson(float64(s.Count), n, distuv.UnitNormal.Quantile(p))
		return s.Scale * low, s.Scale * high, true
	case NPS:
		if s.N == 0 {
			return 0, 0, false
		}
		v, _ := s.Value()
		half := distuv.UnitNormal.Quantile(p) * math.Sqrt(s.variance()/n)
		return max(v-half, -s.Scale), min(v+half, s.Scale), true
	case Mean:
		if s.N < 2 {
			return 0, 0, false
		}
		half := studentQuantile(p, n-1) * math.Sqrt(s.Variance/n)
		return s.Center - half, s.Center + half, true
	}
	return 0, 0, false
}

// variance of one observation, in the square of the unit.
func (s Sample) variance() float64 {
	n := float64(s.N)
	if s.Kind == NPS {
		p, d := float64(s.Count)/n, float64(s.Against)/n
		return s.Scale * s.Scale * (p + d - (p-d)*(p-d))
	}
	return s.Variance
}

// firm is the part that time alone cannot change.
func (s Sample) firm() Sample {
	if s.Firm != nil {
		return *s.Firm
	}
	return s
}

// wilson is the score interval of k of n, as fractions (Wilson 1927); its ends are exact where all or none are.
func wilson(k, n, z float64) (low, high float64) {
	p := k / n
	center := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = (center-half)/(1+z*z/n), (center+half)/(1+z*z/n)
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high
}

// Differs tells whether two samples of one metric differ at a confidence: the two-proportion z test for shares, Welch's t test for means, z with its own
// variances for nps. It is false where either has fewer than minN observations, and for what is not tested. Of provisional samples the firm parts are
// tested: what has had less time to fail would differ from what has had all of it, though nothing changed.
func (s Sample) Differs(before Sample, confidence float64, minN uint64) bool {
	s, before = s.firm(), before.firm()
	if s.N < minN || before.N < minN || s.N == 0 || before.N == 0 {
		return false
	}
	n, m := float64(s.N), float64(before.N)
	p := 1 - (1-confidence)/2
	switch s.Kind {
	case Share:
		a, b := float64(s.Count)/n, float64(before.Count)/m
		pooled := (float64(s.Count) + float64(before.Count)) / (n + m)
		se := math.Sqrt(pooled * (1 - pooled) * (1/n + 1/m))
		return se > 0 && math.Abs(a-b)/se > distuv.UnitNormal.Quantile(p)
	case NPS:
		a, _ := s.Value()
		b, _ := before.Value()
		se := math.Sqrt(s.variance()/n + before.variance()/m)
		return a != b && (se == 0 || math.Abs(a-b)/se > distuv.UnitNormal.Quantile(p))
	case Mean:
		if s.N < 2 || before.N < 2 {
			return false
		}
		u, v := s.Variance/n, before.Variance/m
		if u+v == 0 {
			return s.Center != before.Center
		}
		nu := (u + v) * (u + v) / (u*u/(n-1) + v*v/(m-1))
		t := math.Abs(s.Center-before.Center) / math.Sqrt(u+v)
		return studentTail(t, nu) < 1-p
	}
	return false
}
