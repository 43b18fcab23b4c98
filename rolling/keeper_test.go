package rolling

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/store/storetest"
)

// TestKeeper runs what needs a store on one that is emptied in between, for the schema takes longer to make than a test to run.
func TestKeeper(t *testing.T) {
	conn := storetest.Start(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, driver.Conn)
	}{
		{"what is due", keepWhatIsDue}, {"published before stored", keepPublishedBeforeStored}, {"one tenant fails", keepOneTenantFails}, {"a stale writer loses", keepStaleWriterLoses},
		{"an erased tenant", keepErasedTenant}, {"through a backlog", keepThroughABacklog},
		{"history", keepHistory}, {"history after a death", keepHistoryAfterADeath}, {"gauges", keepGauges}, {"the lead", keepRunFollowsTheLead},
	} {
		t.Run(test.name, func(t *testing.T) {
			storetest.Truncate(t, conn)
			test.run(t, conn)
		})
	}
}

// windows that the harness's metrics are asked for, of a tenant.
func all(tenant string) []string {
	return []string{
		tenant + " 1h [light rank]", tenant + " 24h [light median rank]", tenant + " 7d [light median rank]", tenant + " 28d [light median rank]", tenant + " 90d [light median rank]",
		tenant + " 24h [weighty rank]", tenant + " 7d [weighty rank]", tenant + " 28d [weighty rank]", tenant + " 90d [weighty rank]",
	}
}

