package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/rapport-project/rapport/internal/kafka"
)

func membersShareAndRebalanceWithoutLoss(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 4), name(t, "group")
	var got tally
	var first, second atomic.Int32
	hold := func(n *atomic.Int32) kafka.Handler {
		return func(ctx context.Context, c *kafka.Claim) error {
			n.Add(1)
			defer n.Add(-1)
			return got.consume(ctx, c)
		}
	}
	publish(t, cfg, topic, 0, 500)
	run(t, cfg, groupOptions(group, topic), hold(&first))
	eventually(t, "the first member owns all", func() bool { return first.Load() == 4 && got.distinct() == 500 })

	stopSecond := run(t, cfg, groupOptions(group, topic), hold(&second))
	eventually(t, "both members share", func() bool { return first.Load() == 2 && second.Load() == 2 })
	publish(t, cfg, topic, 500, 1000)
	eventually(t, "records read by both", func() bool { return got.distinct() == 1000 })

	stopSecond()
	eventually(t, "the first member owns all again", func() bool { return first.Load() == 4 })
	publish(t, cfg, topic, 1000, 1500)
	eventually(t, "all records", func() bool { return got.distinct() == 1500 })
	eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })

	last := map[int]int64{}
	for _, m := range got.all() {
		if at, ok := last[m.Partition]; ok && m.Offset > at+1 {
			t.Fatalf("partition %d jumped from %d to %d", m.Partition, at, m.Offset)
		}
		last[m.Partition] = m.Offset
	}
}

func commitThroughAnOldGenerationFails(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	publish(t, cfg, topic, 0, 10)

	// The zombie is stuck past its session: it does not notice the end of its context until the other member is done.
	held, release := make(chan *kafka.Claim, 1), make(chan struct{})
	commits := make(chan error, 2)
	var once sync.Once
	o := groupOptions(group, topic)
	o.DrainTimeout = patience
	zombieCtx, killZombie := context.WithCancel(context.Background())
	defer killZombie()
	stopZombie := run(t, cfg, o, func(ctx context.Context, c *kafka.Claim) error {
		stuck := false
		once.Do(func() {
			stuck = true
			for range 5 {
				if _, err := c.Fetch(ctx); err != nil {
					t.Error(err)
				}
			}
			held <- c
			<-release
			commits <- c.Commit(zombieCtx, 5)
		})
		if !stuck {
			<-ctx.Done()
		}
		return nil
	})
	claim := <-held

	var got tally
	run(t, cfg, groupOptions(group, topic), got.consume)
	eventually(t, "the second member took over", func() bool { return got.distinct() == 10 })
	eventually(t, "and committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })

	close(release)
	if err := <-commits; !errors.Is(err, kafka.ErrGenerationOver) {
		t.Errorf("commit through the old generation: %v", err)
	}
	if lag := totalLag(t, cfg, group, topic); lag != 0 {
		t.Errorf("the old generation moved the group back: lag %d", lag)
	}
	stopZombie()
	if err := claim.Commit(testContext(t), 5); !errors.Is(err, kafka.ErrGenerationOver) {
		t.Errorf("commit after the generation was left: %v", err)
	}
}

func stopDrainsAndCommits(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 2), name(t, "group")
	publish(t, cfg, topic, 0, 100)
	var held atomic.Int32
	stop := run(t, cfg, groupOptions(group, topic), func(ctx context.Context, c *kafka.Claim) error {
		next := c.Start()
		for {
			m, err := c.Fetch(ctx)
			if err != nil {
				if c.DrainContext().Err() != nil {
					t.Error("no time to drain")
				}
				return c.Commit(c.DrainContext(), next)
			}
			next = m.Offset + 1
			held.Add(1)
		}
	})
	eventually(t, "all held, none committed", func() bool { return held.Load() == 100 })
	if lag := totalLag(t, cfg, group, topic); lag != 100 {
		t.Fatalf("lag %d before the stop", lag)
	}
	stop()
	if lag := totalLag(t, cfg, group, topic); lag != 0 {
		t.Errorf("lag %d after a clean stop", lag)
	}
	// It left: the next member need not wait for a session to expire.
	var got tally
	started := time.Now()
	run(t, cfg, groupOptions(group, topic), got.consume)
	publish(t, cfg, topic, 100, 110)
	eventually(t, "the next member reads on", func() bool { return got.distinct() == 10 })
	t.Logf("took over in %s", time.Since(started))
}

