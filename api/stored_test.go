package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
)

// nasty are texts that end a string, a list or a line of some language.
func nasty() []string {
	return []string{
		"north", "", `'`, `''`, `\'`, `\`, `'); DROP TABLE rapport_store.survey_facts; --`, `") OR 1=1 --`, "a\tb\nc\rd", `{tenant:String}`, `['x']`, `["north","pump"]`,
		"北区 ☂", `\N`, `%s`, "`x`", `$1`, `?`, "\u0001", `other`,
	}
}

// company of facts: responses of two tenants on one day, whose regions are nasty.
func facts(t testing.TB, conn driver.Conn) {
	t.Helper()
	var batch sinks.Batch
	for i, region := range nasty() {
		for j := range 3 {
			id := fmt.Sprintf("r-%d-%d", i, j)
			batch.Responses = append(batch.Responses, response("acme", id, now.Add(-time.Duration(i*10+j+8)*time.Minute), int16(7+j), region))
		}
	}
	batch.Responses = append(batch.Responses, response("other", "secret", now.Add(-time.Hour), 2, "north"))
	if err := sinks.NewClickHouse(conn, sinks.Config{}, nil).Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// response is a valid answer of after-sales-10 whose five items all have one score.
func response(tenant, id string, at time.Time, score int16, region string) schemas.SurveyFact {
	level := "satisfied"
	if score >= 9 {
		level = "very_satisfied"
	}
	if score < 7 {
		level = "dissatisfied"
	}
	f := schemas.SurveyFact{
		Identity: schemas.Identity{Tenant: tenant, Hour: at.Truncate(time.Hour), Source: "app", ID: id}, Version: schemas.Version{Payload: 1}, OccurredAt: at,
		Questionnaire: "after-sales-10", QuestionnaireVersion: "1", Role: "customer", CustomerID: "customer-of-" + id, Comment: "what was written",
		AttributeColumns: schemas.AttributeColumns{Region: region}, Valid: true, IndexNum: int64(score) * 10, IndexDen: 1, Level: level, ScaleSpan: 10,
	}
	for _, d := range []string{"skill", "attitude", "timeliness", "parts", "overall"} {
		f.AnswerItem, f.AnswerDimension, f.AnswerScore = append(f.AnswerItem, d), append(f.AnswerDimension, d), append(f.AnswerScore, &score)
		f.Dimension, f.DimensionNum, f.DimensionDen = append(f.Dimension, d), append(f.DimensionNum, int64(score)*10), append(f.DimensionDen, 1)
	}
	n := len(f.AnswerItem)
	f.AnswerExpectation, f.AnswerImportance, f.AnswerReasons, f.AnswerComment = make([]*int16, n), make([]*int16, n), make([][]string, n), make([]string, n)
	return f
}

// onClickHouse is a server with facts of two tenants, the whole catalogue, and a computer on them.
func onClickHouse(t testing.TB) (server, driver.Conn) {
	t.Helper()
	conn := storetest.Start(t)
	facts(t, conn)
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	return newServer(t, api.Options{
		Conn: conn, Metrics: metrics.All(),
		Figures: rolling.New(rolling.Options{Conn: conn, Settings: company{}, Questionnaires: catalog, Now: func() time.Time { return now }, Log: zerolog.Nop()}),
	}), conn
}

// figures of the tests' answers.
type figures struct {
	Figures []struct {
		CutValue string `json:"cut_value"`
		Value    *float64
		N        uint64
		AsOf     time.Time `json:"as_of"`
	}
	Next *string
}

// TestOnClickHouse goes through one store, for each start of one takes its time.
func TestOnClickHouse(t *testing.T) {
	if testing.Short() && os.Getenv("CI") == "" {
		t.Skip("starts a ClickHouse")
	}
	s, conn := onClickHouse(t)
	for _, tc := range []struct {
		name string
		test func(*testing.T, server, driver.Conn)
	}{
		{"every value of a cut is found as it is", valuesAreFound}, {"a figure is explained by its events", explained}, {"every metric is explained", everyMetric},
		{"present figures come from the store", stored}, {"nobody sees another tenant", isolated}, {"whatever is asked for, nothing breaks", unbroken},
		{"alerts are listed", alertsListed},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.test(t, server{t, s.handler}, conn) })
	}
}

