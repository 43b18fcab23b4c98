package pipeline

import (
	"context"
	"runtime"
)

// slots bound how many batches of a pipeline are large and being made durable at once: one is built while another one is inserted. Each takes some hundred
// megabytes, so that more are for those who give the process more memory.
type slots chan struct{}

// usualSlots are what the usual limit of memory is made for.
const usualSlots = 2

func newSlots(n int) slots {
	if n <= 0 {
		n = min(runtime.GOMAXPROCS(0), usualSlots)
	}
	return make(slots, n)
}

// slot is one batch's claim to one of them.
type slot struct {
	of   slots
	held bool
	// small says that the batch is no larger than what each partition may hold anyway: once it is written it needs no slot any more.
	small bool
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
