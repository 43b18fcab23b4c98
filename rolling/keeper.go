package rolling

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/metrics"
)

// Figurer computes figures: *Computer.
type Figurer interface {
	Figures(ctx context.Context, a Asked) ([]Figure, error)
}

// Live tells of facts that no day has yet: *live.Keeper.
type Live interface {
	// Changes gives a number for each busy tenant that rises with whatever comes.
	Changes(ctx context.Context) (map[string]uint64, error)
	// Forget lets go of what is kept.
	Forget()
}

// Publisher writes to Kafka and returns once it is acknowledged: *kafka.Producer.
type Publisher interface {
	Publish(ctx context.Context, msgs ...kafka.Message) error
}

// KeeperOptions is what a Keeper works with; Conn, Figures, Settings and Metrics are required.
type KeeperOptions struct {
	Config
	Conn     driver.Conn
	Figures  Figurer
	Settings Settings
	// Metrics are those that are kept, mostly metrics.All().
	Metrics []metrics.Metric
	// Publisher takes what changed; nil means nobody does.
	Publisher Publisher
	// Live keeps the sums of busy hours that Figures reads; nil: there are none, and short windows follow the days alone.
	Live Live
	// Backlog says whether events of long ago are being taken in, whose figures can wait; nil: never.
	Backlog func() bool
	// Waiting are settings of the queries that have time, such as store.Waiting(); nil: none.
	Waiting clickhouse.Settings
	// Leads says whether this process is the one that keeps; nil means always. Two that do harm nothing but work twice.
	Leads func() bool
	// Now is the clock that as_of is cut from; nil means time.Now.
	Now        func() time.Time
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Keeper keeps rolling_metrics and rolling_metrics_history equal to what a Figurer computes, and tells others of changes.
type Keeper struct {
	o       KeeperOptions
	lookSQL string
	gauges  *gauges
	// written says that gauges are to be shown anew.
	written atomic.Bool
	// showAgain is when they may be, at the earliest; the lane of days alone shows them.
	showAgain time.Time

	workers []*worker

	mu sync.Mutex
	// followed is what the lane of days has answered, for the other to follow it.
	followed map[unit]basis
}

// NewKeeper makes a Keeper; Run starts it. What Config leaves at zero has its default, but for Publish.
func NewKeeper(o KeeperOptions) *Keeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Interval = orDefault(o.Interval, 2*time.Second)
	o.Timeout = orDefault(o.Timeout, time.Minute)
	o.RetryMax = orDefault(o.RetryMax, time.Minute)
	o.Rest = orDefault(o.Rest, 3)
	o.HeavyRest = orDefault(o.HeavyRest, 10)
	k := &Keeper{o: o, lookSQL: keptOf("looks.sql", dayTables()), gauges: newGauges(o.Registerer), followed: map[unit]basis{}}
	for _, l := range []lane{laneDays, laneSpans} {
		k.workers = append(k.workers, newWorker(k, l))
	}
	return k
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// Run keeps the figures until ctx ends. A fault ends the computation of one tenant's window, which is tried again, never the keeper.
func (k *Keeper) Run(ctx context.Context) error {
	var all errgroup.Group
	for _, w := range k.workers {
		all.Go(func() error { k.run(ctx, w); return nil })
	}
	return all.Wait()
}

func (k *Keeper) run(ctx context.Context, w *worker) {
	for {
		pause := k.o.Interval
		if k.leads() {
			started := time.Now()
			err := w.round(ctx)
			if err != nil && ctx.Err() == nil {
				k.o.Log.Warn().Err(err).Str("lane", string(w.lane)).Msg("rolling figures cannot be looked at")
				k.gauges.failures.Inc()
			}
			worked := time.Since(started)
			k.gauges.seconds.WithLabelValues(string(w.lane)).Observe(worked.Seconds())
			pause = max(pause, k.rest(w.lane, worked))
		} else {
			w.forget()
			k.gauges.clear()
			pause = min(pause, time.Second) // to go on soon where the process before has stopped
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// longestRest is what the lane of days rests at most, and longestPeriod how far apart its rounds begin at most, as far as that is up to rest: who waits for a figure
// waits no longer for that.
const (
	longestRest   = 5 * time.Second
	longestPeriod = 7 * time.Second
)

// restOfBacklog is how many times as long as its last round the lane of days rests while a backlog is taken in.
const restOfBacklog = 9

// rest is how long a lane rests after it has worked for so long.
func (k *Keeper) rest(l lane, worked time.Duration) time.Duration {
	switch {
	case l == laneSpans:
		return time.Duration(k.o.HeavyRest) * worked
	case k.o.Backlog != nil && k.o.Backlog():
		return min(max(time.Duration(k.o.Rest), restOfBacklog)*worked, time.Minute)
	}
	return min(time.Duration(k.o.Rest)*worked, longestRest, max(0, longestPeriod-worked))
}

func (k *Keeper) leads() bool { return k.o.Leads == nil || k.o.Leads() }

// Round is one round of each lane: what is due is published, stored and recorded. It is no more than what Run does over and over, and not to be called beside it.
func (k *Keeper) Round(ctx context.Context) error {
	for _, w := range k.workers {
		if err := w.round(ctx); err != nil {
			return err
		}
	}
	return nil
}

// follow tells the lane of spans what the lane of days has answered.
func (k *Keeper) follow(u unit, l basis) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.followed[u] = l
}

// answered are the looks that the lane of days has answered.
func (k *Keeper) answered() map[unit]basis {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make(map[unit]basis, len(k.followed))
	for u, l := range k.followed {
		all[u] = l
	}
	return all
}