// valuesAreFound: what a caller writes reaches the statements as a value, whatever it looks like.
func valuesAreFound(t *testing.T, s server, _ driver.Conn) {
	for _, region := range nasty() {
		q := url.Values{
			"metric": {"csat_top2"}, "window": {"24h"}, "cut": {"region"}, "cut_value": {region}, "questionnaire": {"after-sales-10"}, "as_of": {now.Format(time.RFC3339)},
		}
		var e struct {
			Shown, Recomputed *struct{ N uint64 }
			Agrees            *bool
			Events            []struct{ Counts bool }
		}
		s.answer(&e, "/v1/explain?"+q.Encode())
		if e.Shown == nil || e.Recomputed == nil || e.Shown.N != 3 || e.Recomputed.N != 3 || len(e.Events) != 3 || e.Agrees == nil || !*e.Agrees {
			t.Errorf("%q: %+v", region, e)
		}
	}
}

func explained(t *testing.T, s server, _ driver.Conn) {
	const target = "/v1/explain?metric=csat_top2&window=24h&questionnaire=after-sales-10&as_of=2026-03-02T11:07:00Z&limit=7"
	type page struct {
		Metric     struct{ Formula string }
		AsOf       time.Time `json:"as_of"`
		After      time.Time
		Shown      *struct{ Value float64 }
		Recomputed *struct{ Value float64 }
		SQL        string
		Parameters []struct{ Name, Value string }
		Events     []struct {
			ID string
			At time.Time `json:"occurred_at"`
		}
		Next *string
	}
	seen := map[string]bool{}
	next, pages := "", 0
	for {
		var p page
		s.answer(&p, target+next)
		if pages == 0 && (p.Shown == nil || p.Recomputed == nil || p.Shown.Value != 100 || p.Recomputed.Value != 100 || !strings.Contains(p.SQL, "rapport.survey_responses") || p.Metric.Formula == "" || len(p.Parameters) != 6) {
			t.Errorf("%+v", p)
		}
		if got := p.AsOf.Sub(p.After); got != 24*time.Hour || p.AsOf.Minute() != 7 {
			t.Errorf("page %d: a span of %s up to %s", pages, got, p.AsOf)
		}
		for _, e := range p.Events {
			if seen[e.ID] {
				t.Errorf("%s is there twice", e.ID)
			}
			seen[e.ID] = true
		}
		pages++
		if p.Next == nil {
			break
		}
		next = "&cursor=" + *p.Next
	}
	if want := 3 * len(nasty()); len(seen) != want || pages != (want+6)/7 {
		t.Errorf("%d events in %d pages, want %d in %d", len(seen), pages, want, (want+6)/7)
	}
	if w := s.get(target); strings.Contains(w.Body.String(), "customer-of-") || strings.Contains(w.Body.String(), "what was written") {
		t.Errorf("the answer says who the customers are, or what they wrote: %s", w.Body)
	}
}

// everyMetric: there is an explanation for each, and its figures agree.
func everyMetric(t *testing.T, s server, _ driver.Conn) {
	for _, m := range metrics.All() {
		q := url.Values{"metric": {m.Name}, "window": {"24h"}, "as_of": {now.Format(time.RFC3339)}}
		if m.PerQuestionnaire {
			q.Set("questionnaire", "after-sales-10")
		}
		var e struct {
			SQL    string
			Agrees *bool
		}
		s.answer(&e, "/v1/explain?"+q.Encode())
		if (e.SQL == "") != (m.Points == nil) || e.Agrees != nil && !*e.Agrees {
			t.Errorf("%s: %+v", m.Name, e)
		}
	}
}

