package rollups

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

func (r *rig) sweeper() *Sweeper {
	return NewSweeper(SweeperOptions{
		Config: Config{SweepWait: 10 * time.Second}, Conn: r.conn, Settings: r.settings, Recomputer: r.recomputer, Epochs: r.epochs,
		Positions: r.topic, Publisher: r.topic, Processors: Consumers{"process", []string{schemas.TopicSurveyResponses}}, Rollers: "roll", Log: zerolog.Nop(),
	})
}

func (r *rig) round(s *Sweeper) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Round(ctx); err != nil {
		r.t.Fatal(err)
	}
}

func mismatches(s *Sweeper) float64 {
	var n float64
	for _, table := range tables() {
		n += testutil.ToFloat64(s.metrics.mismatches.WithLabelValues(table.Name))
	}
	return n
}

func TestSettleTwoHours(t *testing.T) {
	early, late := at(t, "2026-05-04T23:30:00Z"), at(t, "2026-05-05T00:30:00Z")
	first, second := response("t", "x", early, 10), response("t", "x", late, 90)
	second.Revision = 1
	third := first
	third.Revision = 2
	overall := func(r *rig, day string) int { return len(r.stored()[rowKey{SatisfactionDays, "t", "", day}]) }
	for name, order := range map[string][]schemas.SurveyFact{"in order": {first, second}, "the other way": {second, first}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, fakeSettings{})
			r.roll()
			s := r.sweeper()
			deliver := func(facts ...schemas.SurveyFact) {
				for _, f := range facts {
					r.write(f)
					if err := Mark(t.Context(), r.topic, daysOfHour(r.settings.For("t"), f.Hour, schemas.Surveys)); err != nil {
						t.Fatal(err)
					}
				}
			}
			rounds := func() {
				r.round(s)
				r.settled()
				r.round(s)
				r.settled()
			}
			deliver(order...)
			r.settled()
			if overall(r, "2026-05-04") != 1 || overall(r, "2026-05-05") != 1 {
				t.Fatal("before settlement both keys count")
			}
			rounds()
			if overall(r, "2026-05-04") != 0 || overall(r, "2026-05-05") != 1 {
				t.Fatal("the older hour still counts")
			}
			deliver(first)
			rounds()
			if overall(r, "2026-05-04") != 0 {
				t.Fatal("redelivery of the loser brought it back")
			}
			deliver(third)
			rounds()
			if overall(r, "2026-05-04") != 1 || overall(r, "2026-05-05") != 0 {
				t.Fatal("a higher revision at the losing hour does not hold")
			}
			deliver(second)
			rounds()
			if overall(r, "2026-05-05") != 0 {
				t.Fatal("redelivery of the loser brought it back")
			}
			if found := r.verify(); len(found) > 0 {
				t.Fatalf("verify: %v", found)
			}
			if n := mismatches(s); n != 0 {
				t.Fatalf("%v mismatches counted, though settlement marked its days", n)
			}
			if n := testutil.ToFloat64(s.metrics.settled); n != 2 {
				t.Fatalf("%v keys settled, want 2", n)
			}
		})
	}
}

