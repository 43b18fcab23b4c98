package store

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

func ptr[T any](v T) *T { return &v }

// noon is an hour on which all hand-made responses are given.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// response is a valid response of a customer of tenant t with one item x of 1..10 in dimension d.
func response(id string, score int16) schemas.SurveyFact {
	level := "satisfied"
	if score >= 9 {
		level = "very_satisfied"
	} else if score < 7 {
		level = "neutral"
	}
	return schemas.SurveyFact{
		Identity: schemas.Identity{Tenant: "t", Hour: noon, Source: "app", ID: id}, Version: schemas.Version{Payload: 1},
		OccurredAt: noon.Add(30*time.Minute + time.Microsecond), Questionnaire: "q", QuestionnaireVersion: "1", Role: "customer",
		Valid: true, IndexNum: int64(score) * 10, IndexDen: 1, Level: level, ScaleSpan: 10,
		AnswerItem: []string{"x"}, AnswerDimension: []string{"d"}, AnswerScore: []*int16{&score}, AnswerExpectation: []*int16{nil},
		AnswerImportance: []*int16{nil}, AnswerReasons: [][]string{nil}, AnswerComment: []string{""},
		Dimension: []string{"d"}, DimensionNum: []int64{int64(score) * 10}, DimensionDen: []int64{1},
	}
}

func write(t testing.TB, conn driver.Conn, b sinks.Batch) {
	t.Helper()
	if err := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry()).Write(context.Background(), b); err != nil {
		t.Fatal(err)
	}
}

// rowsOf are the rows of a query, as text.
func rowsOf(t testing.TB, conn driver.Conn, columns, rest string) []string {
	t.Helper()
	return column[string](t, conn, fmt.Sprintf("SELECT toString(tuple(%s)) FROM %s", columns, rest))
}

