package metrics

import (
	"strings"

	"github.com/rapport-project/rapport/questionnaires"
)

// Words know what people read for what figures carry, in both languages. They are not changed once made, so that they may be shared.
type Words struct {
	labels  map[Vocabulary]map[string]Text
	metrics map[string]Metric
	titles  map[string]titles
}

// NewWords takes titles and texts from the definitions in force.
func NewWords(c *questionnaires.Catalog) *Words {
	w := &Words{labels: Labels(), metrics: make(map[string]Metric), titles: make(map[string]titles)}
	for _, m := range All() {
		w.metrics[m.Name] = m
	}
	for _, v := range versions(c) {
		w.titles[v.ID] = w.titles[v.ID].with(v)
	}
	return w
}

// Of is the label of a name; what has none stands for itself.
func (w *Words) Of(v Vocabulary, name string) Text { return known(w.labels[v], name) }

// Cut is the label of a cut: an attribute, or both of a pair.
func (w *Words) Cut(cut string) Text {
	if first, second, pair := strings.Cut(cut, ","); pair {
		a, b := w.Of(Cuts, first), w.Of(Cuts, second)
		return Text{a.En + " and " + strings.ToLower(b.En), a.Zh + "与" + b.Zh}
	}
	return w.Of(Cuts, cut)
}

// Detail is the label of a detail of a metric: the title of a dimension, the text of an item, the name of a level. What has none stands for itself;
// the detail ” has none.
func (w *Words) Detail(m Metric, questionnaire, detail string) Text {
	if detail == "" {
		return Text{}
	}
	t := w.titles[questionnaire]
	first, second, pair := strings.Cut(detail, ":")
	switch m.Name {
	case "level_share":
		return w.Of(Levels, detail)
	case "gap_by_role":
		return joined(known(t.dimensions, first), w.Of(Roles, second))
	case "score_share":
		return joined(t.scored(first), Text{second, second})
	case "item_score":
		return known(t.items, detail)
	case "reason_share":
		if pair {
			return joined(known(t.dimensions, first), known(t.reasons, second))
		}
		return known(t.reasons, detail)
	case "fcr_failures":
		return w.Of(Failures, detail)
	case "on_time_rate", "overdue_open":
		return w.Of(MilestoneSet, detail)
	case "coverage":
		return w.Of(Special, detail)
	case "complaint_reason_share", "complaint_reason_cumulative":
		return Text{detail, detail}
	case "rank", "target_gap":
		if of, ok := w.metrics[first]; ok {
			return joined(of.Label, w.Detail(of, questionnaire, second))
		}
	}
	if m.Kind == Quantile {
		return w.Of(QuantileSet, detail)
	}
	return known(t.dimensions, detail)
}

func known(words map[string]Text, name string) Text {
	if label, ok := words[name]; ok && label.En != "" {
		return label
	}
	return Text{name, name}
}

// joined sets the second apart.
func joined(a, b Text) Text {
	if b.En == "" {
		return a
	}
	return Text{a.En + ": " + b.En, a.Zh + "：" + b.Zh}
}

// titles are the texts of a questionnaire.
type titles struct{ dimensions, items, reasons map[string]Text }

// with adds those of a version, which hold over those of the versions before.
func (t titles) with(v *questionnaires.Version) titles {
	if t.dimensions == nil {
		t = titles{make(map[string]Text), make(map[string]Text), make(map[string]Text)}
	}
	for _, item := range v.Items {
		t.items[item.ID] = Text(item.Text)
	}
	for _, d := range v.Dimensions {
		t.dimensions[d.ID] = Text(d.Title)
		for _, r := range d.Reasons {
			t.reasons[r.Code] = Text(r.Label)
		}
	}
	return t
}

// scored is the title of a dimension where there is one, else the text of an item.
func (t titles) scored(name string) Text {
	if label, ok := t.dimensions[name]; ok && label.En != "" {
		return label
	}
	return known(t.items, name)
}
