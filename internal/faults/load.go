package faults

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/generator"
)

// load publishes events in small batches until all are acknowledged. A batch whose answer was lost is sent again, as a careful app would do.
type load struct {
	done chan struct{}

	mu    sync.Mutex
	acked int
	sent  int
}

// perBatch events go out at once, so that there are moments in between.
const perBatch = 50

func startLoad(ctx context.Context, client *kgo.Client, events []generator.Event, pace time.Duration) *load {
	l := &load{done: make(chan struct{})}
	go func() {
		defer close(l.done)
		defer client.Close()
		for len(events) > 0 && ctx.Err() == nil {
			n := min(perBatch, len(events))
			records := make([]*kgo.Record, n)
			for i, e := range events[:n] {
				records[i] = e2e.Record(e)
			}
			err := client.ProduceSync(ctx, records...).FirstErr()
			l.mu.Lock()
			l.sent += n
			if err == nil {
				l.acked += n
			}
			l.mu.Unlock()
			if err == nil {
				events = events[n:]
			}
			select { // a load that lasts gives faults something to hit; nothing is asserted by it
			case <-ctx.Done():
			case <-time.After(pace):
			}
		}
	}()
	return l
}

// progress is what was acknowledged and what was sent, each try counted.
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
