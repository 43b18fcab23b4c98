package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests; none passes by waiting for it.
const patience = 30 * time.Second

// appended is when the records of these tests were appended, unless they say otherwise.
var appended = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)

func definitions(t testing.TB, horizon time.Duration) *processors.Definitions {
	t.Helper()
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return &processors.Definitions{Questionnaires: catalog, Tenants: settings, SealHorizon: horizon}
}

func events(t testing.TB, horizon time.Duration) pipeline.Build {
	t.Helper()
	return pipeline.Events(definitions(t, horizon), schemas.Options{})
}

// deliveries are good events of n stories and one bad record of each kind, in an order that mixes them.
func deliveries(t testing.TB, stories int) []generator.Event {
	t.Helper()
	g, err := generator.New(generator.Config{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	all := append(g.Events(stories), g.Poisons(appended, generator.PoisonKinds()...)...)
	r := generator.NewRand(3)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// record is a delivery as it is read from partition 2 of the survey topic, whatever topic it would belong on.
func record(e generator.Event, offset int64) kafka.Message {
	return kafka.Message{
		Topic: schemas.TopicSurveyResponses, Partition: 2, Offset: offset, HighWatermark: offset + 1,
		Key: []byte(e.Key), Value: e.Value, Headers: e.Headers, Time: appended,
	}
}

func records(all []generator.Event, first int64) []kafka.Message {
	var out []kafka.Message
	for i, e := range all {
		out = append(out, record(e, first+int64(i)))
	}
	return out
}

// Steps of a batch, as the journal names them.
const (
	letters = "dead letters"
	facts   = "facts"
	marks   = "marks"
	commit  = "commit"
)

// entry is one attempt at a step.
type entry struct {
	step    string
	err     error
	poison  []kafka.Message
	facts   sinks.Batch
	stale   []schemas.Day
	backlog bool // of stale
	next    int64
}

// rig is everything a pipeline writes to: it keeps a journal of all attempts, and fails those that the test says.
type rig struct {
	mu      sync.Mutex
	journal []entry
	// fail decides on each attempt at a step, counted from 1.
	fail  func(step string, attempt int) error
	tries map[string]int
}

var errBroken = errors.New("broken for the test")

func (r *rig) note(ctx context.Context, e entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries == nil {
		r.tries = map[string]int{}
	}
	r.tries[e.step]++
	if e.err = ctx.Err(); e.err == nil && r.fail != nil {
		e.err = r.fail(e.step, r.tries[e.step])
	}
	r.journal = append(r.journal, e)
	return e.err
}

func (r *rig) Publish(ctx context.Context, msgs ...kafka.Message) error {
	return r.note(ctx, entry{step: letters, poison: append([]kafka.Message(nil), msgs...)})
}

func (r *rig) Write(ctx context.Context, b sinks.Batch) error {
	return r.note(ctx, entry{step: facts, facts: b})
}

func (r *rig) mark(ctx context.Context, days []schemas.Day, backlog bool) error {
	return r.note(ctx, entry{step: marks, stale: append([]schemas.Day(nil), days...), backlog: backlog})
}

// entries of the journal so far, those of one step where it is named.
func (r *rig) entries(step string) []entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []entry
	for _, e := range r.journal {
		if step == "" || e.step == step {
			out = append(out, e)
		}
	}
	return out
}

// script is a claim that gives out batches as written down, then waits for the end.
type script struct {
	rig     *rig
	batches [][]kafka.Message
	drain   context.Context
	// drained is closed when every batch has been given out and the next was asked for.
	drained chan struct{}
	// broken is what a fetch comes to after the batches; nil waits for ctx.
	broken error
}

func (s *script) Topic() string                 { return schemas.TopicSurveyResponses }
func (s *script) Partition() int                { return 2 }
func (s *script) Start() int64                  { return 20 }
func (s *script) DrainContext() context.Context { return s.drain }

func (s *script) FetchBatch(ctx context.Context, _, _ int, _ time.Duration) ([]kafka.Message, error) {
	if len(s.batches) > 0 {
		next := s.batches[0]
		s.batches = s.batches[1:]
		return next, nil
	}
	if s.broken != nil {
		return nil, s.broken
	}
	close(s.drained)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *script) Commit(ctx context.Context, next int64) error {
	return s.rig.note(ctx, entry{step: commit, next: next})
}

func newScript(r *rig, batches ...[]kafka.Message) *script {
	return &script{rig: r, batches: batches, drain: context.Background(), drained: make(chan struct{})}
}

func options(r *rig, build pipeline.Build) pipeline.Options {
	return pipeline.Options{
		Config: pipeline.Config{
			BatchEvents: 1000, BatchBytes: 1 << 20, StepTimeout: patience, RetryMin: time.Millisecond, RetryMax: 2 * time.Millisecond,
		},
		Name: "events", Build: build, Sink: r, Publisher: r, Mark: r.mark, Log: zerolog.New(io.Discard), Registerer: prometheus.NewRegistry(),
	}
}

// handled runs a pipeline over the script until all of it is done.
func handled(t *testing.T, p *pipeline.Pipeline, s *script) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Handle(ctx, s) }()
	select {
	case <-s.drained:
	case err := <-done:
		t.Fatalf("the handler ended early: %v", err)
	case <-time.After(patience):
		t.Fatal("the batches were not finished")
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// orderFault says what a journal gets wrong: no step of a batch may be attempted before those before it have worked, and
// an offset is committed only once all that its records come to is durable.
func orderFault(journal []entry, build pipeline.Build, batches [][]kafka.Message) error {
	i := 0
	for n, msgs := range batches {
		b := build(msgs)
		var want []string
		if len(b.Poison) > 0 {
			want = append(want, letters)
		}
		want = append(want, facts)
		if len(b.Stale) > 0 {
			want = append(want, marks)
		}
		want = append(want, commit)
		for _, step := range want {
			for {
				if i == len(journal) {
					return fmt.Errorf("batch %d: the journal ends before %s", n, step)
				}
				e := journal[i]
				i++
				if e.step != step {
					return fmt.Errorf("batch %d: %s came where %s was due", n, e.step, step)
				}
				if e.err == nil {
					break
				}
			}
		}
		if got, last := journal[i-1].next, msgs[len(msgs)-1].Offset; got != last+1 {
			return fmt.Errorf("batch %d: committed %d, last record has offset %d", n, got, last)
		}
	}
	if i != len(journal) {
		return fmt.Errorf("%d more steps than batches ask for", len(journal)-i)
	}
	return nil
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
