package rollups

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

func marksOf(t *testing.T, p Publisher, dates ...string) {
	t.Helper()
	for _, date := range dates {
		if err := Mark(t.Context(), p, []schemas.Day{{Tenant: "t", Date: date}}); err != nil {
			t.Fatal(err)
		}
	}
}

// gathering is a partition of marks with a roller that gathers them.
type gathering struct {
	t      *testing.T
	topic  *fakeTopic
	claim  *fakeClaim
	roller *Roller
	state  *partition
}

func newGathering(t *testing.T, wait time.Duration, limit int) *gathering {
	f := newTopic(1)
	r := NewRoller(RollerOptions{Config: Config{BacklogLinger: wait, BatchMarks: limit}, Log: zerolog.Nop()})
	return &gathering{t, f, f.claim(0), r, &partition{waiting: newWaiting(wait, r.o.BatchMarks)}}
}

// dates of what is gathered next, and the offset that may be committed once it is answered.
func (g *gathering) next() (string, int64) {
	g.t.Helper()
	b, err := g.roller.gather(g.t.Context(), g.claim, g.state)
	if err != nil {
		g.t.Fatal(err)
	}
	text := ""
	for _, m := range b.msgs {
		day, err := ParseMark(m.Value)
		if err != nil {
			g.t.Fatal(err)
		}
		text += fmt.Sprintf("%s@%d ", day.Date[8:], m.Offset)
	}
	return text, g.state.waiting.next(g.state.read)
}

func (g *gathering) wants(dates string, commit int64) {
	g.t.Helper()
	if got, next := g.next(); got != dates || next != commit {
		g.t.Fatalf("gathered %q, to commit up to %d; want %q, %d", got, next, dates, commit)
	}
}

// With a wait of an hour, what is gathered at all was gathered without waiting.
func TestGather(t *testing.T) {
	const hour, moment = time.Hour, 10 * time.Millisecond
	t.Run("live marks", func(t *testing.T) {
		g := newGathering(t, hour, 0)
		marksOf(t, g.topic, "2026-05-04", "2026-05-04")
		g.wants("04@0 04@1 ", 2)
	})
	t.Run("a live mark among others takes those of its day along", func(t *testing.T) {
		g := newGathering(t, moment, 0)
		marksOf(t, Backlog(g.topic), "2026-05-04", "2026-05-05", "2026-05-04")
		marksOf(t, g.topic, "2026-05-05")
		marksOf(t, Backlog(g.topic), "2026-05-06", "2026-05-05")
		g.wants("05@1 05@3 05@5 ", 0)
		g.wants("04@2 06@4 ", 6)
	})
	t.Run("what waited goes with a live mark of its day", func(t *testing.T) {
		g := newGathering(t, hour, 0)
		marksOf(t, Backlog(g.topic), "2026-05-04", "2026-05-05", "2026-05-04")
		go func() {
			if err := Mark(t.Context(), g.topic, []schemas.Day{{Tenant: "t", Date: "2026-05-04"}}); err != nil {
				t.Error(err)
			}
		}()
		got, commit := g.next()
		if got != "04@2 04@3 " && got != "04@0 04@2 04@3 " || commit != 1 {
			t.Fatalf("gathered %q, to commit up to %d", got, commit)
		}
	})
	t.Run("a backlog, for its time", func(t *testing.T) {
		g := newGathering(t, moment, 0)
		marksOf(t, Backlog(g.topic), "2026-05-04", "2026-05-04", "2026-05-05")
		g.wants("04@1 05@2 ", 3)
	})
	t.Run("a backlog, until there is too much", func(t *testing.T) {
		g := newGathering(t, hour, 2)
		marksOf(t, Backlog(g.topic), "2026-05-04", "2026-05-05", "2026-05-06")
		g.wants("04@0 05@1 ", 2)
	})
	t.Run("a backlog, where none is waited", func(t *testing.T) {
		g := newGathering(t, 0, 0)
		marksOf(t, Backlog(g.topic), "2026-05-04")
		g.wants("04@0 ", 1)
	})
}

