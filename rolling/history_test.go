package rolling

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// keepHistory: an hour has a row for each figure that is not as history has it, once five minutes have passed.
func keepHistory(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, nil)
	history := func(where string) []string {
		t.Helper()
		return k.rows("metric, cut_value, as_of, value, n", "rapport.rolling_metrics_history WHERE window = '24h'"+where+" ORDER BY as_of, metric, cut_value")
	}
	k.day("t", "2026-03-10", 7)
	k.now = time.Date(2026, 3, 10, 12, 4, 59, 0, time.UTC)
	k.figures.figures = []Figure{figure("light", "region", "north", 75, 9), figure("light", "region", "south", 60, 9), figure("weighty", "", "", 10, 9)}
	k.round()
	first := []string{"('light','north','2026-03-10 11:00:00',75,9)", "('light','south','2026-03-10 11:00:00',60,9)", "('weighty','','2026-03-10 11:00:00',10,9)"}
	if diff := cmp.Diff(first, history("")); diff != "" {
		t.Error(diff)
	}
	// What changes within the hour is in no row of it.
	k.figures.figures = []Figure{figure("light", "region", "north", 70, 8), figure("weighty", "", "", 10, 9)}
	k.day("t", "2026-03-10", 8)
	k.round()
	if diff := cmp.Diff(first, history("")); diff != "" {
		t.Error(diff)
	}
	k.now = k.now.Add(time.Second)
	k.round()
	second := []string{"('light','north','2026-03-10 12:00:00',70,8)", "('light','south','2026-03-10 12:00:00',NULL,0)"}
	if diff := cmp.Diff(append(first, second...), history("")); diff != "" {
		t.Error(diff)
	}
	// Nobody was there for three hours: of these the last one has rows.
	k.now = k.now.Add(3 * time.Hour)
	k.figures.figures = []Figure{figure("light", "region", "north", 71, 8), figure("weighty", "", "", 10, 9)}
	again := startKeeper(t, k.conn, nil)
	again.now, again.figures.figures = k.now, k.figures.figures
	again.round()
	third := []string{"('light','north','2026-03-10 15:00:00',71,8)"}
	if diff := cmp.Diff(third, history(" AND as_of > '2026-03-10 12:00:00'")); diff != "" {
		t.Error(diff)
	}
	again.round()
	fresh := startKeeper(t, k.conn, nil)
	fresh.now, fresh.figures.figures = k.now, k.figures.figures
	fresh.round()
	if got := k.rows("count(), uniqExact(tenant, metric, window, cut, cut_value, as_of)", "rapport_store.rolling_history WHERE as_of = '2026-03-10 15:00:00'"); !cmp.Equal(got, []string{"(5,5)"}) {
		t.Errorf("rows and keys of an hour: %v", got)
	}
}

// keepHistoryAfterADeath: a process dies when the rows of an hour are written and nothing notes it. The hour is recorded again, under the same keys, with what
// holds by then; what the dead one wrote and what is no more is taken back.
func keepHistoryAfterADeath(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, nil)
	k.day("t", "2026-03-10", 7)
	hour := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	u := unit{"t", windowOf(t, "24h")}
	dead := []Figure{figure("light", "region", "north", 75, 9), figure("light", "region", "same", 50, 5), figure("light", "region", "vanished", 60, 9)}
	if err := k.remember(t.Context(), laneDays, hour, big.NewInt(1), tidy(dead, u, basis{asOf: hour})); err != nil {
		t.Fatal(err)
	}
	k.figures.figures = []Figure{figure("light", "region", "north", 76, 10), figure("light", "region", "same", 50, 5)}
	k.round()
	got := k.rows("cut_value, as_of, value, n", "rapport.rolling_metrics_history WHERE window = '24h' ORDER BY cut_value")
	want := []string{"('north','2026-03-10 12:00:00',76,10)", "('same','2026-03-10 12:00:00',50,5)", "('vanished','2026-03-10 12:00:00',NULL,0)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := k.rows("cut, as_of, `cells.cut_value`, `cells.value`", "rapport_store.rolling_recorded FINAL WHERE window = '24h' AND cut = 'region' AND lane = 'days'"); !cmp.Equal(got, []string{"('region','2026-03-10 12:00:00',['north','same'],[76,50])"}) {
		t.Error(got)
	}
}

// keepErasedTenant: what was computed before a tenant's facts went and stored after goes too; a tenant that is merely quiet keeps its history.
func keepErasedTenant(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, nil)
	k.figures.figures = []Figure{figure("light", "", "", 75, 9)}
	k.day("t", "2026-03-10", 7)
	k.day("quiet", "2026-03-10", 7)
	k.round()
	k.exec("TRUNCATE TABLE rapport_store.satisfaction_days")
	k.exec("INSERT INTO rapport_store.erasures (id, tenant, scope, state, step) VALUES ('e', 't', 'tenant', 'done', 3)")
	k.now = k.now.Add(15 * time.Minute)
	k.round()
	for table, want := range map[string]string{"rolling": "(['quiet'])", "rolling_recorded": "(['quiet'])", "rolling_history": "(['quiet'])"} {
		if got := k.rows("groupUniqArray(tenant)", "rapport_store."+table); !cmp.Equal(got, []string{want}) {
			t.Errorf("%s: %v, want %s", table, got, want)
		}
	}
}

// keepGauges: overall figures first, then single cuts by n, up to the cap; pairs never.
func keepGauges(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, func(o *KeeperOptions) { o.Series = 3; o.Metrics = o.Metrics[:1] })
	k.day("t", "2026-02-20", 7) // 28d and 90d alone
	north := figure("light", "region", "north", 80, 5)
	north.Low, north.High = some(60), some(91)
	k.figures.figures = []Figure{north, figure("light", "", "", 75, 3), figure("light", "region", "south", 50, 4), figure("light", "region,product", `["north","pump"]`, 50, 200)}
	k.round()
	var want strings.Builder
	for _, m := range []struct{ metric, help string }{{"rapport_metric_n", "n"}, {"rapport_metric_value", "value"}} {
		fmt.Fprintf(&want, "# HELP %s Column %s of the view rolling_metrics.\n# TYPE %s gauge\n", m.metric, m.help, m.metric)
		for _, s := range []struct {
			window, cut, value string
			of                 map[string]int
		}{
			{"28d", "", "", map[string]int{"n": 3, "value": 75}}, {"28d", "region", "north", map[string]int{"n": 5, "value": 80}}, {"90d", "", "", map[string]int{"n": 3, "value": 75}},
		} {
			fmt.Fprintf(&want, "%s{cut=%q,cut_value=%q,detail=\"\",metric=\"light\",questionnaire=\"\",tenant=\"t\",window=%q} %d\n", m.metric, s.cut, s.value, s.window, s.of[m.help])
		}
	}
	want.WriteString("# HELP rapport_metric_left_out Rolling figures beyond the cap, and those of pairs: without series.\n# TYPE rapport_metric_left_out gauge\nrapport_metric_left_out 5\n")
	if err := testutil.GatherAndCompare(k.reg, strings.NewReader(want.String()), "rapport_metric_n", "rapport_metric_value", "rapport_metric_left_out"); err != nil {
		t.Error(err)
	}
	for name, n := range map[string]int{"rapport_metric_ci_low": 1, "rapport_metric_ci_high": 1, "rapport_metric_as_of_seconds": 2} {
		if got, err := testutil.GatherAndCount(k.reg, name); err != nil || got != n {
			t.Errorf("%s: %d series, %v", name, got, err)
		}
	}
}
