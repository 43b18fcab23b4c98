package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	kafkago "github.com/segmentio/kafka-go"
)

// GroupOptions describes a consumer group membership. GroupID and Topics are required.
type GroupOptions struct {
	// GroupID is the group's name.
	GroupID string
	// Topics the group reads. They must exist; until they do, Run waits.
	Topics []string
	// SessionTimeout is how long the broker waits for a sign of life before it gives the partitions to others.
	// Default 10 s; brokers usually refuse less than 6 s.
	SessionTimeout time.Duration
	// HeartbeatInterval between signs of life. Default a tenth of SessionTimeout.
	HeartbeatInterval time.Duration
	// RebalanceTimeout is how long the broker waits for members to come back in a rebalance. Default 15 s.
	RebalanceTimeout time.Duration
	// DrainTimeout is how long handlers may flush and commit after their generation ended. No sign of life is sent
	// in that time, so keep it below SessionTimeout. Default half of it.
	DrainTimeout time.Duration
	// PartitionWatchInterval is how often added partitions are looked for. Default 5 s.
	PartitionWatchInterval time.Duration
	// MaxBytes per fetch and partition. Default 1 MiB; a larger single batch is still returned whole.
	MaxBytes int
	// MaxUnpackedBytes of one batch. The records of a larger one come without content, see Message.Unread. Default 64 MiB.
	MaxUnpackedBytes int
	// MinBytes a fetch waits for, up to MaxWait. Default 1.
	MinBytes int
	// MaxWait of a fetch when there is nothing to read. Default and ceiling 500 ms.
	MaxWait time.Duration
	// OnGap is called when offsets from..to-1 were gone before this group read them. It may be nil and must not block.
	OnGap func(topic string, partition int, from, to int64)
	// Log takes joins, gaps and failures.
	Log zerolog.Logger
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
}

// Group is a member of a consumer group.
type Group struct {
	cfg     Config
	o       GroupOptions
	metrics *groupMetrics
	buffers buffers

	mu       sync.Mutex
	reported map[partitionKey]int64 // end of the last gap reported, so a rejoin does not report it again
}

type partitionKey struct {
	topic     string
	partition int
}

// Handler processes one partition for as long as ctx lives. When ctx ends it should flush what it holds, commit and
// return nil within the drain time (see Claim.DrainContext). Any other return gives up the whole generation.
type Handler = func(ctx context.Context, c *Claim) error

// NewGroup returns a member that joins when Run is called.
func NewGroup(cfg Config, o GroupOptions) *Group {
	o.SessionTimeout = orDefault(o.SessionTimeout, 10*time.Second)
	o.HeartbeatInterval = orDefault(o.HeartbeatInterval, o.SessionTimeout/10)
	o.RebalanceTimeout = orDefault(o.RebalanceTimeout, 15*time.Second)
	o.DrainTimeout = orDefault(o.DrainTimeout, o.SessionTimeout/2)
	o.PartitionWatchInterval = orDefault(o.PartitionWatchInterval, 5*time.Second)
	o.MaxBytes = orDefault(o.MaxBytes, 1<<20)
	o.MaxUnpackedBytes = orDefault(o.MaxUnpackedBytes, defaultUnpacked)
	o.MinBytes = orDefault(o.MinBytes, 1)
	o.MaxWait = min(orDefault(o.MaxWait, 500*time.Millisecond), 500*time.Millisecond)
	o.Log = o.Log.With().Str("group", o.GroupID).Logger()
	return &Group{cfg: cfg, o: o, metrics: newGroupMetrics(o.Registerer), reported: make(map[partitionKey]int64)}
}

