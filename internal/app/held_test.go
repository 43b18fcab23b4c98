package app

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/kafka"
)

// TestHeldUntil: a receipt says what purge says of a topic: a record may be there for as long as its segment is open, and for the retention after that.
func TestHeldUntil(t *testing.T) {
	newest := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	day := time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)
	later := day.Add(time.Hour)
	for _, tc := range []struct {
		keeps, segment time.Duration
		want           erasures.Held
	}{
		{24 * time.Hour, time.Hour, erasures.Held{RetentionSeconds: 86400, SegmentSeconds: 3600, Until: &later}},
		{24 * time.Hour, 0, erasures.Held{RetentionSeconds: 86400, Until: &day}},
		{24 * time.Hour, -1, erasures.Held{RetentionSeconds: 86400, Until: &day}},
		{-1, time.Hour, erasures.Held{RetentionSeconds: -1, SegmentSeconds: 3600}},
	} {
		r := kafka.Retention{Keeps: tc.keeps, Segment: tc.segment}
		if diff := cmp.Diff(tc.want, heldOf(r, newest)); diff != "" {
			t.Error(diff)
		}
		if until := r.Until(newest); until.IsZero() != (tc.want.Until == nil) || tc.want.Until != nil && !until.Equal(*tc.want.Until) {
			t.Errorf("purge says %s of %+v", until, r)
		}
	}
}
