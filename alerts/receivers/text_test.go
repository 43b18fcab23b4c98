package receivers

import (
	"math"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/metrics"
)

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		value *float64
		unit  metrics.Unit
		want  string
	}{
		{nil, metrics.Percent, "–"}, {ptr(math.NaN()), metrics.Score, "–"}, {ptr(math.Inf(1)), metrics.Score, "–"},
		{ptr(79.21052631), metrics.Percent, "79.21 %"}, {ptr(80.0), metrics.Score, "80"}, {ptr(-0.001), metrics.Score, "0"},
		{ptr(12.5), metrics.PerMille, "12.5 ‰"}, {ptr(4.3), metrics.Seconds, "4.3 s"}, {ptr(61.0), metrics.Seconds, "1 min 1 s"},
		{ptr(5400.0), metrics.Seconds, "1 h 30 min"}, {ptr(-90000.0), metrics.Seconds, "-1 d 1 h"}, {ptr(1e300), metrics.Seconds, "11574 d 1 h"},
	} {
		if got := quantity(c.value, string(c.unit)); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.value, c.unit, got, c.want)
		}
	}
}

func TestThresholdSaysWhichWay(t *testing.T) {
	n := drop(Firing)
	for bound, want := range map[string]string{
		"below": "below 75 %, with 95 % confidence|低于 75 %，置信度 95%",
		"above": "above 75 %, with 95 % confidence|高于 75 %，置信度 95%",
		"drop":  "drop of more than 75 points, with 95 % confidence|较前一窗口下降超过 75 个百分点，置信度 95%",
	} {
		n.Bound = bound
		if got := threshold(n); got.En+"|"+got.Zh != want {
			t.Errorf("%s: %v", bound, got)
		}
	}
	n.Confidence = nil
	if got := threshold(n).En; strings.Contains(got, "confidence") {
		t.Error(got)
	}
}

func TestCutText(t *testing.T) {
	for _, c := range []struct{ cut, value, want string }{
		{"", "", ""}, {"region", "north", "region north"}, {"region", "", "region –"}, {"region,product", `["north","pump"]`, "region north, product pump"},
		{"region,product", `["north",""]`, "region north, product –"}, {"region,product", "other", "region,product other"}, {"region,product", `["a"]`, `region,product ["a"]`},
		{"region", `["north","pump"]`, `region ["north","pump"]`}, {"agent", strings.Repeat("长", 200), "agent " + strings.Repeat("长", 99) + "…"},
	} {
		if got := cutText(c.cut, c.value); got != c.want {
			t.Errorf("%s %s: %q", c.cut, c.value, got)
		}
	}
}

// TestEveryMessageStatesWhatItMust: value, n, interval, threshold, the window before, three movers and the link.
func TestEveryMessageStatesWhatItMust(t *testing.T) {
	n := drop(Firing)
	var slack strings.Builder
	for _, b := range slackMessage(n).Blocks {
		if b.Text != nil {
			slack.WriteString(b.Text.Text)
		}
		for _, e := range b.Elements {
			slack.WriteString(e.Text)
		}
	}
	var annotations strings.Builder
	for _, text := range alertAnnotations(n) {
		annotations.WriteString(text + "\n")
	}
	for _, want := range []string{"61.33 %", "75", "52.1 % – 69.8 %", "below 75 %", "低于 75 %", "84.25 %", "80", "product pump", "agent li", "channel –", "-24.17 points", "/v1/explain?", "满意率", "Satisfied responses"} {
		for name, text := range map[string]string{"slack": slack.String(), "alertmanager": annotations.String()} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not state %q", name, want)
			}
		}
	}
}