// Run takes part in the group until ctx ends and then returns nil. It calls handle in a goroutine of its own for every
// partition it is given. After a handler failed, nothing is committed on its behalf, the group is left, and joined
// again after a growing pause. Only a faulty configuration makes Run return an error.
func (g *Group) Run(ctx context.Context, handle func(ctx context.Context, c *Claim) error) error {
	if err := g.cfg.Validate(); err != nil {
		return err
	}
	if g.o.GroupID == "" || len(g.o.Topics) == 0 {
		return errors.New("kafka: a group needs an id and topics")
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = 250 * time.Millisecond
	pause.MaxInterval = 10 * time.Second
	for ctx.Err() == nil {
		started := time.Now()
		err := g.session(ctx, handle)
		if ctx.Err() != nil {
			break
		}
		if time.Since(started) > time.Minute {
			pause.Reset()
		}
		wait := pause.NextBackOff()
		g.o.Log.Error().Err(err).Dur("pause", wait).Msg("left the consumer group, joining again after a pause")
		sleep(ctx, wait)
	}
	return nil
}

// session is one stay in the group: from joining to leaving, over any number of generations.
func (g *Group) session(ctx context.Context, handle Handler) error {
	if err := g.awaitTopics(ctx); err != nil {
		return err
	}
	socks := newSockets()
	defer socks.close()
	dialer, err := g.cfg.dialer(socks)
	if err != nil {
		return err
	}
	transport, err := g.cfg.transport(socks, g.o.Topics)
	if err != nil {
		return err
	}
	defer transport.CloseIdleConnections()

	partitions := &growth{count: func(ctx context.Context) (map[string]int, error) { return NewAdmin(g.cfg).partitions(ctx, g.o.Topics) }}
	partitions.look(ctx)
	cg, err := kafkago.NewConsumerGroup(kafkago.ConsumerGroupConfig{
		ID:                     g.o.GroupID,
		Brokers:                g.cfg.Brokers,
		Dialer:                 dialer,
		Topics:                 g.o.Topics,
		HeartbeatInterval:      g.o.HeartbeatInterval,
		SessionTimeout:         g.o.SessionTimeout,
		RebalanceTimeout:       g.o.RebalanceTimeout,
		PartitionWatchInterval: g.o.PartitionWatchInterval,
		WatchPartitionChanges:  true,
		JoinGroupBackoff:       500 * time.Millisecond,
		StartOffset:            kafkago.FirstOffset,
		Timeout:                dialTimeout,
	})
	if err != nil {
		return fmt.Errorf("kafka: group %s: %w", g.o.GroupID, err)
	}
	defer g.leave(cg, socks)

	for {
		gen, err := g.join(ctx, cg)
		if err != nil {
			return err
		}
		g.metrics.generations.WithLabelValues(g.o.GroupID).Inc()
		if err := g.generation(ctx, gen, transport, partitions, handle); err != nil {
			g.metrics.failures.WithLabelValues(g.o.GroupID).Inc()
			return err
		}
		// Without a topic the library joins again and again, and the last time without its partitions, which it does not miss once they are there.
		if err := NewAdmin(g.cfg).haveTopics(ctx, g.o.Topics); errors.Is(err, errMissing) {
			return err
		}
	}
}

// join waits for the next generation. The library tries again by itself after each failure.
func (g *Group) join(ctx context.Context, cg *kafkago.ConsumerGroup) (*kafkago.Generation, error) {
	var last string
	for {
		gen, err := cg.Next(ctx)
		if err == nil {
			return gen, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, kafkago.ErrGroupClosed) {
			return nil, err
		}
		// One line per kind of failure: during an outage this repeats twice a second.
		if err.Error() != last && !errors.Is(err, kafkago.RebalanceInProgress) {
			last = err.Error()
			g.o.Log.Warn().Err(err).Msg("cannot join the consumer group yet")
		}
	}
}

// leave tells the broker that this member is gone. The library may be in a call that waits for other members; after a
// short grace its sockets are closed under it.
func (g *Group) leave(cg *kafkago.ConsumerGroup, socks *sockets) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cg.Close()
	}()
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		socks.close()
		<-done
	}
}

// awaitTopics returns when every topic exists. Joining earlier would make the library rejoin in a tight loop.
func (g *Group) awaitTopics(ctx context.Context) error {
	admin := NewAdmin(g.cfg)
	var last string
	for {
		err := admin.haveTopics(ctx, g.o.Topics)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if err.Error() != last {
			last = err.Error()
			g.o.Log.Warn().Err(err).Msg("waiting for topics")
		}
		sleep(ctx, 500*time.Millisecond)
	}
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
