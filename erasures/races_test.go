package erasures

import (
	"context"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// hooked is a connection that calls before once, at the first statement that has text in it.
type hooked struct {
	driver.Conn
	text   string
	before func()
	called bool
}

func (h *hooked) meet(sql string) {
	if !h.called && strings.Contains(sql, h.text) {
		h.called = true
		h.before()
	}
}

func (h *hooked) Exec(ctx context.Context, sql string, args ...any) error {
	h.meet(sql)
	return h.Conn.Exec(ctx, sql, args...)
}

func (h *hooked) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	h.meet(sql)
	return h.Conn.Query(ctx, sql, args...)
}

// before has something happen right before the eraser's first statement with text in it.
func (r *rig) before(text string, do func()) {
	h := &hooked{Conn: r.conn, text: text, before: do}
	r.eraser.o.Conn = h
	r.t.Cleanup(func() {
		if !h.called {
			r.t.Errorf("no statement has %q, so that the test shows nothing", text)
		}
	})
}

// TestNewEventsWhileATenantIsErased stay, and what they come to is computed.
func TestNewEventsWhileATenantIsErased(t *testing.T) {
	r := newRig(t)
	r.write(company())
	// The facts have been counted, and there is none.
	r.before("erased_events UPDATE", func() {
		r.write(sinks.Batch{Contacts: []schemas.ContactFact{contact("c9", "zoe", "")}, Responses: []schemas.SurveyFact{response("r77", "zoe")}})
	})
	r.erase(Subject{Tenant: "acme"})
	for _, sql := range []string{"contact_facts WHERE id = 'c9'", "contacts_by_chain WHERE id = 'c9'", "survey_facts WHERE id = 'r77'"} {
		if n := r.count(sql); n != 1 {
			t.Errorf("%s: %d rows, want 1", sql, n)
		}
	}
	if n := r.count("identities"); n != 2 {
		t.Errorf("%d identities, want those of the two new events", n)
	}
	if r.all != 1 || !r.days[schemas.Day{Tenant: "acme", Date: "2026-03-01"}] {
		t.Errorf("all entities were marked %d times, want once; days %v", r.all, r.days)
	}
}

// TestCutOffWhileSeeking: hashes of an erasure that does not have them all take nothing away, and keep nothing out.
func TestCutOffWhileSeeking(t *testing.T) {
	r := newRig(t)
	r.write(company())
	ann := Subject{"acme", "ann"}
	ctx, die := context.WithCancel(t.Context())
	r.before("INSERT INTO rapport_store.erased_events (tenant, event, type, identity, revisions, contents, erasure)", die)
	if _, err := r.eraser.Erase(ctx, ann); err == nil {
		t.Fatal("it did not die")
	}
	r.eraser.o.Conn = r.conn
	if r.count("erased_events") < 5 || r.count("erased_places") != 1 {
		t.Fatal("it died too early to show anything")
	}
	r.age()
	r.round()
	for sql, want := range map[string]uint64{
		"survey_facts WHERE id = 'r1'": 1, "contact_facts WHERE id = 'c1'": 1, "milestone_facts WHERE id IN ('m1', 'm2', 'm4')": 3, "case_outcomes": 3,
		"dead_letters WHERE value != ''": 2, "erasures FINAL": 1, "erasures FINAL WHERE state = 'seeking'": 1,
	} {
		if n := r.count(sql); n != want {
			t.Errorf("after a sweep %s: %d rows, want %d", sql, n, want)
		}
	}
	if k, err := (Finder{Conn: r.conn, DefaultTenant: "default"}).Find(t.Context(), company()); err != nil || !k.Empty() {
		t.Errorf("known as erased: %+v (%v), want nothing", k, err)
	}
	if erased := r.erasedIDs(); erased != 0 {
		t.Errorf("data_quality counts %d erased ids, want none", erased)
	}
	if receipt := r.erase(ann); receipt.Events != 5 || receipt.DoneAt == nil || len(receipt.DeadLetters) != 1 {
		t.Errorf("the receipt of the command run again is %+v", receipt)
	}
	// An erasure of the same that is cut off in its turn does not make the first one count less.
	r.write(company())
	ctx, die = context.WithCancel(t.Context())
	r.before("INSERT INTO rapport_store.erased_events (tenant, event, type, identity, revisions, contents, erasure)", die)
	if _, err := r.eraser.Erase(ctx, ann); err == nil {
		t.Fatal("it did not die")
	}
	r.eraser.o.Conn = r.conn
	if err := r.conn.Exec(t.Context(), "OPTIMIZE TABLE rapport_store.erased_events FINAL"); err != nil {
		t.Fatal(err)
	}
	r.round()
	if n := r.count("survey_facts WHERE id = 'r1'"); n != 0 {
		t.Errorf("%d rows of an event that was erased before are left, want none", n)
	}
	if erased := r.erasedIDs(); erased != 5 {
		t.Errorf("data_quality counts %d erased ids, want 5", erased)
	}
}

