package outcomes

import "math/bits"

const (
	bucketBits = 7 // of a value that its bucket keeps after the leading one
	perOctave  = 1 << bucketBits
)

// DurationBucket is the bucket of a duration in microseconds for distributions: exact below 128, above it one of 128 equal parts of
// the octave, so that a bucket is at most 1/128 of its values wide. Whole numbers made of whole numbers, so that all computations of it agree.
// A negative duration counts as 0; the highest bucket is 7295.
func DurationBucket(micros int64) uint16 {
	if micros < perOctave {
		return uint16(max(micros, 0))
	}
	octave := bits.Len64(uint64(micros)) - 1
	part := (micros >> (octave - bucketBits)) & (perOctave - 1)
	return uint16((octave-bucketBits+1)*perOctave + int(part))
}

// DurationBounds are the lowest duration of a bucket and how many microseconds wide it is. The bucket is one that DurationBucket gives.
func DurationBounds(bucket uint16) (low, width int64) {
	octave, part := bucket/perOctave, int64(bucket%perOctave)
	if octave == 0 {
		return part, 1
	}
	shift := octave - 1
	return (perOctave + part) << shift, 1 << shift
}
