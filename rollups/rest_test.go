package rollups

import (
	"errors"
	"testing"
	"time"
)

// A round that failed, of an hour or of a moment, does not keep the next one from coming soon; one that worked rests in proportion.
func TestRest(t *testing.T) {
	failed := errors.New("the store is away")
	for _, tc := range []struct {
		worked, want time.Duration
		err          error
	}{
		{time.Second, 20 * time.Second, nil},
		{time.Minute, 20 * time.Minute, nil},
		{2 * time.Second, 2 * time.Second, failed},
		{2 * time.Minute, 10 * time.Second, failed},
	} {
		if got := Rest(tc.worked, tc.err); got != tc.want {
			t.Errorf("after %s (%v): %s, want %s", tc.worked, tc.err, got, tc.want)
		}
	}
}
