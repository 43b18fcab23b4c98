package alerts

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/tenants"
)

// Bounds of what a file may state.
const (
	defaultInterval = time.Minute
	minInterval     = 10 * time.Second
	maxInterval     = 24 * time.Hour
	maxFor          = 90 * 24 * time.Hour
	maxNumber       = 1_000_000_000
	maxMinN         = 1_000_000
)

// labelName is what Prometheus and Alertmanager take for one.
var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// reserved are the labels that say which alert it is.
func reserved() []string {
	return append([]string{"alertname", "group", "tenant", "metric", "questionnaire", "detail", "window", "cut", "cut_value"}, tenants.Attributes()...)
}

func check(name string, text []byte, known Known) ([]read, yamlfile.Problems) {
	file := yamlfile.Parse(name, text)
	root := file.Root().Object("groups")
	groups := root.Get("groups")
	groups.Required("a list of groups: [{name, rules}]")
	var out []read
	seen := map[string]bool{}
	for _, at := range groups.List("a list of groups: [{name, rules}]") {
		o := at.Object("name", "interval", "rules")
		g := read{at: o.Get("name"), Group: Group{Interval: defaultInterval}}
		if g.at.Required("a name of the group's own") {
			g.Name, _ = g.at.Text()
		}
		if seen[g.Name] && g.Name != "" {
			g.at.Fail("a second group %q in the file; want a name of its own", g.Name)
		}
		seen[g.Name] = true
		if d, ok := duration(o.Get("interval"), minInterval, maxInterval); ok {
			g.Interval = d
		}
		list := o.Get("rules")
		list.Required("a list of rules: [{alert, metric, window, below}]")
		names := map[string]bool{}
		for _, at := range list.List("a list of rules: [{alert, metric, window, below}]") {
			r := reader{at: at, known: known}.rule()
			if names[r.Alert] && r.Alert != "" {
				at.Fail("a second alert %q in the group; want a name of its own: it is part of the alert's id", r.Alert)
			}
			names[r.Alert] = true
			g.Rules = append(g.Rules, r)
		}
		out = append(out, g)
	}
	return out, file.Problems()
}

// reader reads one rule.
type reader struct {
	at    yamlfile.Value
	o     yamlfile.Object
	known Known
}

func (rd reader) rule() Rule {
	o := rd.at.Object("alert", "metric", "questionnaire", "detail", "window", "cut", "cut_value", "tenants", "below", "above", "drop", "confidence", "min_n",
		"for", "keep_firing_for", "resolve", "no_data", "labels", "annotations")
	rd.o = o
	r := Rule{NoData: Keep}
	if at := o.Get("alert"); at.Required("the alert's name") {
		if text, ok := at.Text(); ok {
			r.Alert = text
		}
	}
	for _, at := range o.Get("tenants").List("a list of tenants") {
		if id, ok := at.Scalar(); ok {
			r.Tenants = append(r.Tenants, id)
		}
	}
	hasMetric := rd.metric(&r)
	rd.window(&r, hasMetric)
	rd.cut(&r)
	rd.bound(&r, hasMetric)
	if n, ok := o.Get("min_n").Int(1, maxMinN); ok {
		r.MinN = n
	}
	if d, ok := duration(o.Get("for"), 0, maxFor); ok {
		r.For = d
	}
	if d, ok := duration(o.Get("keep_firing_for"), 0, maxFor); ok {
		r.KeepFiringFor = d
	}
	if way, ok := o.Get("no_data").OneOf(string(Keep), string(Resolve), string(Fire)); ok {
		r.NoData = NoData(way)
	}
	r.Labels = templates(o.Get("labels"), reserved())
	r.Annotations = templates(o.Get("annotations"), nil)
	return r
}

