package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// runFetch reads the records as rapport does, checksums and all, and drops them: the ceiling of whatever reads with kafka-go.
func runFetch(ctx context.Context, b *bench, round int) ([]took, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	name := fmt.Sprintf("bench-fetch-%d", round)
	group := kafka.NewGroup(b.kafka, kafka.GroupOptions{GroupID: name, Topics: []string{b.feed.Topic}, Log: b.log})
	var read atomic.Int64
	all, ended := make(chan time.Time, 1), make(chan error, 1)
	go func() {
		ended <- group.Run(ctx, func(ctx context.Context, c *kafka.Claim) error {
			for {
				msgs, err := c.FetchBatch(ctx, 20_000, 8<<20, 0)
				if err != nil {
					return nil //nolint:nilerr // the run is over
				}
				if read.Add(int64(len(msgs))) == int64(b.feed.Len) {
					all <- time.Now()
				}
			}
		})
	}()
	watch, err := b.joined(ctx, name)
	if err != nil {
		return nil, err
	}
	select {
	case at := <-all:
		stop()
		return []took{watch.at(at)}, <-ended
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
