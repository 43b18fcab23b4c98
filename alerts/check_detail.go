package alerts

import (
	"maps"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/metrics"
)

// detail reads which of the metric's figures the rule is about.
func (rd reader) detail(r *Rule) {
	at := rd.o.Get("detail")
	text, ok := at.Scalar()
	switch {
	case !at.Exists() || !ok:
		return
	case r.Metric.Detail == "":
		at.Fail("%s has one figure and no detail; leave it out", r.Metric.Name)
		return
	}
	r.Detail = text
	names := rd.details(*r)
	if len(names) == 0 || slices.Contains(names, text) {
		return
	}
	hint := "want one of " + strings.Join(names, ", ")
	if near := yamlfile.Nearest(text, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	at.Fail("%s has no figure of %.80q; %s", r.Metric.Name, text, hint)
}

// details are all that the metric can have, where they are a closed list: of every questionnaire, where the rule names none.
func (rd reader) details(r Rule) []string {
	words := metrics.Labels()
	switch {
	case r.Metric.Kind == metrics.Quantile:
		return slices.Sorted(maps.Keys(words[metrics.QuantileSet]))
	case r.Metric.Detail == "level":
		return slices.Sorted(maps.Keys(words[metrics.Levels]))
	case r.Metric.Detail == "milestone":
		return slices.Sorted(maps.Keys(words[metrics.MilestoneSet]))
	case r.Metric.Detail == "dimension":
		return rd.asked(r.Questionnaire, true)
	case r.Metric.Detail == "item":
		return rd.asked(r.Questionnaire, false)
	}
	return nil
}

// asked are the dimensions, or else the items, of a questionnaire in all its versions; of every one where none is named.
func (rd reader) asked(questionnaire string, dimensions bool) []string {
	ids := []string{questionnaire}
	if questionnaire == "" {
		ids = rd.known.Questionnaires.IDs()
	}
	var names []string
	for _, id := range ids {
		for _, v := range rd.known.Questionnaires.Versions(id) {
			for _, item := range v.Items {
				if dimensions {
					names = append(names, item.Dimension)
				} else {
					names = append(names, item.ID)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
