package rolling

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rollups"
)

// seedFlag repeats a random run: go test ./rolling -run Everything -v -args -seed=N
var seedFlag = flag.Uint64("seed", 6, "seed of the story and of what is looked at; 0 is any")

// allFlag looks at every cut of every metric and window in one run, which takes four times as long.
var allFlag = flag.Bool("all", false, "look at every cut of every metric and window, not at every fourth one")

// moment is whose figures are looked at, and when.
type moment struct {
	tenant string
	asOf   time.Time
}

// moments are odd quarters of an hour, some of them within 90 days after clocks were changed.
func moments(t testing.TB) []moment {
	return []moment{
		{"kolkata", instant(t, "2026-03-29T18:45:00Z")},  // a quarter past midnight there
		{"new-york", instant(t, "2026-03-09T04:15:00Z")}, // a quarter past midnight there, after the day of 23 hours
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
	// sides are the spans that are looked at: the window, the one before it, or both.
	now, before bool
}

func (a asked) String() string {
	return fmt.Sprintf("%s of %s, %s up to %s, cut %q = %q", a.metric.Name, a.tenant, a.window.Name, a.asOf.Format(time.RFC3339), a.cut, a.value)
}

// TestEverythingEqualsFacts: every metric of every window and cut, rolling figures and those of the window before, equal what its statement over facts
// gives at the same instant; quantiles within 1 %. Every metric is looked at in every window and by every cut, of their pairs every fourth one, which the
// seed decides; values of cuts are drawn.
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
	if testing.Short() {
		all = slices.DeleteFunc(all, func(asked) bool { return s.rng.IntN(6) > 0 })
	}
	wrong := looked.compare(all, 0)
	for _, line := range wrong[:min(len(wrong), 25)] {
		t.Error(line)
	}
	t.Logf("%d of %d windows of metrics and cuts differ, %d figures compared after %v", len(wrong), len(all), looked.figures, time.Since(started))
	if t.Failed() {
		return
	}
	seen := maps.Clone(looked.seen)
	for _, m := range metrics.All() {
		if m.Points != nil && seen[m.Name] == 0 && !testing.Short() {
			t.Errorf("no figure of %s was compared", m.Name)
		}
	}
	looked.ranks()

	t.Run("an edge a microsecond off is found", func(t *testing.T) {
		var overall []asked
		for _, name := range []string{"volume", "satisfaction_index"} {
			metric, ok := metrics.ByName(name)
			if !ok {
				t.Fatalf("no metric %s", name)
			}
			for _, w := range metrics.Windows() {
				for _, m := range moments(t) {
					overall = append(overall, asked{m, metric, w, "", "", true, true})
				}
			}
		}
		for _, off := range []time.Duration{-time.Microsecond, time.Microsecond} {
			if wrong := looked.compare(overall, off); len(wrong) < len(overall)/4 {
				t.Errorf("%v off: only %d of %d windows differ", off, len(wrong), len(overall))
			}
		}
	})
	t.Run("a row of rollups that is wrong is found", func(t *testing.T) { looked.tamper(t) })
}

// tamper adds to what each table counts on some days within a window, table by table.
func (l *look) tamper(t *testing.T) {
	for _, table := range slices.Concat(rollups.Families()...) {
		m := moments(t)[0]
		var columns []string
		if err := l.conn.QueryRow(t.Context(), "SELECT groupArray(name) FROM system.columns WHERE database = 'rapport_store' AND table = '"+table+
			"' AND type = 'Array(UInt64)'").Scan(&columns); err != nil {
			t.Fatal(err)
		}
		wrong := "version + 1 AS version"
		for _, c := range columns {
			wrong += fmt.Sprintf(", arrayMap(x -> x + 1000, `%s`) AS `%s`", c, c)
		}
		if err := l.conn.Exec(t.Context(), fmt.Sprintf("INSERT INTO rapport_store.%s SELECT * REPLACE (%s) FROM rapport_store.%s FINAL WHERE tenant = '%s' AND cut = '' AND day BETWEEN '%s' AND '%s'",
			table, wrong, table, m.tenant, m.asOf.AddDate(0, 0, -20).Format(time.DateOnly), m.asOf.AddDate(0, 0, -3).Format(time.DateOnly))); err != nil {
			t.Fatal(err)
		}
		w, _ := metrics.WindowOf("28d")
		var all []asked
		l.only = []string{}
		for _, metric := range metrics.All() {
			if slices.Contains(metric.Rests, metrics.State(table)) {
				all = append(all, asked{m, metric, w, "", "", true, false})
				l.only = append(l.only, metric.Name)
			}
		}
		if wrong := l.compare(all, 0); len(wrong) == 0 {
			t.Errorf("%s: none of %d metrics that rest on it differs", table, len(all))
		}
	}
}
