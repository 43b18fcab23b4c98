package ingest

import "sync/atomic"

// budget counts the bytes that all requests hold, up to a limit.
type budget struct {
	limit  int64
	used   atomic.Int64
	memory memory
}

// share is what one request holds of a budget. It belongs to one goroutine.
type share struct {
	of   *budget
	held int64
	lent [][]byte
}

func (b *budget) open() *share { return &share{of: b} }

// take adds n bytes to the share, or reports that the budget has not that much left. It never waits: a full house is
// told to the caller at once, so that nobody queues behind slow requests.
func (s *share) take(n int64) bool {
	if s.of.used.Add(n) > s.of.limit {
		s.of.used.Add(-n)
		return false
	}
	s.held += n
	return true
}

// give returns n bytes.
func (s *share) give(n int64) {
	s.held -= n
	s.of.used.Add(-n)
}

// borrow takes n bytes, as a buffer of that capacity that is the request's until it gives it back or closes the share; nil where there are not that many.
func (s *share) borrow(n int64) []byte {
	if !s.take(n) {
		return nil
	}
	return s.of.memory.get(int(n))
}

// giveBack returns a buffer that was borrowed.
func (s *share) giveBack(b []byte) {
	s.give(int64(cap(b)))
	s.of.memory.put(b)
}

// keep holds a borrowed buffer until the share is closed.
func (s *share) keep(b []byte) { s.lent = append(s.lent, b) }

// close returns all that is held.
func (s *share) close() {
	for _, b := range s.lent {
		s.of.memory.put(b)
	}
	s.lent = nil
	s.give(s.held)
}