// stored: figures without as_of are those of rolling_metrics, in pages; explained as of their own instant.
func stored(t *testing.T, s server, conn driver.Conn) {
	insert := func(tenant string, version int, values ...string) {
		list, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		err = conn.Exec(t.Context(), `INSERT INTO rapport_store.rolling SELECT {tenant:String}, '24h', 'days', 'region', toDateTime('2026-03-02 11:05:00', 'UTC'), {version:UInt64},
			[m, m], [q, q], ['', ''], v, [87.5, 0.5], [7, 9], [0, 0], [NULL, 1], [NULL, 2], [NULL, 3], [0, 4], [NULL, 5], [false, true], [false, true], [true, false], ['%', '%'], [1, 1], ['', '']
			FROM (SELECT 'csat_top2' AS m, 'after-sales-10' AS q, JSONExtract({values:String}, 'Array(LowCardinality(String))') AS v)`,
			driver.NamedValue{Name: "tenant", Value: tenant}, driver.NamedValue{Name: "version", Value: fmt.Sprint(version)}, driver.NamedValue{Name: "values", Value: string(list)})
		if err != nil {
			t.Fatal(err)
		}
	}
	insert("acme", 1, "old", "older")
	insert("acme", 2, `'`, "north")
	insert("other", 9, `'`, "secret")
	const target = "/v1/metrics/csat_top2?window=24h&cut=region"
	var all figures
	s.answer(&all, target)
	if len(all.Figures) != 2 || all.Figures[0].CutValue != `'` || *all.Figures[0].Value != 87.5 || all.Figures[0].N != 7 || all.Next != nil || all.Figures[0].AsOf.Minute() != 5 {
		t.Errorf("%+v", all)
	}
	if values, n := s.pages(target + "&limit=1"); !cmp.Equal(values, []string{`'`, "north"}) || n != 2 {
		t.Errorf("%d pages of %q", n, values)
	}
	for target, want := range map[string]int{
		target + "&cut_value=north&cut_value=%27&cut_value=x": 2, target + "&cut_value=secret": 0, target + "&questionnaire=relationship": 0, target + "&detail=": 2, target + "&detail=x": 0,
		"/v1/metrics/csat_top2?window=24h": 0, "/v1/metrics/csat_top2?window=7d&cut=region": 0, "/v1/metrics/nps?window=24h&cut=region": 0,
	} {
		var some figures
		s.answer(&some, target)
		if len(some.Figures) != want {
			t.Errorf("%s: %d figures, want %d", target, len(some.Figures), want)
		}
	}
	var e struct {
		AsOf  time.Time `json:"as_of"`
		Shown *struct{ N uint64 }
		Next  *string
	}
	s.answer(&e, "/v1/explain?metric=csat_top2&window=24h&cut=region&cut_value=north&questionnaire=after-sales-10&limit=1")
	if e.Shown == nil || e.Shown.N != 9 || e.AsOf.Minute() != 5 || e.Next == nil {
		t.Errorf("%+v", e)
	}
}

// isolated: with the other tenant's key everything is the other tenant's.
func isolated(t *testing.T, s server, _ driver.Conn) {
	const as = "&as_of=2026-03-02T11:07:00Z"
	for _, target := range []string{
		"/v1/metrics/csat_top2?window=24h" + as, "/v1/explain?metric=csat_top2&window=24h&questionnaire=after-sales-10" + as,
		"/v1/metrics/csat_top2?from=2026-03-01&to=2026-03-03&step=day", "/v1/metrics/csat_top2?window=24h&cut=region" + as,
	} {
		acme, other := s.get(target), s.get(target, "X-API-Key", "other-key")
		if acme.Code != 200 || other.Code != 200 {
			t.Fatalf("%s: %d %d %s %s", target, acme.Code, other.Code, acme.Body, other.Body)
		}
		if strings.Contains(acme.Body.String(), "secret") || strings.Contains(other.Body.String(), "r-0-0") || acme.Body.String() == other.Body.String() {
			t.Errorf("%s\nacme: %s\nother: %s", target, acme.Body, other.Body)
		}
	}
	var f figures
	s.answer(&f, "/v1/metrics/csat_top2?window=24h"+as, "X-API-Key", "other-key")
	if len(f.Figures) != 1 || f.Figures[0].N != 1 || *f.Figures[0].Value != 0 {
		t.Errorf("the other tenant's own figure: %+v", f)
	}
}

// unbroken: text in every place that takes some gives an answer or a refusal, and the facts are there afterwards.
func unbroken(t *testing.T, s server, conn driver.Conn) {
	for _, text := range nasty() {
		v := url.QueryEscape(text)
		for _, target := range []string{
			"/v1/metrics/csat_top2?window=24h&cut=region&cut_value=" + v + "&detail=" + v, "/v1/metrics/csat_top2?window=" + v, "/v1/metrics/csat_top2?window=24h&cut=" + v,
			"/v1/metrics/" + url.PathEscape(text) + "?window=24h", "/v1/metrics/csat_top2?window=24h&questionnaire=" + v, "/v1/metrics/csat_top2?window=24h&cursor=" + v,
			"/v1/explain?metric=level_share&window=24h&questionnaire=after-sales-10&detail=" + v, "/v1/explain?metric=" + v + "&window=24h",
			"/v1/metrics/csat_top2?from=" + v + "&to=" + v + "&step=" + v,
		} {
			if w := s.get(target); w.Code >= 500 {
				t.Errorf("%s: %d %s", target, w.Code, w.Body)
			}
		}
	}
	var n uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM rapport.survey_responses").Scan(&n); err != nil || n != uint64(3*len(nasty())+1) {
		t.Errorf("%d facts, %v", n, err)
	}
}
