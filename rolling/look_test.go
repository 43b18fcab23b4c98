package rolling

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rollups"
)

// look compares figures with facts.
type look struct {
	*story
	c       *Computer
	mu      sync.Mutex
	cache   map[string]map[figureAt]Figure
	seen    map[string]int
	figures int
	// only are the metrics that are looked at, overall; nil: all there is.
	only []string
}

// figureAt names a figure within what was asked.
type figureAt struct{ metric, questionnaire, detail, cut, value string }

func newLook(s *story) *look {
	c := New(Options{Conn: s.conn, Settings: s.settings, Questionnaires: s.catalog})
	return &look{story: s, c: c, cache: map[string]map[figureAt]Figure{}, seen: map[string]int{}}
}

// draw is metrics by windows and cuts, each at one of the moments, for one value of the cut, in the window or in the one before; overall in both.
func (l *look) draw() []asked {
	l.Helper()
	values := map[string][]string{}
	var all []asked
	for _, m := range metrics.All() {
		turn := l.rng.IntN(4)
		for i, w := range metrics.Windows() {
			if m.Points == nil || m.Shortest() > w.Length {
				continue
			}
			cuts := map[string][]moment{}
			for _, at := range moments(l) {
				for _, cut := range CutsOf(l.settings.For(at.tenant)) {
					cuts[cut] = append(cuts[cut], at)
				}
			}
			for j, cut := range slices.Sorted(maps.Keys(cuts)) {
				if cut != "" && (i+j+turn)%4 != 0 && !*allFlag {
					continue
				}
				at := cuts[cut][l.rng.IntN(len(cuts[cut]))]
				key := at.tenant + "|" + cut
				if values[key] == nil {
					values[key] = l.values(at.tenant, cut)
				}
				now := l.rng.IntN(2) == 0
				all = append(all, asked{at, m, w, cut, values[key][l.rng.IntN(len(values[key]))], now || cut == "", !now || cut == ""})
			}
		}
	}
	return all
}

// values are those of a cut in the facts, as they are shown.
func (l *look) values(tenant, cut string) []string {
	l.Helper()
	if cut == "" {
		return []string{""}
	}
	expression := cut
	if first, second, pair := strings.Cut(cut, ","); pair {
		expression = fmt.Sprintf("toJSONString([%s, %s])", first, second)
	}
	var raw, kept []string
	l.must(l.conn.QueryRow(l.Context(), "SELECT groupUniqArray("+expression+") FROM (SELECT * FROM rapport_store.survey_facts WHERE tenant = '"+tenant+
		"') SETTINGS output_format_json_escape_forward_slashes = 0").Scan(&raw))
	l.must(l.conn.QueryRow(l.Context(), "SELECT arrayFlatten(groupArray(kept)) FROM rapport_store.attribute_values FINAL WHERE tenant = '"+tenant+"' AND cut = '"+cut+"' AND beyond > 0").Scan(&kept))
	shown := map[string]bool{}
	for _, v := range raw {
		switch {
		case len(kept) == 0 || v == "" || slices.Contains(kept, v):
			shown[v] = true
		case strings.Contains(cut, ","):
			shown[`["other","other"]`] = true
		default:
			shown["other"] = true
		}
	}
	return slices.Sorted(maps.Keys(shown))
}

// of are the rolling figures of a window at a moment, all metrics and cuts unless only some are looked at.
func (l *look) of(ctx context.Context, m moment, w metrics.Window) (map[figureAt]Figure, error) {
	a := Asked{Tenant: m.tenant, Window: w, Cuts: CutsOf(l.settings.For(m.tenant)), AsOf: m.asOf, Metrics: l.only}
	if l.only != nil {
		a.Cuts = []string{""}
	}
	key := fmt.Sprint(m, w.Name, l.only)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cache[key] != nil {
		return l.cache[key], nil
	}
	figures, err := l.c.Figures(ctx, a)
	if err != nil {
		return nil, err
	}
	l.cache[key] = map[figureAt]Figure{}
	for _, f := range figures {
		l.cache[key][figureAt{f.Metric, f.Questionnaire, f.Detail, f.Cut, f.CutValue}] = f
	}
	return l.cache[key], nil
}

// compare says what differs. The spans of the statements over facts are moved by off.
func (l *look) compare(all []asked, off time.Duration) []string {
	l.Helper()
	wrong := make([][]string, len(all))
	g, ctx := errgroup.WithContext(l.Context())
	g.SetLimit(2)
	for i, a := range all {
		g.Go(func() (err error) {
			wrong[i], err = l.one(ctx, a, off)
			return err
		})
	}
	l.must(g.Wait())
	var found []string
	for _, lines := range wrong {
		if len(lines) > 0 {
			found = append(found, strings.Join(lines, "\n    "))
		}
	}
	return found
}

