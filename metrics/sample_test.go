package metrics

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// TestWilson: worked example 6, and the intervals that Newcombe publishes for the score method (Statistics in Medicine 17, 1998, 857-872, table I).
func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		count, n  uint64
		low, high float64
	}{
		{45, 50, 0.7864, 0.9565}, {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		low, high, ok := share(tt.count, tt.n, 0).Interval(0.95)
		if !ok || math.Abs(low/100-tt.low) > 5e-5 || math.Abs(high/100-tt.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", tt.count, tt.n, low/100, high/100, tt.low, tt.high)
		}
	}
	if _, high, _ := share(7, 7, 0).Interval(0.95); high != 100 {
		t.Errorf("all of 7: upper end %v", high)
	}
}

// TestMeanInterval: the limits that NIST/SEMATECH's e-Handbook of Statistical Methods, 1.3.5.2, gives for ZARR13.DAT, and some of its table of t, 1.3.6.7.2.
func TestMeanInterval(t *testing.T) {
	s := Sample{Kind: Mean, N: 195, Center: 9.261460, Variance: 0.022789 * 0.022789}
	low, high, ok := s.Interval(0.95)
	if !ok || math.Abs(low-9.258242) > 2e-6 || math.Abs(high-9.264679) > 2e-6 {
		t.Errorf("%.6f to %.6f", low, high)
	}
	for _, tt := range []struct {
		n          uint64
		confidence float64
		t          float64
	}{{10, 0.95, 2.262}, {30, 0.95, 2.045}, {5, 0.90, 2.132}, {2, 0.95, 12.706}, {101, 0.99, 2.626}} {
		half := Sample{Kind: Mean, N: tt.n, Variance: float64(tt.n)}
		if _, high, _ := half.Interval(tt.confidence); math.Abs(high-tt.t) > 5e-4 {
			t.Errorf("t of %d degrees at %v: %.4f, want %.3f", tt.n-1, tt.confidence, high, tt.t)
		}
	}
	if _, _, ok := (Sample{Kind: Mean, N: 1, Center: 3}).Interval(0.95); ok {
		t.Error("a mean of one has an interval")
	}
}

// TestStudentQuantile: as the library's, which takes much longer.
func TestStudentQuantile(t *testing.T) {
	for _, nu := range []float64{1, 1.3, 2, 3, 4.7, 10, 33, 99.5, 400, 1999, 2000, 12345, 1e6} {
		for _, p := range []float64{0.6, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995} {
			want := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: nu}.Quantile(p)
			if got := studentQuantile(p, nu); math.Abs(got-want) > 1e-9*want {
				t.Errorf("quantile %v of t with %v degrees: %v, want %v", p, nu, got, want)
			}
		}
	}
}

// TestWelch: the three examples of Wikipedia's article on Welch's t-test, whose P are 0.021, 0.149 and 0.036; Student's test would say 0.045 of the second.
func TestWelch(t *testing.T) {
	for i, tt := range []struct {
		a, b     Sample
		yes, not float64
	}{
		{Sample{Kind: Mean, N: 15, Center: 20.82, Variance: 7.9}, Sample{Kind: Mean, N: 15, Center: 22.98, Variance: 3.8}, 0.97, 0.99},
		{Sample{Kind: Mean, N: 10, Center: 20.6, Variance: 9.0}, Sample{Kind: Mean, N: 20, Center: 22.1, Variance: 0.9}, 0.83, 0.88},
		{Sample{Kind: Mean, N: 10, Center: 19.4, Variance: 1.4}, Sample{Kind: Mean, N: 20, Center: 21.6, Variance: 17.1}, 0.955, 0.98},
	} {
		if !tt.a.Differs(tt.b, tt.yes, 5) || !tt.b.Differs(tt.a, tt.yes, 5) {
			t.Errorf("example %d does not differ at %v", i+1, tt.yes)
		}
		if tt.a.Differs(tt.b, tt.not, 5) || tt.b.Differs(tt.a, tt.not, 5) {
			t.Errorf("example %d differs at %v", i+1, tt.not)
		}
		if tt.a.Differs(tt.b, tt.yes, 11) && tt.a.N < 11 {
			t.Errorf("example %d differs below min_n", i+1)
		}
	}
}

