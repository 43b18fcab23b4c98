package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// errHandlerReturned stands for a handler that stopped without being asked to.
var errHandlerReturned = errors.New("kafka: handler returned while it still owned the partition")

// generation runs the handlers of one generation and returns when they have ended: nil after a rebalance or when ctx
// ended, an error when a handler failed.
//
// Order matters: handlers' contexts end first, then they drain while the generation is still ours and can commit,
// and only then is the library let go to leave or rejoin.
func (g *Group) generation(ctx context.Context, gen *kafkago.Generation, transport *kafkago.Transport, added *growth, handle Handler) error {
	ended, rejoin, release := make(chan struct{}), make(chan struct{}), make(chan struct{})
	defer close(release)
	gen.Start(func(genCtx context.Context) {
		// Returning ends the generation, and the library joins the next one.
		select {
		case <-genCtx.Done():
			close(ended)
		case <-rejoin:
		}
		<-release
	})

	live, stop := context.WithCancel(ctx)
	defer stop()
	grown, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		if added.look(live) {
			close(grown)
		}
	}()
	defer func() { stop(); <-looked }()
	drain, endDrain := context.WithCancel(context.WithoutCancel(ctx))
	defer endDrain()

	results := make(chan error)
	abandoned := make(chan struct{})
	defer close(abandoned)
	running := 0
	for topic, partitions := range gen.Assignments {
		for _, p := range partitions {
			c := newClaim(live, drain, g, claimSource{
				key:       partitionKey{topic, p.ID},
				committed: p.Offset,
				commit:    gen.CommitOffsets,
				fetch:     newFetcher(g.cfg, transport, partitionKey{topic, p.ID}, g.o.MinBytes, g.o.MaxBytes, g.o.MaxUnpackedBytes, &g.buffers),
			})
			running++
			go func() {
				err := c.run(live, handle)
				select {
				case results <- err:
				case <-abandoned:
				}
			}()
		}
	}
	g.o.Log.Info().Int32("generation", gen.ID).Int("partitions", running).Msg("joined the consumer group")
	held := g.metrics.partitions.WithLabelValues(g.o.GroupID)
	held.Add(float64(running))
	defer held.Sub(float64(running))

	var failure error
	select {
	case <-ctx.Done():
	case <-ended:
	case <-grown:
		g.o.Log.Info().Int32("generation", gen.ID).Msg("partitions were added while the group was joined: joining again")
		close(rejoin)
	case failure = <-results:
		running--
		switch {
		case errors.Is(failure, ErrGenerationOver): // a commit learnt it before the next heartbeat could
			failure = nil
			sleep(ctx, 50*time.Millisecond) // keeps a broker that refuses every commit from being asked in a tight loop
			close(rejoin)
		case ctx.Err() != nil || isClosed(ended):
		case failure == nil:
			failure = errHandlerReturned
		}
	}
	stop()

	deadline := time.NewTimer(g.o.DrainTimeout)
	defer deadline.Stop()
	for running > 0 {
		select {
		case err := <-results:
			running--
			if !errors.Is(err, ErrGenerationOver) {
				failure = errors.Join(failure, err)
			}
		case <-deadline.C:
			// It keeps its goroutine but can neither fetch nor commit any more.
			return errors.Join(failure, fmt.Errorf("kafka: %d handlers still running %s after their generation ended",
				running, g.o.DrainTimeout))
		}
	}
	return failure
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
