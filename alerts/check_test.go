package alerts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/tenants"
)

var pairs = settings{"acme": {Zone: time.UTC, MinN: 5, Cuts: [][2]string{{"region", "product"}}}}

func TestRulesAreUnderstood(t *testing.T) {
	got := rules(t, pairs, `
groups:
  - name: satisfaction
    interval: 5m
    rules:
      - alert: SatisfactionLow
        metric: csat_top2
        questionnaire: after-sales-10
        window: 24h
        cut: region,product
        cut_value: [north, "<pump> & \"co\""]
        tenants: [acme]
        below: 80
        confidence: 0.95
        min_n: 20
        for: 15m
        keep_firing_for: 2d
        resolve: 82.5
        no_data: resolve
        labels: {severity: page}
        annotations:
          summary: '{{ .MetricEn }} {{ printf "%.1f" .Value }} (n = {{ .N }}) in {{ .Labels.region }} / {{ .MetricZh }}'
      - alert: Silence
        metric: volume
        window: 1h
        drop: 30
        cut: channel
        cut_value: ""
`)
	if len(got.Groups) != 1 || got.Groups[0].Interval != 5*time.Minute || len(got.Groups[0].Rules) != 2 {
		t.Fatalf("%+v", got)
	}
	r, s := got.Groups[0].Rules[0], got.Groups[0].Rules[1]
	if r.Metric.Name != "csat_top2" || r.Bound != Below || r.Threshold != 80 || r.Back != 82.5 || r.Confidence != 0.95 || r.KeepFiringFor != 48*time.Hour ||
		r.For != 15*time.Minute || r.NoData != Resolve || r.MinN != 20 || *r.CutValue != `["north","<pump> & \"co\""]` || r.Concerns("other") || !r.Concerns("acme") {
		t.Errorf("%+v", r)
	}
	if s.Bound != Drop || s.Back != 30 || s.NoData != Keep || *s.CutValue != "" || !s.Concerns("other") {
		t.Errorf("%+v", s)
	}
	text, err := r.Annotations[0].Render(sample())
	if want := "Satisfied 71.4 (n = 120) in north / 满意"; err != nil || text != want {
		t.Errorf("%q, want %q: %v", text, want, err)
	}
}

