package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// TestQualityBySource: what a source sent counts once, however often and within whatever batches it was delivered.
func TestQualityBySource(t *testing.T) {
	conn := migrated(t)
	const kind = "rapport.survey.response.v1"
	row := func(source string, late time.Duration, offsets ...uint16) schemas.Delivery {
		return schemas.Delivery{
			Tenant: "t", Source: source, Type: kind, Within: schemas.LatenessClass(late), Topic: schemas.TopicSurveyResponses, Partition: 1, Block: 3,
			Records: offsets, Latest: late.Microseconds(),
		}
	}
	strange := row("app", 3*time.Second, 11, 12)
	strange.Strange = []uint16{12}
	write(t, conn, sinks.Batch{
		// Six deliveries of three ids: one came again, one was revised, one has two contents.
		Responses:  []schemas.SurveyFact{response("again", 7), response("revised", 7), response("two", 7), revision("revised", 1, 0), revision("two", 0, 9)},
		Deliveries: []schemas.Delivery{row("app", 0, 10), strange, row("app", 70*time.Second, 13, 14, 15), row("other", time.Hour, 16)},
	})
	// The same records, cut into other batches.
	write(t, conn, sinks.Batch{Deliveries: []schemas.Delivery{row("app", 3*time.Second, 11), row("app", 65*time.Second, 14, 15), row("other", time.Hour, 16)}})
	got := rowsOf(t, conn, "source, received, accepted, stored, duplicates, revisions, conflicts, unknown_fields, ahead, lateness_p50_seconds, lateness_p90_seconds, lateness_max_seconds",
		"rapport.data_quality_by_source ORDER BY source")
	want := []string{"('app',6,6,3,1,1,1,1,1,5,70,70)", "('other',1,1,0,1,0,0,0,0,3600,3600,3600)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "ahead, lateness_p50_seconds, lateness_p99_seconds, lateness_max_seconds", "rapport.data_quality ORDER BY topic")
	want = []string{"(0,NULL,NULL,NULL)", "(0,NULL,NULL,NULL)", "(1,120,3600,3600)"}
	if diff := cmp.Diff(want, got[len(got)-3:]); diff != "" {
		t.Error(diff)
	}
}

func revision(id string, revision uint32, payload uint64) schemas.SurveyFact {
	r := response(id, 8)
	r.Revision, r.Payload = revision, payload
	return r
}

func TestRejectionsBySource(t *testing.T) {
	conn := migrated(t)
	letter := func(offset int64, source, reason string, at time.Time) schemas.DeadLetter {
		return schemas.DeadLetter{Topic: "x", Offset: offset, AppendedAt: at, Reason: reason, Field: "/id", Detail: fmt.Sprint("detail ", offset), Tenant: "t", Source: source, Type: "k"}
	}
	b := sinks.Batch{DeadLetters: []schemas.DeadLetter{letter(1, "a", "missing_field", noon), letter(2, "a", "missing_field", noon.Add(time.Hour)), letter(3, "b", "not_json", time.Time{})}}
	b.DeadLetters = append(b.DeadLetters, letter(4, "b", "not_json", noon)) // which a replay took later
	write(t, conn, b)
	write(t, conn, b)
	if err := conn.Exec(t.Context(), "INSERT INTO rapport_store.record_states (topic, partition, offset, state) VALUES ('x', 0, 4, 'accepted')"); err != nil {
		t.Fatal(err)
	}
	got := rowsOf(t, conn, "source, reason, field, n, first_at, last_at, example", "rapport.rejections_by_source ORDER BY source")
	want := []string{"('a','missing_field','/id',2,'2026-03-01 12:00:00.000','2026-03-01 13:00:00.000','detail 1')", "('b','not_json','/id',1,NULL,NULL,'detail 3')"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkDeliveries is what the accounting by source adds to a batch of 20,000 records of four sources in six classes of lateness.
func BenchmarkDeliveries(b *testing.B) {
	conn := migrated(b)
	var rows []schemas.Delivery
	for i := range 24 {
		d := schemas.Delivery{Tenant: "t", Source: fmt.Sprint("/app/", i%4), Type: "k", Within: uint32(i / 4), Topic: "x"}
		for o := i; o < 20_000; o += 24 {
			d.Records = append(d.Records, uint16(o))
		}
		rows = append(rows, d)
	}
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	for b.Loop() {
		rows[0].Block++
		if err := sink.Write(context.Background(), sinks.Batch{Deliveries: rows}); err != nil {
			b.Fatal(err)
		}
	}
}
