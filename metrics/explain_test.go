package metrics_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

func named(sets ...map[string]string) []any {
	var all []any
	for _, set := range sets {
		for name, value := range set {
			all = append(all, clickhouse.Named(name, value))
		}
	}
	return all
}

// row is what a figure is compared by.
type row struct {
	value float64
	n     uint64
}

func explained(t *testing.T, conn driver.Conn, sql string, p metrics.Parameters) map[string]row {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT toString(questionnaire), toString(detail), toNullable(toFloat64(value)), toUInt64(n) FROM ("+sql+")", named(p.Named())...)
	if err != nil {
		t.Errorf("%v\n%s", err, sql)
		return nil
	}
	defer rows.Close()
	all := map[string]row{}
	for rows.Next() {
		var questionnaire, detail string
		var value *float64
		var n uint64
		if err := rows.Scan(&questionnaire, &detail, &value, &n); err != nil {
			t.Fatal(err)
		}
		if value == nil {
			value = new(math.NaN())
		}
		all[questionnaire+"|"+detail] = row{*value, n}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return all
}

func shown(points []metrics.Point) map[string]row {
	all := map[string]row{}
	for _, p := range points {
		value, known := p.Sample.Value()
		if !known {
			value = math.NaN()
		}
		all[p.Questionnaire+"|"+p.Detail] = row{value, p.Sample.N}
	}
	return all
}

// TestExplainGivesTheFigures: what is made of states, counted row by row, equals what the statements give, of every metric, on spans with edges on events, overall and of
// a cut. Quantiles rest on buckets and are near.
func TestExplainGivesTheFigures(t *testing.T) {
	conn := storetest.Start(t)
	c := newCompany(t, 1)
	err := sinks.NewClickHouse(conn, sinks.Config{}, nil).Write(t.Context(), sinks.Batch{
		Responses: c.responses, Invitations: c.invitations, ContactOutcomes: c.contacts, CaseOutcomes: c.cases, ComplaintOutcomes: c.complaints,
		ComplaintSubjects: c.subjects, Milestones: c.milestones, Complaints: c.events,
	})
	if err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	spans := []struct {
		cut, value string
		// every how many metrics are asked for.
		every int
		span
	}{
		{"", "", 1, span{from: start(), to: start().Add(5 * day), judged: start().Add(9 * day), all: true}},
		{"region", "north", 1, span{from: start().Add(-time.Microsecond), to: start().Add(10 * day), judged: start().Add(10 * day), region: "north"}},
		{"region", "", 6, span{from: start().Add(5 * day), to: start().Add(10 * day), judged: start().Add(12 * day)}},
		{"region,product", `["north","x\"y"]`, 6, span{from: start(), to: start().Add(10 * day), judged: start().Add(12 * day), region: "north", product: `x"y`}},
		// South is beyond the cap.
		{"region", "other", 5, span{from: start(), to: start().Add(10 * day), judged: start().Add(12 * day), region: "south"}},
	}
	over := `INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept, computed_at) VALUES ('t', 'region', 2, 1, 1, 9, 4, ['north'], now64(3))`
	if err := conn.Exec(t.Context(), over); err != nil {
		t.Fatal(err)
	}
	figures := map[string]int{}
	for _, s := range spans {
		states := c.states(s.span)
		p := metrics.Parameters{Tenant: "t", From: s.from, To: s.to, Judged: s.judged, CutValue: s.value}
		for i, m := range metrics.All() {
			if m.Points == nil || i%s.every > 0 {
				continue
			}
			sql, err := metrics.Explain(m, s.cut, c.catalog)
			if err != nil {
				t.Fatal(err)
			}
			want, got := shown(m.Points(states, c.catalog)), explained(t, conn, sql, p)
			figures[m.Name] += len(want)
			near := cmp.Comparer(func(a, b row) bool {
				tolerance := 1e-9
				if m.Kind == metrics.Quantile {
					tolerance = 0.01
				}
				same := math.IsNaN(a.value) && math.IsNaN(b.value) || math.Abs(a.value-b.value) <= tolerance*max(1, math.Abs(a.value))
				return a.n == b.n && same
			})
			if diff := cmp.Diff(want, got, near); diff != "" {
				t.Errorf("%s by %q of %v to %v: made of states (-), explained (+):\n%s", m.Name, s.cut, s.from, s.to, diff)
			}
		}
	}
	for _, m := range metrics.All() {
		if figures[m.Name] == 0 && m.Points != nil {
			t.Errorf("%s had no figure", m.Name)
		}
	}
	t.Run("an edge moved by a microsecond is found", func(t *testing.T) {
		s := spans[0]
		m, _ := metrics.ByName("volume")
		sql, err := metrics.Explain(m, s.cut, c.catalog)
		if err != nil {
			t.Fatal(err)
		}
		want := shown(m.Points(c.states(s.span), c.catalog))
		for what, p := range map[string]metrics.Parameters{
			"from": {Tenant: "t", From: s.from.Add(-time.Microsecond), To: s.to, Judged: s.judged}, "to": {Tenant: "t", From: s.from, To: s.to.Add(-time.Microsecond), Judged: s.judged},
		} {
			if cmp.Equal(want, explained(t, conn, sql, p), cmp.AllowUnexported(row{})) {
				t.Errorf("%s moved by a microsecond changes nothing", what)
			}
		}
	})
	t.Run("behind", func(t *testing.T) { behind(t, conn, c) })
}

// behind pages through the events of every metric: all of them, each once, and as many count as n says where every event is an observation.
func behind(t *testing.T, conn driver.Conn, c *company) {
	p := metrics.Parameters{Tenant: "t", From: start(), To: start().Add(9 * 24 * time.Hour), Judged: start().Add(10 * 24 * time.Hour)}
	states := c.states(span{from: p.From, to: p.To, judged: p.Judged, all: true})
	countable := map[string]bool{}
	for _, name := range strings.Fields("fcr fcr_confirmed fcr_flagged fcr_customer answer_rate asa aht volume repeat_contact_rate recontact_days complaint_rate") {
		countable[name] = true
	}
	listed := map[string]bool{}
	for _, m := range metrics.All() {
		sql, err := metrics.Behind(m, "", c.catalog)
		if m.Points == nil {
			if err == nil {
				t.Errorf("%s has events of its own", m.Name)
			}
			continue
		}
		if listed[sql] {
			continue
		}
		listed[sql] = true
		if err != nil {
			t.Fatal(err)
		}
		seen, counted := map[string]bool{}, map[string]uint64{}
		page := metrics.Page{Limit: 300}
		for {
			last := events(t, conn, sql, p, page, func(id, kind string, counts bool) {
				if seen[id] {
					t.Fatalf("%s: %s twice", m.Name, id)
				}
				seen[id] = true
				if counts {
					counted[kind]++
				}
			})
			if last == nil {
				break
			}
			page = *last
		}
		if len(seen) == 0 {
			t.Errorf("%s: no events", m.Name)
		}
		if countable[m.Name] {
			kind := "rapport.contact.v1"
			if m.Name == "fcr_customer" {
				kind = "rapport.survey.response.v1"
			}
			if n := m.Points(states, c.catalog)[0].Sample.N; counted[kind] != n {
				t.Errorf("%s: %d events count, n is %d", m.Name, counted[kind], n)
			}
		}
	}
}

// events reads a page; the next one, or nil after the last.
func events(t *testing.T, conn driver.Conn, sql string, p metrics.Parameters, page metrics.Page, each func(id, kind string, counts bool)) *metrics.Page {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, named(p.Named(), page.Named())...)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer rows.Close()
	var last *metrics.Page
	for rows.Next() {
		next := metrics.Page{Limit: page.Limit}
		var entity, what string
		var counts bool
		if err := rows.Scan(&next.At, &next.Type, &next.Source, &next.ID, &entity, &counts, &what); err != nil {
			t.Fatal(err)
		}
		each(next.Type+"|"+next.Source+"|"+next.ID, next.Type, counts)
		last = &next
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return last
}

func TestExplainRefuses(t *testing.T) {
	m, _ := metrics.ByName("fcr")
	for _, cut := range []string{"customer_id", "region,region", "region,product,agent", "region; DROP TABLE x", "region,"} {
		if _, err := metrics.Explain(m, cut, nil); err == nil {
			t.Errorf("cut %q was taken", cut)
		}
		if _, err := metrics.Behind(m, cut, nil); err == nil {
			t.Errorf("cut %q was taken by Behind", cut)
		}
	}
	rank, _ := metrics.ByName("rank")
	if _, err := metrics.Explain(rank, "", nil); err == nil || !strings.Contains(err.Error(), "other figures") {
		t.Errorf("rank: %v", err)
	}
	for _, cut := range []string{"agent", "region,product"} {
		if sql, err := metrics.Explain(m, cut, nil); err != nil || !strings.Contains(sql, "{cut_value:String}") {
			t.Errorf("cut %q: %v\n%s", cut, err, sql)
		}
	}
}
