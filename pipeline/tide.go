package pipeline

import (
	"sync"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// stragglers is how long a partition that has caught up takes its marks for part of the backlog while others of the process are still in theirs. Partitions of one
// backlog end within moments of each other, and what the marks of each call stale is mostly the same: answered for each of them it is read and computed as often as
// there are partitions. One that is far behind does not keep what is live in the others waiting for longer.
const stragglers = 10 * time.Second

// tide is how far the partitions of a process are, by what they said last.
type tide struct {
	now func() time.Time

	mu sync.Mutex
	// high has those that are far behind.
	high map[place]struct{}
	// low is since when the others have caught up.
	low map[place]time.Time
}

func newTide() *tide {
	return &tide{now: time.Now, high: map[place]struct{}{}, low: map[place]time.Time{}}
}

// read notes the batch that a partition has in hand before it said anything: a large one is part of a backlog, whatever comes after it. Of one that has caught up
// it is not, but what comes in a moment of a busy day.
func (t *tide) read(at place, msgs []kafka.Message) {
	last := msgs[len(msgs)-1]
	if len(msgs) < backlogEvents && !behind(last) || !aged(last, t.now()) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, low := t.low[at]; !low {
		t.high[at] = struct{}{}
	}
}

// marks says whether the marks of a batch, whose facts are durable, are of a backlog: of its partition's, or of that of others which are about to end theirs too.
func (t *tide) marks(at place, last kafka.Message) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if behind(last) && aged(last, t.now()) {
		t.high[at] = struct{}{}
		delete(t.low, at)
		return true
	}
	delete(t.high, at)
	since, ok := t.low[at]
	if !ok {
		since = t.now()
		t.low[at] = since
	}
	return len(t.high) > 0 && t.now().Sub(since) < stragglers
}

// forget a partition that is no longer this process's.
func (t *tide) forget(at place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.high, at)
	delete(t.low, at)
}
