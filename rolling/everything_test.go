package rolling

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rollups"
)

// seedFlag repeats a random run: go test ./rolling -run Everything -v -args -seed=N
var seedFlag = flag.Uint64("seed", 0, "seed of the story and of what is looked at; 0 is any")

// moment is whose figures are looked at, and when.
type moment struct {
	tenant string
	asOf   time.Time
}

// moments are odd quarters of an hour, some of them within 90 days after clocks were changed.
func moments(t testing.TB) []moment {
	return []moment{
		{"kolkata", instant(t, "2026-03-29T18:45:00Z")},  // a quarter past midnight there
		{"new-york", instant(t, "2026-03-09T03:15:00Z")}, // the evening of the day of 23 hours
		{"new-york", instant(t, "2026-04-02T04:00:00Z")}, // midnight there
		{"plain", instant(t, "2026-03-31T00:30:00Z")},
	}
}

// told are events of half a year, denser towards the moments, with every mistake that apps make.
func (s *story) told(seed uint64) []generator.Event {
	s.Helper()
	rates := generator.DefaultRates()
	rates.Revisions, rates.Retractions, rates.Conflicts, rates.MovedTimes, rates.MovedKeys, rates.Gaps, rates.OtherRoles = 0.15, 0.06, 0.03, 0.03, 0.03, 0.05, 0.15
	var all []generator.Event
	for i, m := range moments(s) {
		var edges []time.Time
		for _, w := range metrics.Windows() {
			edges = append(edges, m.asOf, m.asOf.Add(-w.Length), m.asOf.Add(-2*w.Length))
		}
		longest := 185 * 24 * time.Hour
		if i > 0 { // one tenant is enough for the longest windows, and days take time
			longest = 40 * 24 * time.Hour
		}
		for j, part := range []struct {
			since   time.Duration
			stories int
		}{{longest, 100}, {15 * 24 * time.Hour, 80}, {48 * time.Hour, 60}, {2 * time.Hour, 80}} {
			g, err := generator.New(generator.Config{
				Seed: seed + uint64(10*i+j), Tenants: []string{m.tenant}, From: m.asOf.Add(-part.since), To: m.asOf, Customers: 60, Service: 0.4,
				WindowDays: s.settings.For(m.tenant).FCRWindowDays, Rates: &rates, IDPrefix: fmt.Sprintf("%d-%d-", i, j),
			})
			s.must(err)
			all = append(all, s.moved(g.Events(part.stories), 0.15, edges)...)
		}
	}
	return all
}

// asked is one metric of one window and one value of a cut at a moment.
type asked struct {
	moment
	metric     metrics.Metric
	window     metrics.Window
	cut, value string
}

func (a asked) String() string {
	return fmt.Sprintf("%s of %s, %s up to %s, cut %q = %q", a.metric.Name, a.tenant, a.window.Name, a.asOf.Format(time.RFC3339), a.cut, a.value)
}

// TestEverythingEqualsFacts: every metric of every window and cut, rolling figures and those of the window before, equal what its statement over facts
// gives at the same instant; quantiles within 1 %. The values of cuts are drawn, the rest is all there is.
func TestEverythingEqualsFacts(t *testing.T) {
	seed := cmp.Or(*seedFlag, uint64(time.Now().UnixNano()))
	t.Logf("seed %d: -args -seed=%d does the same again", seed, seed)
	s := newStory(t, rand.New(rand.NewPCG(seed, 6)))
	started := time.Now()
	events := s.told(seed)
	s.play(events)
	t.Logf("%d events after %v", len(events), time.Since(started))

	looked := newLook(s)
	all := looked.draw()
	wrong := looked.compare(all, 0)
	for _, line := range wrong[:min(len(wrong), 25)] {
		t.Error(line)
	}
	t.Logf("%d of %d windows of metrics and cuts differ, %d figures compared after %v", len(wrong), len(all), looked.figures, time.Since(started))
	if t.Failed() {
		return
	}
	seen := map[string]int{}
	for name, n := range looked.seen {
		seen[name] = n
	}
	for _, m := range metrics.All() {
		if m.Points != nil && seen[m.Name] == 0 {
			t.Errorf("no figure of %s was compared", m.Name)
		}
	}
	looked.ranks()

	t.Run("an edge a microsecond off is found", func(t *testing.T) {
		overall := slices.DeleteFunc(slices.Clone(all), func(a asked) bool {
			return a.cut != "" || a.metric.Name != "volume" && a.metric.Name != "satisfaction_index"
		})
		for _, off := range []time.Duration{-time.Microsecond, time.Microsecond} {
			if wrong := looked.compare(overall, off); len(wrong) < len(overall)/4 {
				t.Errorf("%v off: only %d of %d windows differ", off, len(wrong), len(overall))
			}
		}
	})
	t.Run("a row of rollups that is wrong is found", func(t *testing.T) { looked.tamper(t) })
}

