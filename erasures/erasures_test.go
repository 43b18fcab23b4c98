package erasures

import (
	"context"
	"encoding/hex"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

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
		MarkAll: func(context.Context, string) error { return nil },
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

// TestHashesAgree: Go and SQL compute the same, or nothing would be kept out.
func TestHashesAgree(t *testing.T) {
	r := newRig(t)
	r.write(sinks.Batch{Responses: []schemas.SurveyFact{response("1:é\t'\\", "ann")}, CaseOutcomes: []schemas.CaseOutcome{{Tenant: "acme", CaseID: "a'b:华", CustomerID: "ann", Live: true}}})
	r.erase(Subject{"acme", "ann"})
	var event, entity string
	if err := r.conn.QueryRow(t.Context(), "SELECT (SELECT hex(event) FROM rapport_store.erased_events), (SELECT hex(entity) FROM rapport_store.erased_entities WHERE kind = 'case')").Scan(&event, &entity); err != nil {
		t.Fatal(err)
	}
	h := HashOf("acme", "/app 华东", "1:é\t'\\")
	raw, err := hex.DecodeString(event)
	if err != nil || string(raw) != string(h[:]) {
		t.Errorf("hash of the event is %s, want %x", event, h)
	}
	if want := entityHash("acme", "a'b:华"); entity != want {
		t.Errorf("hash of the case is %s, want %s", entity, want)
	}
}

func TestEraseACustomer(t *testing.T) {
	r := newRig(t)
	r.write(company())
	r.write(company())
	receipt := r.erase(Subject{"acme", "ann"})
	if receipt.Events != 5 || receipt.DoneAt == nil || len(receipt.DeadLetters) != 1 || len(receipt.LateFacts) != 1 || receipt.Subject != subjectHash(receipt.Key, "ann") {
		t.Errorf("receipt %+v", receipt)
	}
	for sql, want := range map[string]uint64{
		"survey_facts": 2, "survey_facts FINAL": 1, "contact_facts FINAL": 1, "milestone_facts FINAL": 2, "milestones_by_case FINAL": 2, "contacts_by_chain FINAL": 1,
		"chains_of_cases FINAL": 1, "identities FINAL": 4, "erased_events FINAL WHERE contents = 1": 5, "erased_events FINAL WHERE contents = 0": 2,
		"case_outcomes FINAL": 1, // of nobody; the shared one is computed again
		"dead_letters FINAL":  2, "dead_letters FINAL WHERE value = '' AND reason = 'out_of_range' AND field = '/data/nps' AND tenant = 'acme'": 1, "late_facts FINAL WHERE value = '' AND id = ''": 1,
		"erasures WHERE state = 'done' AND key = '' AND work = ''": 1, "erasures": 1,
	} {
		if got := r.count(sql); got != want {
			t.Errorf("%s: %d rows, want %d", sql, got, want)
		}
	}
	if !r.entities[schemas.Entity{Tenant: "acme", Kind: schemas.CaseOfWork, Key: "shared"}] || r.entities[schemas.Entity{Tenant: "acme", Kind: schemas.ChainOfContacts, Key: "customer=ann"}] {
		t.Errorf("marked %v", r.entities)
	}
	for _, family := range []schemas.Family{schemas.Surveys, schemas.Contacts, schemas.Cases} {
		if !r.days[schemas.Day{Tenant: "acme", Date: "2026-03-01", Family: family}] {
			t.Errorf("the day of %q is not marked", family)
		}
	}
	if again := r.erase(Subject{"acme", "ann"}); !again.Nothing() || again.ID != "" {
		t.Errorf("a second look found %+v", again)
	}
	if nobody := r.erase(Subject{"acme", "nobody"}); !nobody.Nothing() {
		t.Errorf("of a customer who is not there was found %+v", nobody)
	}
}

// TestKnown: what was erased is recognised in a batch, whatever its revision, and nothing else is.
func TestKnown(t *testing.T) {
	r := newRig(t)
	finder := Finder{Conn: r.conn, DefaultTenant: "default"}
	r.write(company())
	if k, err := finder.Find(t.Context(), company()); err != nil || !k.Empty() {
		t.Fatalf("known before anything was erased: %v, %v", k, err)
	}
	noID := schemas.DeadLetter{Topic: schemas.TopicSurveyResponses, Offset: 4, Reason: "missing_field", Tenant: "acme", Key: "k", Value: `{"customer_id":"ann"}`}
	r.write(sinks.Batch{DeadLetters: []schemas.DeadLetter{noID}})
	r.erase(Subject{"acme", "ann"})
	all := company()
	again, like := noID, noID
	again.Offset, like.Offset, like.Key = 40, 41, "k2"
	all.DeadLetters = append(all.DeadLetters, again, like)
	k, err := finder.Find(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"r1": true, "r2": false, "c1": true, "c2": false, "m1": true, "m2": true, "m3": false, "m4": true, "m5": false, "new": false} {
		if got := k.Event("acme", "/app 华东", id); got != want {
			t.Errorf("%s: erased %t, want %t", id, got, want)
		}
	}
	if !k.Content(again.Key, again.Value) || k.Content(like.Key, like.Value) {
		t.Error("a refused record without an id is not known by its content alone")
	}
	if k.Event("other", "/app 华东", "r1") {
		t.Error("another tenant's event of the same id counts as erased")
	}
	for offset, want := range map[int64]bool{1: true, 2: false, 3: true} {
		if _, got := k.Record(schemas.TopicSurveyResponses, 0, offset); got != want {
			t.Errorf("record %d: erased %t, want %t", offset, got, want)
		}
	}
}

// TestAProcessThatDidNotKnow stores all of it again after the erasure, and an outcome that it had computed before.
func TestAProcessThatDidNotKnow(t *testing.T) {
	r := newRig(t)
	r.write(company())
	r.round()
	r.erase(Subject{"acme", "ann"})
	r.round()
	state, err := State(t.Context(), r.conn)
	if err != nil {
		t.Fatal(err)
	}
	clear(r.days)
	clear(r.entities)
	late := company()
	late.Responses[0].Revision = 7
	r.write(late)
	if r.count("survey_facts WHERE id = 'r1'") == 0 {
		t.Fatal("nothing slipped in, so that the test would show nothing")
	}
	r.round()
	for _, sql := range []string{"survey_facts WHERE id = 'r1'", "contact_facts WHERE id = 'c1'", "contacts_by_chain WHERE id = 'c1'", "milestone_facts WHERE id IN ('m1', 'm2', 'm4')",
		"case_outcomes WHERE case_id = 'own'", "chains_of_cases WHERE chain = 'customer=ann'", "dead_letters WHERE offset = 1 AND value != ''", "late_facts WHERE value != ''"} {
		if n := r.count(sql); n != 0 {
			t.Errorf("%s: %d rows, want none", sql, n)
		}
	}
	if n := r.count("survey_facts FINAL WHERE id = 'r2'"); n != 1 {
		t.Errorf("the other customer has %d responses, want 1", n)
	}
	if !r.days[schemas.Day{Tenant: "acme", Date: "2026-03-01"}] || !r.entities[schemas.Entity{Tenant: "acme", Kind: schemas.CaseOfWork, Key: "shared"}] {
		t.Errorf("marked %v and %v", r.days, r.entities)
	}
	if now, err := State(t.Context(), r.conn); err != nil || now == state {
		t.Errorf("the state of erasures is %q as before (%v), so that the sweepers would take the difference for a fault", now, err)
	}
	rows := r.count("erasures")
	r.round()
	if n := r.count("erasures"); n != rows {
		t.Errorf("a round with nothing to do left %d rows", n-rows)
	}
}

// TestCutOff: an erasure that died while rows went is finished by the sweeper, who does not know of whom it was, and by the same command.
func TestCutOff(t *testing.T) {
	for name, finish := range map[string]func(r *rig){
		"by the sweeper": func(r *rig) { r.now = at.Add(time.Hour); r.round() },
		"by the command": func(r *rig) {
			if receipt := r.erase(Subject{"acme", "ann"}); receipt.Events != 5 || receipt.DoneAt == nil {
				r.t.Errorf("receipt %+v", receipt)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.write(company())
			ctx, die := context.WithCancel(t.Context())
			calls := 0
			r.atOutcomes = func() {
				if calls++; calls == 2 { // the first wait is for what is pending before
					die()
				}
			}
			if _, err := r.eraser.Erase(ctx, Subject{"acme", "ann"}); err == nil {
				t.Fatal("it did not die")
			}
			if state, err := State(t.Context(), r.conn); err != nil || state != "" {
				t.Errorf("while rows go the state is %q (%v), want none", state, err)
			}
			clear(r.days)
			r.now = r.now.Add(time.Minute)
			r.round() // too early for it to be abandoned
			if n := r.count("erasures FINAL WHERE state = 'taking'"); n != 1 {
				t.Errorf("%d erasures under way, want 1", n)
			}
			finish(r)
			if n := r.count("erasures FINAL WHERE state = 'done' AND receipt != '' AND key = ''"); n != 1 {
				t.Errorf("%d erasures done, want 1", n)
			}
			if n := r.count("case_outcomes WHERE customer_id = 'ann'"); n != 0 {
				t.Errorf("%d outcomes of the customer are left", n)
			}
			if !r.days[schemas.Day{Tenant: "acme", Date: "2026-03-01"}] {
				t.Error("the day is not marked")
			}
		})
	}
}

func TestEraseATenant(t *testing.T) {
	r := newRig(t)
	all := company()
	other := response("r9", "ann")
	other.Tenant = "other"
	all.Responses = append(all.Responses, other)
	r.write(all)
	if err := r.conn.Exec(t.Context(), "INSERT INTO rapport_store.satisfaction_days (tenant, cut, day, version) VALUES ('acme', '', '2026-03-01', 1), ('other', '', '2026-03-01', 1)"); err != nil {
		t.Fatal(err)
	}
	receipt := r.erase(Subject{Tenant: "acme"})
	if receipt.Events != 9 || len(receipt.DeadLetters) != 2 || receipt.Subject != "" || receipt.Key != "" {
		t.Errorf("receipt %+v", receipt)
	}
	tables, err := r.eraser.tenantTables(t.Context())
	if err != nil || len(tables) < 20 {
		t.Fatalf("%d tables with tenants (%v)", len(tables), err)
	}
	for _, table := range append(tables, table{Name: "dead_letters"}, table{Name: "late_facts"}) {
		if n := r.count(table.Name + " WHERE tenant = 'acme'"); n != 0 {
			t.Errorf("%s has %d rows of the tenant", table.Name, n)
		}
	}
	for sql, want := range map[string]uint64{"survey_facts": 1, "satisfaction_days": 1, "dead_letters": 2, "late_facts": 1} {
		if n := r.count(sql); n != want {
			t.Errorf("%s has %d rows, want %d", sql, n, want)
		}
	}
	if again := r.erase(Subject{Tenant: "acme"}); !again.Nothing() {
		t.Errorf("a second look found %+v", again)
	}
}
