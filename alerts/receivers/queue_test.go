package receivers

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestQueue: whatever fails, no alert overtakes itself, none waits for longer than the longest pause, and what failed less goes first.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const least, most = time.Second, time.Minute
		q := newQueue(least, most)
		now := time.Unix(1772442900, 0)
		var waiting []Notification
		for i := range rapid.IntRange(1, 30).Draw(t, "waiting") {
			id := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "alert"))
			waiting = append(waiting, Notification{Tenant: "t", ID: id, Transition: fmt.Sprint(i)})
		}
		putOff := map[string]time.Time{}
		for range rapid.IntRange(1, 40).Draw(t, "rounds") {
			ready, next := q.due(waiting, now)
			held, failures := map[string]bool{}, uint32(0)
			for _, c := range ready {
				position := -1
				for _, n := range c {
					held[n.ID] = true
					var at int
					if _, err := fmt.Sscan(n.Transition, &at); err != nil || at <= position || n.ID != c[0].ID {
						t.Fatalf("out of order: %v", c)
					}
					position = at
				}
				if f := q.failures(c.key()); f < failures {
					t.Fatalf("%d failures after %d", f, failures)
				} else {
					failures = f
				}
			}
			for _, n := range waiting {
				due := !putOff[n.ID].After(now)
				if held[n.ID] != due {
					t.Fatalf("alert %s due %t, ready %t", n.ID, due, held[n.ID])
				}
				if !due && (next.IsZero() || next.After(putOff[n.ID])) {
					t.Fatalf("next is %s, one is due at %s", next, putOff[n.ID])
				}
			}
			for _, c := range ready {
				if rapid.Bool().Draw(t, "fails") {
					q.failed(c.key(), now, 0)
					putOff[c[0].ID] = q.failing[c.key()].next
					if pause := putOff[c[0].ID].Sub(now); pause <= 0 || pause > most {
						t.Fatalf("a pause of %s", pause)
					}
					continue
				}
				q.taken(c.key())
				waiting = waiting[:0:0]
				for _, other := range ready {
					if other.key() != c.key() {
						waiting = append(waiting, other...)
					}
				}
				break
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
		}
		if _, _ = q.due(nil, now); len(q.failing) != 0 {
			t.Fatal("what no longer waits is remembered")
		}
	})
}
