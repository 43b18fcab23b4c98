package rollups

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

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

// With a wait of an hour, what is gathered at all was gathered without waiting.
func TestGather(t *testing.T) {
	const hour, moment = time.Hour, 10 * time.Millisecond
	for name, tc := range map[string]struct {
		wait       time.Duration
		batch      int
		mark       func(t *testing.T, f *fakeTopic)
		want, left int
	}{
		"a live mark": {wait: hour, want: 1, mark: func(t *testing.T, f *fakeTopic) { marksOf(t, f, "2026-05-04") }},
		"a live mark among others": {wait: hour, want: 3, mark: func(t *testing.T, f *fakeTopic) {
			marksOf(t, Backlog(f), "2026-05-04")
			marksOf(t, f, "2026-05-05")
			marksOf(t, Backlog(f), "2026-05-06")
		}},
		"a backlog, for its time":         {wait: moment, want: 2, mark: func(t *testing.T, f *fakeTopic) { marksOf(t, Backlog(f), "2026-05-04", "2026-05-04") }},
		"a backlog, until the batch ends": {wait: hour, batch: 2, want: 2, left: 1, mark: func(t *testing.T, f *fakeTopic) { marksOf(t, Backlog(f), "2026-05-04", "2026-05-05", "2026-05-06") }},
		"a backlog, where none is waited": {want: 1, mark: func(t *testing.T, f *fakeTopic) { marksOf(t, Backlog(f), "2026-05-04") }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newTopic(1)
			tc.mark(t, f)
			r := NewRoller(RollerOptions{Config: Config{BacklogLinger: tc.wait, BatchMarks: tc.batch}, Log: zerolog.Nop()})
			c := f.claim(0)
			msgs, err := r.gather(t.Context(), c)
			if err != nil || len(msgs) != tc.want {
				t.Fatalf("gathered %d marks (%v), want %d", len(msgs), err, tc.want)
			}
			for i, m := range msgs {
				if _, err := ParseMark(m.Value); err != nil || m.Offset != int64(i) {
					t.Errorf("mark %d at offset %d: %v", i, m.Offset, err)
				}
			}
			if left := f.marks() - int(c.next); left != tc.left {
				t.Errorf("%d marks left, want %d", left, tc.left)
			}
		})
	}
}

// A live mark that comes while a backlog is gathered ends the wait.
func TestLiveMarkEndsTheWait(t *testing.T) {
	f := newTopic(1)
	marksOf(t, Backlog(f), "2026-05-04")
	r := NewRoller(RollerOptions{Config: Config{BacklogLinger: time.Hour}, Log: zerolog.Nop()})
	gathered := make(chan int)
	go func() {
		msgs, err := r.gather(t.Context(), f.claim(0))
		if err != nil {
			t.Error(err)
		}
		gathered <- len(msgs)
	}()
	marksOf(t, f, "2026-05-05")
	if n := <-gathered; n != 2 {
		t.Errorf("gathered %d marks, want 2", n)
	}
}

// What ends a wait but its time is told: marks are not answered by a claim that is over.
func TestGatherEnds(t *testing.T) {
	f := newTopic(1)
	marksOf(t, Backlog(f), "2026-05-04")
	r := NewRoller(RollerOptions{Config: Config{BacklogLinger: time.Hour}, Log: zerolog.Nop()})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if msgs, err := r.gather(ctx, f.claim(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("gathered %d marks (%v), want the end of the claim", len(msgs), err)
	}
}