func TestSettleAgainAfterADeath(t *testing.T) {
	r := newRig(t, fakeSettings{})
	early, late := response("t", "x", at(t, "2026-05-04T10:30:00Z"), 10), response("t", "x", at(t, "2026-05-05T10:30:00Z"), 90)
	late.Revision = 1
	r.write(early, late)
	r.recompute(0, schemas.Day{Tenant: "t", Date: "2026-05-04"}, schemas.Day{Tenant: "t", Date: "2026-05-05"})
	// A sweeper writes the superseded row and dies before it marks.
	if _, n, err := newSettler(r.conn, r.settings).settle(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	stale, n, err := newSettler(r.conn, r.settings).settle(t.Context())
	if err != nil || n != 0 {
		t.Fatal(n, err)
	}
	want := []schemas.Day{{Tenant: "t", Date: "2026-05-04"}, {Tenant: "t", Date: "2026-05-05"}}
	if diff := cmp.Diff(want, stale.days.sorted()); diff != "" {
		t.Fatalf("its successor marks (-want +got):\n%s", diff)
	}
}

func TestTamperedRowIsFoundCountedAndHealed(t *testing.T) {
	r := newRig(t, fakeSettings{})
	r.roll()
	day := schemas.Day{Tenant: "t", Date: "2026-05-04"}
	for i := range 50 {
		r.write(response("t", fmt.Sprint(i), at(t, "2026-05-04T12:00:00Z"), int64(i)))
	}
	if err := Mark(t.Context(), r.topic, []schemas.Day{day}); err != nil {
		t.Fatal(err)
	}
	r.settled()
	want := r.stored()
	s := r.sweeper()
	r.round(s)
	if mismatches(s) != 0 || len(r.verify()) != 0 {
		t.Fatalf("mismatches before anything is wrong: %v", r.verify())
	}
	s = r.sweeper() // a new turn through the days
	r.exec("ALTER TABLE rapport_store.satisfaction_days UPDATE `cells.n` = arrayMap(x -> x + 1, `cells.n`) WHERE cut = 'region' SETTINGS mutations_sync = 2")
	found := []Difference{{Table: SatisfactionDays, Day: day, Cut: "region"}}
	if diff := cmp.Diff(found, r.verify()); diff != "" {
		t.Fatalf("verify (-want +got):\n%s", diff)
	}
	r.compares(day, found)
	r.round(s)
	if n := mismatches(s); n != 1 {
		t.Fatalf("%v mismatches counted, want 1", n)
	}
	r.settled()
	if diff := cmp.Diff(want, r.stored()); diff != "" {
		t.Fatalf("not healed:\n%s", diff)
	}
	var kept uint64
	if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM rapport_store.audit_mismatches WHERE tenant = 't' AND rollup = 'satisfaction_days'").Scan(&kept); err != nil || kept != 1 {
		t.Fatalf("%d mismatches kept (%v)", kept, err)
	}

	t.Run("even with a version above all marks", func(t *testing.T) {
		r.exec(`INSERT INTO rapport_store.dimension_days (tenant, cut, day, version)
			SELECT tenant, cut, day, version + 1000000 FROM rapport_store.dimension_days FINAL WHERE cut = ''`)
		s := r.sweeper()
		for i := 0; len(r.verify()) > 0; i++ {
			if i == 3 {
				t.Fatal("not healed in three rounds")
			}
			r.round(s)
			r.settled()
		}
		if diff := cmp.Diff(want, r.stored()); diff != "" {
			t.Fatalf("not healed:\n%s", diff)
		}
	})
}

func TestPendingIsNoMismatch(t *testing.T) {
	r := newRig(t, fakeSettings{})
	day := schemas.Day{Tenant: "t", Date: "2026-05-04"}
	r.write(response("t", "1", at(t, "2026-05-04T12:00:00Z"), 80))
	if err := Mark(t.Context(), r.topic, []schemas.Day{day}); err != nil {
		t.Fatal(err)
	}
	s := r.sweeper()
	s.o.SweepWait = 200 * time.Millisecond
	r.round(s) // nobody rolls
	if mismatches(s) != 0 {
		t.Fatal("a mark that is not answered yet counts as a mismatch")
	}
	if r.topic.marks() != 2 {
		t.Fatalf("%d marks, want the sweeper's beside the first", r.topic.marks())
	}
	r.roll()
	r.settled()
	r.round(s)
	if mismatches(s) != 0 || len(r.verify()) != 0 {
		t.Fatal("a mismatch, though all is answered")
	}
}