// tamper adds one to what each table counts on one day within the windows, table by table.
func (l *look) tamper(t *testing.T) {
	for _, table := range slices.Concat(rollups.Families()...) {
		m := moments(t)[0]
		var column string
		err := l.conn.QueryRow(t.Context(), "SELECT name FROM system.columns WHERE database = 'rapport_store' AND table = '"+table+"' AND type = 'Array(UInt64)' ORDER BY position LIMIT 1").Scan(&column)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.conn.Exec(t.Context(), fmt.Sprintf("INSERT INTO rapport_store.%s (* EXCEPT (`%s`, version), `%s`, version) SELECT * EXCEPT (`%s`, version), arrayMap(x -> x + 1000, `%s`), version + 1 "+
			"FROM rapport_store.%s FINAL WHERE tenant = '%s' AND cut = '' AND notEmpty(`%s`) AND day BETWEEN '%s' AND '%s'", table, column, column, column, column, table, m.tenant, column,
			m.asOf.AddDate(0, 0, -20).Format(time.DateOnly), m.asOf.AddDate(0, 0, -3).Format(time.DateOnly))); err != nil {
			t.Fatal(err)
		}
		clear(l.cache)
		w, _ := metrics.WindowOf("28d")
		var all []asked
		for _, metric := range metrics.All() {
			if slices.Contains(metric.Rests, metrics.State(table)) {
				all = append(all, asked{m, metric, w, "", ""})
			}
		}
		if wrong := l.compare(all, 0); len(wrong) == 0 {
			t.Errorf("%s: none of %d metrics that rest on it differs", table, len(all))
		}
	}
}

// look compares figures with facts.
type look struct {
	*story
	c       *Computer
	mu      sync.Mutex
	cache   map[string]map[figureAt]Figure
	seen    map[string]int
	figures int
}

// figureAt names a figure within what was asked.
type figureAt struct{ metric, questionnaire, detail, cut, value string }

func newLook(s *story) *look {
	c := New(Options{Conn: s.conn, Settings: s.settings, Questionnaires: s.catalog})
	return &look{story: s, c: c, cache: map[string]map[figureAt]Figure{}, seen: map[string]int{}}
}

// draw is every metric of every window and cut once, each at one of the moments and for one value of the cut, and overall at all moments.
func (l *look) draw() []asked {
	l.Helper()
	values := map[string][]string{}
	var all []asked
	for _, m := range metrics.All() {
		for _, w := range metrics.Windows() {
			if m.Points == nil || m.Shortest() > w.Length {
				continue
			}
			for _, at := range moments(l) {
				all = append(all, asked{at, m, w, "", ""})
			}
			cuts := map[string][]moment{}
			for _, at := range moments(l) {
				for _, cut := range CutsOf(l.settings.For(at.tenant))[1:] {
					cuts[cut] = append(cuts[cut], at)
				}
			}
			for _, cut := range slices.Sorted(maps.Keys(cuts)) {
				at := cuts[cut][l.rng.IntN(len(cuts[cut]))]
				key := at.tenant + "|" + cut
				if values[key] == nil {
					values[key] = l.values(at.tenant, cut)
				}
				all = append(all, asked{at, m, w, cut, values[key][l.rng.IntN(len(values[key]))]})
			}
		}
	}
	return all
}

// values are those of a cut in the facts, as they are shown.
func (l *look) values(tenant, cut string) []string {
	l.Helper()
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

// of are the rolling figures of a window at a moment, all metrics and cuts.
func (l *look) of(ctx context.Context, m moment, w metrics.Window) (map[figureAt]Figure, error) {
	key := fmt.Sprint(m, w.Name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cache[key] == nil {
		figures, err := l.c.Figures(ctx, Asked{Tenant: m.tenant, Window: w, Cuts: CutsOf(l.settings.For(m.tenant)), AsOf: m.asOf})
		if err != nil {
			return nil, err
		}
		l.cache[key] = map[figureAt]Figure{}
		for _, f := range figures {
			l.cache[key][figureAt{f.Metric, f.Questionnaire, f.Detail, f.Cut, f.CutValue}] = f
		}
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
	now, err := l.explain(ctx, a, a.asOf, off)
	if err != nil {
		return nil, err
	}
	before, err := l.explain(ctx, a, a.asOf.Add(-a.window.Length), off)
	if err != nil {
		return nil, err
	}
	keys := map[figureAt]bool{}
	for k := range figures {
		if k.metric == a.metric.Name && k.cut == a.cut && k.value == a.value {
			keys[k] = true
		}
	}
	for _, spans := range []map[figureAt]fact{now, before} {
		for k := range spans {
			keys[k] = true
		}
	}
	var wrong []string
	for k := range keys {
		f := figures[k]
		for _, side := range []struct {
			name  string
			value *float64
			n     uint64
			fact  fact
		}{{"now", f.Value, f.N, now[k]}, {"before", f.Previous, f.PreviousN, before[k]}} {
			if !side.fact.equals(a.metric.Kind, side.value, side.n) {
				wrong = append(wrong, fmt.Sprintf("%s: %s/%s %s: rolling %s of %d, from facts %s of %d",
					a, k.questionnaire, k.detail, side.name, number(side.value), side.n, number(side.fact.value), side.fact.n))
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[a.metric.Name] += len(now)
	l.figures += 2 * len(keys)
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
		for k, f := range figures {
			if k.metric != "rank" || f.Value == nil {
				continue
			}
			name, detail, _ := strings.Cut(k.detail, ":")
			own := figures[figureAt{name, k.questionnaire, detail, k.cut, k.value}]
			place := 1.0
			for other, g := range figures {
				if other.metric != name || other.cut != k.cut || other.questionnaire != k.questionnaire || other.detail != detail || g.Value == nil || g.BelowMinN {
					continue
				}
				if known[name].Better == metrics.Lower && *g.Value < *own.Value || known[name].Better == metrics.Higher && *g.Value > *own.Value {
					place++
				}
			}
			if compared++; place != *f.Value || own.BelowMinN {
				l.Errorf("%s: %+v is %v, want %v", key, k, *f.Value, place)
			}
		}
	}
	if compared < 1000 {
		l.Errorf("only %d places were compared", compared)
	}
}