// keepWhatIsDue tests that what is computed is shown as it is, what is due is computed and nothing else, and only what changed is told.
func keepWhatIsDue(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, func(o *KeeperOptions) { o.HistoryDelay = 1000 * time.Hour })
	north := figure("light", "region", "north", 80, 5)
	north.Low, north.High, north.Previous, north.Change, north.PreviousN = some(60), some(91), some(70), some(10), 6
	north.Excluded, north.Significant, north.Provisional, north.BelowMinN, north.Label, north.Detail, north.Questionnaire = 2, true, true, true, "name", "d", "q"
	k.figures.figures = []Figure{north, figure("light", "", "", 75, 9), figure("weighty", "", "", 12, 3), figure("light", "region,product", `["north","pump"]`, 50, 2)}

	k.round() // nobody there
	if got := k.figures.windowsAsked(); len(got) != 0 || len(k.heard.take()) != 0 {
		t.Fatalf("asked for %v of nobody", got)
	}
	k.day("t", "2026-03-10", 7)
	k.round()
	if diff := cmp.Diff(all("t"), trimHours(k.figures.windowsAsked())); diff != "" {
		t.Error(diff)
	}
	got := k.rows("metric, questionnaire, detail, window, cut, cut_value, as_of, value, n, n_excluded, ci_low, ci_high, previous_value, change, significant, provisional, unit, version, previous_n, below_min_n, label",
		"rapport.rolling_metrics WHERE tenant = 't' AND window IN ('1h', '28d') ORDER BY window, metric, cut")
	want := []string{
		`('light','','','1h','','','2026-03-10 12:20:00',75,9,0,NULL,NULL,NULL,NULL,false,false,'%',1,0,false,'')`,
		`('light','q','d','1h','region','north','2026-03-10 12:20:00',80,5,2,60,91,70,10,true,true,'%',1,6,true,'name')`,
		`('light','','','1h','region,product','["north","pump"]','2026-03-10 12:20:00',50,2,0,NULL,NULL,NULL,NULL,false,false,'%',1,0,false,'')`,
		`('light','','','28d','','','2026-03-10 12:15:00',75,9,0,NULL,NULL,NULL,NULL,false,false,'%',1,0,false,'')`,
		`('light','q','d','28d','region','north','2026-03-10 12:15:00',80,5,2,60,91,70,10,true,true,'%',1,6,true,'name')`,
		`('light','','','28d','region,product','["north","pump"]','2026-03-10 12:15:00',50,2,0,NULL,NULL,NULL,NULL,false,false,'%',1,0,false,'')`,
		`('weighty','','','28d','','','2026-03-10 12:15:00',12,3,0,NULL,NULL,NULL,NULL,false,false,'%',1,0,false,'')`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := k.rows("count(), countIf(empty(`cells.n`))", "rapport_store.rolling WHERE window = '1h'"); !cmp.Equal(got, []string{"(9,6)"}) {
		t.Errorf("rows of 1h, and empty ones: %v", got)
	}
	if n := len(k.heard.take()); n != 5*3+4 {
		t.Errorf("told of %d figures", n)
	}

	k.round() // nothing changed
	k.exec("OPTIMIZE TABLE rapport_store.satisfaction_days FINAL")
	k.round()
	if got := k.figures.windowsAsked(); len(got) != 0 {
		t.Errorf("asked again for %v", got)
	}

	// A day of two weeks ago is in the windows of 7 days (the one before), 28 and 90.
	k.figures.figures = append([]Figure{figure("light", "", "", 76, 10)}, k.figures.figures[2:]...)
	k.day("t", "2026-02-26", 8)
	k.round()
	if diff := cmp.Diff([]string{"t 7d [light median rank]", "t 28d [light median rank]", "t 90d [light median rank]", "t 7d [weighty rank]", "t 28d [weighty rank]", "t 90d [weighty rank]"}, k.figures.windowsAsked()); diff != "" {
		t.Error(diff)
	}
	type told struct {
		Window, Cut string
		Value       *float64
		N           uint64
	}
	var changed []told
	ids := map[string]bool{}
	for _, e := range k.heard.take() {
		changed = append(changed, told{e.Data.Window, e.Data.Cut, e.Data.Value, e.Data.N})
		ids[e.ID] = true
	}
	wantTold := []told{
		{"7d", "", some(76), 10}, {"7d", "region", nil, 0}, {"28d", "", some(76), 10}, {"28d", "region", nil, 0}, {"90d", "", some(76), 10}, {"90d", "region", nil, 0},
	}
	if diff := cmp.Diff(wantTold, changed); diff != "" || len(ids) != len(changed) {
		t.Errorf("told of, with %d ids: %s", len(ids), diff)
	}
	if got := k.rows("count()", "rapport.rolling_metrics WHERE window = '7d' AND cut = 'region'"); !cmp.Equal(got, []string{"(0)"}) {
		t.Errorf("what vanished is shown: %v", got)
	}

	k.now = k.now.Add(time.Minute)
	k.round()
	if diff := cmp.Diff([]string{"t 1h [light rank]", "t 24h [light median rank]", "t 24h [weighty rank]"}, k.figures.windowsAsked()); diff != "" {
		t.Error(diff)
	}

	// A new process computes all of it, and tells nothing that is known.
	k.heard.take()
	again := startKeeper(t, k.conn, func(o *KeeperOptions) { o.HistoryDelay = 1000 * time.Hour })
	again.now, again.figures.figures = k.now, k.figures.figures
	again.round()
	if diff := cmp.Diff(all("t"), trimHours(again.figures.windowsAsked())); diff != "" || len(again.heard.take()) != 0 {
		t.Error(diff)
	}

	// What is gone from the store takes its figures along; a tenant without any gets none again.
	k.exec("TRUNCATE TABLE rapport_store.satisfaction_days")
	k.now = k.now.Add(15 * time.Minute)
	k.round()
	if got := k.rows("count()", "rapport.rolling_metrics"); !cmp.Equal(got, []string{"(0)"}) || len(k.figures.windowsAsked()) != 0 {
		t.Errorf("figures of nothing: %v", got)
	}
	k.exec("TRUNCATE TABLE rapport_store.rolling")
	k.now = k.now.Add(time.Hour)
	k.round()
	if got := k.rows("count()", "rapport_store.rolling"); !cmp.Equal(got, []string{"(0)"}) {
		t.Errorf("rows of a tenant that is gone: %v", got)
	}
}

