package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/sinks"
)

// lagSource says what it was told.
type lagSource struct {
	lags []kafka.PartitionLag
	err  error
}

func (s *lagSource) Lag(context.Context, string, []string) ([]kafka.PartitionLag, error) {
	return s.lags, s.err
}

func (s *lagSource) at(committed, lag int64) {
	s.lags = []kafka.PartitionLag{
		{Topic: "t", Partition: 0, Committed: 7, End: 7}, {Topic: "t", Partition: 1, Committed: committed, End: max(committed, 0) + lag, Lag: lag},
	}
}

type watched struct {
	t      *testing.T
	source *lagSource
	watch  *pipeline.Watch
	reg    *prometheus.Registry
	now    time.Time
	kept   [][]sinks.Progress
	keeps  error // what recording comes to
}

func newWatched(t *testing.T) *watched {
	w := &watched{t: t, source: &lagSource{}, reg: prometheus.NewRegistry(), now: appended}
	w.watch = pipeline.NewWatch(pipeline.WatchOptions{
		Config: pipeline.LagConfig{Interval: time.Millisecond, StuckAfter: time.Minute}, Source: w.source, Group: "g", Topics: []string{"t"},
		Log: zerolog.New(io.Discard), Registerer: w.reg,
		Record: func(_ context.Context, rows []sinks.Progress) error {
			slices.SortFunc(rows, func(a, b sinks.Progress) int {
				return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
			})
			w.kept = append(w.kept, rows)
			return w.keeps
		},
	})
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

// TestLagIsRecordedAsItChanges: of a processor that is stuck too, and of topics that nobody consumes; nothing of a system at rest.
func TestLagIsRecordedAsItChanges(t *testing.T) {
	w := newWatched(t)
	keep := func() {
		t.Helper()
		if err := w.watch.Keep(context.Background()); (err != nil) != (w.keeps != nil) {
			t.Fatal(err)
		}
	}
	rows := func(committed, end int64) []sinks.Progress {
		return []sinks.Progress{
			{Topic: "t", Partition: 0, Committed: 7, End: 7, AsOf: w.now}, {Topic: "t", Partition: 1, Committed: committed, End: end, AsOf: w.now},
		}
	}
	keep() // nothing was read yet
	var want [][]sinks.Progress
	for _, step := range []struct {
		committed, lag int64
		fails, written bool
	}{
		{-1, 4, false, true}, // never committed
		{10, 0, false, true},
		{10, 0, false, false},
		{10, 5, false, true}, // it stands still, and more comes
		{10, 9, true, true},
		{10, 9, false, true}, // what was not written is written again
		{10, 9, false, false},
		{12, 7, false, true},
	} {
		_ = w.look(time.Hour, step.committed, step.lag)
		w.keeps = nil
		if step.fails {
			w.keeps = errBroken
		}
		keep()
		if step.written {
			want = append(want, rows(max(step.committed, 0), max(step.committed, 0)+step.lag))
		}
	}
	if diff := gocmp.Diff(want, w.kept); diff != "" {
		t.Error(diff)
	}
}

func TestLagThatCannotBeRead(t *testing.T) {
	w := newWatched(t)
	w.source.err = errBroken
	if err := w.watch.Look(context.Background()); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

func TestRecordThatHangsHoldsUpNoLook(t *testing.T) {
	looks := make(chan struct{}, 100)
	w := pipeline.NewWatch(pipeline.WatchOptions{
		Config: pipeline.LagConfig{Interval: time.Millisecond}, Source: looked(looks), Group: "g", Topics: []string{"t"}, Registerer: prometheus.NewRegistry(),
		Record: func(ctx context.Context, _ []sinks.Progress) error { <-ctx.Done(); return ctx.Err() },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	for range 50 {
		select {
		case <-looks:
		case <-time.After(patience):
			t.Fatal("the looks stopped")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// looked is a source that tells of each look, with something new each time.
type looked chan struct{}

func (l looked) Lag(context.Context, string, []string) ([]kafka.PartitionLag, error) {
	select {
	case l <- struct{}{}:
	default:
	}
	return []kafka.PartitionLag{{Topic: "t", End: time.Now().UnixNano()}}, nil
}
