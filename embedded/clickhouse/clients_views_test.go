package clickhouse_test

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store"
	"github.com/rapport-project/rapport/tenants"
)

// columnsOfViews is the list of columns and types that the views are documented to have.
const columnsOfViews = "../../store/testdata/views.tsv"

func ptr[T any](v T) *T { return &v }

// viewsToRead starts an engine with rapport's schema and a row in every view, and returns its address.
func viewsToRead(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	dsn := clickhousetest.Start(t)
	conn, err := store.Open(store.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := store.Migrate(ctx, conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	if err := sinks.NewClickHouse(conn, sinks.Config{}, nil).Write(ctx, facts()); err != nil {
		t.Fatal(err)
	}
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	recomputer := rollups.NewRecomputer(rollups.Options{
		Config: rollups.Config{ChunkDays: 10}, Conn: conn, Settings: settings,
		Epochs: func(_ context.Context, common uint64, of []string) (map[string]uint64, error) {
			epochs := map[string]uint64{}
			for _, tenant := range of {
				epochs[tenant] = common
			}
			return epochs, nil
		},
	})
	days := map[schemas.Day]int64{}
	for _, family := range schemas.Families() {
		days[schemas.Day{Tenant: "t", Date: "2026-03-01", Family: family}] = 1
	}
	if err := recomputer.Recompute(ctx, 1, days); err != nil {
		t.Fatal(err)
	}
	alertToRead(t, conn)
	ranked := `INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept, computed_at) VALUES ('t', 'region', 1, 200, 0, 1, 0, [], now64(3))`
	present := `INSERT INTO rapport_store.rolling (tenant, window, lane, cut, as_of, version, cells.metric, cells.questionnaire, cells.detail, cells.cut_value, cells.value, cells.n, cells.n_excluded,
		cells.ci_low, cells.ci_high, cells.previous_value, cells.previous_n, cells.change, cells.significant, cells.provisional, cells.below_min_n, cells.unit, cells.formula, cells.label)
		VALUES ('t', '1h', 'days', '', '2026-03-01 12:31:00', 1, ['csat_top2'], ['q'], [''], [''], [100], [2], [0], [34.2], [100], [NULL], [0], [NULL], [false], [false], [true], ['%'], [1], [''])`
	past := `INSERT INTO rapport_store.rolling_history (tenant, metric, window, cut, as_of, questionnaire, version, lane, value, n, unit, formula)
		VALUES ('t', 'csat_top2', '1h', '', '2026-03-01 13:00:00', 'q', 1, 'days', 100, 2, '%', 1)`
	for _, statement := range []string{ranked, present, past} {
		if err := conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	return dsn
}

// alertToRead stores an alert that fires.
func alertToRead(t *testing.T, conn driver.Conn) {
	t.Helper()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fired := alerts.Transition{
		ID: "a", Tenant: "t", Group: "g", Key: alerts.Key{Alert: "low"}, Change: alerts.Fired, At: noon, StartedAt: noon, FiredAt: noon, Metric: "csat_top2", Window: "24h", AsOf: noon,
		Value: ptr(70.0), N: 20, Unit: "%", Bound: alerts.Below, Threshold: 80, Labels: map[string]string{"tenant": "t"}, Annotations: map[string]string{"summary": "满意"},
	}
	evaluation := alerts.Evaluation{Tenant: "t", Group: "g", State: alerts.State{At: noon}, Transitions: []alerts.Transition{fired}}
	if err := alerts.NewStored(conn).Save(t.Context(), evaluation); err != nil {
		t.Fatal(err)
	}
}

// facts are what the clients' scripts know the figures of: two responses, one with all there can be and one with little, and one
// row for each of the other views.
func facts() sinks.Batch {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	id := func(id string) schemas.Identity {
		return schemas.Identity{Tenant: "t", Hour: noon, Source: "/app", ID: id}
	}
	response := func(name, level string, score int16) schemas.SurveyFact {
		return schemas.SurveyFact{
			Identity: id(name), Version: schemas.Version{Payload: 1}, OccurredAt: noon.Add(30*time.Minute + time.Microsecond),
			Questionnaire: "q", QuestionnaireVersion: "1", Role: "customer", Valid: true, IndexNum: int64(score) * 10, IndexDen: 1, Level: level,
			ScaleSpan: 10, AnswerItem: []string{"x"}, AnswerDimension: []string{"d"}, AnswerScore: []*int16{&score}, AnswerExpectation: []*int16{nil},
			AnswerImportance: []*int16{nil}, AnswerReasons: [][]string{nil}, AnswerComment: []string{""},
			Dimension: []string{"d"}, DimensionNum: []int64{int64(score) * 10}, DimensionDen: []int64{1},
		}
	}
	full, bare := response("full", "satisfied", 8), response("bare", "very_satisfied", 9)
	full.Region, full.CustomerID, full.Labels = "north", "c", map[string]string{"shop": "a", "店": "b"}
	full.NPS, full.ResolvedFirstContact, full.Comment = ptr(int8(9)), ptr(true), "好; it's \"fine\"\n\t\\"
	full.AnswerReasons, full.AnswerExpectation = [][]string{{"slow", "it's far"}}, []*int16{ptr(int16(10))}
	bare.CES = ptr(int8(6))
	const topic = "rapport.survey-responses"
	b := sinks.Batch{
		Responses:   []schemas.SurveyFact{full, bare},
		Invitations: []schemas.InvitationFact{{Identity: id("inv"), Version: schemas.Version{Payload: 1}, OccurredAt: noon, Questionnaire: "q", InvitationID: "inv"}},
		Late:        []schemas.LateFact{{Topic: topic, Offset: 3, Tenant: "t", Source: "/app", ID: "late", Type: "x", OccurredAt: noon, AppendedAt: noon, Value: "{}", Headers: map[string]string{}}},
		DeadLetters: []schemas.DeadLetter{{Topic: topic, Offset: 4, AppendedAt: noon, Reason: "not_json", Tenant: "t", Value: "\x00\"", Headers: map[string]string{"content-type": "x"}}},
		Consumed: []schemas.Consumed{
			{Topic: topic, Verdict: schemas.Accepted, First: 0, Last: 2}, {Topic: topic, Verdict: schemas.Late, First: 3, Last: 3},
			{Topic: topic, Verdict: schemas.Rejected, First: 4, Last: 4},
		},
		Progress: []sinks.Progress{{Topic: topic, Committed: 5, End: 7, AsOf: noon}},
	}
	addService(&b, noon)
	return b
}

func TestNodeClientReadsViews(t *testing.T) {
	requireClient(t, nodeClient)
	runScript(t, "node", "clients/node/views.mjs", viewsToRead(t), columnsOfViews)
}

func TestPythonClientReadsViews(t *testing.T) {
	requireClient(t, python)
	runScript(t, python, "clients/python/views.py", viewsToRead(t), columnsOfViews)
}
