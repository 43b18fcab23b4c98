// Package pipeline turns records into facts: it reads a partition in batches, lets the processors judge each record, and
// makes the outcome durable in one fixed order:
//
//	what was erased is left out -> dead letters -> facts and accounting -> marks of what is stale -> offset
//
// Every step can be repeated without changing what is stored, so a step that fails is repeated with the partition held, and
// a crash anywhere leads to redelivery, never to a lost or doubled figure.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// Claim is one assigned partition: *kafka.Claim, or a scripted one in tests.
type Claim interface {
	Topic() string
	Partition() int
	// Start is the first offset that is delivered.
	Start() int64
	// FetchBatch blocks until at least one record is there, then lingers up to wait for more.
	FetchBatch(ctx context.Context, max, maxBytes int, wait time.Duration) ([]kafka.Message, error)
	// Commit makes next the first offset to be read by the partition's next owner.
	Commit(ctx context.Context, next int64) error
	// DrainContext lives for as long as Commit can succeed: a grace beyond the ctx that Handle got.
	DrainContext() context.Context
}

// Build is the pure part of a pipeline: what a batch of records of one partition comes to.
type Build func(msgs []kafka.Message) Batch

// Lend is Build in memory that is used again: done, called once, says that nothing of the batch is used any more.
type Lend func(msgs []kafka.Message) (b Batch, done func())

// Batch is what has to be durable before the offsets of its records may be committed.
type Batch struct {
	// Poison are records for the dead-letter topic.
	Poison []kafka.Message
	// Facts are rows, with the accounting of every offset of the batch.
	Facts sinks.Batch
	// Stale are the days whose figures the facts change.
	Stale []schemas.Day
	// StaleEntities are the chains, cases and complaints whose outcomes the facts change.
	StaleEntities map[schemas.Entity]schemas.Span
	// Unknown counts fields, of the events that are not poison, that the contract does not know.
	Unknown int
}

// Publisher is *kafka.Producer.
type Publisher interface {
	// Publish returns nil when every message is acknowledged; an error means unknown. A *kafka.TooLargeError means that nothing
	// was sent; it names the first message that is too large.
	Publish(ctx context.Context, msgs ...kafka.Message) error
}

// Options are what a pipeline is made of.
type Options struct {
	Config Config
	// Name labels logs and metrics: "events" or "dead_letters".
	Name  string
	Build Build
	// Lend is used in place of Build where it is not nil.
	Lend Lend
	// Screen takes out what was erased; nil where nothing can be.
	Screen    Screen
	Sink      sinks.Sink
	Publisher Publisher
	// Mark calls days stale and returns when that is durable; nil where a pipeline has no such days. backlog says that many
	// more records wait to be read.
	Mark func(ctx context.Context, days []schemas.Day, backlog bool) error
	// MarkEntities is Mark for entities.
	MarkEntities func(ctx context.Context, entities map[schemas.Entity]schemas.Span, backlog bool) error
	Log          zerolog.Logger
	Registerer   prometheus.Registerer
}

// Pipeline runs Handle for each partition that the consumer group assigns.
type Pipeline struct {
	o       Options
	log     zerolog.Logger
	metrics *metrics
	slots   slots
	tide    *tide

	mu   sync.Mutex
	gaps map[place][]sinks.Gap
}

// New makes a pipeline; nothing runs until Handle is called.
func New(o Options) *Pipeline {
	return &Pipeline{o: o, log: o.Log.With().Str("pipeline", o.Name).Logger(), metrics: newMetrics(o.Registerer, o.Name), slots: newSlots(o.Config.Parallel), tide: newTide(), gaps: map[place][]sinks.Gap{}}
}

// Gap notes that the offsets from..to-1 were gone before they could be read. It is stored before the partition is read, or with its next batch where
// it is being read, so that no offset beyond the gap is committed before the gap is accounted for.
func (p *Pipeline) Gap(topic string, partition int, from, to int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := place{topic, partition}
	p.gaps[at] = append(p.gaps[at], sinks.Gap{Topic: topic, Partition: int32(partition), From: from, To: to})
}

func (p *Pipeline) returnGaps(at place, gaps []sinks.Gap) {
	if len(gaps) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gaps[at] = append(gaps, p.gaps[at]...)
}

func (p *Pipeline) takeGaps(at place) []sinks.Gap {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.gaps[at]
	delete(p.gaps, at)
	return out
}

// Handle works through one claim until ctx ends. The batch in hand at that moment is finished within the claim's grace,
// so that a clean stop redelivers nothing. An error means that the claim is over, not that a record was lost.
func (p *Pipeline) Handle(ctx context.Context, c Claim) error {
	if err := p.storeGaps(c); err != nil {
		return p.over(ctx, c, err)
	}
	defer p.tide.forget(place{c.Topic(), c.Partition()})
	at := &pace{}
	for ctx.Err() == nil {
		if err := p.next(ctx, c, at); err != nil {
			return err
		}
	}
	return nil
}

// next works through one batch.
func (p *Pipeline) next(ctx context.Context, c Claim, at *pace) error {
	s := &slot{of: p.slots}
	defer s.free()
	msgs, err := p.gather(ctx, c, at, s)
	if err != nil || len(msgs) == 0 {
		return err
	}
	if err := p.finish(ctx, c, s, msgs); err != nil {
		return p.over(ctx, c, err)
	}
	return nil
}

