package erasures

import (
	"context"
	"encoding/hex"
	"reflect"
	"slices"
	"testing"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

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
	var mutations uint64
	if err := r.conn.QueryRow(t.Context(), "SELECT countIf(position(command, 'ann') > 0) + if(count() > 5, 0, 1000) FROM system.mutations WHERE database = 'rapport_store'").Scan(&mutations); err != nil || mutations != 0 {
		t.Errorf("%d mutations name the customer, or there are too few (%v)", mutations, err)
	}
	if again := r.erase(Subject{"acme", "ann"}); !again.Nothing() || again.ID != "" {
		t.Errorf("a second look found %+v", again)
	}
	if nobody := r.erase(Subject{"acme", "nobody"}); !nobody.Nothing() || nobody.UnknownTenant {
		t.Errorf("of a customer who is not there was found %+v", nobody)
	}
	if nowhere := r.erase(Subject{"amce", "ann"}); !nowhere.Nothing() || !nowhere.UnknownTenant {
		t.Errorf("of a tenant who is not there was found %+v", nowhere)
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
	laidOut := all
	laidOut.Responses, laidOut.ResponseBlock = nil, sinks.NewClickHouse(r.conn, sinks.Config{}, nil).NewResponseBlock(10)
	laidOut.ResponseBlock.Add(all.Responses)
	if same, err := finder.Find(t.Context(), laidOut); err != nil || !reflect.DeepEqual(same, k) {
		t.Errorf("of survey facts in a block are known %+v (%v), of the same as rows %+v", same, err, k)
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
		"by the sweeper": func(r *rig) { r.age(); r.round() },
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
	for _, sql := range []string{
		"alert_states (tenant, `group`, slot, instant, transitions) VALUES ('acme', 'g', 1, now64(), ['{}'])", "alert_deliveries (receiver, tenant, alert_id) VALUES ('slack', 'acme', 'a')",
	} {
		if err := r.conn.Exec(t.Context(), "INSERT INTO rapport_store."+sql); err != nil {
			t.Fatal(err)
		}
	}
	receipt := r.erase(Subject{Tenant: "acme"})
	if receipt.Events != 9 || len(receipt.DeadLetters) != 2 || receipt.Subject != "" || receipt.Key != "" {
		t.Errorf("receipt %+v", receipt)
	}
	tables, err := r.eraser.tenantTables(t.Context())
	if err != nil || len(tables) < 20 {
		t.Fatalf("%d tables with tenants (%v)", len(tables), err)
	}
	place := func(name string) int {
		return slices.IndexFunc(tables, func(t table) bool { return t.Name == name })
	}
	if place("alert_states") < 0 || place("alert_deliveries") < place("alert_states") {
		t.Error("alerts without deliveries would be sent again")
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