// trimHours leaves out what is asked for the sake of history.
func trimHours(asked []string) []string {
	var out []string
	for _, a := range asked {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// keepPublishedBeforeStored: what could not be told is not stored either, and is told later; what was told and not stored is told again.
func keepPublishedBeforeStored(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, nil)
	k.figures.figures = []Figure{figure("light", "", "", 75, 9)}
	k.day("t", "2026-03-10", 7)
	k.heard.fails = true
	k.round()
	if got := k.rows("count()", "rapport_store.rolling"); !cmp.Equal(got, []string{"(0)"}) {
		t.Fatalf("stored without being told: %v", got)
	}
	if got := testutil.ToFloat64(k.gauges.failures); got != 5 {
		t.Errorf("%v failures", got)
	}
	k.heard.fails = false
	k.round() // too early to try again
	if len(k.heard.take()) != 0 {
		t.Error("tried again at once")
	}
	k.now = k.now.Add(3 * time.Second)
	k.round()
	first := k.heard.take()
	if len(first) != 5 {
		t.Fatalf("told of %d figures", len(first))
	}
	// As if the process had died before the row was stored.
	k.exec("TRUNCATE TABLE rapport_store.rolling")
	again := startKeeper(t, k.conn, nil)
	again.figures.figures = k.figures.figures
	again.round()
	if diff := cmp.Diff(first, again.heard.take()); diff != "" {
		t.Errorf("told otherwise: %s", diff)
	}
}

// keepOneTenantFails: the others have their figures.
func keepOneTenantFails(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, nil)
	k.figures.figures = []Figure{figure("light", "", "", 75, 9)}
	k.day("bad", "2026-03-10", 7)
	k.day("good", "2026-03-10", 7)
	k.figures.fails["bad"] = true
	k.round()
	if got := k.rows("groupUniqArray(tenant), count()", "rapport.rolling_metrics"); !cmp.Equal(got, []string{"(['good'],5)"}) {
		t.Error(got)
	}
	k.figures.fails = nil
	k.now = k.now.Add(2 * time.Second)
	k.round()
	if got := k.rows("count()", "rapport.rolling_metrics WHERE tenant = 'bad'"); !cmp.Equal(got, []string{"(5)"}) {
		t.Error(got)
	}
}

// keepStaleWriterLoses: a process that woke up late, or whose clock is behind, changes nothing; one whose clock was ahead is told of.
func keepStaleWriterLoses(t *testing.T, conn driver.Conn) {
	k := startKeeper(t, conn, nil)
	k.figures.figures = []Figure{figure("light", "", "", 75, 9)}
	k.day("t", "2026-03-10", 7)
	k.round()
	u := unit{tenant: "t", window: windowOf(t, "1h")}
	late := k.workers[0].looks[u]
	late.marks--
	k.figures.figures = []Figure{figure("light", "", "", 1, 1)}
	if err := k.refresh(t.Context(), laneDays, u, late, []string{"light"}); err != nil {
		t.Fatal(err)
	}
	if err := k.store(t.Context(), laneDays, u, late, byCut(tidy([]Figure{figure("light", "", "", 1, 1)}, u, late), []string{""})); err != nil {
		t.Fatal(err)
	}
	if got := k.rows("value", "rapport.rolling_metrics WHERE window = '1h'"); !cmp.Equal(got, []string{"(75)"}) {
		t.Error(got)
	}
	late.asOf = late.asOf.Add(-time.Hour)
	if err := k.refresh(t.Context(), laneDays, u, late, []string{"light"}); err == nil {
		t.Error("a clock that is behind is no fault")
	}
}

func TestVersionsRise(t *testing.T) {
	at := time.Date(2026, 3, 10, 12, 20, 0, 0, time.UTC)
	ordered := []basis{
		{}, {marks: 1}, {marks: math.MaxUint64}, {epochs: 1}, {epochs: math.MaxUint32}, {asOf: at}, {asOf: at, marks: 2}, {asOf: at, epochs: 1, marks: 1}, {asOf: at.Add(time.Minute)},
	}
	for i := 1; i < len(ordered); i++ {
		if ordered[i-1].version().Cmp(ordered[i].version()) >= 0 {
			t.Errorf("%v is not above %v", ordered[i], ordered[i-1])
		}
	}
	if (basis{asOf: at, epochs: math.MaxUint64, marks: math.MaxUint64}).version().BitLen() > 128 {
		t.Error("more than 128 bits")
	}
}

// keepRunFollowsTheLead: a process that does not lead keeps nothing and shows nothing.
func keepRunFollowsTheLead(t *testing.T, conn driver.Conn) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent(), // but the connections of the database, which are the test's
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
	leads := make(chan bool, 1)
	leads <- false
	k := startKeeper(t, conn, func(o *KeeperOptions) {
		o.Interval = 10 * time.Millisecond
		o.Leads = func() bool { v := <-leads; leads <- v; return v }
	})
	k.figures.figures = []Figure{figure("light", "", "", 75, 9), figure("weighty", "", "", 5, 9)}
	k.day("t", "2026-03-10", 7)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	<-leads
	leads <- true
	series := func() int { n, _ := testutil.GatherAndCount(k.reg, "rapport_metric_value"); return n }
	eventually(t, func() bool { return series() == 9 })
	<-leads
	leads <- false
	eventually(t, func() bool { return series() == 0 })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never happened")
		}
	}
}
