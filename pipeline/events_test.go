package pipeline_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// expected is the verdict on a delivery by what the generator knows of it.
func expected(e generator.Event, appended time.Time, horizon time.Duration) schemas.Verdict {
	switch {
	case e.Refused != "":
		return schemas.Rejected
	case horizon > 0 && appended.Sub(e.Time.Truncate(time.Microsecond)) > horizon:
		return schemas.Late
	}
	return schemas.Accepted
}

// verdicts counts ranges out again, offset by offset, and says where two of them tell of one.
func verdicts(ranges []schemas.Consumed) (map[int64]schemas.Verdict, error) {
	out := map[int64]schemas.Verdict{}
	for _, c := range ranges {
		for at := c.First; at <= c.Last; at++ {
			if was, ok := out[at]; ok {
				return nil, fmt.Errorf("offset %d is %s and %s", at, was, c.Verdict)
			}
			out[at] = c.Verdict
		}
	}
	return out, nil
}

func TestRunsAreBrokenByVerdictAndByGaps(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 1, Rates: &generator.Rates{}})
	if err != nil {
		t.Fatal(err)
	}
	good := g.Events(1)[0]
	bad := good
	bad.Value = []byte("no event")
	old := good
	old.Value = []byte(strings.Replace(string(old.Value), good.Time.Format("2006-"), "1999-", 1))
	const horizon = 400 * 24 * time.Hour
	var msgs []kafka.Message
	for i, e := range []generator.Event{good, good, bad, bad, good, old, old, good} {
		msgs = append(msgs, record(e, int64(10+i)))
	}
	msgs[5].Headers = append(msgs[5].Headers, kafka.Header{Name: "traceparent", Value: []byte("00-a-b-01")})
	msgs = append(msgs, record(good, 20), record(good, 21), record(bad, 23), record(bad, 25))
	row := func(v schemas.Verdict, first, last int64) schemas.Consumed {
		return schemas.Consumed{Topic: schemas.TopicSurveyResponses, Partition: 2, Verdict: v, First: first, Last: last}
	}
	want := []schemas.Consumed{
		row(schemas.Accepted, 10, 11), row(schemas.Rejected, 12, 13), row(schemas.Accepted, 14, 14), row(schemas.Late, 15, 16),
		row(schemas.Accepted, 17, 17), row(schemas.Accepted, 20, 21), row(schemas.Rejected, 23, 23), row(schemas.Rejected, 25, 25),
	}
	b := events(t, horizon)(msgs)
	if diff := gocmp.Diff(want, b.Facts.Consumed); diff != "" {
		t.Fatal(diff)
	}
	if len(b.Facts.Responses) != 6 || len(b.Facts.Late) != 2 || len(b.Poison) != 4 {
		t.Fatalf("%d responses, %d late, %d poison", len(b.Facts.Responses), len(b.Facts.Late), len(b.Poison))
	}
	l := b.Facts.Late[0]
	if l.Offset != 15 || l.Partition != 2 || l.ID != good.ID || l.Tenant != good.Tenant || l.OccurredAt.Year() != 1999 || !l.AppendedAt.Equal(appended) || l.Value != string(old.Value) {
		t.Errorf("%+v", l)
	}
	if l.Key != good.Key || len(l.Headers) != len(msgs[5].Headers) || l.Headers["traceparent"] != "00-a-b-01" {
		t.Errorf("key and headers: %+v", l)
	}
	if len(b.Facts.Progress) != 0 {
		t.Error("progress is the watch's to record")
	}
}

// TestAccountingEqualsARecount: every offset has exactly one verdict, the ranges together are the offsets, and how the records
// were split into batches changes nothing.
func TestAccountingEqualsARecount(t *testing.T) {
	pool, known := deliveries(t, 150), *definitions(t, 0)
	rapid.Check(t, func(t *rapid.T) {
		horizon := time.Duration(rapid.IntRange(0, 40).Draw(t, "horizon in days")) * 24 * time.Hour
		known.SealHorizon = horizon
		build := pipeline.Events(&known, schemas.Options{})
		n := rapid.IntRange(1, 60).Draw(t, "records")
		var msgs []kafka.Message
		want := map[int64]schemas.Verdict{}
		offset := rapid.Int64Range(0, 1<<40).Draw(t, "first offset")
		for range n {
			e := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "event")]
			msgs = append(msgs, record(e, offset))
			want[offset] = expected(e, appended, horizon)
			offset += rapid.SampledFrom([]int64{1, 1, 1, 1, 2, 50}).Draw(t, "step")
		}
		whole := build(msgs)
		got, err := verdicts(whole.Facts.Consumed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("verdicts: %s", diff)
		}
		counts := map[schemas.Verdict]int{}
		for _, v := range want {
			counts[v]++
		}
		if f := whole.Facts; len(f.Responses)+len(f.Invitations) != counts[schemas.Accepted] || len(f.Late) != counts[schemas.Late] || len(whole.Poison) != counts[schemas.Rejected] {
			t.Fatalf("%d+%d facts, %d late, %d poison of %v", len(f.Responses), len(f.Invitations), len(f.Late), len(whole.Poison), counts)
		}

		var parts pipeline.Batch
		for rest := msgs; len(rest) > 0; {
			k := rapid.IntRange(1, len(rest)).Draw(t, "batch")
			b := build(rest[:k])
			rest = rest[k:]
			parts.Poison = append(parts.Poison, b.Poison...)
			parts.Stale = append(parts.Stale, b.Stale...)
			parts.Facts.Responses = append(parts.Facts.Responses, b.Facts.Responses...)
			parts.Facts.Invitations = append(parts.Facts.Invitations, b.Facts.Invitations...)
			parts.Facts.Late = append(parts.Facts.Late, b.Facts.Late...)
			parts.Facts.Deliveries = append(parts.Facts.Deliveries, b.Facts.Deliveries...)
			parts.Facts.Consumed = append(parts.Facts.Consumed, b.Facts.Consumed...)
			parts.Unknown += b.Unknown
		}
		split, err := verdicts(parts.Facts.Consumed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, split); diff != "" {
			t.Fatalf("verdicts of the split: %s", diff)
		}
		if diff := gocmp.Diff(days(whole.Stale), days(parts.Stale)); diff != "" {
			t.Fatalf("stale days of the split: %s", diff)
		}
		accepted, bySplit := deliveredOffsets(whole.Facts.Deliveries), deliveredOffsets(parts.Facts.Deliveries)
		if diff := gocmp.Diff(accepted, bySplit); diff != "" {
			t.Fatalf("deliveries of the split: %s", diff)
		}
		for o, v := range want {
			if (accepted[o] != "") != (v == schemas.Accepted) {
				t.Fatalf("offset %d is %s and was delivered by %q", o, v, accepted[o])
			}
		}
		whole.Stale, parts.Stale, whole.Facts.Consumed, parts.Facts.Consumed = nil, nil, nil, nil
		whole.Facts.Deliveries, parts.Facts.Deliveries = nil, nil
		if !reflect.DeepEqual(whole, parts) { // much faster than a diff, which few runs need
			t.Fatalf("rows of the split: %s", gocmp.Diff(whole, parts))
		}
	})
}

