package pipeline_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
)

type lagSource struct {
	lags []kafka.PartitionLag
	err  error
}

func (s *lagSource) Lag(context.Context, string, []string) ([]kafka.PartitionLag, error) {
	return s.lags, s.err
}

func (s *lagSource) at(committed, lag int64) {
	s.lags = []kafka.PartitionLag{{Topic: "t", Partition: 0, Committed: 7, Lag: 0}, {Topic: "t", Partition: 1, Committed: committed, Lag: lag}}
}

type watched struct {
	t      *testing.T
	source *lagSource
	watch  *pipeline.Watch
	reg    *prometheus.Registry
	now    time.Time
}

func newWatched(t *testing.T) *watched {
	w := &watched{t: t, source: &lagSource{}, reg: prometheus.NewRegistry(), now: appended}
	w.watch = pipeline.NewWatch(w.source, "g", []string{"t"}, pipeline.LagConfig{Interval: time.Millisecond, StuckAfter: time.Minute}, zerolog.New(io.Discard), w.reg)
	w.watch.SetNow(func() time.Time { return w.now })
	return w
}

// look reads the lag after a while, and says whether the partition then counts as stuck.
func (w *watched) look(after time.Duration, committed, lag int64) error {
	w.t.Helper()
	w.now = w.now.Add(after)
	w.source.at(committed, lag)
	if err := w.watch.Look(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return w.watch.Check(context.Background())
}

func TestLagIsExported(t *testing.T) {
	w := newWatched(t)
	if err := w.look(0, 10, 5); err != nil {
		t.Fatal(err)
	}
	want := `
# HELP rapport_consumer_lag Records appended but not yet committed by the group.
# TYPE rapport_consumer_lag gauge
rapport_consumer_lag{group="g",partition="0",topic="t"} 0
rapport_consumer_lag{group="g",partition="1",topic="t"} 5
`
	if err := testutil.GatherAndCompare(w.reg, strings.NewReader(want), "rapport_consumer_lag"); err != nil {
		t.Fatal(err)
	}
}

func TestStuckAndWellAgain(t *testing.T) {
	w := newWatched(t)
	for _, step := range []struct {
		after          time.Duration
		committed, lag int64
		stuck          bool
		why            string
	}{
		{0, 10, 0, false, "nothing waits"},
		{time.Hour, 10, 3, false, "an idle partition's clock starts with the first record that waits"},
		{time.Minute, 10, 4, false, "exactly the patience is not beyond it"},
		{time.Second, 10, 4, true, "no move for longer than the patience"},
		{time.Second, 11, 3, false, "it moved"},
		{30 * time.Second, 11, 3, false, "not for long"},
		{31 * time.Second, 11, 300, true, "more that waits is not a move"},
		{time.Second, 311, 0, false, "all is done"},
		{time.Hour, 311, 0, false, "idle again"},
		{time.Second, 305, 6, false, "an offset that was set back is a move too"},
	} {
		err := w.look(step.after, step.committed, step.lag)
		if (err != nil) != step.stuck {
			t.Fatalf("%s: %v", step.why, err)
		}
		if err != nil && !strings.Contains(err.Error(), "g is stuck: t/1 has stood at offset") {
			t.Fatal(err)
		}
	}
}

func TestGroupThatNeverCommittedGetsStuck(t *testing.T) {
	w := newWatched(t)
	if err := w.look(0, -1, 9); err != nil {
		t.Fatal(err)
	}
	if err := w.look(61*time.Second, -1, 9); err == nil {
		t.Fatal("records that no one ever read went unnoticed")
	}
}

func TestWatchOutlivesABrokerThatIsAway(t *testing.T) {
	w := newWatched(t)
	w.source.err = errors.New("away")
	if err := w.watch.Look(context.Background()); err == nil {
		t.Fatal("no error")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := w.watch.Run(ctx); err != nil {
		t.Fatal(err)
	}
}