// Live marks wait for those of a backlog that are about to be answered, where the roller is told so; not where nothing waits, nor for one that goes on.
func TestCompany(t *testing.T) {
	t.Run("nothing waits", func(t *testing.T) {
		g := newGathering(t, time.Hour, 0)
		g.roller.o.Company = time.Hour
		marksOf(t, g.topic, "2026-05-04")
		g.wants("04@0 ", 1)
	})
	t.Run("the backlog ends", func(t *testing.T) {
		g := newGathering(t, 50*time.Millisecond, 0)
		g.roller.o.Company = time.Hour
		marksOf(t, Backlog(g.topic), "2026-05-04", "2026-05-05")
		marksOf(t, g.topic, "2026-05-06")
		g.wants("04@0 05@1 06@2 ", 3)
	})
	t.Run("the backlog goes on", func(t *testing.T) {
		g := newGathering(t, time.Hour, 0)
		g.roller.o.Company = 10 * time.Millisecond
		now := time.Now()
		g.roller.now = func() time.Time { now = now.Add(time.Millisecond); return now }
		marksOf(t, Backlog(g.topic), "2026-05-04", "2026-05-05")
		marksOf(t, g.topic, "2026-05-06")
		g.wants("06@2 ", 0)
	})
	t.Run("too many are held", func(t *testing.T) {
		g := newGathering(t, time.Hour, 3)
		g.roller.o.Company = time.Hour
		marksOf(t, Backlog(g.topic), "2026-05-04")
		marksOf(t, g.topic, "2026-05-06", "2026-05-07")
		go func() {
			if err := Mark(t.Context(), g.topic, []schemas.Day{{Tenant: "t", Date: "2026-05-08"}}); err != nil {
				t.Error(err)
			}
		}()
		g.wants("06@1 07@2 08@3 ", 0)
	})
}

// A backlog lasts for as long as an answer to what waited does, however long that is, and a while beyond.
func TestBacklogLastsWhileItIsAnswered(t *testing.T) {
	g := newGathering(t, time.Millisecond, 0)
	now := time.Now()
	g.roller.now = func() time.Time { return now }
	var during bool
	g.roller.o.Answer = func(context.Context, uint64, []kafka.Message) (Answered, error) {
		now = now.Add(time.Hour)
		during = g.roller.Backlog()
		return Answered{}, nil
	}
	for _, waited := range []bool{true, false} {
		now = now.Add(time.Hour)
		if _, err := g.roller.answer(t.Context(), g.claim, 0, g.state, batch{waited: waited}); err != nil {
			t.Fatal(err)
		}
		if after := g.roller.Backlog(); during != waited || after != waited {
			t.Errorf("waited %t: a backlog while it was answered %t, after it %t", waited, during, after)
		}
	}
}

// What waits is answered when it is due: at most ten rolls after the first mark, at once where no more come, sooner where a writer has caught up.
func TestDue(t *testing.T) {
	start := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	mark := func(date string, backlog bool) kafka.Message {
		m := kafka.Message{Value: []byte(date)}
		if backlog {
			m.Headers = append(m.Headers, kafka.Header{Name: headerBacklog})
		}
		return m
	}
	for name, tc := range map[string]struct {
		took time.Duration
		// every says how far apart the marks of the backlog are, of which the last comes after a minute; live is when a live mark comes.
		every, live time.Duration
		want        time.Duration
	}{
		"the first roll is soon":                  {every: time.Second, want: 3 * time.Second},
		"a roll takes a tenth of the time":        {took: 2 * time.Second, every: time.Second, want: 20 * time.Second},
		"not for ever":                            {took: 20 * time.Second, every: time.Second, want: time.Minute},
		"none come any more":                      {took: 20 * time.Second, every: 10 * time.Second, want: 3 * time.Second},
		"none come any more, a writer is live":    {took: 20 * time.Second, every: 10 * time.Second, live: 100 * time.Millisecond, want: time.Second},
		"a writer is live, others are far behind": {took: 2 * time.Second, every: time.Second / 2, live: 100 * time.Millisecond, want: 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(3*time.Second, 100)
			w.took = tc.took
			for at := time.Duration(0); at <= time.Minute; at += 50 * time.Millisecond {
				now := start.Add(at)
				if due, ok := w.due(); ok && !now.Before(due) {
					if got := due.Sub(start); got != tc.want {
						t.Fatalf("due after %s, want %s", got, tc.want)
					}
					return
				}
				if at%tc.every == 0 {
					w.take([]kafka.Message{mark("backlog", true)}, now)
				}
				if tc.live > 0 && at == tc.live {
					w.take([]kafka.Message{mark("live", false)}, now)
				}
			}
			t.Fatal("never due")
		})
	}
}