// deliveredOffsets says of each offset who sent it and how late it was.
func deliveredOffsets(rows []schemas.Delivery) map[int64]string {
	out := map[int64]string{}
	for _, r := range rows {
		for _, o := range r.Records {
			out[r.Block*schemas.DeliveryBlock+int64(o)] += fmt.Sprint(r.Tenant, r.Source, r.Type, r.Within)
		}
	}
	return out
}

func days(of []schemas.Day) []schemas.Day {
	set := map[schemas.Day]bool{}
	for _, d := range of {
		set[d] = true
	}
	return slices.SortedFunc(maps.Keys(set), func(a, b schemas.Day) int {
		return strings.Compare(a.Tenant+"|"+a.Date, b.Tenant+"|"+b.Date)
	})
}

// TestUnknownFieldsAreCounted: those of accepted and late events, once their outcome is durable; a refused one says what is wrong anyway.
func TestUnknownFieldsAreCounted(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 1, Rates: &generator.Rates{}})
	if err != nil {
		t.Fatal(err)
	}
	good := g.Events(1)[0]
	odd, old, bad := good, good, good
	odd.Value = []byte(strings.Replace(string(good.Value), `"answers":`, `"scored_by":[],"extra":1,"answers":`, 1))
	old.Value = []byte(strings.Replace(string(odd.Value), good.Time.Format("2006-"), "1999-", 1))
	bad.Value = []byte(strings.Replace(string(odd.Value), good.Time.Format("2006-"), "x-", 1))
	r := &rig{fail: func(step string, attempt int) error {
		if step == facts && attempt == 1 {
			return errBroken
		}
		return nil
	}}
	reg := prometheus.NewRegistry()
	o := options(r, events(t, 400*24*time.Hour))
	o.Registerer = reg
	handled(t, pipeline.New(o), newScript(r, records([]generator.Event{good, odd, old, bad}, 0), records([]generator.Event{good}, 4)))
	want := `
# HELP rapport_pipeline_unknown_fields_total Fields of accepted and late events that the contract does not know.
# TYPE rapport_pipeline_unknown_fields_total counter
rapport_pipeline_unknown_fields_total{pipeline="events",topic="rapport.survey-responses"} 4
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "rapport_pipeline_unknown_fields_total"); err != nil {
		t.Error(err)
	}
}

func BenchmarkEvents(b *testing.B) {
	build := events(b, 0)
	benchmarkBatches(b, func(msgs []kafka.Message) { build(msgs) })
}

// BenchmarkLendBlocks is what the process role does: events to the block of their facts.
func BenchmarkLendBlocks(b *testing.B) {
	sink := sinks.NewClickHouse(nil, sinks.Config{}, prometheus.NewRegistry())
	lend := pipeline.LendBlocks(definitions(b, 0), schemas.Options{}, sink.NewResponseBlock)
	benchmarkBatches(b, func(msgs []kafka.Message) {
		_, done := lend(msgs)
		done()
	})
}

// BenchmarkLendEvents is the same to rows.
func BenchmarkLendEvents(b *testing.B) {
	lend := pipeline.LendEvents(definitions(b, 0), schemas.Options{})
	benchmarkBatches(b, func(msgs []kafka.Message) {
		_, done := lend(msgs)
		done()
	})
}

func benchmarkBatches(b *testing.B, batch func([]kafka.Message)) {
	g, err := generator.New(generator.Config{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	msgs := records(g.Events(10_000), 0)
	var size int64
	for _, m := range msgs {
		size += int64(len(m.Value))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		batch(msgs)
	}
	perSecond := float64(len(msgs)) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "events/s")
}
