package metrics

import (
	"strings"
	"testing"
	"unicode"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

// TestEverythingHasALabel: whatever a figure can carry has a text in English and in Chinese.
func TestEverythingHasALabel(t *testing.T) {
	labels := Labels()
	has := func(v Vocabulary, name string) {
		t.Helper()
		if label, ok := labels[v][name]; !ok || label.En == "" || label.Zh == "" {
			t.Errorf("%s %q has no label in both languages: %+v", v, name, label)
		}
	}
	for _, m := range All() {
		has(Units, string(m.Unit))
		has(Sections, m.Section)
	}
	for _, level := range []questionnaires.Level{
		questionnaires.VerySatisfied, questionnaires.Satisfied, questionnaires.Neutral, questionnaires.Dissatisfied, questionnaires.VeryDissatisfied,
	} {
		has(Levels, string(level))
	}
	for _, milestone := range strings.Fields("requested acknowledged responded dispatched arrived parts_ordered parts_arrived resolved closed reopened first_response opened followed_up") {
		has(MilestoneSet, milestone)
	}
	for name := range Quantiles() {
		has(QuantileSet, name)
		has(QuantileSet, workingPrefix+name)
	}
	has(QuantileSet, "mean")
	has(QuantileSet, workingPrefix+"mean")
	for _, w := range Windows() {
		has(WindowSet, w.Name)
	}
	for _, a := range append(tenants.Attributes(), "") {
		has(Cuts, a)
	}
	for _, q := range Quadrants() {
		has(QuadrantSet, string(q))
	}
	for _, reason := range []string{NotResolved, RepeatContact, Reopened} {
		has(Failures, reason)
	}
	for v, words := range labels {
		for name, label := range words {
			if chinese := strings.ContainsFunc(label.Zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }); !chinese && label.Zh != "%" {
				t.Errorf("%s %q: the Chinese label is %q", v, name, label.Zh)
			}
		}
	}
}

func TestWords(t *testing.T) {
	words := NewWords(shipped(t))
	for _, tt := range []struct {
		metric, questionnaire, detail string
		want                          Text
	}{
		{"dimension_score", "after-sales-10", "skill", Text{"Technical skill", "技术水平"}},
		{"dimension_score", "after-sales-10", "unheard", Text{"unheard", "unheard"}},
		{"item_score", "likert-12", "price", Text{"Price", "价格"}},
		{"score_share", "after-sales-10", "skill:9", Text{"Technical skill: 9", "技术水平：9"}},
		{"level_share", "after-sales-10", "neutral", Text{"Neutral", "一般"}},
		{"gap_by_role", "after-sales-10", "parts:manager", Text{"Spare parts: Managers", "配件供应：管理者"}},
		{"reason_share", "after-sales-10", "wrong_part", Text{"Wrong part", "配件发错"}},
		{"reason_share", "after-sales-10", "parts:wrong_part", Text{"Spare parts: Wrong part", "配件供应：配件发错"}},
		{"fcr_failures", "", "reopened", Text{"The case was reopened", "工单重开"}},
		{"resolution", "", "working_p90", Text{"90th percentile, working time", "90 分位（工作时间）"}},
		{"on_time_rate", "", "arrived", Text{"Arrived", "到达现场"}},
		{"rank", "", "fcr", Text{"First-contact resolution", "首次解决率（FCR）"}},
		{"rank", "after-sales-10", "dimension_score:skill", Text{"Dimension score: Technical skill", "维度得分：技术水平"}},
		{"target_gap", "servqual-22", "servqual_gap:empathy", Text{"Gap to expectation: Empathy", "感知与期望差距：移情性"}},
		{"recontact_days", "", "30+", Text{"30+", "30+"}},
		{"fcr", "", "", Text{}},
	} {
		m, ok := ByName(tt.metric)
		if !ok {
			t.Fatalf("no metric %s", tt.metric)
		}
		if got := words.Detail(m, tt.questionnaire, tt.detail); got != tt.want {
			t.Errorf("%s %s %q: %+v, want %+v", tt.metric, tt.questionnaire, tt.detail, got, tt.want)
		}
	}
	if got := words.Cut("region,product"); got != (Text{"Region and product", "区域与产品"}) {
		t.Errorf("pair: %+v", got)
	}
	if got := words.Cut("agent"); got != (Text{"Agent", "坐席"}) {
		t.Errorf("attribute: %+v", got)
	}
}
