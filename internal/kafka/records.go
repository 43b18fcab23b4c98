package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// errDamaged is an answer that cannot be what the broker holds. It is asked for again: a damage on the way passes, and one
// in the broker's log holds its partition rather than being skipped.
var errDamaged = errors.New("a damaged answer")

// Places in a record batch of format 2.
const (
	batchLength     = 8
	batchMagic      = 16
	batchChecksum   = 17
	batchAttributes = 21
	batchLastDelta  = 23
	batchTime       = 27
	batchProducer   = 43
	batchCount      = 57
	batchRecords    = 61
)

// recordMin is the least that a record of format 2 takes, in bytes.
const recordMin = 7

// maxRecords of one batch: no client makes one of more, and a record takes many times its bytes once it is read.
const maxRecords = 1 << 20

// checksum is what a batch's own should be. What stands before the attributes is not covered by it.
func checksum(b []byte) uint32 {
	return crc32.Checksum(b[batchAttributes:], crc32.MakeTable(crc32.Castagnoli))
}

// span is what the offsets of a record set have to fit, since no checksum covers where a batch begins.
type span struct {
	// from is the offset asked for, then the one behind the batch before.
	from int64
	// exact is whether from is known to be the first of a batch.
	exact bool
	// logStart and end are the partition's first offset and the one behind its last.
	logStart, end int64
}

// batch is the size of the batch that rest begins with, and the offset behind it.
func (s span) batch(rest []byte, first bool) (size int, next int64, err error) {
	if len(rest) < batchRecords {
		return 0, 0, fmt.Errorf("%w: %d bytes of a batch", errDamaged, len(rest))
	}
	if magic := rest[batchMagic]; magic != 2 {
		return 0, 0, fmt.Errorf("%w: a batch of format %d, want 2", errDamaged, magic)
	}
	n := int(int32(binary.BigEndian.Uint32(rest[batchLength:])))
	if n < batchRecords-12 || n > len(rest)-12 {
		return 0, 0, fmt.Errorf("%w: a batch of length %d in %d bytes", errDamaged, n, len(rest))
	}
	size = n + 12
	if sum, want := checksum(rest[:size]), binary.BigEndian.Uint32(rest[batchChecksum:]); sum != want {
		return 0, 0, fmt.Errorf("%w: a batch with checksum %08x, want %08x", errDamaged, sum, want)
	}
	base := int64(binary.BigEndian.Uint64(rest))
	next = base + int64(max(int32(binary.BigEndian.Uint32(rest[batchLastDelta:])), 0)) + 1
	switch {
	case base < 0 || next <= base || next > s.end:
	case first && next <= s.from:
	case (s.exact || !first) && base != s.from && (base < s.from || base > s.logStart):
	default:
		return size, next, nil
	}
	return 0, 0, fmt.Errorf("%w: a batch of offsets %d to %d, want %d, the log is %d to %d", errDamaged, base, next-1, s.from, s.logStart, s.end-1)
}
