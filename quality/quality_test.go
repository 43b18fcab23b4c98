package quality_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/quality"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// capped are settings in which one tenant shows two values of an attribute.
type capped struct{}

func (capped) For(id string) tenants.Tenant { return tenants.Tenant{ID: id, AttributeCap: 2000} }
func (capped) Configured() []tenants.Tenant {
	return []tenants.Tenant{{ID: "few", AttributeCap: 2}}
}

func watcher(conn driver.Conn, reg prometheus.Registerer) *quality.Watcher {
	return quality.New(quality.Options{
		Config: quality.Config{Interval: time.Second, Timeout: time.Minute, Series: 2}, Conn: conn, Settings: capped{}, Log: zerolog.Nop(), Registerer: reg,
	})
}

// day stores a day of a cut, with what is not given at zero.
func day(t *testing.T, conn driver.Conn, table, tenant, cut string, cells map[string]string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT name, type FROM system.columns WHERE database = 'rapport_store' AND table = '"+table+"' AND startsWith(name, 'cells.')")
	if err != nil {
		t.Fatal(err)
	}
	names, values := []string{"tenant", "cut", "day", "version"}, []string{"'" + tenant + "'", "'" + cut + "'", "toDate32('2026-03-01')", "1"}
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			t.Fatal(err)
		}
		value, ok := cells[strings.TrimPrefix(name, "cells.")]
		switch {
		case ok:
		case strings.Contains(typ, "String"):
			value = "arrayMap(x -> '', " + cells["cut_value"] + ")"
		case strings.Contains(typ, "Array(Array"):
			value = "arrayMap(x -> [], " + cells["cut_value"] + ")"
		default:
			value = "arrayMap(x -> 0, " + cells["cut_value"] + ")"
		}
		names, values = append(names, "`"+name+"`"), append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	run(t, conn, fmt.Sprintf("INSERT INTO rapport_store.%s (%s) SELECT %s", table, strings.Join(names, ", "), strings.Join(values, ", ")))
}

func run(t *testing.T, conn driver.Conn, statement string) {
	t.Helper()
	if err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func expect(t *testing.T, conn driver.Conn, columns, from string, want ...string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT toString(tuple("+columns+")) FROM "+from)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", from, diff)
	}
}

func responses(tenant string, agents ...string) sinks.Batch {
	var b sinks.Batch
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, agent := range agents {
		b.Responses = append(b.Responses, schemas.SurveyFact{
			Identity: schemas.Identity{Tenant: tenant, Hour: noon, Source: "/app", ID: fmt.Sprint(i)}, OccurredAt: noon, Questionnaire: "q", Role: "customer", Valid: true,
			AttributeColumns: schemas.AttributeColumns{Agent: agent},
		})
	}
	return b
}