func TestMistakes(t *testing.T) {
	const begin = "groups:\n  - name: g\n    rules:\n      - alert: a\n        "
	rule := func(lines ...string) string {
		return begin + strings.Join(lines, "\n        ") + "\n"
	}
	for text, want := range map[string]string{
		"groups: []\n": "r.yaml:1: groups: found an empty list; want a list of groups: [{name, rules}]",
		"group: x\n":   "r.yaml:1: group: unknown key; did you mean groups?\nr.yaml:1: groups: missing; want a list of groups: [{name, rules}]",
		"groups:\n  - interval: 5s\n    rules: [{}]\n": "r.yaml:2: groups[0].name: missing; want a name of the group's own\n" +
			"r.yaml:2: groups[0].interval: found \"5s\"; want a duration from 10s to 24h0m0s, such as 30s, 15m or 2d\n" +
			"r.yaml:3: groups[0].rules[0].alert: missing; want the alert's name\nr.yaml:3: groups[0].rules[0].metric: missing; want a metric of the catalogue, such as csat_top2\n" +
			"r.yaml:3: groups[0].rules[0].window: missing; want one of 1h, 24h, 7d, 28d, 90d\nr.yaml:3: groups[0].rules[0]: none of below, above and drop; want exactly one of below, above and drop",
		rule("metric: csat_top", "window: 1h", "below: 80"):                                                          "r.yaml:5: groups[0].rules[0].metric: there is no metric \"csat_top\"; did you mean csat_top2?",
		rule("metric: happiness", "window: 1h", "below: 80"):                                                         "r.yaml:5: groups[0].rules[0].metric: there is no metric \"happiness\"; docs/metrics.md lists them all",
		rule("metric: ipa_quadrant", "window: 24h", "below: 80"):                                                     "r.yaml:5: groups[0].rules[0].metric: ipa_quadrant is a name and no number: no bound holds for it",
		rule("metric: csat_top2", "window: 2h", "below: 80"):                                                         "r.yaml:6: groups[0].rules[0].window: found \"2h\"; want one of 1h, 24h, 7d, 28d, 90d",
		rule("metric: coverage", "window: 1h", "below: 80"):                                                          "r.yaml:6: groups[0].rules[0].window: coverage is not served for windows below 24h0m0s",
		rule("metric: csat_top2", "window: 1h", "below: 80", "above: 90"):                                            "r.yaml:4: groups[0].rules[0]: below and above; want exactly one of below, above and drop",
		rule("metric: csat_top2", "window: 1h", "below: 0.8"):                                                        "r.yaml:7: groups[0].rules[0].below: found 0.8; csat_top2 is in percent: for a share of 0.8 write 80",
		rule("metric: csat_top2", "window: 1h", "above: 100"):                                                        "r.yaml:7: groups[0].rules[0].above: csat_top2 goes from 0 to 100 (%): it is never past 100",
		rule("metric: csat_top2", "window: 1h", "drop: -5"):                                                          "r.yaml:7: groups[0].rules[0].drop: found \"-5\"; want a number from 0 to 1000000000 with at most 6 decimals",
		rule("metric: csat_top2", "window: 1h", "below: 80", "confidence: 95"):                                       "r.yaml:8: groups[0].rules[0].confidence: found \"95\"; want a number from 0 to 1 with at most 6 decimals",
		rule("metric: csat_top2", "window: 1h", "below: 80", "confidence: 0.5"):                                      "r.yaml:8: groups[0].rules[0].confidence: found 0.5; want more than 0.5 and less than 1, such as 0.95",
		rule("metric: volume", "window: 1h", "below: 80", "confidence: 0.95"):                                        "r.yaml:8: groups[0].rules[0].confidence: volume is no share, mean or nps and has no interval; leave it out, and the value itself is compared",
		rule("metric: volume", "window: 1h", "below: 8", "questionnaire: nps"):                                       "r.yaml:8: groups[0].rules[0].questionnaire: volume is not told apart by questionnaire; leave it out",
		rule("metric: volume", "window: 1h", "below: 8", "detail: skill"):                                            "r.yaml:8: groups[0].rules[0].detail: volume has one figure and no detail; leave it out",
		rule("metric: dimension_score", "questionnaire: after-sales-10", "detail: skil", "window: 24h", "below: 80"): "r.yaml:7: groups[0].rules[0].detail: dimension_score has no figure of \"skil\"; did you mean skill?",
		rule("metric: item_score", "questionnaire: after-sales-10", "detail: price", "window: 24h", "below: 80"):     "r.yaml:7: groups[0].rules[0].detail: item_score has no figure of \"price\"; want one of attitude, overall, parts, skill, timeliness",
		rule("metric: level_share", "detail: happy", "window: 24h", "above: 80"):                                     "r.yaml:6: groups[0].rules[0].detail: level_share has no figure of \"happy\"; want one of dissatisfied, neutral, satisfied, very_dissatisfied, very_satisfied",
		rule("metric: arrival", "detail: p91", "window: 24h", "above: 80"):                                           "r.yaml:6: groups[0].rules[0].detail: arrival has no figure of \"p91\"; did you mean p90?",
		rule("metric: nps", "window: 1h", "below: 8", "questionnaire: mine"):                                         "r.yaml:8: groups[0].rules[0].questionnaire: there is no questionnaire \"mine\"; there are: after-sales-10, ecommerce-5, likert-12, rater-5, relationship, servqual-22",
		rule("metric: nps", "window: 1h", "below: 8", "cut: country"):                                                "r.yaml:8: groups[0].rules[0].cut: found \"country\"; want one of region, org_unit, product, service, channel, segment, agent, or a pair of them that the tenant's file names, as region,product",
		rule("metric: nps", "window: 1h", "below: 8", "cut: product,region"):                                         "r.yaml:8: groups[0].rules[0].cut: no tenant's file has the pair product,region among its cuts, in that order",
		rule("metric: nps", "window: 1h", "below: 8", "cut: 'region,product'", "tenants: [x]"):                       "r.yaml:8: groups[0].rules[0].cut: tenant x does not have the pair region,product among its cuts, in that order",
		rule("metric: nps", "window: 1h", "below: 8", "cut_value: north"):                                            "r.yaml:8: groups[0].rules[0].cut_value: a value without a cut; want the cut that it is a value of",
		rule("metric: nps", "window: 1h", "below: 8", "cut: region", "cut_value: [a, b]"):                            "r.yaml:9: groups[0].rules[0].cut_value: 2 values; want 1, for the cut is region",
		rule("metric: nps", "window: 1h", "below: 8", "resolve: 5"):                                                  "r.yaml:8: groups[0].rules[0].resolve: 5 is below the threshold; want below: 8 or more: the alert ends there",
		rule("metric: nps", "window: 1h", "below: 8", "no_data: ignore"):                                             "r.yaml:8: groups[0].rules[0].no_data: found \"ignore\"; want one of keep, resolve, fire",
		rule("metric: nps", "window: 1h", "below: 8", "for: 5 minutes"):                                              "r.yaml:8: groups[0].rules[0].for: found \"5 minutes\"; want a duration from 0s to 2160h0m0s, such as 30s, 15m or 2d",
		rule("metric: nps", "window: 1h", "below: 8", "labels: {tenant: x, a-b: y}"):                                 "r.yaml:8: groups[0].rules[0].labels.tenant: tenant is set for every alert already; want another name\nr.yaml:8: groups[0].rules[0].labels.a-b: \"a-b\" is no name; want letters, digits and _, the first no digit",
		rule("metric: nps", "window: 1h", "below: 8", "annotations: {s: '{{ .Valu }}'}"):                             "r.yaml:8: groups[0].rules[0].annotations.s: s:1:3: executing \"s\" at <.Valu>: can't evaluate field Valu in type alerts.Data",
		rule("metric: nps", "window: 1h", "below: 8", "annotations: {s: '{{ .Value'}"):                               "r.yaml:8: groups[0].rules[0].annotations.s: s:1: unclosed action",
		rule("metric: nps", "window: 1h", "below: 8") + "      - {alert: a, metric: nps, window: 1h, below: 8}\n":    "r.yaml:8: groups[0].rules[1]: a second alert \"a\" in the group; want a name of its own: it is part of the alert's id",
	} {
		_, problems := CheckAll([]yamlfile.Source{{Name: "r.yaml", Text: []byte(text)}}, known(t, pairs))
		if diff := cmp.Diff(want, problems.Error()); diff != "" {
			t.Errorf("%s%s", text, diff)
		}
	}
}