// TestSharesDifferAsChiSquare: the square of the two-proportion z is Pearson's chi-square of the two by two table.
func TestSharesDifferAsChiSquare(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, m := rapid.Uint64Range(5, 2000).Draw(r, "n"), rapid.Uint64Range(5, 2000).Draw(r, "m")
		a, b := rapid.Uint64Range(0, n).Draw(r, "a"), rapid.Uint64Range(0, m).Draw(r, "b")
		total, hits := float64(n+m), float64(a+b)
		chi := 0.0
		for _, cell := range []struct{ seen, row, column float64 }{
			{float64(a), float64(n), hits}, {float64(n - a), float64(n), total - hits}, {float64(b), float64(m), hits}, {float64(m - b), float64(m), total - hits},
		} {
			if expected := cell.row * cell.column / total; expected > 0 {
				chi += (cell.seen - expected) * (cell.seen - expected) / expected
			}
		}
		bound := distuv.ChiSquared{K: 1}.Quantile(0.95)
		if math.Abs(chi-bound) < 1e-6 {
			r.Skip("on the bound")
		}
		if got := share(a, n, 0).Differs(share(b, m, 0), 0.95, 5); got != (chi > bound) {
			r.Errorf("%d of %d and %d of %d: %v, chi-square %v", a, n, b, m, got, chi)
		}
	})
}

// TestNPSVariance: p + d - (p - d)² is the variance of answers that count 1, 0 and -1.
func TestNPSVariance(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		up, none, down := rapid.Uint64Range(0, 500).Draw(r, "up"), rapid.Uint64Range(0, 500).Draw(r, "none"), rapid.Uint64Range(1, 500).Draw(r, "down")
		n := float64(up + none + down)
		mean := (float64(up) - float64(down)) / n
		variance := (float64(up)*(1-mean)*(1-mean) + float64(none)*mean*mean + float64(down)*(1+mean)*(1+mean)) / n
		s := Survey{N: up + none + down, Promoters: up, Passives: none, Detractors: down}.nps()
		low, high, ok := s.Interval(0.95)
		half := 1.959963984540054 * 100 * math.Sqrt(variance/n)
		if !ok || math.Abs(low-max(100*mean-half, -100)) > 1e-8 || math.Abs(high-min(100*mean+half, 100)) > 1e-8 {
			r.Errorf("%v to %v, want %v ± %v", low, high, 100*mean, half)
		}
	})
}

// TestAlertsThatKnowTheSample: how often rules fire on one check, summed over the binomial distribution: the table of the catalogue.
func TestAlertsThatKnowTheSample(t *testing.T) {
	const threshold, confidence = 80, 0.95
	point := func(s Sample) bool { v, _ := s.Value(); return v < threshold }
	bound := func(s Sample) bool { high, _ := s.Upper(confidence); return high < threshold }
	for _, tt := range []struct {
		what  string
		fires func(Sample) bool
		truth float64
		want  [3]float64 // n of 20, 50, 100; in percent
		digit [3]float64 // half a unit of the last digit told
	}{
		{"point estimate, false alarms", point, 0.85, [3]float64{17, 12, 6.6}, [3]float64{0.5, 0.5, 0.05}},
		{"upper bound, false alarms", bound, 0.85, [3]float64{2.2, 0.5, 0.1}, [3]float64{0.05, 0.05, 0.05}},
		{"upper bound, detects 65 %", bound, 0.65, [3]float64{58, 81, 96.5}, [3]float64{0.5, 0.5, 0.05}},
	} {
		for i, n := range []uint64{20, 50, 100} {
			sum := 0.0
			for k := uint64(0); k <= n; k++ {
				if tt.fires(share(k, n, 0)) {
					sum += distuv.Binomial{N: float64(n), P: tt.truth}.Prob(float64(k))
				}
			}
			if got := 100 * sum; math.Abs(got-tt.want[i]) > tt.digit[i] {
				t.Errorf("%s of %d: %.3f %%, want %v", tt.what, n, got, tt.want[i])
			}
		}
	}
}

func BenchmarkIntervals(b *testing.B) {
	samples := make([]Sample, 100_000)
	for i := range samples {
		switch i % 3 {
		case 0:
			samples[i] = share(uint64(i%50), uint64(50+i%1000), 0)
		case 1:
			samples[i] = Sample{Kind: Mean, N: uint64(2 + i%1000), Center: 80, Variance: 100}
		default:
			samples[i] = Survey{N: 100, Promoters: 50, Passives: 30, Detractors: uint64(20 + i%100)}.nps()
		}
	}
	for b.Loop() {
		for i, s := range samples {
			s.Interval(Confidence)
			s.Differs(samples[(i+3)%len(samples)], Confidence, 5)
		}
	}
}
