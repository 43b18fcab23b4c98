package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// poll is how often it is asked whether something is done: what every figure is exact to. Asking more often would take a
// share of the cores that shows in the figures.
const poll = 100 * time.Millisecond

// until asks every poll until the answer is true.
func until(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}

// joined waits until the first member of a group has joined it and starts the stopwatch: so how long a contender takes until then is in nobody's figure. Not until all
// partitions are given away: a contender of several members reads with the first while the others still join, for seconds.
func (b *bench) joined(ctx context.Context, group string) (w stopwatch, err error) {
	err = until(ctx, 2*time.Millisecond, func() (bool, error) {
		described, err := b.admin.DescribeGroups(ctx, group)
		if err != nil {
			return false, fmt.Errorf("group %s: %w", group, err)
		}
		return len(described[group].Members) > 0, nil
	})
	return b.newStopwatch(), err
}

// behind is how many records of a topic a group has not committed yet.
func (b *bench) behind(ctx context.Context, group, topic string) (int64, error) {
	// Committed offsets first: an end read later can only make it look further behind.
	committed, err := b.admin.FetchOffsets(ctx, group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return 0, fmt.Errorf("offsets of %s: %w", group, err)
	}
	ends, err := b.admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return 0, fmt.Errorf("ends of %s: %w", topic, err)
	}
	var n int64
	ends.Each(func(end kadm.ListedOffset) {
		at, _ := committed.Lookup(topic, end.Partition)
		n += end.Offset - max(at.At, 0)
	})
	return n, nil
}

// forget makes rapport's groups new to the broker and drops what rapport published itself, so that a run begins like the first.
func (b *bench) forget(ctx context.Context) error {
	groups, err := b.admin.DeleteGroups(ctx, app.GroupEvents, app.GroupDeadLetters, app.GroupOutcomes, app.GroupRollups)
	if err != nil {
		return fmt.Errorf("delete groups: %w", err)
	}
	for _, g := range groups {
		if g.Err != nil && !errors.Is(g.Err, kerr.GroupIDNotFound) {
			return fmt.Errorf("delete group %s: %w", g.Group, g.Err)
		}
	}
	topics, err := b.admin.DeleteTopics(ctx, schemas.TopicStaleDays, schemas.TopicStaleEntities, schemas.TopicDeadLetters, schemas.TopicMetrics)
	if err != nil {
		return fmt.Errorf("delete topics: %w", err)
	}
	for _, t := range topics {
		if t.Err != nil && !errors.Is(t.Err, kerr.UnknownTopicOrPartition) {
			return fmt.Errorf("delete topic %s: %w", t.Topic, t.Err)
		}
	}
	return kafka.NewAdmin(b.kafka).EnsureTopics(ctx, b.topics)
}

// anew makes a topic empty.
func (b *bench) anew(ctx context.Context, topic string) error {
	deleted, err := b.admin.DeleteTopics(ctx, topic)
	if err == nil {
		err = deleted.Error()
	}
	if err != nil {
		return fmt.Errorf("delete topic %s: %w", topic, err)
	}
	return kafka.NewAdmin(b.kafka).EnsureTopics(ctx, b.topics)
}
