package rollups

import (
	"context"
	"errors"
	"slices"

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

func ofBacklog(m kafka.Message) bool {
	return slices.ContainsFunc(m.Headers, func(h kafka.Header) bool { return h.Name == headerBacklog })
}

// gather returns the marks to answer next. Where all of them come out of a backlog it waits for more, as each answer computes
// whole days that the next marks make stale again; the first mark from a writer that has caught up ends the wait.
func (r *Roller) gather(ctx context.Context, c Claim) ([]kafka.Message, error) {
	msgs, err := c.FetchBatch(ctx, r.o.BatchMarks, markBytes, r.o.Linger)
	if err != nil || r.o.BacklogLinger <= r.o.Linger {
		return msgs, err
	}
	until, cancel := context.WithTimeout(ctx, r.o.BacklogLinger-r.o.Linger)
	defer cancel()
	bytes, looked := 0, 0
	for {
		for ; looked < len(msgs); looked++ {
			if !ofBacklog(msgs[looked]) {
				return msgs, nil
			}
			bytes += len(msgs[looked].Value)
		}
		if len(msgs) >= r.o.BatchMarks || bytes >= markBytes {
			return msgs, nil
		}
		more, err := c.FetchBatch(until, r.o.BatchMarks-len(msgs), markBytes-bytes, r.o.Linger)
		switch {
		case err == nil:
			msgs = append(slices.Clip(msgs), more...)
		case ctx.Err() == nil && until.Err() != nil && errors.Is(err, context.DeadlineExceeded):
			return msgs, nil
		default:
			return nil, err
		}
	}
}
