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

// misfit says what is wrong with the records of a batch, unpacked; empty when nothing is. The checksum was right, so they
// came as their producer made them.
func misfit(b, records []byte) string {
	count := int64(int32(binary.BigEndian.Uint32(b[batchCount:])))
	if count < 0 || count > min(int64(len(records)/recordMin), maxRecords) {
		return fmt.Sprintf("a batch that claims %d records in %d bytes", count, len(records))
	}
	last := int64(int32(binary.BigEndian.Uint32(b[batchLastDelta:])))
	before := int64(-1)
	r := cursor{records}
	for i := range count {
		size := r.varint()
		if r.rest == nil || size < recordMin-1 || size > int64(len(r.rest)) {
			return fmt.Sprintf("a batch whose record %d has a wrong length", i)
		}
		one := cursor{r.rest[:size]}
		r.rest = r.rest[size:]
		delta := one.record()
		if one.rest == nil || len(one.rest) > 0 {
			return fmt.Sprintf("a batch whose record %d does not fill its length", i)
		}
		if delta <= before || delta > last {
			return fmt.Sprintf("a batch whose record %d has place %d, after %d and up to %d are left", i, delta, before, last)
		}
		before = delta
	}
	if len(r.rest) > 0 {
		return fmt.Sprintf("a batch with %d bytes behind its %d records", len(r.rest), count)
	}
	return ""
}

// cursor reads on in bytes; rest is nil once they did not suffice.
type cursor struct{ rest []byte }

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.rest)
	if n <= 0 {
		c.rest = nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

// bytes passes a length and as many bytes; least is -1 where null may be.
func (c *cursor) bytes(least int64) {
	n := c.varint()
	if c.rest == nil || n < least || n > int64(len(c.rest)) {
		c.rest = nil
		return
	}
	c.rest = c.rest[max(n, 0):]
}

// record passes one record behind its length, and returns its offset from that of its batch.
func (c *cursor) record() int64 {
	c.rest = c.rest[1:] // attributes
	c.varint()          // time
	delta := c.varint()
	c.bytes(-1)
	c.bytes(-1)
	headers := c.varint()
	if headers < 0 {
		c.rest = nil
	}
	for ; headers > 0 && c.rest != nil; headers-- {
		c.bytes(0)
		c.bytes(-1)
	}
	return delta
}
