package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// Of a batch, firstEvents and firstBytes are read before it has a slot: as much as each partition of the process may hold while it waits.
const (
	firstEvents = 4000
	firstBytes  = 2 << 20
)

// minPatience is how long more of a backlog is waited for at least.
const minPatience = 250 * time.Millisecond

// pace is when the batches of a claim are read.
type pace struct {
	last time.Time
	// backlog says that much more was behind the last.
	backlog bool
}

// linger is how long a batch waits for more after its first record: batches are read so far apart as they are to linger, and one that could not be read
// while the one before was made durable has waited enough. In a backlog no time is lost by lingering, which ends as soon as there is enough; without it a batch would be what one
// fetch has, which is little where records are not compressed.
func (p *pace) linger(most time.Duration) time.Duration {
	if p.backlog {
		return most
	}
	return max(0, most-time.Since(p.last))
}

// gather reads the records of a batch and has a slot for it. Where more wait to be read than the first part holds, it goes on to read once it
// has the slot: so what a backlog takes in memory does not grow with the number of partitions.
func (p *Pipeline) gather(ctx context.Context, c Claim, at *pace, s *slot) ([]kafka.Message, error) {
	o := p.o.Config
	msgs, err := c.FetchBatch(ctx, min(o.BatchEvents, firstEvents), min(o.BatchBytes, firstBytes), at.linger(o.Linger))
	at.last = time.Now()
	if ctx.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s/%d: %w", c.Topic(), c.Partition(), err)
	}
	if len(msgs) == 0 {
		return nil, nil
	}
	last := msgs[len(msgs)-1]
	at.backlog = behind(last) && aged(last, at.last)
	p.tide.read(place{c.Topic(), c.Partition()}, msgs)
	size := bytesOf(msgs)
	s.small = len(msgs) < min(o.BatchEvents, firstEvents) && size < min(o.BatchBytes, firstBytes)
	// The batch in hand outlives ctx for as long as it can still be committed.
	if err := s.take(c.DrainContext()); err != nil || s.small {
		return msgs, err
	}
	// What is behind may be markers of transactions alone, for which nobody can wait.
	patience, cancel := context.WithTimeout(ctx, max(o.Linger, minPatience))
	defer cancel()
	for len(msgs) < o.BatchEvents && size < o.BatchBytes && behind(msgs[len(msgs)-1]) {
		more, err := c.FetchBatch(patience, o.BatchEvents-len(msgs), o.BatchBytes-size, 0)
		if err != nil || len(more) == 0 {
			break // the next batch finds out
		}
		if cap(msgs) < o.BatchEvents {
			msgs = slices.Grow(msgs, o.BatchEvents-len(msgs))
		}
		msgs = append(msgs, more...)
		size += bytesOf(more)
	}
	return msgs, nil
}

func bytesOf(msgs []kafka.Message) int {
	n := 0
	for i := range msgs {
		m := &msgs[i]
		n += len(m.Key) + len(m.Value)
		for _, h := range m.Headers {
			n += len(h.Name) + len(h.Value)
		}
	}
	return n
}
