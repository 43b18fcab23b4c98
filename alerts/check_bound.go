package alerts

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/metrics"
)

// bound reads the threshold, the confidence and where the alert ends.
func (rd reader) bound(r *Rule, hasMetric bool) {
	var given []string
	for _, b := range []Bound{Below, Above, Drop} {
		at := rd.o.Get(string(b))
		if !at.Exists() {
			continue
		}
		given = append(given, string(b))
		lowest := -maxNumber
		if b == Drop {
			lowest = 0
		}
		if d, ok := at.Decimal(lowest, maxNumber); ok {
			r.Bound, r.Threshold = b, float(d)
			r.Back = r.Threshold
			if hasMetric {
				rd.reachable(at, *r)
			}
		}
	}
	if len(given) != 1 {
		found := "none of below, above and drop"
		if len(given) > 0 {
			found = strings.Join(given, " and ")
		}
		rd.at.Fail("%s; want exactly one of below, above and drop", found)
	}
	rd.confidence(r, hasMetric)
	rd.resolve(r)
}

func (rd reader) confidence(r *Rule, hasMetric bool) {
	at := rd.o.Get("confidence")
	d, ok := at.Decimal(0, 1)
	if !ok {
		return
	}
	r.Confidence = float(d)
	switch {
	case r.Confidence <= 0.5 || r.Confidence >= 1:
		at.Fail("found %s; want more than 0.5 and less than 1, such as 0.95", d)
	case hasMetric && !slices.Contains([]metrics.Kind{metrics.Share, metrics.Mean, metrics.NPS}, r.Metric.Kind):
		at.Fail("%s is no share, mean or nps and has no interval; leave it out, and the value itself is compared", r.Metric.Name)
	}
}

func (rd reader) resolve(r *Rule) {
	at := rd.o.Get("resolve")
	d, ok := at.Decimal(-maxNumber, maxNumber)
	if !ok || r.Bound == "" {
		return
	}
	r.Back = float(d)
	switch r.Bound {
	case Below:
		if r.Back < r.Threshold {
			at.Fail("%s is below the threshold; want %s %v or more: the alert ends there", d, "below:", r.Threshold)
		}
	case Above:
		if r.Back > r.Threshold {
			at.Fail("%s is above the threshold; want %s %v or less: the alert ends there", d, "above:", r.Threshold)
		}
	case Drop:
		if r.Back > r.Threshold {
			at.Fail("%s is a greater drop than the threshold; want %v or less: the alert ends there", d, r.Threshold)
		}
	}
}

// reachable notes a threshold that the metric can never be past, mostly a share written as a fraction.
func (rd reader) reachable(at yamlfile.Value, r Rule) {
	lo, hi, bounded := span(r.Metric.Unit)
	if !bounded {
		return
	}
	switch {
	case r.Bound == Below && r.Threshold <= lo, r.Bound == Above && r.Threshold >= hi, r.Bound == Drop && r.Threshold >= hi-lo:
		at.Fail("%s goes from %v to %v (%s): it is never past %v", r.Metric.Name, lo, hi, r.Metric.Unit, r.Threshold)
	case r.Metric.Unit == metrics.Percent && r.Threshold > 0 && r.Threshold < 1 && r.Bound == Below:
		at.Fail("found %v; %s is in percent: for a share of %v write %v", r.Threshold, r.Metric.Name, r.Threshold, r.Threshold*100)
	}
}

// span is what values of a unit lie between.
func span(u metrics.Unit) (lo, hi float64, bounded bool) {
	switch u {
	case metrics.Percent, metrics.Score:
		return 0, 100, true
	case metrics.NPSPoints:
		return -100, 100, true
	case metrics.Ease:
		return 1, 7, true
	case metrics.Rho:
		return -1, 1, true
	}
	return 0, 0, false
}

func float(d yamlfile.Decimal) float64 {
	f, _ := d.Rat().Float64()
	return f
}

// pairOf is the cut value of a pair, as figures have it.
func pairOf(values []string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // figures have what ClickHouse writes
	if err := e.Encode(values); err != nil {
		return "" // strings always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
