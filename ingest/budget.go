package ingest

import "sync/atomic"

// budget counts the bytes that all requests hold, up to a limit.
type budget struct {
	limit int64
	used  atomic.Int64
}

// share is what one request holds of a budget. It belongs to one goroutine.
type share struct {
	of   *budget
	held int64
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

// close returns all that is held.
func (s *share) close() { s.give(s.held) }
