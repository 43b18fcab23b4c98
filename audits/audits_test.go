package audits_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/audits"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

// rig is a store whose marks are answered when it settles.
type rig struct {
	t          *testing.T
	conn       driver.Conn
	sink       *sinks.ClickHouse
	defs       *processors.Definitions
	keeper     *keeper.Keeper
	recomputer *rollups.Recomputer
	// entities and days are marks that nobody has answered.
	entities, days []kafka.Message
	next           int64
}

func newRig(t *testing.T) *rig {
	conn := storetest.Start(t)
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, conn: conn, sink: sinks.NewClickHouse(conn, sinks.Config{}, nil), defs: &processors.Definitions{Tenants: settings}}
	epochs := func(_ context.Context, common uint64, names []string) (map[string]uint64, error) {
		out := map[string]uint64{}
		for _, n := range names {
			out[n] = common
		}
		return out, nil
	}
	r.keeper = keeper.New(keeper.Options{
		Conn: conn, Sink: r.sink, Settings: settings, Calendar: func(string) outcomes.Calendar { return nil }, Publisher: r, Epochs: epochs,
	})
	r.recomputer = rollups.NewRecomputer(rollups.Options{Conn: conn, Settings: settings, Epochs: epochs})
	return r
}

// Publish takes marks.
func (r *rig) Publish(_ context.Context, msgs ...kafka.Message) error {
	for _, m := range msgs {
		m.Offset, r.next = r.next, r.next+1
		if m.Topic == schemas.TopicStaleEntities {
			r.entities = append(r.entities, m)
		} else {
			r.days = append(r.days, m)
		}
	}
	return nil
}

// write stores events and marks what they change.
func (r *rig) write(events ...*schemas.Event) {
	r.t.Helper()
	var out processors.Output
	for _, e := range events {
		if err := processors.Process(e, r.defs, &out); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.sink.Write(r.t.Context(), sinks.Batch{Contacts: out.Contacts, Milestones: out.Milestones}); err != nil {
		r.t.Fatal(err)
	}
	if err := keeper.Mark(r.t.Context(), r, out.StaleEntities); err != nil {
		r.t.Fatal(err)
	}
}

// settle answers all marks.
func (r *rig) settle(ctx context.Context) error {
	for len(r.entities) > 0 {
		msgs := r.entities
		r.entities = nil
		if _, err := r.keeper.Answer(ctx, 1, msgs); err != nil {
			return err
		}
	}
	msgs := r.days
	r.days = nil
	_, err := r.recomputer.Answer(ctx, 1, msgs)
	return err
}

func (r *rig) exec(sql string) {
	r.t.Helper()
	if err := r.conn.Exec(r.t.Context(), sql); err != nil {
		r.t.Fatal(err)
	}
}

// audit compares all.
func (r *rig) audit(change ...func(*audits.Options)) audits.Report {
	r.t.Helper()
	o := audits.Options{Rollups: r.recomputer, Outcomes: r.keeper, Settled: r.settle}
	for _, f := range change {
		f(&o)
	}
	report, err := audits.Run(r.t.Context(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	return report
}

// said are the findings, a line each.
func said(r audits.Report) string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintln(f.Table, f.Tenant, f.Day, f.Key, f.Detail))
	}
	return strings.Join(lines, "")
}

func contact(id string, at time.Time) *schemas.Event {
	yes := true
	return &schemas.Event{
		ID: id, Source: "/test", Type: schemas.TypeContact, Tenant: "t", Time: at, Payload: 1,
		Data: &schemas.Contact{CustomerID: "c", Issue: "pump", Direction: "inbound", Answered: true, Resolved: &yes},
	}
}

func milestone(id, caseID string, at time.Time) *schemas.Event {
	return &schemas.Event{ID: id, Source: "/test", Type: schemas.TypeMilestone, Tenant: "t", Time: at, Payload: 1, Data: &schemas.Milestone{CaseID: caseID, Milestone: "requested"}}
}

var (
	march = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	june  = time.Date(2026, 6, 5, 10, 0, 0, 0, time.UTC)
)

