package main

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/internal/kafka"
)

// load publishes the events of the other contenders, each at a time that has just been.
type load struct{ serial, bytes int }

// tickLength is how often some events are published at once.
const tickLength = 20 * time.Millisecond

// publish keeps the rate for as long as o says, and notes what was published when.
func (l *load) publish(ctx context.Context, p *kafka.Producer, o liveOptions, sent *sent) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	begun := time.Now()
	done := 0
	clock := time.NewTicker(tickLength)
	defer clock.Stop()
	for time.Since(begun) < o.seconds && ctx.Err() == nil {
		due := int(time.Since(begun).Seconds()*float64(o.rate)) - done
		now := time.Now()
		at := now.Add(-o.age).UTC().Truncate(time.Millisecond)
		msgs, bytes := messages(events.Responses(l.serial, due, func(int) time.Time { return at }), 0, due)
		l.serial, l.bytes = l.serial+due, l.bytes+int(bytes)
		done += due
		group.Go(func() error { return p.Publish(ctx, msgs...) })
		sent.add(now, due)
		<-clock.C
	}
	return group.Wait()
}

// sent is how many events had been published when.
type sent struct {
	mu    sync.Mutex
	times []time.Time
	all   []int
}

func (s *sent) add(at time.Time, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := 0
	if len(s.all) > 0 {
		before = s.all[len(s.all)-1]
	}
	s.times, s.all = append(s.times, at), append(s.all, before+n)
}

func (s *sent) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return 0
	}
	return s.all[len(s.all)-1]
}
