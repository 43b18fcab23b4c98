package kafka_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/rapport-project/rapport/internal/kafka"
)

func deleteRecords(t *testing.T, cfg kafka.Config, topic string, before int64) {
	t.Helper()
	var offsets kadm.Offsets
	offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: before, LeaderEpoch: -1})
	if _, err := kadm.NewClient(franz(t, cfg)).DeleteRecords(testContext(t), offsets); err != nil {
		t.Fatal(err)
	}
}

func addPartitions(t *testing.T, cfg kafka.Config, topic string, total int) {
	t.Helper()
	if _, err := kadm.NewClient(franz(t, cfg)).UpdatePartitions(testContext(t), total, topic); err != nil {
		t.Fatal(err)
	}
}

type gap struct{ From, To int64 }

type gapLog struct {
	mu   sync.Mutex
	gaps []gap
}

func (l *gapLog) note(_ string, _ int, from, to int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gaps = append(l.gaps, gap{from, to})
}

func (l *gapLog) all() []gap {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.gaps)
}

func gapsAreReportedOnce(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	reg := prometheus.NewRegistry()
	var gaps gapLog
	o := groupOptions(group, topic)
	o.OnGap, o.Registerer = gaps.note, reg
	o.MaxBytes = 1 // one batch at a time, so nothing is read ahead

	// Records 0..9 in batches of one; a member commits 2 and stops.
	for i := range 10 {
		publish(t, cfg, topic, i, i+1)
	}
	stopped := make(chan struct{})
	stop := run(t, cfg, o, func(ctx context.Context, c *kafka.Claim) error {
		for range 2 {
			if _, err := c.Fetch(ctx); err != nil {
				t.Error(err)
			}
		}
		if err := c.Commit(ctx, 2); err != nil {
			t.Error(err)
		}
		close(stopped)
		<-ctx.Done()
		return nil
	})
	<-stopped
	stop()
	deleteRecords(t, cfg, topic, 5) // 2, 3 and 4 are lost between the two

	step := make(chan int64)
	deleted := make(chan struct{})
	run(t, cfg, o, func(ctx context.Context, c *kafka.Claim) error {
		step <- c.Start()
		m, err := c.Fetch(ctx)
		if err != nil {
			return err
		}
		step <- m.Offset
		<-deleted
		for {
			m, err := c.Fetch(ctx)
			if err != nil {
				return nil
			}
			step <- m.Offset
		}
	})
	if start, offset := <-step, <-step; start != 5 || offset != 5 {
		t.Errorf("start %d, first offset %d, want 5", start, offset)
	}
	deleteRecords(t, cfg, topic, 8) // 6 and 7 are lost under the reader
	close(deleted)
	if a, b := <-step, <-step; a != 8 || b != 9 {
		t.Errorf("read on at %d, %d, want 8, 9", a, b)
	}
	if diff := cmp.Diff([]gap{{2, 5}, {6, 8}}, gaps.all()); diff != "" {
		t.Error(diff)
	}
	want := `
# HELP rapport_kafka_gap_offsets_total Offsets that were gone before they were read.
# TYPE rapport_kafka_gap_offsets_total counter
rapport_kafka_gap_offsets_total{topic="` + topic + `"} 5
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "rapport_kafka_gap_offsets_total"); err != nil {
		t.Error(err)
	}
}

func noGapForANewGroupOnATrimmedTopic(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	for i := range 4 {
		publish(t, cfg, topic, i, i+1)
	}
	deleteRecords(t, cfg, topic, 3)
	var gaps gapLog
	var got tally
	o := groupOptions(name(t, "group"), topic)
	o.OnGap = gaps.note
	run(t, cfg, o, got.consume)
	eventually(t, "the record left", func() bool { return got.distinct() == 1 })
	if len(gaps.all()) != 0 {
		t.Errorf("gaps %v", gaps.all())
	}
}

func topicMadeAnewIsReadFromItsStart(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	publish(t, cfg, topic, 0, 50)
	var got tally
	stop := run(t, cfg, groupOptions(group, topic), got.consume)
	eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })

	admin := kadm.NewClient(franz(t, cfg))
	recreate := func(from, to int) {
		t.Helper()
		if _, err := admin.DeleteTopics(testContext(t), topic); err != nil {
			t.Fatal(err)
		}
		// The controller says that a topic is gone before the broker knows, which till then takes the old one for there already.
		eventually(t, "the topic is gone", func() bool {
			_, err := kafka.NewAdmin(cfg).Partitions(testContext(t), topic)
			return err != nil
		})
		eventually(t, "the topic is there again", func() bool {
			return kafka.NewAdmin(cfg).EnsureTopics(testContext(t), []kafka.TopicSpec{{Name: topic, Partitions: 1}}) == nil
		})
		publish(t, cfg, topic, from, to)
	}
	recreate(50, 55) // under a running member
	eventually(t, "records of the second life", func() bool { return got.distinct() == 55 })
	stop()
	recreate(55, 57) // under a stopped one
	run(t, cfg, groupOptions(group, topic), got.consume)
	eventually(t, "records of the third life", func() bool { return got.distinct() == 57 })
}

// topicAwayForLonger: a topic is gone for longer than it takes a member to notice.
func topicAwayForLonger(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 3), name(t, "group")
	publish(t, cfg, topic, 0, 50)
	var got tally
	reg := prometheus.NewRegistry()
	o := groupOptions(group, topic)
	o.PartitionWatchInterval, o.Registerer = 100*time.Millisecond, reg
	run(t, cfg, o, got.consume)
	eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })
	if _, err := kadm.NewClient(franz(t, cfg)).DeleteTopics(testContext(t), topic); err != nil {
		t.Fatal(err)
	}
	figure := func(name string) float64 {
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == name {
				return f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
			}
		}
		return 0
	}
	joined := figure("rapport_kafka_group_generations_total")
	eventually(t, "no partition held", func() bool { return figure("rapport_kafka_group_partitions") == 0 })
	time.Sleep(time.Second) // how long it is gone
	if n := figure("rapport_kafka_group_generations_total") - joined; n > 3 {
		t.Errorf("joined the group without its topic %v times", n)
	}
	eventually(t, "the topic is there again", func() bool {
		return kafka.NewAdmin(cfg).EnsureTopics(testContext(t), []kafka.TopicSpec{{Name: topic, Partitions: 3}}) == nil
	})
	publish(t, cfg, topic, 50, 90)
	eventually(t, "records of the second life", func() bool { return got.distinct() == 90 })
}

func lagCountsWhatIsLeft(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	publish(t, cfg, topic, 0, 10)
	done := make(chan struct{})
	stop := run(t, cfg, groupOptions(group, topic), func(ctx context.Context, c *kafka.Claim) error {
		msgs, err := c.FetchBatch(ctx, 4, 1<<20, time.Second)
		if err != nil {
			return err
		}
		if got := msgs[0].HighWatermark; got != 10 {
			t.Errorf("high watermark %d", got)
		}
		if err := c.Commit(ctx, 4); err != nil {
			t.Error(err)
		}
		close(done)
		<-ctx.Done()
		return nil
	})
	<-done
	stop()
	lags, err := kafka.NewAdmin(cfg).Lag(testContext(t), group, []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	want := []kafka.PartitionLag{{Topic: topic, Committed: 4, First: 0, End: 10, Lag: 6}}
	if diff := cmp.Diff(want, lags); diff != "" {
		t.Error(diff)
	}
	lags, err = kafka.NewAdmin(cfg).Lag(testContext(t), name(t, "never"), []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	want[0].Committed, want[0].Lag = -1, 10
	if diff := cmp.Diff(want, lags); diff != "" {
		t.Error(diff)
	}
}
