package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/segmentio/kafka-go/protocol"
)

// reader makes messages of a record set. It reads records itself: the library would unpack a batch without a bound, believes every
// length in it and panics at one that lies, and takes some allocations for every record.
//
// The keys, values and headers of a batch share one piece of memory that nothing else refers to; it lives for as long as any of them.
type reader struct {
	// like is what the messages of the set have in common.
	like Message
	// at is the offset asked for; a batch may begin before it.
	at int64
	// limit of a batch once unpacked, in bytes.
	limit   int
	aborted *aborted
	buffers *buffers

	messages []Message
	// next is the offset behind the last batch that was let through; negative where none was.
	next int64
	// seen is the last offset of a record, delivered or not; negative where there was none.
	seen int64

	// header and headers are those of the record before, as they were read and as they are: most records repeat them.
	header  []byte
	headers []Header
}

// enoughUnpacked ends a set, so that one that packs well is not held in memory whole: the rest is asked for again.
const enoughUnpacked = 8 << 20

// messageWeight is what a message takes beside its bytes.
const messageWeight = 160

// all reads the record set up to the first batch that is cut off, damaged or too much: that one is asked for again once the records
// before it have been taken, and is an error where there are none. A batch that came as its producer made it, and cannot be read, keeps
// its offsets, with messages that hold nothing but why.
func (r *reader) all(set []byte, want span) error {
	r.next, r.seen = -1, -1
	held := 0
	for at := 0; at < len(set) && held <= min(r.limit, enoughUnpacked); {
		size, next, err := want.batch(set[at:], at == 0)
		if err != nil {
			if at == 0 {
				return err
			}
			return nil
		}
		before := len(r.messages)
		held += r.batch(set[at:at+size]) + messageWeight*(len(r.messages)-before)
		at += size
		want.from, r.next = next, next
	}
	return nil
}

// batch takes the records of one batch, whose checksum is right, and returns how many bytes they are.
func (r *reader) batch(b []byte) int {
	drop := r.aborted.drops(b)
	first := len(r.messages)
	records, why := r.unpacked(b)
	if why == "" {
		r.header, r.headers = nil, nil
		why = r.records(b, records)
	}
	if why != "" {
		r.messages = r.messages[:first]
		r.unread(b, why)
	}
	if n := len(r.messages); n > first {
		r.seen = max(r.seen, r.messages[n-1].Offset)
	}
	if drop {
		r.messages = r.messages[:first]
	}
	before := first
	for before < len(r.messages) && r.messages[before].Offset < r.at {
		before++
	}
	r.messages = slices.Delete(r.messages, first, before)
	return len(records)
}

// unpacked are the records of a batch without compression, in memory of their own, or why there are none.
func (r *reader) unpacked(b []byte) (records []byte, why string) {
	codec := protocol.Attributes(binary.BigEndian.Uint16(b[batchAttributes:])).Compression()
	if codec == 0 {
		return bytes.Clone(b[batchRecords:]), ""
	}
	if codec.Codec() == nil {
		return nil, fmt.Sprintf("a batch in an unknown compression (%d)", codec)
	}
	records, err := r.buffers.inflate(codec.Codec(), b[batchRecords:], r.limit)
	switch {
	case errors.Is(err, errOversize):
		return nil, fmt.Sprintf("a batch of %d bytes unpacks (%s) to more than %d", len(b), codec, r.limit)
	case err != nil:
		return nil, fmt.Sprintf("a batch of %d bytes that does not unpack (%s): %v", len(b), codec, err)
	}
	return records, ""
}

// records takes those of a batch, unpacked, or says what is wrong with them; some of them may have been taken then. The checksum was
// right, so they came as their producer made them.
func (r *reader) records(b, records []byte) string {
	count := int64(int32(binary.BigEndian.Uint32(b[batchCount:])))
	if count < 0 || count > min(int64(len(records)/recordMin), maxRecords) {
		return fmt.Sprintf("a batch that claims %d records in %d bytes", count, len(records))
	}
	r.messages = slices.Grow(r.messages, int(count))
	base, begun := int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[batchTime:]))
	last := int64(int32(binary.BigEndian.Uint32(b[batchLastDelta:])))
	before := int64(-1)
	rest := cursor{records}
	for i := range count {
		size := rest.varint()
		if rest.rest == nil || size < recordMin-1 || size > int64(len(rest.rest)) {
			return fmt.Sprintf("a batch whose record %d has a wrong length", i)
		}
		one := cursor{rest.rest[:size]}
		rest.rest = rest.rest[size:]
		r.messages = append(r.messages, r.like)
		m := &r.messages[len(r.messages)-1]
		one.rest = one.rest[1:] // attributes
		after := one.varint()
		delta := one.varint()
		m.Key, m.Value = one.bytes(-1), one.bytes(-1)
		m.Headers = r.headersOf(&one)
		if one.rest == nil || len(one.rest) > 0 {
			return fmt.Sprintf("a batch whose record %d does not fill its length", i)
		}
		if delta <= before || delta > last {
			return fmt.Sprintf("a batch whose record %d has place %d, after %d and up to %d are left", i, delta, before, last)
		}
		m.Offset, m.Time = base+delta, time.UnixMilli(begun+after)
		before = delta
	}
	if len(rest.rest) > 0 {
		return fmt.Sprintf("a batch with %d bytes behind its %d records", len(rest.rest), count)
	}
	return ""
}

// headersOf are those at the end of a record.
func (r *reader) headersOf(c *cursor) []Header {
	if len(c.rest) > 0 && bytes.Equal(c.rest, r.header) {
		c.rest = c.rest[len(c.rest):]
		return r.headers
	}
	read := c.rest
	n := c.varint()
	if c.rest == nil || n < 0 || n > int64(len(c.rest)/2) { // each takes two bytes at least
		c.rest = nil
		return nil
	}
	var out []Header
	if n > 0 {
		out = make([]Header, n)
	}
	for i := range out {
		name := c.bytes(0)
		if i < len(r.headers) && r.headers[i].Name == string(name) {
			out[i].Name = r.headers[i].Name
		} else {
			out[i].Name = string(name)
		}
		out[i].Value = c.bytes(-1)
	}
	r.header, r.headers = read, out
	return out
}

// unread takes a message that holds nothing for each offset of a batch.
func (r *reader) unread(b []byte, why string) {
	base, begun := int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[batchTime:]))
	last := int64(max(int32(binary.BigEndian.Uint32(b[batchLastDelta:])), 0))
	n := min(last+1, maxRecords)
	r.messages = slices.Grow(r.messages, int(n))
	for i := range n {
		m := r.like
		m.Offset, m.Time, m.Unread = base+i, time.UnixMilli(begun), why
		if i == n-1 {
			m.Offset = base + last // the next fetch has to begin after the batch
		}
		r.messages = append(r.messages, m)
	}
}

// cursor reads on in bytes; rest is nil once they did not suffice.
type cursor struct{ rest []byte }

func (c *cursor) varint() int64 {
	if len(c.rest) > 0 && c.rest[0] < 0x80 {
		v := c.rest[0]
		c.rest = c.rest[1:]
		return int64(v>>1) ^ -int64(v&1)
	}
	v, n := binary.Varint(c.rest)
	if n <= 0 {
		c.rest = nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

// bytes reads a length and as many bytes; least is -1 where null may be.
func (c *cursor) bytes(least int64) []byte {
	n := c.varint()
	if c.rest == nil || n < least || n > int64(len(c.rest)) {
		c.rest = nil
		return nil
	}
	if n < 0 {
		return nil
	}
	out := c.rest[:n:n]
	c.rest = c.rest[n:]
	return out
}
