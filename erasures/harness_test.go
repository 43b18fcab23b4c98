package erasures

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

// rig is a store with an eraser whose marks are kept in lists, and whose stages have nothing to wait for.
type rig struct {
	t        testing.TB
	conn     driver.Conn
	sink     *sinks.ClickHouse
	eraser   *Eraser
	sweeper  *Sweeper
	days     map[schemas.Day]bool
	entities map[schemas.Entity]bool
	now      time.Time
	all      int // how often all entities were marked
	// atOutcomes is called where outcomes are waited for.
	atOutcomes func()
}

var at = time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)

func newRig(t testing.TB) *rig {
	t.Helper()
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	conn := storetest.Start(t)
	r := &rig{t: t, conn: conn, sink: sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry()), days: map[schemas.Day]bool{}, entities: map[schemas.Entity]bool{}, now: at}
	r.eraser = New(Options{
		Conn: conn, Settings: settings, DefaultTenant: "default",
		Await: func(_ context.Context, s Stage) error {
			if s == InOutcomes && r.atOutcomes != nil {
				r.atOutcomes()
			}
			return nil
		},
		MarkDays: func(_ context.Context, days []schemas.Day) error {
			for _, d := range days {
				r.days[d] = true
			}
			return nil
		},
		MarkEntities: func(_ context.Context, entities map[schemas.Entity]schemas.Span) error {
			for e := range entities {
				r.entities[e] = true
			}
			return nil
		},
		MarkAll: func(context.Context, string) error { r.all++; return nil },
		Now:     func() time.Time { return r.now },
	})
	r.sweeper = NewSweeper(SweeperOptions{Eraser: r.eraser, Log: zerolog.Nop()})
	return r
}

func (r *rig) write(b sinks.Batch) {
	r.t.Helper()
	if err := r.sink.Write(r.t.Context(), b); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) erase(s Subject) Receipt {
	r.t.Helper()
	receipt, err := r.eraser.Erase(r.t.Context(), s)
	if err != nil {
		r.t.Fatal(err)
	}
	return receipt
}

func (r *rig) round() {
	r.t.Helper()
	if err := r.sweeper.Round(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// age has all erasures have made no step for an hour.
func (r *rig) age() {
	r.t.Helper()
	if err := r.conn.Exec(r.t.Context(), "ALTER TABLE rapport_store.erasures UPDATE changed_at = changed_at - INTERVAL 1 HOUR WHERE true SETTINGS mutations_sync = 2"); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) count(sql string) (n uint64) {
	r.t.Helper()
	if err := r.conn.QueryRow(r.t.Context(), "SELECT count() FROM rapport_store."+sql).Scan(&n); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func identityOf(id string) schemas.Identity {
	return schemas.Identity{Tenant: "acme", Hour: at.Truncate(time.Hour), Source: "/app 华东", ID: id}
}

func response(id, customer string) schemas.SurveyFact {
	return schemas.SurveyFact{Identity: identityOf(id), OccurredAt: at, CustomerID: customer, Questionnaire: "q", Comment: "of " + customer}
}

func contact(id, customer, caseID string) schemas.ContactFact {
	return schemas.ContactFact{Identity: identityOf(id), OccurredAt: at, CustomerID: customer, CaseID: caseID, Chain: schemas.Chain(customer, "", caseID, "/app", id)}
}

func milestone(id, customer, caseID string) schemas.MilestoneFact {
	return schemas.MilestoneFact{Identity: identityOf(id), OccurredAt: at, CustomerID: customer, CaseID: caseID, Milestone: "requested"}
}

// company is a store of two customers, who share a case, and a case of one of them with an event that names nobody.
func company() sinks.Batch {
	return sinks.Batch{
		Responses:  []schemas.SurveyFact{response("r1", "ann"), response("r2", "bob")},
		Contacts:   []schemas.ContactFact{contact("c1", "ann", "shared"), contact("c2", "bob", "shared")},
		Milestones: []schemas.MilestoneFact{milestone("m1", "ann", "own"), milestone("m2", "", "own"), milestone("m3", "bob", "shared"), milestone("m4", "ann", "shared"), milestone("m5", "", "nobody")},
		CaseOutcomes: []schemas.CaseOutcome{
			{Tenant: "acme", CaseID: "own", CustomerID: "ann", Live: true}, {Tenant: "acme", CaseID: "shared", CustomerID: "bob", Live: true}, {Tenant: "acme", CaseID: "nobody", Live: true},
		},
		DeadLetters: []schemas.DeadLetter{
			{Topic: schemas.TopicSurveyResponses, Offset: 1, Reason: "out_of_range", Field: "/data/nps", Tenant: "acme", Source: "/app", ID: "d1", Key: "ann", Value: `{"customer_id":"ann"}`, Headers: map[string]string{"ce_id": "d1"}},
			{Topic: schemas.TopicSurveyResponses, Offset: 2, Reason: "not_json", Tenant: "acme", Value: "customer=bob"},
		},
		Late: []schemas.LateFact{{Topic: schemas.TopicSurveyResponses, Offset: 3, Tenant: "acme", Source: "/app", ID: "l1", Type: string(schemas.TypeSurveyResponse), OccurredAt: at, AppendedAt: at, Value: `{"customer_id":"ann"}`}},
	}
}
