package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// ErrGenerationOver is returned by a claim whose generation has been left: the partition may belong to another member.
var ErrGenerationOver = errors.New("kafka: the generation that owned this partition is over")

// Claim is one partition for the time this member owns it. Its methods belong to the handler's goroutine, one call
// at a time.
type Claim struct {
	group *Group
	src   claimSource
	live  context.Context // ends with the generation
	drain context.Context // ends when commits are no longer accepted
	slot  chan struct{}   // held by the commit in progress, which may outlive its caller

	start, next int64
	handed      int64     // the offset after the last record that was delivered; from there to next are none
	settled     int64     // the first offset not yet done with, as stored or as nothing before it needs storing; negative: not known
	fetched     []Message // by the last fetch
	buffered    []Message // of them, those not delivered yet
	lately      int       // how many records the last FetchBatch returned
}

type claimSource struct {
	key       partitionKey
	committed int64 // negative: none
	commit    func(map[string]map[int]int64) error
	fetch     *fetcher
}

func newClaim(live, drain context.Context, g *Group, src claimSource) *Claim {
	return &Claim{group: g, src: src, live: live, drain: drain, slot: make(chan struct{}, 1)}
}

// run finds where to start and calls the handler.
func (c *Claim) run(live context.Context, handle Handler) error {
	var err error
	c.start, err = c.findStart(live)
	if err != nil {
		if live.Err() != nil {
			return nil
		}
		return err
	}
	c.next, c.handed, c.settled = c.start, c.start, -1
	if c.src.committed < 0 || c.src.committed == c.start {
		c.settled = c.start
	}
	err = handle(live, c)
	switch {
	case err == nil:
		return nil
	case live.Err() == nil:
		return fmt.Errorf("kafka: handler of %s/%d: %w", c.Topic(), c.Partition(), err)
	case !errors.Is(err, context.Canceled) && !errors.Is(err, ErrGenerationOver):
		// The partition is being given up anyway; what was not committed is read again by its next owner.
		c.group.o.Log.Warn().Err(err).Str("topic", c.Topic()).Int("partition", c.Partition()).
			Msg("handler failed while its generation ended")
	}
	return nil
}

// Topic of the partition.
func (c *Claim) Topic() string { return c.src.key.topic }

// Partition number.
func (c *Claim) Partition() int { return c.src.key.partition }

// Start is the first offset delivered: the committed one, or the first in the log where nothing is committed or the
// committed one is gone.
func (c *Claim) Start() int64 { return c.start }

// DrainContext lives for as long as Commit can succeed: until the handler returned or its drain time after the end of
// the generation is over. Use it to flush.
func (c *Claim) DrainContext() context.Context { return c.drain }

// Fetch returns the next record in offset order. It waits for one, through broker failures too, and fails only when
// ctx or the generation ends or the log was cut back behind the reader.
func (c *Claim) Fetch(ctx context.Context) (Message, error) {
	for len(c.buffered) == 0 {
		if err := c.fill(ctx, c.group.o.MaxWait); err != nil {
			return Message{}, err
		}
	}
	m := c.buffered[0]
	c.buffered = c.buffered[1:]
	c.next, c.handed = m.Offset+1, m.Offset+1
	return m, nil
}

// FetchBatch returns at least one record and at most max, in offset order. After the first it waits up to wait for
// more, until max records or maxBytes bytes (keys, values and headers) are there. The last record may exceed maxBytes.
// Errors are those of Fetch; records already gathered when the wait is cut short are returned without an error.
func (c *Claim) FetchBatch(ctx context.Context, max, maxBytes int, wait time.Duration) ([]Message, error) {
	if max < 1 {
		return nil, fmt.Errorf("kafka: fetch of %d records", max)
	}
	first, err := c.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	// About as many come as the last time; growing would copy them again and again.
	out := append(make([]Message, 0, min(max, 1+len(c.buffered)+c.lately)), first)
	defer func() { c.lately = len(out) }()
	bytes := messageBytes(&first)
	deadline := time.Now().Add(wait)
	for {
		for len(c.buffered) > 0 && len(out) < max && bytes < maxBytes {
			m := c.buffered[0]
			c.buffered = c.buffered[1:]
			bytes += messageBytes(&m)
			c.next, c.handed = m.Offset+1, m.Offset+1
			out = append(out, m)
		}
		left := time.Until(deadline)
		if len(out) >= max || bytes >= maxBytes || left <= 0 {
			return out, nil
		}
		if err := c.fill(ctx, min(left, c.group.o.MaxWait)); err != nil {
			return out, nil
		}
	}
}

// Commit stores next, the offset of the first record not yet done with, for the group; where that is past all that were delivered, offsets
// without records that follow are passed too. It fails with
// ErrGenerationOver once the partition may belong to someone else: the handler should then return that error, and the
// member joins the next generation. A failure of any other kind leaves it unknown whether the offset was stored.
func (c *Claim) Commit(ctx context.Context, next int64) error {
	if next < c.start || next > c.next {
		return fmt.Errorf("kafka: commit of %s/%d at %d, outside %d..%d", c.Topic(), c.Partition(), next, c.start, c.next)
	}
	if next == c.handed {
		next = c.next
	}
	if c.drain.Err() != nil {
		return ErrGenerationOver
	}
	select {
	case c.slot <- struct{}{}: // an abandoned commit must not overtake a later one
	case <-ctx.Done():
		return fmt.Errorf("kafka: commit: %w", ctx.Err())
	}
	done := make(chan error, 1)
	go func() {
		err := c.src.commit(map[string]map[int]int64{c.Topic(): {c.Partition(): next}})
		<-c.slot
		done <- err
	}()
	select {
	case err := <-done:
		result := resultOK
		if err == nil {
			c.settled = next
		} else {
			result = resultError
			if refusesGeneration(err) {
				err = fmt.Errorf("%w: %w", ErrGenerationOver, err)
			}
			err = fmt.Errorf("kafka: commit of %s/%d at %d: %w", c.Topic(), c.Partition(), next, err)
		}
		c.group.metrics.commits.WithLabelValues(c.group.o.GroupID, result).Inc()
		return err
	case <-ctx.Done():
		return fmt.Errorf("kafka: commit of %s/%d at %d: outcome unknown: %w", c.Topic(), c.Partition(), next, ctx.Err())
	}
}

// pass commits offsets without records for the reader, markers of transactions or what was rolled back, once all before them is done with: nobody
// else ever would, and the group would stand before them for ever. It is tried at the next such offsets again if it fails.
func (c *Claim) pass(ctx context.Context, at int64) {
	if len(c.buffered) > 0 || c.next <= at || c.settled != at {
		return
	}
	if err := c.Commit(ctx, c.next); err != nil {
		c.group.o.Log.Debug().Err(err).Str("topic", c.Topic()).Int("partition", c.Partition()).Msg("cannot pass offsets without records yet")
	}
}

// refusesGeneration tells the answers by which a broker says that the committing generation is not the current one.
func refusesGeneration(err error) bool {
	var code kafkago.Error
	if !errors.As(err, &code) {
		return false
	}
	switch code {
	case kafkago.IllegalGeneration, kafkago.UnknownMemberId, kafkago.RebalanceInProgress, kafkago.NotCoordinatorForGroup:
		return true
	}
	return false
}

func messageBytes(m *Message) int {
	n := len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += len(h.Name) + len(h.Value)
	}
	return n
}