func (l *look) one(ctx context.Context, a asked, off time.Duration) ([]string, error) {
	figures, err := l.of(ctx, a.moment, a.window)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, side := range []struct {
		name  string
		asked bool
		asOf  time.Time
		value func(Figure) (*float64, uint64)
	}{
		{"now", a.now, a.asOf, func(f Figure) (*float64, uint64) { return f.Value, f.N }},
		{"before", a.before, a.asOf.Add(-a.window.Length), func(f Figure) (*float64, uint64) { return f.Previous, f.PreviousN }},
	} {
		if !side.asked {
			continue
		}
		facts, err := l.explain(ctx, a, side.asOf, off)
		if err != nil {
			return nil, err
		}
		keys := maps.Clone(facts)
		for k := range figures {
			if k.metric == a.metric.Name && k.cut == a.cut && k.value == a.value {
				keys[k] = facts[k]
			}
		}
		for k, fact := range keys {
			if value, n := side.value(figures[k]); !fact.equals(a.metric.Kind, value, n) {
				wrong = append(wrong, fmt.Sprintf("%s: %s/%s %s: rolling %s of %d, from facts %s of %d",
					a, k.questionnaire, k.detail, side.name, number(value), n, number(fact.value), fact.n))
			}
		}
		l.mu.Lock()
		l.seen[a.metric.Name] += len(facts)
		l.figures += len(keys)
		l.mu.Unlock()
	}
	return wrong, nil
}

func number(x *float64) string {
	if x == nil {
		return "none"
	}
	return fmt.Sprint(*x)
}

// fact is a figure as computed from facts; the zero value is none.
type fact struct {
	value *float64
	n     uint64
}

func (f fact) equals(kind metrics.Kind, value *float64, n uint64) bool {
	if f.n != n {
		return false
	}
	if f.value == nil || value == nil {
		// A count of nothing is 0, or no row at all.
		return n == 0 && cmp.Or(f.value, value, new(float64)) != nil && *cmp.Or(f.value, value, new(float64)) == 0 || f.value == value
	}
	within := 1e-9
	if kind == metrics.Quantile {
		within = 0.01
	}
	return math.Abs(*f.value-*value) <= within*max(1e-6, math.Abs(*f.value))+1e-9
}

// explain runs the metric's statement over facts for one span.
func (l *look) explain(ctx context.Context, a asked, asOf time.Time, off time.Duration) (map[figureAt]fact, error) {
	text, err := metrics.Explain(a.metric, a.cut, l.catalog)
	if err != nil {
		return nil, err
	}
	p := metrics.Parameters{Tenant: a.tenant, From: asOf.Add(off - a.window.Length), To: asOf.Add(off), Judged: asOf, CutValue: a.value}
	var args []any
	for name, value := range p.Named() {
		args = append(args, clickhouse.Named(name, value))
	}
	rows, err := l.conn.Query(ctx, "SELECT toString(questionnaire), toString(detail), toNullable(toFloat64(value)), toUInt64(n) FROM ("+text+") AS explained"+rollups.Pinned+", max_threads = 1", args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	defer rows.Close()
	found := map[figureAt]fact{}
	for rows.Next() {
		k, f := figureAt{metric: a.metric.Name, cut: a.cut, value: a.value}, fact{}
		if err := rows.Scan(&k.questionnaire, &k.detail, &f.value, &f.n); err != nil {
			return nil, err
		}
		if f.value != nil && math.IsNaN(*f.value) {
			f.value = nil
		}
		found[k] = f
	}
	return found, rows.Err()
}

// ranks holds places against the values beside them: one more than how many of the cut, with observations enough, are better.
func (l *look) ranks() {
	l.Helper()
	compared := 0
	known := map[string]metrics.Metric{}
	for _, m := range metrics.All() {
		known[m.Name] = m
	}
	for key, figures := range l.cache {
		lists := map[figureAt][]float64{}
		for k, f := range figures {
			if f.Value != nil && !f.BelowMinN {
				k.value = ""
				lists[k] = append(lists[k], *f.Value)
			}
		}
		for k, f := range figures {
			if k.metric != "rank" || f.Value == nil {
				continue
			}
			name, detail, _ := strings.Cut(k.detail, ":")
			own := figures[figureAt{name, k.questionnaire, detail, k.cut, k.value}]
			if own.Value == nil || own.BelowMinN {
				l.Errorf("%s: %+v has a place", key, k)
				continue
			}
			place := 1.0
			for _, x := range lists[figureAt{name, k.questionnaire, detail, k.cut, ""}] {
				if known[name].Better == metrics.Lower && x < *own.Value || known[name].Better == metrics.Higher && x > *own.Value {
					place++
				}
			}
			if compared++; place != *f.Value {
				l.Errorf("%s: %+v is %v, want %v", key, k, *f.Value, place)
			}
		}
	}
	if compared < 1000 {
		l.Errorf("only %d places were compared", compared)
	}
}
