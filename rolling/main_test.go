package rolling

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	if code := m.Run(); code != 0 {
		os.Exit(code)
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fixed are settings by tenant.
type fixed map[string]tenants.Tenant

func (s fixed) For(id string) tenants.Tenant {
	t, ok := s[id]
	if !ok {
		t = tenants.Tenant{Zone: time.UTC, FCRWindowDays: 7, MinN: 5}
	}
	t.ID = id
	return t
}

func (s fixed) Configured() []tenants.Tenant {
	var all []tenants.Tenant
	for id := range s {
		all = append(all, s.For(id))
	}
	return all
}

// rig is a store with facts, their rollups and a computer on it.
type rig struct {
	testing.TB
	conn     driver.Conn
	settings fixed
	rows     sinks.Batch
	c        *Computer
	marks    int64
}

func newRig(t testing.TB, settings fixed) *rig {
	t.Helper()
	conn := storetest.Start(t)
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{Conn: conn, Settings: settings, Questionnaires: catalog, Log: zerolog.Nop()})
	return &rig{TB: t, conn: conn, settings: settings, c: c}
}

// write stores what was gathered in rows and computes the days again.
func (r *rig) write() {
	r.Helper()
	if err := sinks.NewClickHouse(r.conn, sinks.Config{}, nil).Write(r.Context(), r.rows); err != nil {
		r.Fatal(err)
	}
	r.rows = sinks.Batch{}
	r.roll()
}

// roll computes all days anew.
func (r *rig) roll() {
	r.Helper()
	days, err := rollups.AllDays(r.Context(), r.conn, r.settings, "")
	if err != nil {
		r.Fatal(err)
	}
	r.marks++
	marked := map[schemas.Day]int64{}
	for _, d := range days {
		marked[d] = r.marks
	}
	recomputer := rollups.NewRecomputer(rollups.Options{
		Conn: r.conn, Settings: r.settings,
		Epochs: func(_ context.Context, _ uint64, names []string) (map[string]uint64, error) {
			epochs := map[string]uint64{}
			for _, n := range names {
				epochs[n] = 1
			}
			return epochs, nil
		},
	})
	if err := recomputer.Recompute(r.Context(), 1, marked); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) exec(sql string) {
	r.Helper()
	if err := r.conn.Exec(r.Context(), sql); err != nil {
		r.Fatalf("%s: %v", sql, err)
	}
}

func (r *rig) states(q Query) States {
	r.Helper()
	got, err := r.c.States(r.Context(), q)
	if err != nil {
		r.Fatal(err)
	}
	return got
}

// identity of an event of tenant acme.
func identity(id string, at time.Time) schemas.Identity {
	return schemas.Identity{Tenant: "acme", Hour: at.UTC().Truncate(time.Hour), Source: "app", ID: id}
}

// response is a valid answer of after-sales-10 whose five items all have one score.
func response(id string, at time.Time, score int16, a schemas.AttributeColumns) schemas.SurveyFact {
	f := schemas.SurveyFact{
		Identity: identity(id, at), Version: schemas.Version{Payload: 1}, OccurredAt: at, Questionnaire: "after-sales-10", QuestionnaireVersion: "1",
		Role: "customer", CustomerID: "c-" + id, AttributeColumns: a, Valid: true, IndexNum: int64(score) * 10, IndexDen: 1, Level: "satisfied", ScaleSpan: 10,
	}
	for _, d := range []string{"skill", "attitude", "timeliness", "parts", "overall"} {
		f.AnswerItem, f.AnswerDimension = append(f.AnswerItem, d), append(f.AnswerDimension, d)
		f.AnswerScore = append(f.AnswerScore, &score)
		f.Dimension, f.DimensionNum, f.DimensionDen = append(f.Dimension, d), append(f.DimensionNum, int64(score)*10), append(f.DimensionDen, 1)
	}
	n := len(f.AnswerItem)
	f.AnswerExpectation, f.AnswerImportance = make([]*int16, n), make([]*int16, n)
	f.AnswerReasons, f.AnswerComment = make([][]string, n), make([]string, n)
	return f
}
