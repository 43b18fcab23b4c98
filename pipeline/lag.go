package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
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

// Watch follows one consumer group from outside, by its committed offsets alone, so that it notices a hung reader, a
// partition nobody owns and a batch that is held for ever alike.
type Watch struct {
	source LagSource
	group  string
	topics []string
	c      LagConfig
	log    zerolog.Logger
	lag    *prometheus.GaugeVec
	now    func() time.Time

	mu    sync.Mutex
	moved map[place]position
}

type place struct {
	topic     string
	partition int
}

type position struct {
	committed, lag int64
	since          time.Time
}

// NewWatch makes a watch over the group's topics; Run starts it.
func NewWatch(source LagSource, group string, topics []string, c LagConfig, log zerolog.Logger, reg prometheus.Registerer) *Watch {
	return &Watch{
		source: source, group: group, topics: topics, c: c, log: log.With().Str("group", group).Logger(), now: time.Now,
		lag: register(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_consumer_lag", Help: "Records appended but not yet committed by the group.",
		}, []string{"group", "topic", "partition"})),
		moved: map[place]position{},
	}
}

// Run reads the lag until ctx ends.
func (w *Watch) Run(ctx context.Context) error {
	tick := time.NewTicker(w.c.Interval)
	defer tick.Stop()
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn().Err(err).Msg("consumer lag cannot be read")
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
	lags, err := w.source.Lag(ctx, w.group, w.topics)
	if err != nil {
		return err
	}
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range lags {
		w.lag.WithLabelValues(w.group, l.Topic, fmt.Sprint(l.Partition)).Set(float64(l.Lag))
		at := place{l.Topic, l.Partition}
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

// Check is a health check: an error names a partition that has records waiting and has not moved for Config.StuckAfter.
func (w *Watch) Check(context.Context) error {
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for at, p := range w.moved {
		if still := now.Sub(p.since); p.lag > 0 && still > w.c.StuckAfter {
			return fmt.Errorf("%s is stuck: %s/%d has stood at offset %d for %s with %d records waiting",
				w.group, at.topic, at.partition, p.committed, still.Round(time.Second), p.lag)
		}
	}
	return nil
}