func (r *rig) erasedIDs() (n uint64) {
	r.t.Helper()
	if err := r.conn.QueryRow(r.t.Context(), "SELECT sum(erased) FROM rapport.data_quality").Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

// TestAMergeWhileLooking hides nothing: the part that was looked for is gone, and its rows are in another.
func TestAMergeWhileLooking(t *testing.T) {
	for name, tc := range map[string]struct{ table, text, left string }{
		"facts":        {"survey_facts", "FROM rapport_store.survey_facts\nWHERE _part", "survey_facts WHERE id = 'r1'"},
		"late facts":   {"late_facts", "FROM rapport_store.late_facts\nWHERE _part", "late_facts WHERE value != ''"},
		"of outcomes":  {"case_outcomes", "FROM rapport_store.case_outcomes\nWHERE _part", "case_outcomes WHERE case_id = 'own'"},
		"copied facts": {"contacts_by_chain", "FROM rapport_store.contacts_by_chain\nWHERE _part", "contacts_by_chain WHERE id = 'c1'"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.write(company())
			r.round()
			r.erase(Subject{"acme", "ann"})
			r.round()
			late := company()
			switch tc.table {
			case "survey_facts":
				r.write(sinks.Batch{Responses: late.Responses})
			case "late_facts":
				r.write(sinks.Batch{Late: late.Late})
			case "case_outcomes":
				r.write(sinks.Batch{CaseOutcomes: late.CaseOutcomes[:1]})
			default:
				r.write(sinks.Batch{Contacts: late.Contacts})
				if err := r.conn.Exec(t.Context(), "TRUNCATE TABLE rapport_store.contact_facts"); err != nil {
					t.Fatal(err)
				}
			}
			r.before(tc.text, func() {
				if err := r.conn.Exec(t.Context(), "OPTIMIZE TABLE rapport_store."+tc.table+" FINAL"); err != nil {
					t.Fatal(err)
				}
			})
			r.round()
			r.round()
			if n := r.count(tc.left); n != 0 {
				t.Errorf("%s: %d rows after the next round, want none", tc.left, n)
			}
		})
	}
}

// TestChainsWithOtherContacts are computed again: a contact that came while the customer was erased, or that stays when another slipped in, was judged
// by what is gone.
func TestChainsWithOtherContacts(t *testing.T) {
	chain := schemas.Entity{Tenant: "acme", Kind: schemas.ChainOfContacts, Key: schemas.Chain("ann", "", "shared", "/app", "c9")}
	again := sinks.Batch{Contacts: []schemas.ContactFact{contact("c9", "ann", "shared")}}
	t.Run("it came meanwhile", func(t *testing.T) {
		r := newRig(t)
		r.write(company())
		r.before("ALTER TABLE rapport_store.contact_facts DELETE", func() { r.write(again) })
		r.erase(Subject{"acme", "ann"})
		if r.count("contact_facts WHERE id = 'c9'") != 1 || !r.entities[chain] {
			t.Errorf("marked %v, want the chain of the new contact", r.entities)
		}
	})
	t.Run("another slipped in", func(t *testing.T) {
		r := newRig(t)
		r.write(company())
		r.round()
		r.erase(Subject{"acme", "ann"})
		r.round()
		r.write(again)
		clear(r.entities)
		r.write(sinks.Batch{Contacts: company().Contacts})
		r.round()
		if r.count("contact_facts WHERE id = 'c1'") != 0 || !r.entities[chain] {
			t.Errorf("marked %v, want the chain of the new contact", r.entities)
		}
	})
}

