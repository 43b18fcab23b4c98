package pipeline_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/sinks"
)

// lingers is a claim that notes how long each batch is to wait for more.
type lingers struct {
	*script
	mu    sync.Mutex
	waits []time.Duration
}

func (l *lingers) FetchBatch(ctx context.Context, most, bytes int, wait time.Duration) ([]kafka.Message, error) {
	l.mu.Lock()
	l.waits = append(l.waits, wait)
	l.mu.Unlock()
	return l.script.FetchBatch(ctx, most, bytes, wait)
}

// TestABatchThatWaitedDoesNotLinger: what came while the batch before was made durable is read at once, and what comes one by one is gathered.
func TestABatchThatWaitedDoesNotLinger(t *testing.T) {
	for _, c := range []struct {
		name         string
		linger, took time.Duration
		waiting      int64
		next         func(time.Duration) bool
	}{
		{"after a slow batch", 20 * time.Millisecond, 20 * time.Millisecond, 999, func(d time.Duration) bool { return d == 0 }},
		{"after a fast batch", 24 * time.Hour, 0, 0, func(d time.Duration) bool { return d > time.Hour && d <= 24*time.Hour }},
		{"after a slow batch of a backlog", 20 * time.Millisecond, 20 * time.Millisecond, 1000, func(d time.Duration) bool { return d == 20*time.Millisecond }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rig{}
			o := options(r, events(t, 0))
			o.Config.Linger = c.linger
			o.Sink = sinkFunc(func(ctx context.Context, _ sinks.Batch) error {
				select {
				case <-time.After(c.took):
				case <-ctx.Done():
				}
				return nil
			})
			all := records(deliveries(t, 20), 20)
			for i := range all {
				all[i].HighWatermark = all[i].Offset + 1 + c.waiting
			}
			l := &lingers{script: newScript(r, all[:10], all[10:])}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- pipeline.New(o).Handle(ctx, l) }()
			<-l.drained
			cancel()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if l.waits[0] != 0 || !c.next(l.waits[1]) {
				t.Errorf("batches wait for %v", l.waits)
			}
		})
	}
}
