package rolling

import (
	"slices"

	"github.com/rapport-project/rapport/metrics"
)

// places ranks the values of a cut by a metric, within each questionnaire and detail: the best first, ties at one place, and nobody who rests on fewer
// than minN observations. What is left out for that is counted in each place.
func (b board) places(m metrics.Metric, of, into map[figureKey]point) {
	type entry struct {
		value string
		score float64
		n     uint64
	}
	lists := map[figureKey][]entry{}
	small := map[figureKey]uint64{}
	for k, p := range of {
		if k.metric != m.Name {
			continue
		}
		list := figureKey{metric: m.Name, questionnaire: k.questionnaire, detail: k.detail}
		score, ok := p.Value()
		switch {
		case !ok || p.N == 0:
		case p.N < b.minN:
			small[list]++
		default:
			lists[list] = append(lists[list], entry{k.value, score, p.N})
		}
	}
	for list, entries := range lists {
		better := func(x, y float64) bool {
			if m.Better == metrics.Lower {
				return x < y
			}
			return x > y
		}
		slices.SortFunc(entries, func(x, y entry) int {
			switch {
			case better(x.score, y.score):
				return -1
			case better(y.score, x.score):
				return 1
			}
			return 0
		})
		detail := list.metric
		if list.detail != "" {
			detail += ":" + list.detail
		}
		place := 0
		for i, e := range entries {
			if i == 0 || e.score != entries[i-1].score {
				place = i + 1
			}
			s := metrics.Sample{Kind: metrics.Plain, N: e.n, Excluded: small[list], Plain: float64(place), Known: true}
			into[figureKey{b.rank.Name, list.questionnaire, detail, e.value}] = point{s, b.rank.Unit, b.rank.Version}
		}
	}
}