func failingHandlerIsRetriedFromTheCommit(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	publish(t, cfg, topic, 0, 10)
	reg := prometheus.NewRegistry()
	o := groupOptions(group, topic)
	o.Registerer = reg
	var got tally
	var attempts atomic.Int32
	run(t, cfg, o, func(ctx context.Context, c *kafka.Claim) error {
		switch attempts.Add(1) {
		case 1:
			msgs, err := c.FetchBatch(ctx, 3, 1<<20, 0)
			if err != nil || len(msgs) != 3 {
				t.Errorf("got %d records, %v", len(msgs), err)
			}
			if err := c.Commit(ctx, 3); err != nil {
				t.Error(err)
			}
			if err := c.Commit(ctx, 4); err == nil {
				t.Error("committed a record that was never fetched")
			}
			return nil // too early
		case 2:
			if c.Start() != 3 {
				t.Errorf("started at %d", c.Start())
			}
			if _, err := c.Fetch(ctx); err != nil {
				t.Error(err)
			}
			return errors.New("planted")
		}
		return got.consume(ctx, c)
	})
	eventually(t, "the rest", func() bool { return got.distinct() == 7 })
	if n, err := testutil.GatherAndCount(reg, "rapport_kafka_group_failures_total"); err != nil || n != 1 {
		t.Errorf("failures not counted: %d, %v", n, err)
	}
}

func fetchBatchHonoursItsLimits(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{})
	var msgs []kafka.Message
	for i := range 100 {
		msgs = append(msgs, kafka.Message{Topic: topic, Value: fmt.Appendf(nil, "%010d", i)})
	}
	if err := p.Publish(testContext(t), msgs...); err != nil {
		t.Fatal(err)
	}
	type result struct {
		n    int
		took time.Duration
	}
	results := make(chan result, 10)
	run(t, cfg, groupOptions(name(t, "group"), topic), func(ctx context.Context, c *kafka.Claim) error {
		for _, limit := range []struct {
			max, bytes int
			wait       time.Duration
		}{{7, 1 << 20, patience}, {1000, 45, patience}, {1000, 1 << 20, 300 * time.Millisecond}} {
			started := time.Now()
			batch, err := c.FetchBatch(ctx, limit.max, limit.bytes, limit.wait)
			if err != nil {
				return err
			}
			results <- result{len(batch), time.Since(started)}
		}
		<-ctx.Done()
		return nil
	})
	for i, want := range []int{7, 5, 88} {
		if got := <-results; got.n != want || got.took > patience/2 {
			t.Errorf("batch %d: %d records in %s, want %d", i, got.n, got.took, want)
		}
	}
}

func addedPartitionsAreFound(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	var got tally
	var held atomic.Int32
	o := groupOptions(group, topic)
	o.PartitionWatchInterval = 100 * time.Millisecond
	run(t, cfg, o, func(ctx context.Context, c *kafka.Claim) error {
		held.Add(1)
		defer held.Add(-1)
		return got.consume(ctx, c)
	})
	eventually(t, "one partition", func() bool { return held.Load() == 1 })
	addPartitions(t, cfg, topic, 3)
	eventually(t, "three partitions", func() bool { return held.Load() == 3 })
	publish(t, cfg, topic, 0, 100)
	eventually(t, "records of all partitions", func() bool { return got.distinct() == 100 })
}

func runWaitsForItsTopic(t *testing.T, cfg kafka.Config) {
	topic := name(t, "topic")
	var got tally
	run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
	if err := kafka.NewAdmin(cfg).EnsureTopics(testContext(t), []kafka.TopicSpec{{Name: topic, Partitions: 1}}); err != nil {
		t.Fatal(err)
	}
	publish(t, cfg, topic, 0, 5)
	eventually(t, "records", func() bool { return got.distinct() == 5 })
}

func TestRunRefusesNonsense(t *testing.T) {
	for what, g := range map[string]*kafka.Group{
		"no brokers": kafka.NewGroup(kafka.Config{}, kafka.GroupOptions{GroupID: "g", Topics: []string{"t"}}),
		"no port":    kafka.NewGroup(config("localhost"), kafka.GroupOptions{GroupID: "g", Topics: []string{"t"}}),
		"no topics":  kafka.NewGroup(config("127.0.0.1:1"), kafka.GroupOptions{GroupID: "g"}),
		"no group":   kafka.NewGroup(config("127.0.0.1:1"), kafka.GroupOptions{Topics: []string{"t"}}),
	} {
		if err := g.Run(testContext(t), nil); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
