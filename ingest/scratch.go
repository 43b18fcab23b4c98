package ingest

import (
	"math/bits"
	"sync"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// scratch is what a request is judged in, from the time its body is there until it is answered; then it is used again for others.
type scratch struct {
	parser   schemas.Parser
	events   []incoming
	all      []judged
	messages []kafka.Message
	from     []int // of a message: its event
	spliced  []byte
}

// keptSpliced is the most bytes of events that a scratch keeps room for.
const keptSpliced = 1 << 20

// release gives a scratch to others, without what it holds of the request.
func (h *Handler) release(s *scratch) {
	if s == nil {
		return
	}
	clear(s.events)
	clear(s.all)
	clear(s.messages[:cap(s.messages)])
	s.parser.Forget()
	s.events, s.all, s.messages, s.from, s.spliced = s.events[:0], s.all[:0], s.messages[:0], s.from[:0], s.spliced[:0]
	if cap(s.spliced) > keptSpliced {
		s.spliced = nil
	}
	h.scratches.Put(s)
}

// memory lends buffers of 4 KiB, 8 KiB, 16 KiB and so on. What is in them is of others.
type memory struct{ free [13]sync.Pool }

// class is which buffers have n bytes; false where none have exactly that.
func (*memory) class(n int) (int, bool) {
	c := bits.Len(uint(n)) - 1 - 12
	return c, c >= 0 && c < len(memory{}.free) && n == 1<<(c+12)
}

func (m *memory) get(n int) []byte {
	if c, ok := m.class(n); ok {
		if b, ok := m.free[c].Get().(*[]byte); ok {
			return *b
		}
	}
	return make([]byte, 0, n)
}

func (m *memory) put(b []byte) {
	if c, ok := m.class(cap(b)); ok {
		b = b[:0]
		m.free[c].Put(&b)
	}
}
