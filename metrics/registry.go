package metrics

import "slices"

// The sections of the catalogue.
const (
	Satisfaction = "satisfaction"
	FirstContact = "first_contact"
	Timeliness   = "timeliness"
	Complaints   = "complaints"
)

// customer is the role that figures are of, but for the value curve.
const customer = "customer"

// All are the metrics, in the order of the catalogue. The slice is the caller's own.
func All() []Metric {
	return slices.Concat(
		scoreMetrics(), responseMetrics(), servqualMetrics(), importanceMetrics(), reasonMetrics(), reachMetrics(), targetMetrics(),
		firstContactMetrics(), chainMetrics(), queueMetrics(), caseMetrics(), complaintMetrics(), complaintTimeMetrics(),
	)
}

// ByName is the metric of a name; false if there is none. A caller that asks often keeps what it gets.
func ByName(name string) (Metric, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// one is a point of a metric that has neither questionnaire nor detail; none where nothing was observed.
func one(s Sample) []Point {
	if s.N == 0 {
		return nil
	}
	return []Point{{Sample: s}}
}

// counted is the only point of a number of things: where there are none it is 0, which is known too.
func counted(n uint64) []Point {
	return []Point{{Sample: Sample{Kind: Plain, N: n, Plain: float64(n), Known: true}}}
}

// share is count of n, in percent.
func share(count, n, excluded uint64) Sample {
	return Sample{Kind: Share, N: n, Excluded: excluded, Count: count, Scale: percent}
}

const percent = 100

// less is a - b, and 0 where b is more: parts are read a moment apart from their whole.
func less(a, b uint64) uint64 { return a - min(a, b) }
