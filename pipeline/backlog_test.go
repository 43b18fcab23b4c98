package pipeline_test

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/pipeline"
)

// Marks say whether many records wait behind the batch; a few do not count, as they may be markers of transactions.
func TestMarksTellOfABacklog(t *testing.T) {
	for waiting, want := range map[int64]bool{0: false, 1: false, 999: false, 1000: true, 1 << 40: true} {
		r := &rig{}
		msgs := records(deliveries(t, 20), 100)
		for i := range msgs {
			msgs[i].HighWatermark = msgs[len(msgs)-1].Offset + 1 + waiting
		}
		handled(t, pipeline.New(options(r, events(t, 0))), newScript(r, msgs))
		for _, e := range r.entries(marks) {
			if len(e.stale) == 0 || e.backlog != want {
				t.Errorf("%d waiting: %d days marked, backlog %t, want %t", waiting, len(e.stale), e.backlog, want)
			}
		}
		if len(r.entries(marks)) != 1 {
			t.Errorf("%d marks, want 1", len(r.entries(marks)))
		}
	}
}

// TestWhatCameInAMomentIsNoBacklog: thousands of events that have just come are waiting because something was slow, and their figures are of now.
func TestWhatCameInAMomentIsNoBacklog(t *testing.T) {
	for age, want := range map[time.Duration]bool{time.Second: false, -time.Hour: false, time.Minute: true} {
		r := &rig{}
		msgs := records(deliveries(t, 20), 100)
		for i := range msgs {
			msgs[i].Time, msgs[i].HighWatermark = time.Now().Add(-age), msgs[len(msgs)-1].Offset+100_000
		}
		handled(t, pipeline.New(options(r, events(t, 0))), newScript(r, msgs))
		for _, e := range r.entries(marks) {
			if e.backlog != want {
				t.Errorf("%v ago: backlog %t, want %t", age, e.backlog, want)
			}
		}
		if len(r.entries(marks)) != 1 {
			t.Errorf("%d marks, want 1", len(r.entries(marks)))
		}
	}
}
