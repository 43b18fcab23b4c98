package pipeline_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
)

// TestLentBatchesAreThoseOfEvents: whatever was made in the same memory before, and whichever batches are still in use.
func TestLentBatchesAreThoseOfEvents(t *testing.T) {
	all := ofEveryType(t, 120)
	build := events(t, 0)
	lend := pipeline.LendEvents(definitions(t, 0), schemas.Options{})
	rapid.Check(t, func(t *rapid.T) {
		type lent struct {
			want, got pipeline.Batch
			done      func()
		}
		var open []lent
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			first := rapid.IntRange(0, len(all)-1).Draw(t, "first")
			n := rapid.IntRange(1, min(60, len(all)-first)).Draw(t, "records")
			msgs := records(all[first:first+n], int64(first))
			if rapid.Bool().Draw(t, "where they belong") {
				for i := range msgs {
					msgs[i].Topic = all[first+i].Topic
				}
			}
			b, done := lend(msgs)
			open = append(open, lent{build(copied(msgs)), b, done})
			if rapid.Bool().Draw(t, "keep") {
				continue
			}
			for _, l := range open {
				compareBatches(t, l.want, l.got)
				l.done()
			}
			open = nil
		}
		for _, l := range open {
			compareBatches(t, l.want, l.got)
		}
	})
}

// ofEveryType are deliveries with events of service among them.
func ofEveryType(t testing.TB, stories int) []generator.Event {
	t.Helper()
	g, err := generator.New(generator.Config{Seed: 5, Service: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	return append(g.Events(stories), deliveries(t, stories/10)...)
}

// copied are records with bytes of their own.
func copied(msgs []kafka.Message) []kafka.Message {
	out := slices.Clone(msgs)
	for i := range out {
		out[i].Value = bytes.Clone(out[i].Value)
	}
	return out
}

func compareBatches(t *rapid.T, want, got pipeline.Batch) {
	t.Helper()
	if diff := gocmp.Diff(days(want.Stale), days(got.Stale)); diff != "" {
		t.Fatalf("stale days: %s", diff)
	}
	want.Stale, got.Stale = nil, nil
	for i := range got.Facts.Deliveries {
		if d := &got.Facts.Deliveries[i]; len(d.Strange) == 0 {
			d.Strange = nil // it may have room
		}
	}
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("(-built +lent):\n%s", gocmp.Diff(want, got))
	}
}

// TestDoneTakesTheRowsBack: nothing that the sink might have kept shows the batch any more, and nothing holds its records.
func TestDoneTakesTheRowsBack(t *testing.T) {
	msgs := records(deliveries(t, 50), 0)
	b, done := pipeline.LendEvents(definitions(t, 0), schemas.Options{})(msgs)
	rows, sets := b.Facts.Responses, b.Facts.Deliveries
	if len(rows) == 0 || len(sets) == 0 {
		t.Fatal("no rows")
	}
	done()
	for i := range rows {
		if !reflect.DeepEqual(rows[i], schemas.SurveyFact{}) {
			t.Fatalf("row %d is still there: %+v", i, rows[i])
		}
	}
	for i := range sets {
		if sets[i].Source != "" {
			t.Fatalf("set %d is still there: %+v", i, sets[i])
		}
	}
}

// TestAllocationsPerEvent bounds what parsing, judging, scoring and batching allocate. An event of a survey allocates for its labels, if it has any (a map),
// and for strings written with escapes; one of service for the key of its chain, its due times and the mark of what it changes.
func TestAllocationsPerEvent(t *testing.T) {
	byTopic := map[string][]kafka.Message{}
	for i, e := range ofEveryType(t, 1500) {
		if e.Refused == "" {
			m := record(e, int64(i))
			m.Topic = e.Topic
			byTopic[e.Topic] = append(byTopic[e.Topic], m)
		}
	}
	for topic, most := range map[string]float64{schemas.TopicSurveyResponses: 1, schemas.TopicServiceEvents: 3, schemas.TopicComplaints: 3} {
		msgs := byTopic[topic]
		lend := pipeline.LendEvents(definitions(t, 0), schemas.Options{})
		perEvent := testing.AllocsPerRun(5, func() {
			_, done := lend(msgs)
			done()
		}) / float64(len(msgs))
		if len(msgs) == 0 || perEvent > most {
			t.Errorf("%s: %.2f allocations per event of %d, want %.0f at most", topic, perEvent, len(msgs), most)
		}
		t.Logf("%s: %.2f allocations per event of %d", topic, perEvent, len(msgs))
	}
}
