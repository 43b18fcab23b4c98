package rolling

import (
	"slices"

	"github.com/rapport-project/rapport/metrics"
)

// lane is a part of the metrics that is computed and written at once.
type lane string

// The lanes: what days and parts of days add up to, which is fast; and what only whole spans give, which is not and must not hold the others up.
const (
	laneDays  lane = "days"
	laneSpans lane = "spans"
)

func laneOf(m metrics.Metric) lane {
	if slices.ContainsFunc(m.Rests, metrics.State.Heavy) {
		return laneSpans
	}
	return laneDays
}

// metricsOf are the names of the metrics of a lane that a window is served for. What is made of other figures goes with each of them.
func metricsOf(all []metrics.Metric, l lane, w metrics.Window) []string {
	var names, ofOthers []string
	for _, m := range all {
		switch {
		case m.Points == nil:
			ofOthers = append(ofOthers, m.Name)
		case laneOf(m) == l && m.Shortest() <= w.Length:
			names = append(names, m.Name)
		}
	}
	if names == nil {
		return nil
	}
	return append(names, ofOthers...)
}