// TestMetrics: an erasure that stands still shows, with its age, and a fault is counted.
func TestMetrics(t *testing.T) {
	r := newRig(t)
	r.write(company())
	row, err := begin(Subject{"acme", "ann"}, ScopeCustomer, r.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := row.save(t.Context(), r.conn); err != nil {
		t.Fatal(err)
	}
	r.age()
	r.round()
	m := r.sweeper.metrics
	if n, age := testutil.ToFloat64(m.open.WithLabelValues(seeking)), testutil.ToFloat64(m.oldest.WithLabelValues(seeking)); n != 1 || age < 3600 || age > 7200 {
		t.Errorf("%v open, for %v s; want 1, for an hour", n, age)
	}
	if err := r.conn.Exec(t.Context(), "RENAME TABLE rapport_store.erasures TO rapport_store.away"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	asked := 0
	r.sweeper.o.Leads = func() bool {
		if asked++; asked == 2 {
			stop()
		}
		return asked == 1
	}
	if err := r.sweeper.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n, shown := testutil.ToFloat64(m.fails), testutil.CollectAndCount(m.open)+testutil.CollectAndCount(m.oldest); n != 1 || shown != 0 {
		t.Errorf("%v faults counted and %d gauges shown by a process that sweeps no more; want 1 and none", n, shown)
	}
}

// TestHashesNameNoCustomer: a chain's hash cannot be guessed without the key, which goes.
func TestHashesNameNoCustomer(t *testing.T) {
	r := newRig(t)
	r.write(company())
	r.erase(Subject{"acme", "ann"})
	if n := r.count("erased_entities WHERE kind = 'chain'"); n != 1 {
		t.Fatalf("%d hashes of chains, want 1", n)
	}
	chain := company().Contacts[0].Chain
	if n := r.count("erased_entities WHERE hex(entity) = '" + entityHash("acme", chain) + "'"); n != 0 {
		t.Error("the hash of the chain has no key in it")
	}
}

// TestLettersOfOthers: an erasure of one tenant writes hashes of its own letters alone, under the tenant that they are looked up by.
func TestLettersOfOthers(t *testing.T) {
	r := newRig(t)
	letter := func(offset int64, tenant, id string) schemas.DeadLetter {
		return schemas.DeadLetter{Topic: schemas.TopicSurveyResponses, Offset: offset, Reason: "out_of_range", Tenant: tenant, Source: "/app", ID: id, Key: "ann", Headers: map[string]string{"ce_subject": "ann"}}
	}
	r.write(sinks.Batch{DeadLetters: []schemas.DeadLetter{letter(1, "acme", "a"), letter(2, "other", "o"), letter(3, "", "n")}})
	// Of another tenant an erasure was cut off: its places are known, and nothing is emptied.
	if err := r.conn.Exec(t.Context(), "INSERT INTO rapport_store.erased_places (topic, partition, offset, tenant) VALUES ('"+schemas.TopicSurveyResponses+"', 0, 2, 'other')"); err != nil {
		t.Fatal(err)
	}
	r.erase(Subject{"acme", "ann"})
	known := func(id, tenant string) bool {
		k, err := Finder{Conn: r.conn, DefaultTenant: "default"}.Find(t.Context(), sinks.Batch{DeadLetters: []schemas.DeadLetter{letter(99, tenant, id)}})
		if err != nil {
			t.Fatal(err)
		}
		return k.Event(tenant, "/app", id) || tenant == "" && k.Event("default", "/app", id)
	}
	for _, tc := range []struct {
		id, tenant string
		want       bool
	}{{"a", "acme", true}, {"o", "other", false}, {"o", "acme", false}, {"n", "", true}} {
		if got := known(tc.id, tc.tenant); got != tc.want {
			t.Errorf("%s of %q: erased %t, want %t", tc.id, tc.tenant, got, tc.want)
		}
	}
	// A letter that comes back and has nothing but its key and headers is seen too.
	r.round()
	back := letter(1, "acme", "")
	r.write(sinks.Batch{DeadLetters: []schemas.DeadLetter{back}})
	r.round()
	if n := r.count("dead_letters WHERE offset = 1 AND (key != '' OR notEmpty(mapKeys(headers)))"); n != 0 {
		t.Errorf("%d letters with a key that names the customer, want none", n)
	}
}