func TestGroupsOfSeveralFiles(t *testing.T) {
	text := []byte("groups: [{name: g, rules: [{alert: a, metric: nps, window: 1h, below: 8}]}]\n")
	_, problems := CheckAll([]yamlfile.Source{{Name: "a.yaml", Text: text}, {Name: "b.yaml", Text: text}}, known(t, nil))
	if want := `b.yaml:1: groups[0].name: group "g" is in a.yaml too; want a name of its own`; problems.Error() != want {
		t.Errorf("%s, want %s", problems, want)
	}
}

// TestExamples: the rules that are shipped as examples are good.
func TestExamples(t *testing.T) {
	const dir = "../examples/config/alerts"
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatal("no examples", err)
	}
	var sources []yamlfile.Source
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, yamlfile.Source{Name: entry.Name(), Text: text})
	}
	s, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	k := known(t, nil)
	k.Settings = s
	got, problems := CheckAll(sources, k)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, g := range got.Groups {
		for _, r := range g.Rules {
			texts := map[string]bool{}
			for _, a := range r.Annotations {
				texts[a.Name] = true
			}
			if !texts["summary"] || !texts["summary_zh"] {
				t.Errorf("%s/%s does not say what it is in both languages", g.Name, r.Alert)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("groups: [{name: g, rules: [{alert: a, metric: nps, window: 1h, below: 8, annotations: {s: '{{ .Value }}'}}]}]\n"))
	k := known(f, pairs)
	f.Fuzz(func(t *testing.T, text []byte) {
		rules, problems := CheckAll([]yamlfile.Source{{Name: "r.yaml", Text: text}}, k)
		if len(problems) > 0 {
			return
		}
		for _, g := range rules.Groups {
			if g.Interval < minInterval || g.Name == "" {
				t.Fatalf("%+v", g)
			}
			for _, r := range g.Rules {
				if r.Alert == "" || r.Bound == "" || r.Window.Length == 0 || r.Confidence != 0 && (r.Confidence <= 0.5 || r.Confidence >= 1) {
					t.Fatalf("%+v", r)
				}
			}
		}
	})
}
