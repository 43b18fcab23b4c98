package pipeline_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// queue is a claim with a backlog: as many records as are asked for, up to a page of them at once.
type queue struct {
	partition int
	waiting   []kafka.Message
	end       int64 // of the partition; more than waiting hold are offsets without records
	page      int
	asked     []int
	committed chan int64
}

func (q *queue) Topic() string                 { return schemas.TopicSurveyResponses }
func (q *queue) Partition() int                { return q.partition }
func (q *queue) Start() int64                  { return 0 }
func (q *queue) DrainContext() context.Context { return context.Background() }

func (q *queue) FetchBatch(ctx context.Context, most, _ int, _ time.Duration) ([]kafka.Message, error) {
	q.asked = append(q.asked, most)
	if len(q.waiting) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	n := min(most, q.page, len(q.waiting))
	out := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	for i := range out {
		out[i].HighWatermark = q.end
	}
	return out, nil
}

func (q *queue) Commit(_ context.Context, next int64) error {
	q.committed <- next
	return nil
}

func newQueue(t *testing.T, partition, n, page int) *queue {
	one := records(deliveries(t, 3)[:1], 0)[0]
	q := &queue{partition: partition, page: page, end: int64(n), committed: make(chan int64, n)}
	for i := range n {
		m := one
		m.Partition, m.Offset = partition, int64(i)
		q.waiting = append(q.waiting, m)
	}
	return q
}

func (q *queue) next(t *testing.T) int64 {
	t.Helper()
	select {
	case at := <-q.committed:
		return at
	case <-time.After(patience):
		t.Fatal("nothing was committed")
		return 0
	}
}

// TestABacklogMakesLargeBatches: what is read at once is small, and a batch of a backlog is not; nor does it wait for records that are none.
func TestABacklogMakesLargeBatches(t *testing.T) {
	o := options(&rig{}, events(t, 0))
	o.Config.BatchEvents, o.Config.BatchBytes = 9000, 64<<20
	q := newQueue(t, 2, 22_000, 4000)
	q.end += 5000 // markers of transactions
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pipeline.New(o).Handle(ctx, q) }()
	got := []int64{q.next(t), q.next(t), q.next(t)}
	if diff := gocmp.Diff([]int64{9000, 18_000, 22_000}, got); diff != "" {
		t.Errorf("batches end at: %s", diff)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if q.asked[0] != 4000 || q.asked[1] != 5000 {
		t.Errorf("asked for %v, want the first part without a slot and the rest with it", q.asked)
	}
}

// gate is a sink that says how many are in it, and lets nobody out before it is told.
type gate struct {
	now, most atomic.Int32
	open      chan struct{}
}

func (g *gate) Write(ctx context.Context, _ sinks.Batch) error {
	g.most.Store(max(g.most.Load(), g.now.Add(1)))
	defer g.now.Add(-1)
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestFewBatchesAreStoredAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		most, page int
		want       int32
	}{"large": {500, 500, 2}, "small": {1000, 500, 4}} {
		t.Run(name, func(t *testing.T) {
			g := &gate{open: make(chan struct{})}
			o := options(&rig{}, events(t, 0))
			o.Sink, o.Config.Parallel, o.Config.BatchEvents = g, 2, c.most
			p := pipeline.New(o)
			ctx, cancel := context.WithCancel(context.Background())
			var queues []*queue
			var handlers sync.WaitGroup
			for partition := range 6 {
				q := newQueue(t, partition, 3000, c.page)
				queues = append(queues, q)
				handlers.Go(func() {
					if err := p.Handle(ctx, q); err != nil {
						t.Error(err)
					}
				})
			}
			eventually(t, "batches in the sink", func() bool { return g.now.Load() == c.want })
			close(g.open)
			for _, q := range queues {
				for q.next(t) < 3000 {
				}
			}
			cancel()
			handlers.Wait()
			if g.most.Load() != c.want {
				t.Errorf("%d batches in the sink at once, want %d", g.most.Load(), c.want)
			}
		})
	}
}

