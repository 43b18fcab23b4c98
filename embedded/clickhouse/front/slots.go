package front

import (
	"context"
	"time"
)

// reservedSlots is how many slots queries that may take long leave to inserts and short statements.
const reservedSlots = 4

// slots bound what runs at once. What reads tables takes a place among the long ones first, so that a crowd of such
// queries never stands in the way of inserts and statements without a scan. With a limit of 1 there is nothing to keep.
type slots struct {
	all  chan struct{}
	long chan struct{}
	wait time.Duration // after which a request is refused
}

func newSlots(limit int, wait time.Duration) *slots {
	return &slots{
		all: make(chan struct{}, limit), long: make(chan struct{}, max(limit-reservedSlots, 1)), wait: wait,
	}
}

// take waits for a slot and returns what gives it back. The wait ends with ctx.
func (s *slots) take(ctx context.Context, long bool) (release func(), err error) {
	late := time.NewTimer(s.wait)
	defer late.Stop()
	if long {
		if err := s.enter(ctx, s.long, late.C); err != nil {
			return nil, err
		}
	}
	if err := s.enter(ctx, s.all, late.C); err != nil {
		if long {
			<-s.long
		}
		return nil, err
	}
	return func() {
		<-s.all
		if long {
			<-s.long
		}
	}, nil
}

func (s *slots) enter(ctx context.Context, places chan struct{}, late <-chan time.Time) error {
	if ctx.Err() != nil {
		return errCancelled()
	}
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errCancelled()
	case <-late:
		return newError(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries: waited %s for one of %d to end",
			s.wait, cap(places))
	}
}