func TestValuesBeyondTheCapAreOther(t *testing.T) {
	conn := storetest.Start(t)
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	for _, tenant := range []string{"few", "many"} {
		customers := "arrayMap(x -> 'customer', range(5))"
		day(t, conn, "satisfaction_days", tenant, "agent", map[string]string{"cut_value": "['', 'a', 'b', 'c', 'd']", "n": "[9, 5, 3, 2, 1]", "n_invalid": "[0, 0, 0, 1, 0]", "role": customers})
		day(t, conn, "satisfaction_days", tenant, "agent,region", map[string]string{"cut_value": "['[\"a\",\"n\"]', '[\"a\",\"s\"]', '[\"b\",\"n\"]']", "n": "[3, 3, 1]", "role": "arrayMap(x -> 'customer', range(3))"})
		day(t, conn, "contact_days", tenant, "agent", map[string]string{"cut_value": "['b', 'c', 'd']", "offered": "[4, 1, 3]"})
		day(t, conn, "milestone_days", tenant, "agent", map[string]string{"cut_value": "['c', 'c', 'd']", "milestone": "['', 'resolved', 'resolved']", "cases": "[1, 7, 7]"})
		day(t, conn, "complaint_days", tenant, "agent", map[string]string{"cut_value": "['b', 'd']", "opened": "[1, 1]"})
		if err := sink.Write(t.Context(), responses(tenant, "a", "b", "c", "d", "")); err != nil {
			t.Fatal(err)
		}
	}
	reg := prometheus.NewRegistry()
	w := watcher(conn, reg)
	for range 2 {
		if err := w.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// a 5, b 3 + 4 + 1, c 3 + 1 + 1, d 1 + 3 + 1: b leads, and of those with 5 a comes first.
	expect(t, conn, "tenant, attribute, values, cap, beyond, events, events_beyond", "rapport.attribute_overflow ORDER BY tenant, attribute",
		"('few','agent',4,2,2,23,10)", "('few','agent,region',3,2,1,7,1)", "('many','agent',4,2000,0,23,0)", "('many','agent,region',3,2000,0,7,0)")
	expect(t, conn, "count()", "rapport_store.attribute_values", "(4)") // what did not change is not written again
	expect(t, conn, "tenant, cut, cut_value, n, n_invalid", "rapport.satisfaction_by_cut_daily ORDER BY tenant, cut, cut_value",
		"('few','agent','',9,0)", "('few','agent','a',5,0)", "('few','agent','b',3,0)", "('few','agent','other',3,1)",
		`('few','agent,region','["a","n"]',3,0)`, `('few','agent,region','["a","s"]',3,0)`, `('few','agent,region','["other","other"]',1,0)`,
		"('many','agent','',9,0)", "('many','agent','a',5,0)", "('many','agent','b',3,0)", "('many','agent','c',2,1)", "('many','agent','d',1,0)",
		`('many','agent,region','["a","n"]',3,0)`, `('many','agent,region','["a","s"]',3,0)`, `('many','agent,region','["b","n"]',1,0)`)
	expect(t, conn, "tenant, cut_value, offered", "rapport.contact_by_cut_daily ORDER BY tenant, cut_value",
		"('few','b',4)", "('few','other',4)", "('many','b',4)", "('many','c',1)", "('many','d',3)")
	expect(t, conn, "cut_value, n", "rapport.complaints_by_cut_daily WHERE tenant = 'few' ORDER BY cut_value", "('b',1)", "('other',1)")
	expect(t, conn, "cut_value, milestone, cases", "rapport.timeliness_by_cut_daily WHERE tenant = 'few'", "('other','resolved',14)")
	for _, view := range []string{"satisfaction_daily", "satisfaction_hourly"} {
		expect(t, conn, "tenant, agent, n", "rapport."+view+" ORDER BY tenant, agent",
			"('few','',1)", "('few','a',1)", "('few','b',1)", "('few','other',2)", "('many','',1)", "('many','a',1)", "('many','b',1)", "('many','c',1)", "('many','d',1)")
	}
	expect(t, conn, "agent", "rapport.survey_responses WHERE tenant = 'few' ORDER BY agent", "('')", "('a')", "('b')", "('c')", "('d')") // facts keep what was sent
	want := `# HELP rapport_quality_attribute_values_beyond Values of an attribute that are shown as other.
# TYPE rapport_quality_attribute_values_beyond gauge
rapport_quality_attribute_values_beyond{attribute="agent",tenant="few"} 2
rapport_quality_attribute_values_beyond{attribute="agent,region",tenant="few"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "rapport_quality_attribute_values_beyond"); err != nil {
		t.Error(err)
	}
}

// TestErasedTenant: a ranking stored after its tenant's days went goes at the next look; that of an erased tenant with new days stays.
func TestErasedTenant(t *testing.T) {
	conn := storetest.Start(t)
	for _, tenant := range []string{"gone", "back", "quiet"} {
		run(t, conn, "INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept) VALUES ('"+tenant+"', 'agent', 1, 2000, 0, 5, 0, [])")
	}
	for _, tenant := range []string{"gone", "back"} {
		run(t, conn, "INSERT INTO rapport_store.erasures (id, tenant, scope, state, step) VALUES ('"+tenant+"', '"+tenant+"', 'tenant', 'done', 3)")
	}
	day(t, conn, "contact_days", "back", "agent", map[string]string{"cut_value": "['b']", "offered": "[4]"})
	if err := watcher(conn, prometheus.NewRegistry()).Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, conn, "tenant, values, n", "rapport_store.attribute_values FINAL ORDER BY tenant", "('back',1,4)", "('quiet',0,0)")
}

func TestSourcesOnMetrics(t *testing.T) {
	conn := storetest.Start(t)
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	deliver := func(source string, records, strange []uint16, offsets int64) schemas.Delivery {
		return schemas.Delivery{Tenant: "t", Source: source, Type: "k", Within: 5, Topic: schemas.TopicComplaints, Block: offsets, Records: records, Strange: strange, Latest: 4_000_000}
	}
	if err := sink.Write(t.Context(), sinks.Batch{Deliveries: []schemas.Delivery{
		deliver("worst", []uint16{1, 2, 3}, []uint16{1, 2, 3}, 0), deliver("bad", []uint16{4, 5}, []uint16{4}, 0), deliver("good", []uint16{6}, nil, 0), deliver("fine", []uint16{7}, nil, 0),
	}}); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	if err := watcher(conn, reg).Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `# HELP rapport_quality_source_lateness_seconds Time from an event to its append that 99 of 100 stay within; the longest of those in other.
# TYPE rapport_quality_source_lateness_seconds gauge
rapport_quality_source_lateness_seconds{source="bad",tenant="t",type="k"} 4
rapport_quality_source_lateness_seconds{source="other",tenant="other",type="other"} 4
rapport_quality_source_lateness_seconds{source="worst",tenant="t",type="k"} 4
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "rapport_quality_source_lateness_seconds"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg, "rapport_quality_records"); err != nil || n != 3*13 {
		t.Errorf("%d series of topics, %v", n, err)
	}
}

