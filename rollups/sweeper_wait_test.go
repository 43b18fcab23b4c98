package rollups_test

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/rollups"
)

// TestSweepersWaitForABacklog but not for ever: what lost its marks is found beside one that does not end.
func TestSweepersWaitForABacklog(t *testing.T) {
	now := time.Now()
	yes, no := func() bool { return true }, func() bool { return false }
	for name, c := range map[string]struct {
		backlog func() bool
		last    time.Time
		waits   bool
	}{
		"nobody tells of a backlog": {nil, now, false},
		"there is none":             {no, now, false},
		"there is one":              {yes, now.Add(-9 * time.Minute), true},
		"one that does not end":     {yes, now.Add(-10 * time.Minute), false},
	} {
		if waits := rollups.WaitsForBacklog(c.backlog, c.last, now); waits != c.waits {
			t.Errorf("%s: waits %v, want %v", name, waits, c.waits)
		}
	}
}