// metric reads what the rule watches; false where that is not known, so that what rests on it is not blamed.
func (rd reader) metric(r *Rule) bool {
	at := rd.o.Get("metric")
	at.Required("a metric of the catalogue, such as csat_top2")
	name, ok := at.Text()
	if !ok {
		return false
	}
	m, ok := rd.known.metric(name)
	if !ok {
		names := make([]string, len(rd.known.Metrics))
		for i, m := range rd.known.Metrics {
			names[i] = m.Name
		}
		hint := "docs/metrics.md lists them all"
		if near := yamlfile.Nearest(name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		at.Fail("there is no metric %.80q; %s", name, hint)
		return false
	}
	r.Metric = m
	if m.Kind == metrics.Labelled {
		at.Fail("%s is a name and no number: no bound holds for it", m.Name)
		return false
	}
	rd.questionnaire(r)
	rd.detail(r)
	return true
}

func (rd reader) questionnaire(r *Rule) {
	at := rd.o.Get("questionnaire")
	id, ok := at.Text()
	switch {
	case !ok:
	case !r.Metric.PerQuestionnaire:
		at.Fail("%s is not told apart by questionnaire; leave it out", r.Metric.Name)
	case len(rd.known.Questionnaires.Versions(id)) == 0:
		at.Fail("there is no questionnaire %.80q; there are: %s", id, strings.Join(rd.known.Questionnaires.IDs(), ", "))
	default:
		r.Questionnaire = id
	}
}

func (rd reader) window(r *Rule, hasMetric bool) {
	at := rd.o.Get("window")
	var names []string
	for _, w := range metrics.Windows() {
		names = append(names, w.Name)
	}
	at.Required("one of " + strings.Join(names, ", "))
	name, ok := at.OneOf(names...)
	if !ok {
		return
	}
	r.Window, _ = metrics.WindowOf(name)
	if hasMetric && r.Window.Length < r.Metric.Shortest() {
		at.Fail("%s is not served for windows below %s", r.Metric.Name, r.Metric.Shortest())
	}
}

func (rd reader) cut(r *Rule) {
	at, valueAt := rd.o.Get("cut"), rd.o.Get("cut_value")
	if cut, ok := at.Text(); ok {
		r.Cut = cut
		rd.knownCut(at, *r)
	}
	parts := 1 + strings.Count(r.Cut, ",")
	switch {
	case !valueAt.Exists():
		return
	case r.Cut == "":
		valueAt.Fail("a value without a cut; want the cut that it is a value of")
		return
	case valueAt.IsList():
		rd.pairValue(r, valueAt, parts)
		return
	}
	if text, ok := valueAt.Scalar(); ok && parts == 1 {
		r.CutValue = &text
	} else if ok {
		valueAt.Fail("found %.40q; want both values of the pair, as [north, pump]", text)
	}
}

func (rd reader) pairValue(r *Rule, at yamlfile.Value, parts int) {
	var values []string
	for _, v := range at.List("both values of the pair") {
		if text, ok := v.Scalar(); ok {
			values = append(values, text)
		}
	}
	if len(values) != parts || parts == 1 {
		at.Fail("%d values; want %d, for the cut is %s", len(values), parts, r.Cut)
		return
	}
	text := pairOf(values)
	r.CutValue = &text
}

// knownCut notes where a cut is none, or where no tenant that the rule is for has the pair.
func (rd reader) knownCut(at yamlfile.Value, r Rule) {
	attributes := tenants.Attributes()
	if slices.Contains(attributes, r.Cut) {
		return
	}
	a, b, pair := strings.Cut(r.Cut, ",")
	if !pair || !slices.Contains(attributes, a) || !slices.Contains(attributes, b) {
		at.Fail("found %.80q; want one of %s, or a pair of them that the tenant's file names, as region,product", r.Cut, strings.Join(attributes, ", "))
		return
	}
	named := r.Tenants
	if len(named) == 0 {
		for _, t := range rd.known.Settings.Configured() {
			if hasPair(t, r.Cut) {
				return
			}
		}
		at.Fail("no tenant's file has the pair %s among its cuts, in that order", r.Cut)
	}
	for _, id := range named {
		if !hasPair(rd.known.Settings.For(id), r.Cut) {
			at.Fail("tenant %s does not have the pair %s among its cuts, in that order", id, r.Cut)
		}
	}
}

func hasPair(t tenants.Tenant, cut string) bool {
	return slices.ContainsFunc(t.Cuts, func(pair [2]string) bool { return pair[0]+","+pair[1] == cut })
}

func templates(at yamlfile.Value, taken []string) []Template {
	o := at.Entries()
	var out []Template
	for _, key := range o.Keys() {
		v := o.Get(key)
		switch {
		case !labelName.MatchString(key):
			v.Fail("%.80q is no name; want letters, digits and _, the first no digit", key)
			continue
		case slices.Contains(taken, key):
			v.Fail("%s is set for every alert already; want another name", key)
			continue
		}
		text, ok := v.Scalar()
		if !ok {
			v.Required("text")
			continue
		}
		t, err := NewTemplate(key, text)
		if err != nil {
			v.Fail("%s", strings.TrimPrefix(err.Error(), "template: "))
			continue
		}
		out = append(out, t)
	}
	return out
}

// duration reads a span as 30s, 15m, 1h30m or 2d.
func duration(at yamlfile.Value, lo, hi time.Duration) (time.Duration, bool) {
	text, ok := at.Text()
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if days, number := strings.CutSuffix(text, "d"); number {
		var n int
		if n, err = strconv.Atoi(days); err == nil {
			d = time.Duration(min(max(n, -1), 1000)) * 24 * time.Hour
		}
	}
	if err != nil || d < lo || d > hi {
		at.Fail("found %.40q; want a duration from %s to %s, such as 30s, 15m or 2d", text, lo, hi)
		return 0, false
	}
	return d, true
}
