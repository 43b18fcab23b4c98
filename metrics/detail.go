package metrics

import (
	"strings"

	"github.com/rapport-project/rapport/questionnaires"
)

// DetailLabel is what people read for a detail of a metric: the title of a dimension, the text of an item, the name of a level. What has no label
// stands for itself, in both languages; the detail ” has none.
func DetailLabel(m Metric, questionnaire, detail string, c *questionnaires.Catalog) Text {
	own := Text{detail, detail}
	if detail == "" {
		return Text{}
	}
	words := Labels()
	titles := titlesOf(questionnaire, c)
	first, second, pair := strings.Cut(detail, ":")
	switch m.Name {
	case "level_share":
		return known(words[Levels], detail)
	case "gap_by_role":
		return joined(known(titles.dimensions, first), known(words[Roles], second))
	case "score_share":
		return joined(titles.scored(first), Text{second, second})
	case "item_score":
		return known(titles.items, detail)
	case "reason_share":
		if pair {
			return joined(known(titles.dimensions, first), known(titles.reasons, second))
		}
		return known(titles.reasons, detail)
	case "fcr_failures":
		return known(words[Failures], detail)
	case "on_time_rate", "overdue_open":
		return known(words[MilestoneSet], detail)
	case "coverage":
		return known(words[Special], detail)
	case "rank", "target_gap":
		if ranked, ok := ByName(first); ok && pair {
			return joined(ranked.Label, DetailLabel(ranked, questionnaire, second, c))
		} else if ok {
			return ranked.Label
		}
		return known(titles.dimensions, detail)
	}
	if label, ok := words[QuantileSet][detail]; ok && m.Kind == Quantile {
		return label
	}
	if label, ok := titles.dimensions[detail]; ok {
		return label
	}
	return own
}

// CutLabel is what people read for a cut: an attribute, or both of a pair.
func CutLabel(cut string) Text {
	words := Labels()[Cuts]
	if first, second, pair := strings.Cut(cut, ","); pair {
		a, b := known(words, first), known(words, second)
		return Text{a.En + " and " + strings.ToLower(b.En), a.Zh + "与" + b.Zh}
	}
	return known(words, cut)
}

func known(words map[string]Text, name string) Text {
	if label, ok := words[name]; ok {
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

// titles are the texts of a questionnaire; those of later versions hold.
type titles struct{ dimensions, items, reasons map[string]Text }

func titlesOf(id string, c *questionnaires.Catalog) titles {
	t := titles{make(map[string]Text), make(map[string]Text), make(map[string]Text)}
	if c == nil {
		return t
	}
	for _, v := range c.Versions(id) {
		for _, item := range v.Items {
			t.items[item.ID] = Text(item.Text)
		}
		for _, d := range v.Dimensions {
			t.dimensions[d.ID] = Text(d.Title)
			for _, r := range d.Reasons {
				t.reasons[r.Code] = Text(r.Label)
			}
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
