package metrics

import (
	"cmp"
	"slices"

	"github.com/rapport-project/rapport/outcomes"
)

// bucket counts durations of one bucket.
type bucket struct {
	number uint16
	n      uint64
}

// histogram are buckets in their order.
type histogram []bucket

const (
	calendarClock = "calendar"
	workingClock  = "working"
)

// histograms are those of what was waited for, by both clocks.
func histograms(durations map[DurationKey]uint64, name string) (calendar, working histogram) {
	for key, n := range durations {
		switch {
		case key.Name != name || n == 0:
		case key.Clock == calendarClock:
			calendar = append(calendar, bucket{key.Bucket, n})
		case key.Clock == workingClock:
			working = append(working, bucket{key.Bucket, n})
		}
	}
	byNumber := func(a, b bucket) int { return cmp.Compare(a.number, b.number) }
	slices.SortFunc(calendar, byNumber)
	slices.SortFunc(working, byNumber)
	return calendar, working
}

// Quantiles are those that durations are shown by, as details name them.
func Quantiles() map[string]float64 {
	return map[string]float64{"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
}

// quantiles are points with a prefix before their details; cases without the duration are left out of all.
func (h histogram) quantiles(prefix string, all uint64) []Point {
	var n uint64
	for _, b := range h {
		n += b.n
	}
	if n == 0 {
		return nil
	}
	var points []Point
	for name, p := range Quantiles() {
		points = append(points, Point{Detail: prefix + name, Sample: Sample{
			Kind: Quantile, N: n, Excluded: less(all, n), Plain: h.quantile(p, n) / micros, Known: true,
		}})
	}
	return points
}

// quantile is in microseconds: between the two of n durations that lie beside place p (n - 1), by linear interpolation, as quantileExactInclusive does.
// Durations are taken to lie evenly in their bucket, which is less than 1 % wide.
func (h histogram) quantile(p float64, n uint64) float64 {
	place := p * float64(n-1)
	below := uint64(place)
	low := h.at(below)
	if below+1 >= n {
		return low
	}
	return low + (place-float64(below))*(h.at(below+1)-low)
}

// at is the duration with so many before it.
func (h histogram) at(rank uint64) float64 {
	for _, b := range h {
		if rank < b.n {
			low, width := outcomes.DurationBounds(b.number)
			return float64(low) + float64(width-1)*(float64(rank)+0.5)/float64(b.n)
		}
		rank -= b.n
	}
	return 0
}
