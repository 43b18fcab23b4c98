package rollups

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// headerBacklog on a mark says that its writer had many more events to read: marks of the same things are about to follow.
const headerBacklog = "rapport_backlog"

// Backlog is p for marks whose writer is far behind. They are no promise, only a hint that answering them may wait for others:
// a roller that does not know it answers them as it answers any.
func Backlog(p Publisher) Publisher { return backlogPublisher{p} }

type backlogPublisher struct{ Publisher }

func (p backlogPublisher) Publish(ctx context.Context, msgs ...kafka.Message) error {
	hinted := slices.Clone(msgs)
	for i := range hinted {
		hinted[i].Headers = append(slices.Clip(hinted[i].Headers), schemas.Header{Name: headerBacklog, Value: []byte("1")})
	}
	return p.Publisher.Publish(ctx, hinted...)
}

// OfBacklog says whether all of the marks are of writers that were far behind, and that are still expected to be.
func OfBacklog(marks []kafka.Message) bool {
	return !slices.ContainsFunc(marks, func(m kafka.Message) bool { return !ofBacklog(m) })
}

func ofBacklog(m kafka.Message) bool {
	return slices.ContainsFunc(m.Headers, func(h kafka.Header) bool { return h.Name == headerBacklog })
}

// batch is what of the marks of a partition is to be answered next.
type batch struct {
	msgs []kafka.Message
	// marks is how many they stand for, those of one thing that waited together being one message.
	marks int
	// waited says that all that waited is in it.
	waited bool
	// bytes of those that are held, about.
	bytes int
}

// gather returns the marks to answer next. Those that come out of a backlog wait for more, as each answer computes whole days that the next marks make
// stale again: for ten times as long as the last such answer took, or until none has come for a while. Those of writers that have caught up do not.
func (r *Roller) gather(ctx context.Context, c Claim, p *partition) (batch, error) {
	for {
		due, waits := p.waiting.due()
		if waits {
			r.waited.Store(r.now().UnixNano())
		}
		if waits && !r.now().Before(due) {
			over := p.waiting.over(r.now())
			msgs, marks := p.waiting.release()
			if over {
				msgs = unhinted(msgs)
			}
			return p.withHeld(batch{msgs: msgs, marks: marks, waited: true}), nil
		}
		if len(p.held.msgs) > 0 {
			if !r.now().Before(p.until) || len(p.held.msgs) >= r.o.BatchMarks || p.held.bytes >= markBytes {
				return p.withHeld(batch{}), nil
			}
			if !waits || p.until.Before(due) {
				due, waits = p.until, true
			}
		}
		msgs, err := r.fetch(ctx, c, due, waits)
		if err != nil {
			return batch{}, err
		}
		if len(msgs) == 0 {
			continue
		}
		p.read = msgs[len(msgs)-1].Offset + 1
		p.lag = msgs[len(msgs)-1].HighWatermark - p.read
		msgs, marks := p.waiting.take(msgs, r.now())
		if len(msgs) == 0 {
			continue
		}
		if r.o.Company <= 0 || len(p.waiting.marks) == 0 && len(p.held.msgs) == 0 {
			return batch{msgs: msgs, marks: marks}, nil
		}
		if len(p.held.msgs) == 0 {
			p.until = r.now().Add(r.o.Company)
		}
		bytes := p.held.bytes
		for i := range msgs {
			bytes += waitingBytes(msgs[i])
		}
		p.held = p.withHeld(batch{msgs: msgs, marks: marks})
		p.held.bytes = bytes
	}
}

// withHeld is a batch with what was held, which is held no longer.
func (p *partition) withHeld(b batch) batch {
	b.msgs, b.marks = append(p.held.msgs, b.msgs...), p.held.marks+b.marks
	p.held = batch{}
	slices.SortStableFunc(b.msgs, func(a, b kafka.Message) int { return cmp.Compare(a.Offset, b.Offset) })
	return b
}

// unhinted are marks of a backlog that is over, so that what their answers mark in turn does not wait.
func unhinted(msgs []kafka.Message) []kafka.Message {
	plain := slices.Clone(msgs)
	for i := range plain {
		plain[i].Headers = slices.DeleteFunc(slices.Clone(plain[i].Headers), func(h kafka.Header) bool { return h.Name == headerBacklog })
	}
	return plain
}

// fetch returns what comes until what waits is due, if anything does.
func (r *Roller) fetch(ctx context.Context, c Claim, due time.Time, waits bool) ([]kafka.Message, error) {
	if !waits {
		return c.FetchBatch(ctx, r.o.BatchMarks, markBytes, r.o.Linger)
	}
	until, cancel := context.WithTimeout(ctx, due.Sub(r.now()))
	defer cancel()
	msgs, err := c.FetchBatch(until, r.o.BatchMarks, markBytes, r.o.Linger)
	if err != nil && ctx.Err() == nil && until.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	return msgs, err
}

// backlogLasts is how long after marks of a backlog waited last it is taken to go on.
const backlogLasts = 15 * time.Second

// Backlog says whether the marks that this process answers come out of a backlog: what is made of days may wait until it is taken in.
func (r *Roller) Backlog() bool {
	return r.answering.Load() > 0 || r.now().Sub(time.Unix(0, r.waited.Load())) < backlogLasts
}

// cost is what an answer took, and for how many things.
type cost struct {
	took   time.Duration
	things int
}

// longestWait bounds the rest after an answer.
const longestWait = 30 * time.Second

// rest is how long to wait after marks of writers that have caught up were answered: a day of millions of facts to which more keep coming would be computed
// again and again, with nothing left of the machine for them. It goes by what one day took, so that many small ones do not make each other wait.
func (r *Roller) rest(c cost) time.Duration {
	if r.o.Rest <= 0 || c.things == 0 {
		return 0
	}
	return min(time.Duration(r.o.Rest)*c.took/time.Duration(c.things), longestWait)
}