func TestWorkedExample1(t *testing.T) {
	conn := migrated(t)
	var b sinks.Batch
	for _, s := range []struct {
		score int16
		n     int
	}{{6, 1}, {7, 2}, {8, 34}, {9, 1}} {
		for i := range s.n {
			b.Responses = append(b.Responses, response(fmt.Sprintf("%d-%d", s.score, i), s.score))
		}
	}
	write(t, conn, b)

	const want = 3010.0 / 38
	for _, query := range []string{
		"SELECT assumeNotNull(dimension_score) FROM rapport.dimension_daily WHERE n = 38 AND dimension_sum = 3010",
		"SELECT assumeNotNull(satisfaction_index) FROM rapport.satisfaction_daily WHERE n = 38 AND index_sum = 3010",
		"SELECT assumeNotNull(satisfaction_index) FROM rapport.satisfaction_hourly WHERE n = 38 AND index_n = 38",
	} {
		if got := column[float64](t, conn, query); len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	shares := column[float64](t, conn, "SELECT 100 * count() / sum(count()) OVER () FROM rapport.survey_answers GROUP BY score ORDER BY score")
	for i, want := range []float64{2.6, 5.3, 89.5, 2.6} {
		if len(shares) != 4 || math.Abs(shares[i]-want) > 0.05 {
			t.Errorf("shares %v, want 2.6, 5.3, 89.5, 2.6", shares)
			break
		}
	}
	got := rowsOf(t, conn, "satisfied_n, round(csat_top2, 2), very_satisfied, satisfied, neutral, dissatisfied, very_dissatisfied, round(satisfied_share, 2), round(dissatisfied_share, 2)", "rapport.satisfaction_daily")
	if diff := cmp.Diff([]string{"(37,97.37,1,36,1,0,0,94.74,0)"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWorkedExample3(t *testing.T) {
	conn := migrated(t)
	filled := response("filled", 8)
	filled.IndexNum, filled.IndexDen = 235, 3 // (11 * 4 + 3) / 12 / 5 * 100
	short := response("short", 8)
	short.Valid, short.IndexNum, short.IndexDen, short.Level = false, 0, 0, ""
	short.Dimension, short.DimensionNum, short.DimensionDen = nil, nil, nil
	write(t, conn, sinks.Batch{Responses: []schemas.SurveyFact{filled, short}})
	got := rowsOf(t, conn, "n, n_invalid, round(satisfaction_index, 2), index_n", "rapport.satisfaction_daily")
	if diff := cmp.Diff([]string{"(1,1,78.33,1)"}, got); diff != "" {
		t.Error(diff)
	}
	if got := column[float64](t, conn, "SELECT assumeNotNull(satisfaction_index) FROM rapport.satisfaction_daily"); got[0] != 235.0/3 {
		t.Errorf("got %v, want %v to the bit", got[0], 235.0/3)
	}
	got = rowsOf(t, conn, "response_id, valid, satisfaction_index, level", "rapport.survey_responses ORDER BY response_id")
	if diff := cmp.Diff([]string{"('filled',true,78.33333333333333,'satisfied')", "('short',false,NULL,'')"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "n, dimension_score", "rapport.dimension_daily")
	if diff := cmp.Diff([]string{"(1,80)"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatHolds(t *testing.T) {
	conn := migrated(t)
	revised := response("revised", 9)
	revised.Revision = 1
	gone := response("gone", 9)
	gone.Revision, gone.Retracted = 2, true
	conflict := response("conflict", 6)
	conflict.Payload = 2
	employee := response("employee", 1)
	employee.Role = "employee"
	// One id under two hours: the sweeper gives the loser the winner's version.
	moved := response("moved", 7)
	moved.Hour, moved.Payload = noon.Add(time.Hour), 5
	batches := []sinks.Batch{
		{Responses: []schemas.SurveyFact{response("revised", 7), response("gone", 7), conflict, employee, response("moved", 6), moved}},
		{Responses: []schemas.SurveyFact{revised, gone, response("conflict", 9)}},
	}
	for _, b := range []int{1, 0, 1, 0} {
		write(t, conn, batches[b])
	}
	if err := conn.Exec(context.Background(), `INSERT INTO rapport_store.survey_facts (tenant, hour, source, id, revision, payload, superseded)
		VALUES ('t', '2026-03-01 12:00:00', 'app', 'moved', 0, 5, true)`); err != nil {
		t.Fatal(err)
	}
	write(t, conn, batches[0])
	got := rowsOf(t, conn, "response_id, satisfaction_index, revision, toHour(hour)", "rapport.survey_responses ORDER BY response_id")
	want := []string{"('conflict',60,0,12)", "('employee',10,0,12)", "('moved',70,0,13)", "('revised',90,1,12)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "hour, n, index_sum", "rapport.satisfaction_hourly ORDER BY hour")
	if diff := cmp.Diff([]string{"('2026-03-01 12:00:00',2,150)", "('2026-03-01 13:00:00',1,70)"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "stored, repeated - duplicates, revisions, conflicts, settled", "rapport.data_quality WHERE topic = 'rapport.survey-responses'")
	if diff := cmp.Diff([]string{"(5,4,2,2,1)"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "stored, retracted, revised, invalid, newest, revisions, conflicts, settled", "rapport.data_quality_by_source")
	if diff := cmp.Diff([]string{"(4,1,2,0,'2026-03-01 12:30:00.000001',2,2,1)"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFigures(t *testing.T) {
	conn := migrated(t)
	var b sinks.Batch
	for i, nps := range []*int8{ptr[int8](10), ptr[int8](9), ptr[int8](8), ptr[int8](6), ptr[int8](0), nil} {
		r := response(fmt.Sprint(i), 0)
		r.AnswerItem, r.AnswerDimension, r.AnswerScore, r.AnswerExpectation, r.AnswerImportance, r.AnswerReasons, r.AnswerComment = nil, nil, nil, nil, nil, nil, nil
		r.Dimension, r.DimensionNum, r.DimensionDen, r.IndexNum, r.IndexDen, r.Level = nil, nil, nil, 0, 0, ""
		r.Questionnaire, r.NPS = "relationship", nps
		if i < 2 {
			r.CES = ptr(int8(4 + i))
		}
		b.Responses = append(b.Responses, r)
	}
	gap := response("gap", 6)
	gap.Questionnaire = "servqual"
	gap.AnswerItem, gap.AnswerDimension = []string{"a", "b", "c"}, []string{"d", "d", "e"}
	gap.AnswerScore, gap.AnswerExpectation = []*int16{ptr[int16](5), ptr[int16](6), nil}, []*int16{ptr[int16](7), ptr[int16](7), ptr[int16](4)}
	gap.AnswerImportance = []*int16{nil, nil, ptr[int16](3)}
	gap.AnswerReasons, gap.AnswerComment = [][]string{{"r", "s"}, nil, {}}, []string{"", "why", ""}
	// A response of another version has another denominator.
	third := response("third", 6)
	third.Questionnaire, third.IndexNum, third.IndexDen = "servqual", 200, 3
	b.Responses = append(b.Responses, gap, third)
	write(t, conn, b)

	got := rowsOf(t, conn, "questionnaire, n, satisfaction_index, csat_top2, neutral_share, nps, nps_n, promoters, passives, detractors, ces, ces_n", "rapport.satisfaction_daily WHERE questionnaire = 'relationship'")
	if diff := cmp.Diff([]string{"('relationship',6,NULL,NULL,NULL,0,5,2,1,2,4.5,2)"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "round(satisfaction_index, 9), round(index_sum, 9), nps, ces", "rapport.satisfaction_daily WHERE questionnaire = 'servqual'")
	if diff := cmp.Diff([]string{"(63.333333333,126.666666667,NULL,NULL)"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "dimension, n, dimension_score, servqual_gap, gap_n, gap_sum, importance, importance_n", "rapport.dimension_daily ORDER BY dimension")
	if diff := cmp.Diff([]string{"('d',2,60,-1.5,2,-3,NULL,0)", "('e',0,NULL,NULL,0,0,3,1)"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "item, score, score_100, expectation, importance, reasons, comment", "rapport.survey_answers WHERE response_id = 'gap' ORDER BY item")
	if diff := cmp.Diff([]string{"('a',5,50,7,NULL,['r','s'],'')", "('b',6,60,7,NULL,[],'why')", "('c',NULL,NULL,4,3,[],'')"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDaysOfTheTenant(t *testing.T) {
	conn := migrated(t)
	if err := conn.Exec(context.Background(), `INSERT INTO rapport_store.tenants (tenant, time_zone, epoch) VALUES
		('shanghai', 'Asia/Shanghai', 2), ('shanghai', 'Europe/Paris', 1), ('kathmandu', 'Asia/Kathmandu', 1), ('new york', 'America/New_York', 1), ('named utc', 'UTC', 1)`); err != nil {
		t.Fatal(err)
	}
	var b sinks.Batch
	zones := map[string]string{"shanghai": "Asia/Shanghai", "kathmandu": "Asia/Kathmandu", "new york": "America/New_York", "named utc": "UTC", "unnamed": "UTC"}
	want := map[string]uint64{}
	for tenant, zone := range zones {
		where, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		// Every quarter of an hour of three days about a change of New York's clocks.
		for i := range 3 * 96 {
			at := time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 15 * time.Minute)
			r := response(fmt.Sprint(i), 8)
			r.Tenant, r.OccurredAt, r.Hour = tenant, at, at.Truncate(time.Hour)
			b.Responses = append(b.Responses, r)
			want[tenant+at.In(where).Format(" 2006-01-02")]++
		}
	}
	write(t, conn, b)
	for _, view := range []string{"satisfaction_daily", "dimension_daily"} {
		got := map[string]uint64{}
		rows, err := conn.Query(context.Background(), "SELECT concat(tenant, ' ', toString(day)), sum(n) FROM rapport."+view+" GROUP BY 1")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var day string
			var n uint64
			if err := rows.Scan(&day, &n); err != nil {
				t.Fatal(err)
			}
			got[day] = n
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", view, diff)
		}
	}
}

func TestDataQuality(t *testing.T) {
	conn := migrated(t)
	const topic = schemas.TopicSurveyResponses
	letter := schemas.DeadLetter{Topic: topic, Partition: 1, Offset: 7, AppendedAt: noon, Reason: "not_json", Headers: map[string]string{"a": "b"}}
	unknown := schemas.DeadLetter{Topic: topic, Partition: 1, Offset: 8, Reason: "not_json"}
	b := sinks.Batch{
		Responses:   []schemas.SurveyFact{response("a", 8), response("b", 8), response("a", 8)},
		Invitations: []schemas.InvitationFact{{Identity: schemas.Identity{Tenant: "t", Hour: noon, Source: "app", ID: "i"}, OccurredAt: noon}},
		Late:        []schemas.LateFact{{Topic: topic, Partition: 1, Offset: 6, OccurredAt: noon, AppendedAt: noon, ID: "l", Key: "k", Headers: map[string]string{"c": "d"}}},
		DeadLetters: []schemas.DeadLetter{letter, unknown},
		Consumed: []schemas.Consumed{
			{Topic: topic, Partition: 0, Verdict: schemas.Accepted, First: 0, Last: 2},
			{Topic: topic, Partition: 1, Verdict: schemas.Accepted, First: 5, Last: 5},
			{Topic: topic, Partition: 1, Verdict: schemas.Late, First: 6, Last: 6},
			{Topic: topic, Partition: 1, Verdict: schemas.Rejected, First: 7, Last: 8},
		},
		Gaps:     []sinks.Gap{{Topic: topic, Partition: 1, From: 0, To: 5}},
		Progress: []sinks.Progress{{Topic: topic, Partition: 0, Committed: 3, End: 10, AsOf: noon}, {Topic: topic, Partition: 1, Committed: 9, End: 9, AsOf: noon.Add(time.Second)}},
	}
	write(t, conn, b)
	write(t, conn, b)
	// A redelivery cuts the batches elsewhere.
	write(t, conn, sinks.Batch{Consumed: []schemas.Consumed{{Topic: topic, Partition: 0, Verdict: schemas.Accepted, First: 1, Last: 1}}})
	// What is no event of the contract strays onto other topics; what nobody has read yet only waits.
	const letters, complaints = schemas.TopicDeadLetters, schemas.TopicComplaints
	write(t, conn, sinks.Batch{
		DeadLetters: []schemas.DeadLetter{{Topic: letters, Offset: 3, Reason: "invalid_format"}},
		Gaps:        []sinks.Gap{{Topic: letters, From: 0, To: 2}},
		Progress:    []sinks.Progress{{Topic: complaints, Committed: 2, End: 12, AsOf: noon}, {Topic: letters, Committed: 1, End: 9, AsOf: noon}},
	})
	got := rowsOf(t, conn, "*", "rapport.data_quality ORDER BY topic")
	want := []string{
		"('rapport.complaints',0,0,0,0,0,0,0,0,0,0,0,0,10,'2026-03-01 12:00:00.000',0,0,NULL,NULL,NULL,NULL)",
		"('rapport.service-events',0,0,0,0,0,0,0,0,0,0,0,0,0,NULL,0,0,NULL,NULL,NULL,NULL)",
		"('rapport.survey-responses',7,4,2,1,0,3,1,1,0,0,0,5,7,'2026-03-01 12:00:00.000',0,0,NULL,NULL,NULL,NULL)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "partition, offset, event_id, key, headers, appended_at", "rapport.late_facts")
	if diff := cmp.Diff([]string{"(1,6,'l','k',{'c':'d'},'2026-03-01 12:00:00.000')"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "partition, offset, appended_at, reason, headers", "rapport.dead_letters WHERE topic = '"+topic+"' ORDER BY offset")
	want = []string{"(1,7,'2026-03-01 12:00:00.000','not_json',{'a':'b'})", "(1,8,NULL,'not_json',{})"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := rowsOf(t, conn, "event_id, tenant", "rapport.survey_invitations"); !cmp.Equal(got, []string{"('i','t')"}) {
		t.Errorf("invitations %v", got)
	}
}
