package faults

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
)

// load publishes events in small batches until all are acknowledged. A batch whose answer was lost is sent again, as a careful app would do.
type load struct {
	done   chan struct{}
	enough chan struct{} // closed when an endless load is to end

	mu    sync.Mutex
	acked int
	sent  int
	limit int // no more than this many are sent; negative: all
}

// perBatch events go out at once, so that there are moments in between.
const perBatch = 50

// rhythm is how a load goes on.
type rhythm struct {
	pace time.Duration
	// endless, if not nil, has the load go on with duplicates of events drawn from it, until it is told that it is enough.
	endless *rand.Rand
	// upto events it pauses; negative: never.
	upto int
}

func startLoad(ctx context.Context, publish way, events []generator.Event, r rhythm) *load {
	l := &load{done: make(chan struct{}), enough: make(chan struct{}), limit: r.upto}
	go func() {
		defer close(l.done)
		rest := events
		for ctx.Err() == nil {
			batch := rest[:min(perBatch, len(rest), l.room())]
			first := len(rest) > 0
			if !first {
				if batch = l.again(events, r.endless); batch == nil {
					return
				}
			}
			if len(batch) > 0 {
				err := publish(ctx, batch)
				l.count(len(batch), err == nil, first)
				if err == nil && first {
					rest = rest[len(batch):]
				}
			}
			select { // a load that lasts gives faults something to hit; nothing is asserted by it
			case <-ctx.Done():
			case <-time.After(r.pace):
			}
		}
	}()
	return l
}

// again draws duplicates to send; nil once there were enough.
func (l *load) again(events []generator.Event, from *rand.Rand) []generator.Event {
	select {
	case <-l.enough:
		return nil
	default:
	}
	if from == nil || len(events) == 0 {
		return nil
	}
	batch := make([]generator.Event, perBatch/2)
	for i := range batch {
		batch[i] = events[from.IntN(len(events))]
	}
	return batch
}

func (l *load) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limit < 0 {
		return perBatch
	}
	return max(0, l.limit-l.acked)
}

func (l *load) upto(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = n
}

func (l *load) count(n int, acked, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent += n
	if acked && first {
		l.acked += n
	}
}

// suffice ends an endless load; another one goes on until all is sent.
func (l *load) suffice() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = -1
	select {
	case <-l.enough:
	default:
		close(l.enough)
	}
}

// progress is what was acknowledged, each event of the load once, and what was sent, each try counted.
func (l *load) progress() (acked, sent int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acked, l.sent
}

// over says whether the load has ended.
func (l *load) over() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}