func TestNewFactsAreCompared(t *testing.T) {
	r := newRig(t, fakeSettings{})
	r.roll()
	var old []schemas.SurveyFact
	for i := range 200 {
		old = append(old, response("t", fmt.Sprint(i), at(t, "2025-01-01T12:00:00Z").AddDate(0, 0, i), 1))
	}
	r.write(old...)
	s := r.sweeper()
	s.days.limit = 5
	r.round(s)
	r.settled()
	// A fact whose mark was lost, in a day that the turn would come to much later.
	r.write(response("t", "new", at(t, "2025-02-01T12:00:00Z"), 1))
	r.round(s)
	r.settled()
	if rows := r.stored(); len(rows[rowKey{SatisfactionDays, "t", "", "2025-02-01"}]) == 0 {
		t.Fatal("the day with a new fact was not compared")
	}
	if mismatches(s) == 0 {
		t.Fatal("a lost mark is a mismatch and was not counted")
	}
}

func TestTenThousandMarks(t *testing.T) {
	settings := fakeSettings{}
	r := newRig(t, settings)
	r.exec(`INSERT INTO rapport_store.survey_facts (tenant, hour, source, id, revision, payload, retracted, occurred_at, questionnaire, questionnaire_version, role, valid, index_num, index_den, level)
		SELECT 't' || toString(number % 100), toStartOfHour(at), 's', toString(number), 0, number, false, toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + toIntervalHour(intDiv(number, 100)) AS at,
			'q', '1', 'customer', true, number % 101, 1, 'satisfied' FROM numbers(240000)`)
	var days []schemas.Day
	for tenant := range 100 {
		for d := range 100 {
			days = append(days, schemas.Day{Tenant: fmt.Sprint("t", tenant), Date: time.Date(2026, 1, 1+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)})
		}
	}
	started := time.Now()
	r.recompute(7, days...)
	t.Logf("10,000 days in %v", time.Since(started))
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("%d differences, first %v", len(found), found[0])
	}
	var rows uint64
	if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM rapport_store.satisfaction_days FINAL").Scan(&rows); err != nil || rows != 80_000 {
		t.Fatalf("%d rows (%v), want 80,000", rows, err)
	}
}

func TestRollerHoldsThePartition(t *testing.T) {
	topic := newTopic(1)
	good := schemas.Day{Tenant: "t", Date: "2026-05-04"}
	if err := Mark(t.Context(), topic, []schemas.Day{good, good}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "{", `{"tenant":"t"}`, `{"tenant":"","day":"2026-05-04"}`, `{"tenant":"t","day":"2026-02-30"}`, `{"tenant":"t","day":"9999-01-01"}`, `{"tenant":"t","day":"2026-05-04","family":"x"}`} {
		if err := topic.Publish(t.Context(), kafka.Message{Topic: schemas.TopicStaleDays, Value: []byte(bad)}); err != nil {
			t.Fatal(err)
		}
	}
	tries := 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := NewRoller(RollerOptions{Log: zerolog.Nop(), Ensure: func(context.Context) (uint64, error) { return 1, nil }, Answer: func(_ context.Context, _ uint64, msgs []kafka.Message) (Answered, error) {
		var bad int
		days := newest(msgs, func(kafka.Message, error) { bad++ })
		if tries++; tries < 4 {
			if topic.pending() != 9 {
				t.Error("committed before it was answered")
			}
			return Answered{}, fmt.Errorf("store is away")
		}
		if diff := cmp.Diff(map[schemas.Day]int64{good: 1}, days); diff != "" {
			t.Errorf("days (-want +got):\n%s", diff)
		}
		return Answered{Things: len(days), Bad: bad}, nil
	}})
	done := make(chan error, 1)
	go func() { done <- r.Handle(ctx, &fakeClaim{topic: topic}) }()
	eventually(t, func() bool { return topic.pending() == 0 })
	eventually(t, r.Leads)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := testutil.ToFloat64(r.metrics.bad); n != 7 {
		t.Errorf("%v bad marks counted, want 7", n)
	}
	if n := testutil.ToFloat64(r.metrics.retries); n != 3 {
		t.Errorf("%v retries counted, want 3", n)
	}
}
