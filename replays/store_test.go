package replays

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/sinks/sinktest"
	"github.com/rapport-project/rapport/store/storetest"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

// TestFactsAreToldApart: facts that are stored again are as they were, whatever the order of their labels; another column is a change, another key is new.
func TestFactsAreToldApart(t *testing.T) {
	conn := storetest.Start(t)
	sink, s := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry()), store{conn}
	batch := sinktest.Batch(3, 50)
	for i := range batch.Responses {
		batch.Responses[i].Labels = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
	}
	facts := sinks.Batch{Responses: batch.Responses, Invitations: batch.Invitations, Contacts: batch.Contacts, Milestones: batch.Milestones, Complaints: batch.Complaints}
	of := deliveries(&facts)
	look := func() map[string]map[key]fact {
		t.Helper()
		out := map[string]map[key]fact{}
		for table, keys := range of {
			found, err := s.facts(t.Context(), table, keys)
			if err != nil {
				t.Fatal(err)
			}
			out[table] = found
		}
		return out
	}
	write := func() {
		t.Helper()
		if err := sink.Write(t.Context(), facts); err != nil {
			t.Fatal(err)
		}
	}
	if len(of) != 5 {
		t.Fatalf("%d tables of facts", len(of))
	}
	for table, found := range look() {
		if len(found) != 0 {
			t.Fatalf("%s holds %d before anything is written", table, len(found))
		}
	}
	write()
	first := look()
	for range 3 {
		write()
		for table, found := range look() {
			r := replayer{report: Report{Facts: map[string]Facts{}}}
			r.compare(table, first[table], found)
			if got := r.report.Facts[table]; got.New != 0 || got.Changed != 0 || got.Same != len(found) || got.Same == 0 {
				t.Fatalf("%s: %+v, want all as they were", table, got)
			}
			r.report.Facts = map[string]Facts{}
			r.foresee(table, of[table], found)
			if got := r.report.Facts[table]; got.New != 0 || got.Changed != 0 {
				t.Fatalf("%s: foreseen %+v", table, got)
			}
		}
	}
	if err := conn.Exec(t.Context(), "ALTER TABLE rapport_store.contact_facts UPDATE answered = NOT answered WHERE 1 SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(t.Context(), "TRUNCATE TABLE rapport_store.milestone_facts"); err != nil {
		t.Fatal(err)
	}
	r := replayer{report: Report{Facts: map[string]Facts{}}}
	for table, found := range look() {
		r.compare(table, found, first[table])
	}
	if c := r.report.Facts["contact_facts"]; c.Changed == 0 || c.Same != 0 || c.New != 0 {
		t.Errorf("contacts with another column: %+v", c)
	}
	if m := r.report.Facts["milestone_facts"]; m.New == 0 || m.Same != 0 || m.Changed != 0 {
		t.Errorf("milestones that were gone: %+v", m)
	}
}

func TestVerdictsOfBefore(t *testing.T) {
	conn := storetest.Start(t)
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	run := func(verdict schemas.Verdict, first, last int64) schemas.Consumed {
		return schemas.Consumed{Topic: "t", Partition: 1, Verdict: verdict, First: first, Last: last}
	}
	other := run(schemas.Late, 0, 100)
	other.Partition = 2
	batch := sinks.Batch{Consumed: []schemas.Consumed{
		run(schemas.Accepted, 0, 4), run(schemas.Accepted, 2, 3), run(schemas.Accepted, 5, 6), run(schemas.Rejected, 7, 7), run(schemas.Late, 8, 9),
		run(schemas.Accepted, 12, 12), run(schemas.Rejected, 12, 13), other,
	}}
	if err := sink.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	v, err := store{conn}.verdicts(t.Context(), kafka.Span{Topic: "t", Partition: 1, From: 3, To: 100})
	if err != nil {
		t.Fatal(err)
	}
	const a, r, l = schemas.Accepted, schemas.Rejected, schemas.Late
	var got []schemas.Verdict
	for at := int64(3); at < 15; at++ {
		got = append(got, v.of(at))
	}
	if diff := cmp.Diff([]schemas.Verdict{a, a, a, a, r, l, l, "", "", a, r, ""}, got); diff != "" {
		t.Error(diff)
	}
}

// TestForesee: a dry run counts an id once, in whatever batches it comes.
func TestForesee(t *testing.T) {
	r := replayer{report: Report{Facts: map[string]Facts{}}}
	lost, there := key{id: "lost"}, key{id: "there"}
	stored := map[key]fact{there: {revision: 1}}
	for _, batch := range [][]delivery{{{key: lost}, {key: there, revision: 1}}, {{key: lost}, {key: lost}}, {{key: there, revision: 2}}, {{key: there, revision: 2}}} {
		r.foresee("t", batch, stored)
	}
	if diff := cmp.Diff(Facts{New: 1, Changed: 1, Same: 3}, r.report.Facts["t"]); diff != "" {
		t.Error(diff)
	}
}

func TestChangedFigures(t *testing.T) {
	day := func(name string) Day { return Day{Table: "satisfaction_days", Tenant: "t", Day: name} }
	before := Figures{day("1"): 1, day("2"): 2, day("3"): 3}
	after := Figures{day("1"): 1, day("2"): 20, day("4"): 4}
	if diff := cmp.Diff([]Day{day("2"), day("3"), day("4")}, after.Changed(before)); diff != "" {
		t.Error(diff)
	}
	if got := before.Changed(before); len(got) != 0 {
		t.Error(got)
	}
}