func TestEqualThenTampered(t *testing.T) {
	r := newRig(t)
	r.write(contact("a", march), contact("b", june), milestone("m", "k", march))
	report := r.audit()
	if len(report.Findings) > 0 || report.Moving > 0 || report.Entities != 2 || report.Days == 0 {
		t.Fatalf("%+v\n%s", report, said(report))
	}
	r.exec("ALTER TABLE rapport_store.contact_outcomes UPDATE fcr = 'no' WHERE id = 'a' SETTINGS mutations_sync = 1")
	report = r.audit()
	if got := said(report); !strings.Contains(got, "contact_outcomes t 2026-03-02") || !strings.Contains(got, "fcr stored no, recomputed yes") {
		t.Errorf("the outcome is not told:\n%s", got)
	}
	differing := map[string]int{}
	for _, table := range report.Tables {
		differing[table.Name] = table.Differing
	}
	if differing["contact_outcomes"] != 1 || differing["case_outcomes"] != 0 || report.Moving > 0 {
		t.Errorf("%v differ, %d moving", differing, report.Moving)
	}
}

// TestSureOnFirmGroundAlone: what differs is not told while its facts change, even if they give the same each time, nor while an erasure takes
// facts away or an epoch begins; once all that has ended it is.
func TestSureOnFirmGroundAlone(t *testing.T) {
	r := newRig(t)
	r.write(contact("a", march), milestone("m", "k", march))
	if err := r.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"ALTER TABLE rapport_store.contact_outcomes UPDATE fcr = 'no' WHERE id = 'a' SETTINGS mutations_sync = 1",
		"ALTER TABLE rapport_store.milestones_by_case DELETE WHERE case_id = 'k' SETTINGS mutations_sync = 1", // gone, and not marked yet: a stray
	} {
		r.exec(sql)
	}
	revision, step := uint32(0), 0
	for name, moving := range map[string]func(*audits.Options){
		"facts that give the same": func(o *audits.Options) {
			o.Scope.Tenant = "t"
			o.Settled = func(context.Context) error {
				revision++
				e := contact("a", march)
				e.Revision = revision
				r.write(e)
				r.entities = nil // its mark is still on its way
				return nil
			}
		},
		"an erasure at work": func(o *audits.Options) {
			o.Ground.Erasures = func(context.Context) (string, error) { return "", nil }
		},
		"erasures one after another": func(o *audits.Options) {
			o.Ground.Erasures = func(context.Context) (string, error) { step++; return fmt.Sprint(step), nil }
		},
		"an epoch that is not marked": func(o *audits.Options) {
			o.Ground.Calm = func(context.Context) (string, bool, error) { return "1", false, nil }
		},
	} {
		report := r.audit(moving)
		for _, f := range report.Findings {
			// The stray rests on no facts that change.
			if name != "facts that give the same" || f.Table == "contact_outcomes" {
				t.Errorf("%s: told as sure: %+v", name, f)
			}
		}
		if report.Moving == 0 {
			t.Errorf("%s: nothing is called moving", name)
		}
	}
	if got := said(r.audit()); !strings.Contains(got, "fcr stored no, recomputed yes") || !strings.Contains(got, "case_outcomes t 2026-03-02 k stored, but there is no fact of it") {
		t.Errorf("on firm ground:\n%s", got)
	}
}

// TestRetentionLeavesNoStrays: outcomes of cases stay when retention drops their facts, and are no strays for that; later ones are.
func TestRetentionLeavesNoStrays(t *testing.T) {
	r := newRig(t)
	r.write(milestone("m1", "old", march), milestone("m2", "new", june))
	if err := r.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.exec("ALTER TABLE rapport_store.milestones_by_case DELETE WHERE 1 SETTINGS mutations_sync = 1")
	if got := said(r.audit()); !strings.Contains(got, " old stored, but") || !strings.Contains(got, " new stored, but") {
		t.Fatalf("without a retention both are strays:\n%s", got)
	}
	got := said(r.audit(func(o *audits.Options) {
		o.Retention, o.Now = 30*24*time.Hour, func() time.Time { return june.Add(24 * time.Hour) }
	}))
	if strings.Contains(got, " old stored, but") || !strings.Contains(got, " new stored, but") {
		t.Errorf("with a retention of 30 days:\n%s", got)
	}
}
