package pipeline

import (
	"context"
	"runtime"
)

// slots bound how many batches of a pipeline are being made durable at once. Of large ones one is built while another one is inserted: each takes some hundred
// megabytes, so that more are for those who give the process more memory. Small ones take some ten, and are mostly waiting: where events trickle in on many partitions, the
// time that each waits for others is what makes its facts late.
type slots struct{ large, small chan struct{} }

// usualSlots are what the usual limit of memory is made for.
const usualSlots = 2

// smallSlots is how many small batches there may be for each large one.
const smallSlots = 2

func newSlots(n int) slots {
	if n <= 0 {
		n = min(runtime.GOMAXPROCS(0), usualSlots)
	}
	return slots{large: make(chan struct{}, n), small: make(chan struct{}, smallSlots*n)}
}

// slot is one batch's claim to one of them.
type slot struct {
	of   slots
	held chan struct{}
	// small says that the batch is no larger than what each partition may hold anyway: once it is written it needs no slot any more.
	small bool
}

// take waits until the slot is held or ctx ends.
func (s *slot) take(ctx context.Context) error {
	if s.held != nil {
		return nil
	}
	of := s.of.large
	if s.small {
		of = s.of.small
	}
	select {
	case of <- struct{}{}:
		s.held = of
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// free gives the slot to others.
func (s *slot) free() {
	if s.held != nil {
		<-s.held
		s.held = nil
	}
}
