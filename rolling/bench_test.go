package rolling

import (
	_ "embed"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/tenants"
)

// envBenchRows says over how many survey facts BenchmarkFigures20M is measured: 20000000 is what its name says.
const envBenchRows = "RAPPORT_BENCH_ROWS"

//go:embed testdata/bench_day.sql
var benchDay string

// company fills 90 days with facts and rollups; days of rollups are computed once and copied, since all days are alike.
func company(b *testing.B, rows uint64) *rig {
	b.Helper()
	const days = 90
	acme := tenants.Tenant{Zone: time.UTC, FCRWindowDays: 7, MinN: 5, Cuts: [][2]string{{"region", "product"}}}
	r := newRig(b, fixed{"acme": acme})
	first := instant(b, "2026-01-01T00:00:00Z")
	// The set of ids has no part in figures.
	r.exec("DROP VIEW rapport_store.survey_identities")
	for n := range days {
		day := first.AddDate(0, 0, n).Format(time.DateOnly)
		if err := r.conn.Exec(b.Context(), benchDay, clickhouse.Named("day", day), clickhouse.Named("rows", rows/days)); err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			r.roll()
		}
	}
	for _, s := range []metrics.State{metrics.Surveys, metrics.Dimensions, metrics.Scores, metrics.Reasons} {
		r.exec("INSERT INTO rapport_store." + string(s) + " SELECT f.* REPLACE (f.day + n AS day) FROM rapport_store." + string(s) + " AS f CROSS JOIN (SELECT toInt32(number + 1) AS n FROM numbers(89)) AS days")
	}
	return r
}

// cpu is how much time of processors the store has used: what a busy machine does not make longer.
func (r *rig) cpu(b *testing.B) time.Duration {
	b.Helper()
	var micros uint64
	if err := r.conn.QueryRow(b.Context(), "SELECT sum(value) FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')").Scan(&micros); err != nil {
		b.Fatal(err)
	}
	return time.Duration(micros) * time.Microsecond
}

// BenchmarkFigures20M measures rolling figures of surveys, overall and by 8 cuts, from rollups and edges, beside the same from facts alone, and those
// that only facts give. It fills the store itself, which takes minutes, so that it runs only when it is told over how many facts.
func BenchmarkFigures20M(b *testing.B) {
	rows, err := strconv.ParseUint(os.Getenv(envBenchRows), 10, 64)
	if err != nil {
		b.Skipf("%s says over how many facts: 20000000", envBenchRows)
	}
	r := company(b, rows)
	cuts := CutsOf(r.settings.For("acme"))
	at := instant(b, "2026-03-31T13:45:00Z")
	var light, heavy []string
	for _, m := range metrics.All() {
		of := func(states ...metrics.State) bool {
			return len(m.Rests) > 0 && !slices.ContainsFunc(m.Rests, func(s metrics.State) bool { return !slices.Contains(states, s) })
		}
		switch {
		case of(metrics.Surveys, metrics.Dimensions, metrics.Scores, metrics.Reasons):
			light = append(light, m.Name)
		case of(metrics.Surveys, metrics.Dimensions, metrics.Scores, metrics.Reasons, metrics.CustomerMeans, metrics.Joints):
			heavy = append(heavy, m.Name)
		}
	}
	facts := New(r.c.o)
	facts.factsOnly = true
	facts.o.Timeout, r.c.o.Timeout = 10*time.Minute, 10*time.Minute
	for _, test := range []struct {
		name    string
		c       *Computer
		metrics []string
	}{{"rolling", r.c, append(light, "rank")}, {"facts", facts, light}, {"heavy", r.c, heavy}} {
		for _, window := range []string{"1h", "7d", "28d"} {
			w := windowOf(b, window)
			if test.name != "rolling" && window == "1h" {
				continue
			}
			b.Run(test.name+"/"+window, func(b *testing.B) {
				before := r.cpu(b)
				for b.Loop() {
					figures, err := test.c.Figures(b.Context(), Asked{Tenant: "acme", Metrics: test.metrics, Window: w, Cuts: cuts, AsOf: at})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(figures)), "figures")
				}
				b.ReportMetric((r.cpu(b)-before).Seconds()/float64(b.N), "store-cpu-s/op")
			})
		}
	}
}
