package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// ErrTruncated means the log ends before the offset to read next: the topic was made anew, or records acknowledged to
// us were lost by the brokers. Joining again starts from the first offset there is.
var ErrTruncated = errors.New("kafka: the log ends before the next offset")

// findStart decides where to read from and reports what retention took before it was read.
func (c *Claim) findStart(ctx context.Context) (int64, error) {
	var bounds OffsetRange
	for failures := 0; ; failures++ {
		var err error
		bounds, err = c.src.fetch.bounds(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		c.fetchFailed(ctx, err, failures)
	}
	switch committed := c.src.committed; {
	case committed < 0:
		return bounds.First, nil
	case committed < bounds.First:
		c.group.gap(c.src.key, committed, bounds.First)
		return bounds.First, nil
	case committed > bounds.End:
		c.group.o.Log.Error().Str("topic", c.Topic()).Int("partition", c.Partition()).Int64("committed", committed).
			Int64("end", bounds.End).Msg("committed offset is beyond the end of the log, reading all of it again")
		return bounds.First, nil
	default:
		return committed, nil
	}
}

// fill fetches until something is buffered or one fetch came back empty; nothing is buffered before. Failures are retried for as long as ctx and
// the generation live.
func (c *Claim) fill(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.live, cancel)()
	c.src.fetch.reuse(c.fetched) // all of them were delivered
	c.fetched = nil
	at := c.next
	for failures := 0; ; failures++ {
		if c.live.Err() != nil {
			return ErrGenerationOver
		}
		page, err := c.src.fetch.page(ctx, at, wait)
		switch {
		case err == nil:
			c.accept(at, page)
			c.pass(ctx, at)
			return nil
		case ctx.Err() != nil && c.live.Err() != nil:
			return fmt.Errorf("%w: %w", ErrGenerationOver, context.Canceled)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, kafkago.OffsetOutOfRange):
			if at, err = c.outOfRange(ctx, at); err != nil {
				return err
			}
		default:
			c.fetchFailed(ctx, err, failures)
		}
	}
}

// accept buffers what a fetch at offset at returned. Offsets may be missing inside a page without loss (markers of
// transactions); what the log's start has passed is lost.
func (c *Claim) accept(at int64, page page) {
	c.fetched, c.buffered = page.messages, page.messages
	if len(page.messages) > 0 {
		if first := page.messages[0].Offset; first > at && page.logStart > at {
			c.group.gap(c.src.key, at, min(first, page.logStart))
		}
		c.group.metrics.records.WithLabelValues(c.Topic()).Add(float64(len(page.messages)))
	}
	if len(c.buffered) == 0 {
		c.next = page.next
	}
}

// outOfRange finds where to go on from an offset the broker does not have.
func (c *Claim) outOfRange(ctx context.Context, at int64) (int64, error) {
	bounds, err := c.src.fetch.bounds(ctx)
	switch {
	case err != nil:
		c.fetchFailed(ctx, err, 0)
		return at, nil
	case at < bounds.First:
		c.group.gap(c.src.key, at, bounds.First)
		if len(c.buffered) == 0 {
			c.next = bounds.First
		}
		return bounds.First, nil
	case at > bounds.End:
		return at, fmt.Errorf("%s/%d: next %d, end %d: %w", c.Topic(), c.Partition(), at, bounds.End, ErrTruncated)
	default:
		return at, nil // records arrived in between
	}
}

// fetchFailed counts a failure and pauses before the next attempt.
func (c *Claim) fetchFailed(ctx context.Context, err error, failures int) {
	c.group.metrics.fetchErrors.WithLabelValues(c.Topic()).Inc()
	event := c.group.o.Log.Debug()
	damaged := errors.Is(err, errDamaged)
	if damaged {
		c.group.metrics.damaged.WithLabelValues(c.Topic()).Inc()
	}
	if failures == 3 || failures%60 == 59 || failures == 0 && damaged {
		event = c.group.o.Log.Warn()
	}
	event.Err(err).Str("topic", c.Topic()).Int("partition", c.Partition()).Int("failures", failures+1).
		Msg("cannot read from the broker, trying again")
	sleep(ctx, min(50*time.Millisecond<<min(failures, 5), time.Second))
}

// gap reports offsets from..to-1 as lost, once.
func (g *Group) gap(key partitionKey, from, to int64) {
	g.mu.Lock()
	from = max(from, g.reported[key])
	if from >= to {
		g.mu.Unlock()
		return
	}
	g.reported[key] = to
	g.mu.Unlock()

	g.metrics.gaps.WithLabelValues(key.topic).Add(float64(to - from))
	g.o.Log.Error().Str("topic", key.topic).Int("partition", key.partition).Int64("from", from).Int64("to", to).
		Msg("records were deleted before this group read them")
	if g.o.OnGap != nil {
		g.o.OnGap(key.topic, key.partition, from, to)
	}
}
