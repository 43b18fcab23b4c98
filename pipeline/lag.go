package pipeline

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/sinks"
)

// LagSource tells how far a consumer group is behind: *kafka.Admin.
type LagSource interface {
	Lag(ctx context.Context, group string, topics []string) ([]kafka.PartitionLag, error)
}

// LagConfig says how often lag is read and when a consumer that does not move counts as stuck.
type LagConfig struct {
	Interval   time.Duration `env:"INTERVAL" envDefault:"5s" doc:"how often consumer lag is read from the broker"`
	StuckAfter time.Duration `env:"STUCK_AFTER" envDefault:"60s" doc:"a partition with lag whose committed offset does not move for so long makes /readyz fail"`
}

// WatchOptions are what a watch looks at and whom it tells.
type WatchOptions struct {
	Config LagConfig
	Source LagSource
	Group  string
	// Topics are those that the group consumes.
	Topics []string
	// Record keeps how far every partition is; nil where nobody wants to know.
	Record     func(ctx context.Context, rows []sinks.Progress) error
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Watch follows one consumer group from outside, by its committed offsets alone, so that it notices a hung reader, a
// partition nobody owns and a batch that is held for ever alike.
type Watch struct {
	o   WatchOptions
	log zerolog.Logger
	lag *prometheus.GaugeVec
	now func() time.Time

	mu    sync.Mutex
	moved map[place]position
	seen  map[place]reach
	as    time.Time // when seen was last looked up
	// kept is what Record took last; only Keep touches it.
	kept map[place]reach
}

type place struct {
	topic     string
	partition int
}

type position struct {
	committed, lag int64
	since          time.Time
}

// reach is how far a partition is: the next offset to read, and the one that the next appended record will get.
type reach struct{ committed, end int64 }

// NewWatch makes a watch; Run starts it.
func NewWatch(o WatchOptions) *Watch {
	return &Watch{
		o: o, log: o.Log.With().Str("group", o.Group).Logger(), now: time.Now,
		lag: register(o.Registerer, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_consumer_lag", Help: "Records appended but not yet committed by the group.",
		}, []string{"group", "topic", "partition"})),
		moved: map[place]position{}, seen: map[place]reach{}, kept: map[place]reach{},
	}
}

// Run reads the lag until ctx ends, and has it recorded beside, so that a record that takes long holds up no look.
func (w *Watch) Run(ctx context.Context) error {
	var loops errgroup.Group
	loops.Go(func() error { return w.every(ctx, w.Look, "consumer lag cannot be read") })
	if w.o.Record != nil {
		loops.Go(func() error { return w.every(ctx, w.Keep, "consumer lag cannot be recorded") })
	}
	return loops.Wait()
}

func (w *Watch) every(ctx context.Context, do func(context.Context) error, failed string) error {
	tick := time.NewTicker(w.o.Config.Interval)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn().Err(err).Msg(failed)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look reads the lag once.
func (w *Watch) Look(ctx context.Context) error {
	lags, err := w.o.Source.Lag(ctx, w.o.Group, w.o.Topics)
	if err != nil {
		return err
	}
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.as = now
	for _, l := range lags {
		at := place{l.Topic, l.Partition}
		w.seen[at] = reach{committed: l.End - l.Lag, end: l.End}
		w.lag.WithLabelValues(w.o.Group, l.Topic, fmt.Sprint(l.Partition)).Set(float64(l.Lag))
		p, seen := w.moved[at]
		// An idle partition's clock starts with the first record that waits, not with the last that was read.
		if !seen || p.committed != l.Committed || p.lag == 0 {
			p.since = now
		}
		p.committed, p.lag = l.Committed, l.Lag
		w.moved[at] = p
	}
	return nil
}

// Keep records how far all partitions are, if any of them moved since it last did: an idle system writes nothing.
func (w *Watch) Keep(ctx context.Context) error {
	w.mu.Lock()
	seen, as := maps.Clone(w.seen), w.as
	w.mu.Unlock()
	if maps.Equal(seen, w.kept) {
		return nil
	}
	rows := make([]sinks.Progress, 0, len(seen))
	for at, r := range seen {
		rows = append(rows, sinks.Progress{Topic: at.topic, Partition: int32(at.partition), Committed: r.committed, End: r.end, AsOf: as})
	}
	if err := w.o.Record(ctx, rows); err != nil {
		return err
	}
	w.kept = seen
	return nil
}

// Check is a health check: an error names a partition that has records waiting and has not moved for Config.StuckAfter.
func (w *Watch) Check(context.Context) error {
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for at, p := range w.moved {
		if still := now.Sub(p.since); p.lag > 0 && still > w.o.Config.StuckAfter {
			return fmt.Errorf("%s is stuck: %s/%d has stood at offset %d for %s with %d records waiting",
				w.o.Group, at.topic, at.partition, p.committed, still.Round(time.Second), p.lag)
		}
	}
	return nil
}
