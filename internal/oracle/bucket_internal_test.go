package oracle

import (
	"math"
	"testing"
)

// The bounds of a bucket as their contract states them, the other way round from bucket.
func TestBucketsHoldTheirBounds(t *testing.T) {
	for b := int64(128); b < 57*128; b++ {
		e, m := b/128+6, b%128
		low, width := uint64(128+m)<<(e-7), uint64(1)<<(e-7)
		if low+width-1 > math.MaxInt64 {
			break
		}
		for _, v := range []uint64{low, low + width/2, low + width - 1} {
			if got := bucket(int64(v)); got != b {
				t.Fatalf("%d is in bucket %d, want %d", v, got, b)
			}
		}
	}
	for v, want := range map[int64]int64{0: 0, 127: 127, 128: 128, 255: 255, 256: 256, 257: 256, 258: 257, math.MaxInt64: 57*128 - 1} {
		if got := bucket(v); got != want {
			t.Errorf("%d is in bucket %d, want %d", v, got, want)
		}
	}
}
