package rollups

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
)

// markBytes bounds the marks of one batch in memory.
const markBytes = 8 << 20

// Group is the consumer group on the marks topic; *kafka.Group is one.
type Group interface {
	Run(ctx context.Context, handle func(ctx context.Context, c *kafka.Claim) error) error
}

// Claim is one partition of the marks topic while it is owned; *kafka.Claim is one.
type Claim interface {
	Partition() int
	FetchBatch(ctx context.Context, max, maxBytes int, wait time.Duration) ([]kafka.Message, error)
	Commit(ctx context.Context, next int64) error
}

// Answer recomputes what a batch of marks of one partition calls stale. common is what Ensure returned before they were fetched. It may be called
// again for the same marks.
type Answer func(ctx context.Context, common uint64, msgs []kafka.Message) (Answered, error)

// Answered says what a batch of marks came to.
type Answered struct {
	// Things that were stale and have been recomputed.
	Things int
	// Bad records, which are no marks and were passed over.
	Bad int
}

// RollerOptions is what a Roller works with. Group, Answer and Ensure are required.
type RollerOptions struct {
	Config
	// Group that owns the marks.
	Group Group
	// Things are what the marks call stale, a label of metrics: "days" or "entities".
	Things string
	// Company is how long marks of writers that have caught up wait for those of a backlog that wait for its end: each answer reads much the same, so that
	// one for both costs little more than either. 0: they do not wait.
	Company time.Duration
	// Answer answers marks; Recomputer.Answer is one.
	Answer Answer
	// Ensure gives the common epoch; it is called before a partition is read. Epochs.Ensure is one.
	Ensure func(ctx context.Context) (common uint64, err error)
	// Log takes faults and records that are no marks.
	Log zerolog.Logger
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
}

// Roller answers marks: it gathers them for a moment, has what they call stale recomputed, and commits.
type Roller struct {
	o       RollerOptions
	metrics *rollerMetrics
	leads   atomic.Bool
	// waited is when marks of a backlog waited last, in nanoseconds since 1970.
	waited atomic.Int64
	// answering is how many answers to what waited are under way.
	answering atomic.Int32
	now       func() time.Time
}

// NewRoller returns a Roller that joins its group when Run is called.
func NewRoller(o RollerOptions) *Roller {
	if o.BatchMarks <= 0 {
		o.BatchMarks = 10_000
	}
	if o.Things == "" {
		o.Things = "days"
	}
	return &Roller{o: o, metrics: newRollerMetrics(o.Registerer, o.Things), now: time.Now}
}

// Run answers marks until ctx ends.
func (r *Roller) Run(ctx context.Context) error {
	return r.o.Group.Run(ctx, func(ctx context.Context, c *kafka.Claim) error { return r.Handle(ctx, c) })
}

// Leads says whether this process owns the first partition of the marks: of all that roll, the one that sweeps.
func (r *Roller) Leads() bool { return r.leads.Load() }

// Handle answers the marks of one partition until ctx ends or the partition is lost. A fault is tried again for as long as that
// takes; no mark is ever passed over.
func (r *Roller) Handle(ctx context.Context, c Claim) error {
	if c.Partition() == 0 {
		r.leads.Store(true)
		defer r.leads.Store(false)
	}
	var common uint64
	err := r.insist(ctx, c, "look up epochs", func() (err error) {
		common, err = r.o.Ensure(ctx)
		return err
	})
	if err != nil {
		return ended(ctx, err)
	}
	quiet := r.o.BacklogLinger
	if quiet <= r.o.Linger {
		quiet = 0
	}
	p := &partition{waiting: newWaiting(quiet, r.o.BatchMarks)}
	for {
		b, err := r.gather(ctx, c, p)
		if err != nil {
			return ended(ctx, err)
		}
		took, err := r.answer(ctx, c, common, p, b)
		if err != nil {
			return ended(ctx, err)
		}
		if !b.waited && !sleep(ctx, r.rest(took)) {
			return nil
		}
	}
}

// partition is how far the marks of one are read.
type partition struct {
	waiting *waiting
	// read and committed are the offsets after the last mark that was read, and that was answered with all before it.
	read, committed int64
	// lag is how many marks were not read yet.
	lag int64
	// held are live marks that wait for company, until then.
	held  batch
	until time.Time
}

func (r *Roller) answer(ctx context.Context, c Claim, common uint64, p *partition, b batch) (cost, error) {
	r.metrics.lag.WithLabelValues(strconv.Itoa(c.Partition())).Set(float64(p.lag))
	if b.waited {
		r.answering.Add(1)
		defer func() {
			r.waited.Store(r.now().UnixNano())
			r.answering.Add(-1)
		}()
	}
	started := r.now()
	var answered Answered
	err := r.insist(ctx, c, "recompute", func() (err error) {
		answered, err = r.o.Answer(ctx, common, b.msgs)
		return err
	})
	if err != nil {
		return cost{}, err
	}
	took := r.now().Sub(started)
	if b.waited {
		p.waiting.took = took
	}
	r.metrics.bad.Add(float64(answered.Bad))
	if n := float64(answered.Things); n > 0 {
		r.metrics.seconds.Observe(took.Seconds())
		r.metrics.things.Add(n)
		r.metrics.coalescing.Observe(float64(b.marks) / n)
	}
	if next := p.waiting.next(p.read); next > p.committed {
		if err := c.Commit(ctx, next); err != nil {
			return cost{}, fmt.Errorf("rollups: %w", err)
		}
		p.committed = next
	}
	r.metrics.marks.Add(float64(b.marks))
	return cost{took, answered.Things}, nil
}

// insist tries until it works or ctx ends; whatever is wrong with the store is taken to pass. A new epoch is not waited out: the
// partition is given up, and read again from what is committed.
func (r *Roller) insist(ctx context.Context, c Claim, what string, try func() error) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = max(r.o.RetryMin, 50*time.Millisecond)
	pause.MaxInterval = max(r.o.RetryMax, pause.InitialInterval)
	for {
		err := try()
		if err == nil || ctx.Err() != nil || errors.Is(err, errEpochOver) {
			return err
		}
		wait := pause.NextBackOff()
		r.metrics.retries.Inc()
		r.o.Log.Error().Err(err).Int("partition", c.Partition()).Dur("pause", wait).Msg("cannot " + what + " yet, trying again")
		if !sleep(ctx, wait) {
			return err
		}
	}
}

// ended hides what a context that ended made fail: what was not committed will be delivered again.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// sleep waits for d; false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
