package kafka

import (
	"encoding/binary"
	"fmt"
)

// misfit says what is wrong with the records of a batch, unpacked; empty when nothing is. The checksum was right, so they
// came as their producer made them.
func misfit(b, records []byte) string {
	count := int64(int32(binary.BigEndian.Uint32(b[batchCount:])))
	if count < 0 || count > min(int64(len(records)/recordMin), maxRecords) {
		return fmt.Sprintf("a batch that claims %d records in %d bytes", count, len(records))
	}
	last := int64(int32(binary.BigEndian.Uint32(b[batchLastDelta:])))
	before := int64(-1)
	r := passing{records}
	for i := range count {
		size := r.varint()
		if r.rest == nil || size < recordMin-1 || size > int64(len(r.rest)) {
			return fmt.Sprintf("a batch whose record %d has a wrong length", i)
		}
		one := passing{r.rest[:size]}
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

// passing reads on in bytes; rest is nil once they did not suffice.
type passing struct{ rest []byte }

func (c *passing) varint() int64 {
	v, n := binary.Varint(c.rest)
	if n <= 0 {
		c.rest = nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

// bytes passes a length and as many bytes; least is -1 where null may be.
func (c *passing) bytes(least int64) {
	n := c.varint()
	if c.rest == nil || n < least || n > int64(len(c.rest)) {
		c.rest = nil
		return
	}
	c.rest = c.rest[max(n, 0):]
}

// record passes one record behind its length, and returns its offset from that of its batch.
func (c *passing) record() int64 {
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
