package outcomes

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestDurationBucket(t *testing.T) {
	for micros, want := range map[int64]uint16{
		-1: 0, 0: 0, 1: 1, 127: 127, 128: 128, 129: 129, 255: 255, 256: 256, 257: 256, 258: 257, 511: 383, 512: 384,
		1_000_000: 1780, math.MaxInt64: 7295, // 1 s: e = 19, 13*128 + (1000000>>12 & 127) = 1664 + 116
	} {
		if got := DurationBucket(micros); got != want {
			t.Errorf("%d: want %d, got %d", micros, want, got)
		}
	}
}

// TestBucketsCoverAllDurations: each begins where the one before it ends.
func TestBucketsCoverAllDurations(t *testing.T) {
	next := int64(0)
	for bucket := uint16(0); bucket <= 7295; bucket++ {
		low, width := DurationBounds(bucket)
		if low != next || width < 1 || DurationBucket(low) != bucket || DurationBucket(low+width-1) != bucket {
			t.Fatalf("bucket %d: [%d, +%d), want it at %d", bucket, low, width, next)
		}
		next = low + width // the last one ends at 2^63, one more than there is
	}
}

func TestDurationLiesInItsNarrowBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Min(0).Draw(t, "micros")
		low, width := DurationBounds(DurationBucket(micros))
		if micros < low || micros-low >= width {
			t.Fatalf("%d is not in [%d, +%d)", micros, low, width)
		}
		if width > 1 && width > low/128 {
			t.Fatalf("[%d, +%d) is wider than 1/128 of its values", low, width)
		}
	})
}
