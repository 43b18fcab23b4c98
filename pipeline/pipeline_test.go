package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// threeBatches have poison, facts and stale days each.
func threeBatches(t *testing.T) [][]kafka.Message {
	msgs := records(deliveries(t, 60), 100)
	return [][]kafka.Message{msgs[:30], msgs[30:31], msgs[31:]}
}

func TestStepsComeInOneOrder(t *testing.T) {
	build, batches := events(t, 0), threeBatches(t)
	r := &rig{}
	handled(t, pipeline.New(options(r, build)), newScript(r, batches...))
	if err := orderFault(r.entries(""), build, batches); err != nil {
		t.Fatal(err)
	}
}

// commitFirst is a pipeline with the mistake that the order is there to prevent.
func commitFirst(ctx context.Context, r *rig, s *script, build pipeline.Build) error {
	for _, msgs := range s.batches {
		b := build(msgs)
		if err := errors.Join(r.Publish(ctx, b.Poison...), s.Commit(ctx, msgs[len(msgs)-1].Offset+1), r.Write(ctx, b.Facts), r.mark(ctx, b.Stale, false)); err != nil {
			return err
		}
	}
	return nil
}

func TestNegativeControlCommitBeforeInsertIsSeen(t *testing.T) {
	build, batches := events(t, 0), threeBatches(t)
	r := &rig{}
	if err := commitFirst(context.Background(), r, newScript(r, batches...), build); err != nil {
		t.Fatal(err)
	}
	if err := orderFault(r.entries(""), build, batches); err == nil {
		t.Fatal("a commit before its facts went unnoticed")
	}
}

func TestFailedStepHoldsThePartition(t *testing.T) {
	build := events(t, 0)
	for _, step := range []string{letters, facts, marks} {
		t.Run(step, func(t *testing.T) {
			batches := threeBatches(t)
			const failures = 4
			r := &rig{fail: func(at string, attempt int) error {
				if at == step && attempt <= failures {
					return errBroken
				}
				return nil
			}}
			handled(t, pipeline.New(options(r, build)), newScript(r, batches...))
			if err := orderFault(r.entries(""), build, batches); err != nil {
				t.Fatal(err)
			}
			tries := r.entries(step)
			for i, e := range tries[:failures+1] {
				if (e.err != nil) != (i < failures) {
					t.Fatalf("try %d: %v", i, e.err)
				}
				if diff := gocmp.Diff(tries[0].poison, e.poison) + gocmp.Diff(tries[0].facts, e.facts) + gocmp.Diff(tries[0].stale, e.stale); diff != "" {
					t.Fatalf("try %d is not what the first was:\n%s", i, diff)
				}
			}
		})
	}
}

func TestPermanentFailureCommitsNothing(t *testing.T) {
	build := events(t, 0)
	for _, step := range []string{letters, facts, marks} {
		t.Run(step, func(t *testing.T) {
			r := &rig{fail: func(at string, _ int) error {
				if at == step {
					return errBroken
				}
				return nil
			}}
			s := newScript(r, threeBatches(t)...)
			drain, endDrain := context.WithCancel(context.Background())
			s.drain = drain
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- pipeline.New(options(r, build)).Handle(ctx, s) }()
			eventually(t, "several tries", func() bool { return len(r.entries(step)) > 3 })
			cancel()
			n := len(r.entries(step))
			eventually(t, "tries beyond ctx, within the grace", func() bool { return len(r.entries(step)) > n })
			endDrain()
			if err := <-done; err != nil {
				t.Fatalf("a stop is not a failure: %v", err)
			}
			if got := r.entries(commit); len(got) != 0 {
				t.Fatalf("committed %v", got)
			}
		})
	}
}

func TestStopFinishesTheBatchInHand(t *testing.T) {
	build, batches := events(t, 0), threeBatches(t)
	ctx, cancel := context.WithCancel(context.Background())
	r := &rig{fail: func(step string, attempt int) error {
		if step == facts && attempt == 1 {
			cancel() // the process is told to stop while the insert fails
			return errBroken
		}
		return nil
	}}
	if err := pipeline.New(options(r, build)).Handle(ctx, newScript(r, batches...)); err != nil {
		t.Fatal(err)
	}
	if err := orderFault(r.entries(""), build, batches[:1]); err != nil {
		t.Fatal(err)
	}
}