// Whatever comes in whatever order, each mark is answered by one of its thing at its offset or a later one, before it is committed.
func TestNoMarkIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWaiting(time.Second, rapid.IntRange(1, 5).Draw(t, "limit"))
		now := time.Unix(0, 0)
		said := []string{} // by offset
		answered := map[string]int64{}
		answer := func(msgs []kafka.Message) {
			for i, m := range msgs {
				if i > 0 && m.Offset <= msgs[i-1].Offset {
					t.Fatalf("offset %d after %d", m.Offset, msgs[i-1].Offset)
				}
				answered[string(m.Value)] = max(answered[string(m.Value)], m.Offset+1)
			}
			for offset := range w.next(int64(len(said))) {
				if answered[said[offset]] <= offset {
					t.Fatalf("mark %d of %s would be committed, answered are %v", offset, said[offset], answered)
				}
			}
		}
		for range rapid.IntRange(1, 30).Draw(t, "fetches") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "pause")) * time.Millisecond)
			if due, ok := w.due(); ok && !now.Before(due) {
				msgs, _ := w.release()
				answer(msgs)
			}
			var msgs []kafka.Message
			for range rapid.IntRange(1, 4).Draw(t, "marks") {
				m := kafka.Message{Value: []byte(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}).Draw(t, "thing")), Offset: int64(len(said))}
				if rapid.Bool().Draw(t, "backlog") {
					m.Headers = append(m.Headers, kafka.Header{Name: headerBacklog})
				}
				said, msgs = append(said, string(m.Value)), append(msgs, m)
			}
			msgs, _ = w.take(msgs, now)
			answer(msgs)
		}
		msgs, _ := w.release()
		answer(msgs)
		if next := w.next(int64(len(said))); next != int64(len(said)) {
			t.Fatalf("%d of %d may be committed at the end", next, len(said))
		}
	})
}

// What ends a wait but its time is told: marks are not answered by a claim that is over.
func TestGatherEnds(t *testing.T) {
	g := newGathering(t, time.Hour, 0)
	marksOf(t, Backlog(g.topic), "2026-05-04")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if b, err := g.roller.gather(ctx, g.claim, g.state); !errors.Is(err, context.Canceled) {
		t.Errorf("gathered %d marks (%v), want the end of the claim", len(b.msgs), err)
	}
}

// What a backlog's marks lead to waits while more are expected, and not once none come any more.
func TestEndOfABacklogIsTold(t *testing.T) {
	for name, over := range map[string]bool{"more are expected": false, "none come any more": true} {
		t.Run(name, func(t *testing.T) {
			g := newGathering(t, time.Hour, 1)
			if over {
				g = newGathering(t, 10*time.Millisecond, 10)
			}
			marksOf(t, Backlog(g.topic), "2026-05-04")
			b, err := g.roller.gather(t.Context(), g.claim, g.state)
			if err != nil || len(b.msgs) != 1 {
				t.Fatalf("%d marks, %v", len(b.msgs), err)
			}
			if OfBacklog(b.msgs) == over {
				t.Errorf("of a backlog: %v", !over)
			}
		})
	}
}