// TestOneShows: a process that does not lead shows nothing, and one that stops leading stops showing.
func TestOneShows(t *testing.T) {
	conn := storetest.Start(t)
	reg := prometheus.NewRegistry()
	leads := make(chan bool, 1)
	leads <- true
	answer := func() bool { v := <-leads; leads <- v; return v }
	w := quality.New(quality.Options{
		Config: quality.Config{Interval: 10 * time.Millisecond, Timeout: time.Minute, Series: 2}, Conn: conn, Settings: capped{}, Leads: answer, Log: zerolog.Nop(), Registerer: reg,
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	series := func() int { n, _ := testutil.GatherAndCount(reg, "rapport_quality_records"); return n }
	eventually(t, func() bool { return series() > 0 })
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

// BenchmarkSatisfactionDaily is what the cap costs a reader of 500,000 responses: with nobody over it, with another tenant over it, and over it.
func BenchmarkSatisfactionDaily(b *testing.B) {
	conn := storetest.Start(b)
	for _, s := range []string{`INSERT INTO rapport_store.survey_facts (tenant, hour, source, id, occurred_at, questionnaire, role, valid, region, product, channel, agent)
		SELECT 't', toDateTime('2026-03-01', 'UTC') + 3600 * (number % 720) AS h, '/app', toString(number), h, 'q', 'customer', true, concat('r', toString(number % 7)), concat('p', toString(number % 5)),
			concat('c', toString(number % 3)), concat('a', toString(number % 100)) FROM numbers(500000)`, "OPTIMIZE TABLE rapport_store.survey_facts FINAL"} {
		if err := conn.Exec(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	over := func(tenant string) {
		if err := conn.Exec(b.Context(), `INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, kept)
			SELECT '`+tenant+`', 'agent', 4000, 2000, 2000, arrayMap(x -> concat('a', toString(x)), range(50, 2050))`); err != nil {
			b.Fatal(err)
		}
	}
	for _, step := range []struct {
		name string
		do   func()
	}{{"nobody over", func() {}}, {"another over", func() { over("u") }}, {"over", func() { over("t") }}} {
		step.do()
		b.Run(step.name, func(b *testing.B) {
			for b.Loop() {
				var n uint64
				if err := conn.QueryRow(b.Context(), "SELECT sum(n) FROM rapport.satisfaction_daily WHERE tenant = 't'").Scan(&n); err != nil || n != 500_000 {
					b.Fatal(n, err)
				}
			}
		})
	}
}
