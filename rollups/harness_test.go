package rollups

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	if code := m.Run(); code != 0 {
		os.Exit(code)
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fakeSettings are settings by tenant.
type fakeSettings map[string]tenants.Tenant

func (s fakeSettings) For(id string) tenants.Tenant {
	t, ok := s[id]
	if !ok {
		t.Zone = time.UTC
	}
	t.ID = id
	return t
}

func (s fakeSettings) Configured() []tenants.Tenant {
	var all []tenants.Tenant
	for id := range s {
		all = append(all, s.For(id))
	}
	return all
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// fakeTopic is the marks topic in memory, with one consumer group; event topics are empty.
type fakeTopic struct {
	mu         sync.Mutex
	partitions [][]kafka.Message
	committed  []int64
	changed    chan struct{} // closed at each change
}

func newTopic(partitions int) *fakeTopic {
	f := &fakeTopic{partitions: make([][]kafka.Message, partitions), committed: make([]int64, partitions), changed: make(chan struct{})}
	for p := range f.committed {
		f.committed[p] = -1
	}
	return f
}

func (f *fakeTopic) Publish(_ context.Context, msgs ...kafka.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range msgs {
		h := fnv.New32a()
		_, _ = h.Write(m.Key)
		m.Partition = int(h.Sum32() % uint32(len(f.partitions)))
		m.Offset = int64(len(f.partitions[m.Partition]))
		f.partitions[m.Partition] = append(f.partitions[m.Partition], m)
	}
	close(f.changed)
	f.changed = make(chan struct{})
	return nil
}

func (f *fakeTopic) Partitions(context.Context, string) (int, error) { return len(f.partitions), nil }

func (f *fakeTopic) Offsets(_ context.Context, topic string) (map[int]kafka.OffsetRange, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[int]kafka.OffsetRange{}
	for p, log := range f.partitions {
		if out[p] = (kafka.OffsetRange{}); topic == schemas.TopicStaleDays {
			out[p] = kafka.OffsetRange{End: int64(len(log))}
		}
	}
	return out, nil
}

func (f *fakeTopic) Committed(_ context.Context, _ string, topics []string) (map[string]map[int]int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]map[int]int64{}
	for _, topic := range topics {
		out[topic] = map[int]int64{}
		for p, c := range f.committed {
			out[topic][p] = c
		}
	}
	return out, nil
}

func (f *fakeTopic) marks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, log := range f.partitions {
		n += len(log)
	}
	return n
}

// pending is how many marks are not committed.
func (f *fakeTopic) pending() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for p, log := range f.partitions {
		n += len(log) - int(max(f.committed[p], 0))
	}
	return n
}

// fakeClaim is one partition of a fakeTopic.
type fakeClaim struct {
	topic     *fakeTopic
	partition int
	next      int64
}

func (f *fakeTopic) claim(partition int) *fakeClaim {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &fakeClaim{topic: f, partition: partition, next: max(0, f.committed[partition])}
}

func (c *fakeClaim) Partition() int { return c.partition }

func (c *fakeClaim) FetchBatch(ctx context.Context, max, _ int, _ time.Duration) ([]kafka.Message, error) {
	for {
		c.topic.mu.Lock()
		log, changed := c.topic.partitions[c.partition], c.topic.changed
		if int(c.next) < len(log) {
			msgs := log[c.next:min(len(log), int(c.next)+max)]
			c.next += int64(len(msgs))
			c.topic.mu.Unlock()
			return msgs, nil
		}
		c.topic.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-changed:
		}
	}
}

func (c *fakeClaim) Commit(_ context.Context, next int64) error {
	c.topic.mu.Lock()
	defer c.topic.mu.Unlock()
	c.topic.committed[c.partition] = next
	return nil
}

// rig is a store with everything that rolls on it.
type rig struct {
	t          testing.TB
	conn       driver.Conn
	settings   fakeSettings
	topic      *fakeTopic
	epochs     *Epochs
	recomputer *Recomputer
	sink       *sinks.ClickHouse
	common     uint64
	stop       func() // ends what rolls
}

func newRig(t testing.TB, settings fakeSettings) *rig {
	t.Helper()
	conn, err := store.Open(store.Config{DSN: clickhousetest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := store.Migrate(t.Context(), conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, conn: conn, settings: settings, topic: newTopic(3)}
	r.sink = sinks.NewClickHouse(conn, sinks.Config{}, nil)
	r.reopen(settings)
	return r
}

// reopen is a new process with other settings on the same data.
func (r *rig) reopen(settings fakeSettings) {
	r.t.Helper()
	r.settings = settings
	r.epochs = NewEpochs(EpochsOptions{
		Conn: r.conn, Settings: settings, Positions: r.topic, Publisher: r.topic, Group: "roll", Log: zerolog.Nop(),
	})
	r.common = r.ensure()
	r.recomputer = NewRecomputer(Options{Conn: r.conn, Settings: settings, Epochs: r.epochs.Of})
}

func (r *rig) ensure() uint64 {
	r.t.Helper()
	common, err := r.epochs.Ensure(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return common
}

func (r *rig) write(facts ...schemas.SurveyFact) {
	r.t.Helper()
	if err := r.sink.Write(r.t.Context(), sinks.Batch{Responses: facts}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) exec(sql string) {
	r.t.Helper()
	if err := r.conn.Exec(r.t.Context(), sql); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
}

func (r *rig) recompute(offset int64, days ...schemas.Day) {
	r.t.Helper()
	marked := map[schemas.Day]int64{}
	for _, d := range days {
		marked[d] = offset
	}
	if err := r.recomputer.Recompute(r.t.Context(), r.common, marked); err != nil {
		r.t.Fatal(err)
	}
}

// roll answers marks in the background until the test ends. Like a group, it reads a partition again after a fault.
func (r *rig) roll() {
	roller := NewRoller(RollerOptions{Answer: r.recomputer.Answer, Ensure: r.epochs.Ensure, Log: zerolog.Nop()})
	topic := r.topic
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for p := range topic.partitions {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := roller.Handle(ctx, topic.claim(p)); err != nil && !errors.Is(err, errEpochOver) {
					r.t.Error(err)
				}
			}
		})
	}
	r.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	r.t.Cleanup(r.stop)
}

// settled waits until no mark is pending.
func (r *rig) settled() {
	r.t.Helper()
	eventually(r.t, func() bool { return r.topic.pending() == 0 })
}

func (r *rig) verify() []Difference {
	r.t.Helper()
	found, err := r.recomputer.Verify(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

func eventually(t testing.TB, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within 30 s")
		}
	}
}
