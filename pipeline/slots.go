package pipeline

import (
	"context"
	"runtime"
)

// slots bound how many batches of a pipeline are large and being made durable at once: with as many as there are processors, one is built while
// another one is inserted, and more would but take memory.
type slots chan struct{}

func newSlots(n int) slots {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return make(slots, n)
}

// slot is one batch's claim to one of them.
type slot struct {
	of   slots
	held bool
}

// take waits until the slot is held or ctx ends.
func (s *slot) take(ctx context.Context) error {
	if s.held {
		return nil
	}
	select {
	case s.of <- struct{}{}:
		s.held = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// free gives the slot to others.
func (s *slot) free() {
	if s.held {
		s.held = false
		<-s.of
	}
}
