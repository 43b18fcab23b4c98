package rollups

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// A roll of a backlog's days is computed again for the next events of the backlog, so that it may take a part of the time alone: marks wait this many
// times as long as the last roll took, but no longer than the most.
const (
	backlogRest    = 10
	mostBacklog    = time.Minute
	quietAfterLive = time.Second
)

// waiting are marks of one partition that came out of a backlog and wait for others. It is pure: times are handed in.
type waiting struct {
	// quiet is how long after the last mark of a backlog there is taken to be none any more. 0: nothing waits.
	quiet time.Duration
	// limit is how many things may wait.
	limit int

	// bytes that they take, about.
	bytes int
	// marks by what they say: those that say the same call the same thing stale.
	marks map[string]waitingMark
	// first and last mark came at these times.
	first, last time.Time
	// live says that a writer that has caught up marked something since: others may be about to.
	live bool
	// took is how long the last roll of what waited was.
	took time.Duration
}

// waitingMark is the newest mark of a thing; from is the offset of the oldest that waits, of marks many.
type waitingMark struct {
	kafka.Message
	from  int64
	marks int
}

func newWaiting(quiet time.Duration, limit int) *waiting {
	return &waiting{quiet: quiet, limit: limit, marks: map[string]waitingMark{}}
}

// waitingBytes is what a mark takes while it waits: what it says is its key, too.
func waitingBytes(m kafka.Message) int { return 2*len(m.Value) + len(m.Key) + 256 }

// take parts marks that came: those to be answered now it returns, with those that waited for the same things; the others wait.
func (w *waiting) take(msgs []kafka.Message, now time.Time) (answer []kafka.Message, marks int) {
	live := map[string]bool{}
	for _, m := range msgs {
		if w.quiet <= 0 || !ofBacklog(m) {
			live[string(m.Value)] = true
		}
	}
	for _, m := range msgs {
		if live[string(m.Value)] {
			answer, marks = append(answer, m), marks+1
			continue
		}
		was, waits := w.marks[string(m.Value)]
		if !waits {
			was.from = m.Offset
		}
		if len(w.marks) == 0 {
			w.first, w.live = now, false
		}
		w.last = now
		if !waits {
			w.bytes += waitingBytes(m)
		}
		// What waits must not hold the batch that it came in.
		m.Key, m.Value = bytes.Clone(m.Key), bytes.Clone(m.Value)
		w.marks[string(m.Value)] = waitingMark{m, was.from, was.marks + 1}
	}
	for thing := range live {
		if m, ok := w.marks[thing]; ok {
			answer, marks = append(answer, m.Message), marks+m.marks
			delete(w.marks, thing)
			w.bytes -= waitingBytes(m.Message)
		}
	}
	w.live = w.live || len(live) > 0
	slices.SortStableFunc(answer, func(a, b kafka.Message) int { return cmp.Compare(a.Offset, b.Offset) })
	return answer, marks
}

// due is when what waits is to be answered; false if nothing waits.
func (w *waiting) due() (time.Time, bool) {
	if len(w.marks) == 0 {
		return time.Time{}, false
	}
	if len(w.marks) >= w.limit || w.bytes >= markBytes {
		return w.first, true
	}
	calm := w.calm()
	full := w.first.Add(max(w.quiet, min(backlogRest*w.took, mostBacklog)))
	if full.Before(calm) {
		return full, true
	}
	return calm, true
}

// calm is when there is taken to be no backlog any more.
func (w *waiting) calm() time.Time {
	quiet := w.quiet
	if w.live {
		quiet = min(quiet, quietAfterLive)
	}
	return w.last.Add(quiet)
}

// over says whether the backlog of what waits has ended.
func (w *waiting) over(now time.Time) bool { return !now.Before(w.calm()) }

// release gives up what waits to be answered.
func (w *waiting) release() (answer []kafka.Message, marks int) {
	for thing, m := range w.marks {
		answer, marks = append(answer, m.Message), marks+m.marks
		delete(w.marks, thing)
	}
	w.bytes = 0
	slices.SortFunc(answer, func(a, b kafka.Message) int { return cmp.Compare(a.Offset, b.Offset) })
	return answer, marks
}

// next is the offset up to which all marks are answered, of those up to read.
func (w *waiting) next(read int64) int64 {
	for _, m := range w.marks {
		read = min(read, m.from)
	}
	return read
}