// TestATroubleOfItsOwnHoldsNoSlot: a table that takes no rows stops its partitions, and no others.
func TestATroubleOfItsOwnHoldsNoSlot(t *testing.T) {
	refused := &clickhouse.Exception{Code: 497, Message: "not enough privileges"}
	r := &rig{}
	o := options(r, events(t, 0))
	var stuck atomic.Int32
	o.Config.Parallel, o.Config.RetryMin, o.Config.RetryMax = 1, 10*time.Millisecond, 10*time.Millisecond
	o.Sink = sinkFunc(func(_ context.Context, b sinks.Batch) error {
		if b.Consumed[0].Partition != 1 {
			stuck.Add(1)
			return refused
		}
		return nil
	})
	p := pipeline.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	drain, endDrain := context.WithCancel(context.Background())
	ended := make(chan error, 3)
	for _, partition := range []int{0, 2} { // as many as may write at once
		bad := newQueue(t, partition, 10, 10)
		go func() { ended <- p.Handle(ctx, drained{bad, drain}) }()
	}
	eventually(t, "a refusal", func() bool { return stuck.Load() > 0 })
	good := newQueue(t, 1, 10, 10)
	go func() { ended <- p.Handle(ctx, good) }()
	if at := good.next(t); at != 10 {
		t.Errorf("committed %d", at)
	}
	cancel()
	endDrain()
	if err := errors.Join(<-ended, <-ended, <-ended); err != nil {
		t.Fatal(err)
	}
}

type sinkFunc func(context.Context, sinks.Batch) error

func (f sinkFunc) Write(ctx context.Context, b sinks.Batch) error { return f(ctx, b) }

// drained is a claim that ends when the test says.
type drained struct {
	*queue
	ctx context.Context
}

func (d drained) DrainContext() context.Context { return d.ctx }

// TestLentBatchesStayAsTheyWereInASink: what a sink took from one batch does not change with the next, which is made in the same memory.
func TestLentBatchesStayAsTheyWereInASink(t *testing.T) {
	all := ofEveryType(t, 200)
	for _, topic := range []string{schemas.TopicSurveyResponses, schemas.TopicServiceEvents, schemas.TopicComplaints} {
		var batches [][]kafka.Message
		for i := 0; i < len(all); i += 100 {
			msgs := records(all[i:min(i+100, len(all))], int64(i))
			for j := range msgs {
				msgs[j].Topic = topic
			}
			batches = append(batches, msgs)
		}
		contents := func(lend bool) sinks.Batch {
			r, memory := &rig{}, sinks.NewMemory()
			o := options(r, events(t, 0))
			if o.Sink = memory; lend {
				o.Lend = pipeline.LendEvents(definitions(t, 0), schemas.Options{})
			}
			o.MarkEntities = func(context.Context, map[schemas.Entity]schemas.Span, bool) error { return nil }
			handled(t, pipeline.New(o), newScript(r, batches...))
			return memory.Contents()
		}
		want, got := contents(false), contents(true)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-built +lent):\n%s", topic, diff)
		}
		if len(want.Responses)+len(want.Contacts)+len(want.Milestones)+len(want.Complaints) == 0 {
			t.Errorf("%s: no rows", topic)
		}
	}
}

// TestABatchWaitsForTheBrokerWithoutASlot: a small batch whose marks are on their way lets others write.
func TestABatchWaitsForTheBrokerWithoutASlot(t *testing.T) {
	build := events(t, 0)
	o := options(&rig{}, func(msgs []kafka.Message) pipeline.Batch {
		b := build(msgs)
		b.Stale = []schemas.Day{{Tenant: "default", Date: "2026-07-01"}}
		return b
	})
	open, marking := make(chan struct{}), make(chan struct{}, 3)
	o.Config.Parallel = 1 // and two small ones
	o.Sink = sinkFunc(func(context.Context, sinks.Batch) error { return nil })
	o.Mark = func(ctx context.Context, _ []schemas.Day, _ bool) error {
		marking <- struct{}{}
		select {
		case <-open:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p := pipeline.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 3)
	queues := []*queue{newQueue(t, 0, 10, 10), newQueue(t, 1, 10, 10), newQueue(t, 2, 10, 10)}
	for _, q := range queues {
		go func() { ended <- p.Handle(ctx, q) }()
	}
	for range queues {
		select {
		case <-marking:
		case <-time.After(patience):
			t.Fatal("a batch waits for the slot of one that has been written")
		}
	}
	close(open)
	for _, q := range queues {
		q.next(t)
	}
	cancel()
	if err := errors.Join(<-ended, <-ended, <-ended); err != nil {
		t.Fatal(err)
	}
}