func TestStepIsCutOffAndTriedAgain(t *testing.T) {
	build, batches := events(t, 0), threeBatches(t)[:1]
	r := &rig{}
	o := options(r, build)
	o.Config.StepTimeout = 20 * time.Millisecond
	o.Sink = &hanging{Sink: r}
	handled(t, pipeline.New(o), newScript(r, batches...))
	if err := orderFault(r.entries(""), build, batches); err != nil {
		t.Fatal(err)
	}
}

// hanging is a sink whose first write waits until it is given up.
type hanging struct {
	sinks.Sink
	hung bool
}

func (h *hanging) Write(ctx context.Context, b sinks.Batch) error {
	if !h.hung {
		h.hung = true
		<-ctx.Done()
		return ctx.Err()
	}
	return h.Sink.Write(ctx, b)
}

func TestLostGenerationIsToldApart(t *testing.T) {
	r := &rig{fail: func(step string, _ int) error {
		if step == commit {
			return fmt.Errorf("%w: rebalance in progress", kafka.ErrGenerationOver)
		}
		return nil
	}}
	err := pipeline.New(options(r, events(t, 0))).Handle(context.Background(), newScript(r, threeBatches(t)...))
	if !errors.Is(err, kafka.ErrGenerationOver) {
		t.Fatalf("%v is not ErrGenerationOver", err)
	}
	if n := len(r.entries(commit)); n != 1 {
		t.Fatalf("%d commits after the generation was over", n)
	}
}

func TestFetchErrorEndsTheClaim(t *testing.T) {
	r := &rig{}
	s := newScript(r)
	s.broken = errBroken
	if err := pipeline.New(options(r, events(t, 0))).Handle(context.Background(), s); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
}

// narrow is a publisher that takes only small messages, as the producer does.
type narrow struct {
	*rig
	limit int
}

func (n narrow) Publish(ctx context.Context, msgs ...kafka.Message) error {
	for i, m := range msgs {
		size := len(m.Key) + len(m.Value)
		for _, h := range m.Headers {
			size += len(h.Name) + len(h.Value)
		}
		if size > n.limit {
			return &kafka.TooLargeError{Index: i, Size: size, Limit: n.limit}
		}
	}
	return n.rig.Publish(ctx, msgs...)
}

func TestDeadLetterThatNoTopicTakesIsCut(t *testing.T) {
	at := func(offset int64, m kafka.Message) kafka.Message {
		m.Topic, m.Partition, m.Offset, m.Time = schemas.TopicSurveyResponses, 2, offset, appended
		return m
	}
	big := make([]byte, 3<<20)
	msgs := []kafka.Message{
		at(7, kafka.Message{Value: []byte("small")}),
		at(8, kafka.Message{Key: []byte("k"), Value: big}),
		at(9, kafka.Message{Key: big, Value: []byte("v")}),
		at(10, kafka.Message{Headers: []kafka.Header{{Name: "x", Value: big}}, Value: big}),
	}
	r := &rig{}
	o := options(r, events(t, 0))
	o.Publisher = narrow{r, 1 << 20}
	handled(t, pipeline.New(o), newScript(r, msgs))
	sent := r.entries(letters)
	if len(sent) != 1 || len(sent[0].poison) != len(msgs) {
		t.Fatalf("%d publishes", len(sent))
	}
	for i, m := range sent[0].poison {
		d, err := sinks.ParseDeadLetter(m)
		if err != nil {
			t.Fatal(err)
		}
		if d.Offset != msgs[i].Offset || d.Reason == "" {
			t.Errorf("record %d became %s@%d", i, d.Reason, d.Offset)
		}
	}
	if n := len(sent[0].poison[1].Value); n < 1<<20-4096 || string(sent[0].poison[1].Key) != "k" {
		t.Errorf("only %d bytes were kept of the large value", n)
	}
	if string(sent[0].poison[0].Value) != "small" {
		t.Error("a small one was touched")
	}
}

func TestNothingToPublishOrMarkIsNotPublished(t *testing.T) {
	r := &rig{}
	msgs := records(deliveries(t, 40), 0)
	var good []kafka.Message
	for _, m := range msgs {
		if b := events(t, 0)([]kafka.Message{m}); len(b.Poison) == 0 {
			good = append(good, m)
		}
	}
	slices.SortFunc(good, func(a, b kafka.Message) int { return cmp.Compare(a.Offset, b.Offset) })
	handled(t, pipeline.New(options(r, events(t, 0))), newScript(r, good))
	if n := len(r.entries(letters)); n != 0 {
		t.Fatalf("%d publishes of no dead letter", n)
	}
}
