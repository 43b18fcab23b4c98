package pipeline

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// Partitions of one backlog that end it one after the other are of it until the last has, but not for longer than stragglers; and a busy day is no backlog.
func TestTide(t *testing.T) {
	batch := func(n int, waiting int64) []kafka.Message {
		msgs := make([]kafka.Message, n)
		for i := range msgs {
			msgs[i].Offset, msgs[i].HighWatermark = int64(i), int64(n)+waiting
		}
		return msgs
	}
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	tide := newTide()
	tide.now = func() time.Time { return now }
	a, b, c := place{"t", 0}, place{"t", 1}, place{"t", 2}
	step := func(what string, at place, n int, waiting int64, want bool) {
		t.Helper()
		msgs := batch(n, waiting)
		tide.read(at, msgs)
		if got := tide.marks(at, msgs[n-1]); got != want {
			t.Errorf("%s: backlog %t, want %t", what, got, want)
		}
	}
	step("the first of all, far behind", a, 5000, 50_000, true)
	step("few, while another is far behind", b, 10, 0, true)
	tide.read(c, batch(5000, 0)) // in hand
	step("the first that has caught up", a, 5000, 0, true)
	now = now.Add(stragglers / 2)
	step("what comes meanwhile", a, 5000, 0, true)
	step("the last that has caught up", c, 5000, 0, false)
	step("after the backlog", a, 10, 0, false)
	tide.read(b, batch(5000, 0))
	step("beside many in hand of one that has caught up", a, 10, 0, false)

	young := batch(5000, 5000)
	for i := range young {
		young[i].Time = now.Add(-backlogAge + time.Millisecond)
	}
	tide.read(b, young)
	if tide.marks(b, young[len(young)-1]) || tide.marks(a, batch(10, 0)[9]) {
		t.Error("what was appended a moment ago is taken for a backlog")
	}

	step("behind again", c, 10, 5000, true)
	now = now.Add(stragglers)
	step("one that caught up long ago, while another is far behind", a, 10, 0, false)
	step("one whose turn was just now", place{"t", 3}, 10, 0, true)
	tide.forget(c)
	step("the one far behind is another process's", place{"t", 3}, 10, 0, false)
}
