// Package sinktest holds what every sink must do, as tests.
package sinktest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rapport-project/rapport/sinks"
)

// Harness is a sink under test.
type Harness struct {
	// New makes an empty sink.
	New func(t *testing.T) sinks.Sink
	// Contents reads back what the sink made by the last New holds, in the order of Memory.Contents.
	Contents func(t *testing.T) sinks.Batch
	// Count says how many responses hold, for batches too large to read back.
	Count func(t *testing.T) int
}

// Run runs the tests.
func Run(t *testing.T, h Harness) {
	t.Run("an empty batch", func(t *testing.T) {
		s := h.New(t)
		write(t, s, sinks.Batch{})
		check(t, sinks.Batch{}, h.Contents(t))
	})
	t.Run("every field comes back", func(t *testing.T) { everyField(t, h) })
	t.Run("repeating changes nothing", func(t *testing.T) { repeating(t, h) })
	t.Run("order changes nothing", func(t *testing.T) { order(t, h) })
	t.Run("rows over 100 months", func(t *testing.T) { months(t, h) })
	t.Run("a batch of 100,000", func(t *testing.T) { large(t, h) })
	t.Run("a context that is over", func(t *testing.T) {
		s := h.New(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Write(ctx, Batch(1, 10)); err == nil {
			t.Error("got nil, want an error")
		}
		write(t, s, Batch(1, 10))
		check(t, memory(t, Batch(1, 10)), h.Contents(t))
	})
}

func everyField(t *testing.T, h Harness) {
	s := h.New(t)
	b := Batch(2, 50)
	// What a string may hold is the producer's business.
	odd := []string{"", "\x00", "a\x00b", "\xff\xfe", "'; DROP TABLE x; --", "`\"\\", "\n\r\t", "满意 😀", string(make([]byte, 70_000))}
	for i, o := range odd {
		r := &b.Responses[i]
		r.ID, r.Comment, r.CustomerID = fmt.Sprint("odd", i, o), o, o
		r.Agent, r.Region, r.Labels = o, o, map[string]string{o: o, "plain": ""}
		if len(r.AnswerComment) > 0 {
			r.AnswerComment[0], r.AnswerReasons[0] = o, []string{o, "second"}
		}
		b.Late[i].Value, b.DeadLetters[i].Value, b.DeadLetters[i].Key = o, o, o
		b.DeadLetters[i].Headers, b.Late[i].Headers, b.Late[i].Key = map[string]string{o: o}, map[string]string{o: o}, o
	}
	write(t, s, b)
	check(t, memory(t, b), h.Contents(t))
}

func repeating(t *testing.T, h Harness) {
	s := h.New(t)
	b := Batch(3, 200)
	write(t, s, b)
	want := h.Contents(t)
	check(t, memory(t, b), want)
	write(t, s, b)
	write(t, s, sinks.Batch{Responses: b.Responses[50:], Consumed: b.Consumed[:1]})
	check(t, want, h.Contents(t))
}

// order deals revisions, retractions, conflicts and duplicates into batches at random.
func order(t *testing.T, h Harness) {
	all := Batch(4, 300)
	for i, r := range all.Responses[:200] {
		switch i % 4 {
		case 0:
			r.Revision++
		case 1:
			r.Revision, r.Retracted = r.Revision+2, true
		case 2:
			r.Payload ^= 1 << 63
		default:
			continue
		}
		r.Comment = "another content"
		all.Responses = append(all.Responses, r)
	}
	want := memory(t, all)
	for round := range 3 {
		s := h.New(t)
		random := rand.New(rand.NewPCG(uint64(round), 1))
		rows := slices.Concat(all.Responses, all.Responses[:100])
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for chunk := range slices.Chunk(rows, 20+random.IntN(200)) {
			write(t, s, sinks.Batch{Responses: chunk})
		}
		rest := all
		rest.Responses = nil
		write(t, s, rest)
		check(t, want, h.Contents(t))
	}
}

func months(t *testing.T, h Harness) {
	s := h.New(t)
	b := sinks.Batch{Responses: Batch(5, 300).Responses}
	for i := range b.Responses {
		r := &b.Responses[i]
		r.Hour = time.Date(2015, time.Month(1+i%130), 28, 23, 0, 0, 0, time.UTC)
		r.OccurredAt = r.Hour.Add(time.Hour - time.Microsecond)
	}
	b.Responses[0].Hour = time.Unix(0, 0).UTC()
	b.Responses[0].OccurredAt = time.Unix(0, 0).UTC()
	write(t, s, b)
	write(t, s, b)
	check(t, memory(t, b), h.Contents(t))
}

func large(t *testing.T, h Harness) {
	s := h.New(t)
	b := Batch(6, 100_000)
	write(t, s, b)
	write(t, s, sinks.Batch{Responses: b.Responses[:10_000]})
	if got := h.Count(t); got != 100_000 {
		t.Errorf("%d responses hold, want 100000", got)
	}
}

func write(t *testing.T, s sinks.Sink, b sinks.Batch) {
	t.Helper()
	if err := s.Write(context.Background(), b); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func memory(t *testing.T, b sinks.Batch) sinks.Batch {
	t.Helper()
	m := sinks.NewMemory()
	write(t, m, b)
	return m.Contents()
}

func check(t *testing.T, want, got sinks.Batch) {
	t.Helper()
	// A database knows no difference between an empty list and none.
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		if len(diff) > 4000 {
			diff = diff[:4000]
		}
		t.Errorf("what holds (-want +got): %s", diff)
	}
}
