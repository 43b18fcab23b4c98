package rolling

import (
	"testing"
	"time"
)

// TestRest: the keeper leaves most of the machine to events, but a slow round makes figures no later than it must.
func TestRest(t *testing.T) {
	backlog := false
	k := &Keeper{o: KeeperOptions{Config: Config{Rest: 3, HeavyRest: 10}, Backlog: func() bool { return backlog }}}
	for _, c := range []struct {
		in           lane
		backlog      bool
		worked, want time.Duration
	}{
		{laneDays, false, 100 * time.Millisecond, 300 * time.Millisecond},
		{laneDays, false, 1500 * time.Millisecond, 4500 * time.Millisecond},
		{laneDays, false, 2 * time.Second, 5 * time.Second},
		{laneDays, false, 4 * time.Second, 3 * time.Second},
		{laneDays, false, 20 * time.Second, 0},
		{laneDays, true, 4 * time.Second, 36 * time.Second},
		{laneDays, true, 20 * time.Second, time.Minute},
		{laneSpans, false, 4 * time.Second, 40 * time.Second},
	} {
		backlog = c.backlog
		if got := k.rest(c.in, c.worked); got != c.want {
			t.Errorf("%s after %v, backlog %t: %v, want %v", c.in, c.worked, c.backlog, got, c.want)
		}
	}
}