// over is the end of a claim by a step that failed: nothing to tell of where the claim was ending anyway.
func (p *Pipeline) over(ctx context.Context, c Claim, err error) error {
	if ctx.Err() == nil {
		return err
	}
	p.log.Warn().Err(err).Str("topic", c.Topic()).Int("partition", c.Partition()).Msg("stopped before the batch was durable: it will be redelivered")
	return nil
}

// storeGaps stores what is known to be gone, and commits that it is passed, before anything is read: a partition that lost all it had may see no batch
// for long.
func (p *Pipeline) storeGaps(c Claim) error {
	at := place{c.Topic(), c.Partition()}
	gaps := p.takeGaps(at)
	if len(gaps) == 0 {
		return nil
	}
	s := &slot{of: p.slots}
	defer s.free()
	drain := c.DrainContext()
	err := p.persist(drain, c, s, stepFacts, func(ctx context.Context) error { return p.o.Sink.Write(ctx, sinks.Batch{Gaps: gaps}) })
	if err != nil {
		p.returnGaps(at, gaps)
		return err
	}
	if err := c.Commit(drain, c.Start()); err != nil {
		return fmt.Errorf("commit %s/%d: %w", c.Topic(), c.Partition(), err)
	}
	return nil
}

// finish makes one batch durable and commits it.
func (p *Pipeline) finish(ctx context.Context, c Claim, s *slot, msgs []kafka.Message) error {
	start := time.Now()
	// The batch in hand outlives ctx for as long as it can still be committed.
	drain := c.DrainContext()
	b, done := p.build(msgs)
	at := place{c.Topic(), c.Partition()}
	b.Facts.Gaps = p.takeGaps(at)
	last := msgs[len(msgs)-1]
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{stepErased, func(ctx context.Context) (err error) { b, err = p.screen(ctx, msgs, b); return err }},
		{stepDeadLetters, func(ctx context.Context) error { return p.publish(ctx, b.Poison) }},
		{stepFacts, func(ctx context.Context) error { return p.o.Sink.Write(ctx, b.Facts) }},
		{stepMarks, func(ctx context.Context) error { return p.mark(ctx, b, p.tide.marks(at, last)) }},
	}
	for _, step := range steps {
		if err := p.persist(drain, c, s, step.name, step.do); err != nil {
			p.returnGaps(at, b.Facts.Gaps)
			return err
		}
	}
	if err := c.Commit(drain, last.Offset+1); err != nil {
		return fmt.Errorf("commit %s/%d: %w", c.Topic(), c.Partition(), err)
	}
	p.metrics.observe(b, msgs, time.Since(start))
	done() // not after a failed step, which may have left something at work on the batch
	return nil
}

func (p *Pipeline) build(msgs []kafka.Message) (Batch, func()) {
	if p.o.Lend != nil {
		return p.o.Lend(msgs)
	}
	return p.o.Build(msgs), func() {}
}

// screen is asked last before anything is written, so that little can be erased in between; what is, the sweeper of erasures finds.
func (p *Pipeline) screen(ctx context.Context, msgs []kafka.Message, b Batch) (Batch, error) {
	if p.o.Screen == nil {
		return b, nil
	}
	gaps := b.Facts.Gaps
	screened, err := p.o.Screen(ctx, msgs, b)
	if err != nil {
		return b, err
	}
	screened.Facts.Gaps = gaps
	return screened, nil
}

func (p *Pipeline) publish(ctx context.Context, msgs []kafka.Message) error {
	if len(msgs) == 0 {
		return nil
	}
	for shrunk := -1; ; {
		err := p.o.Publisher.Publish(ctx, msgs...)
		var big *kafka.TooLargeError
		if !errors.As(err, &big) || big.Index <= shrunk {
			return err
		}
		shrunk = big.Index
		msgs[shrunk] = shrink(msgs[shrunk], big.Size, big.Limit)
	}
}

// backlogEvents waiting in a partition are a backlog. Fewer are read in a moment, or are markers of transactions, which nobody
// will ever read.
const backlogEvents = 1000

func behind(last kafka.Message) bool { return last.HighWatermark-last.Offset-1 >= backlogEvents }

// backlogAge is how long ago a record of a backlog was appended at least. Thousands of events that came in a moment are none, whatever held them up: figures of
// now are not to wait for them.
const backlogAge = 5 * time.Second

func aged(last kafka.Message, now time.Time) bool { return now.Sub(last.Time) >= backlogAge }

func (p *Pipeline) mark(ctx context.Context, b Batch, backlog bool) error {
	if len(b.StaleEntities) > 0 {
		if err := p.o.MarkEntities(ctx, b.StaleEntities, backlog); err != nil {
			return err
		}
	}
	if len(b.Stale) == 0 {
		return nil
	}
	return p.o.Mark(ctx, b.Stale, backlog)
}

// Store makes a batch durable outside of any claim, in the order of the steps and each of them once. After an error some of it may be there; it is safe to
// call again.
func (p *Pipeline) Store(ctx context.Context, b Batch) error {
	if err := p.publish(ctx, b.Poison); err != nil {
		return fmt.Errorf("%s: %w", stepDeadLetters, err)
	}
	if err := p.o.Sink.Write(ctx, b.Facts); err != nil {
		return fmt.Errorf("%s: %w", stepFacts, err)
	}
	if err := p.mark(ctx, b, true); err != nil {
		return fmt.Errorf("%s: %w", stepMarks, err)
	}
	return nil
}
