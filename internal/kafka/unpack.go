package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
)

// unpacker turns a record set into one without compression, so that what a batch unpacks to has a bound, and sees that
// every length in it is right: the library believes them, and one that lies makes it panic.
type unpacker struct {
	limit    int
	scratch  bytes.Buffer
	oversize map[int64]string
	// next is the offset behind the last batch that was let through.
	next int64
}

// all is the record set with its batches unpacked, up to the first that is cut off, damaged or too much: that one is asked
// for again once the records before it have been taken, and is an error where there are none. A batch that came as its
// producer made it, and cannot be read, keeps its offsets, with records that hold nothing, and is noted in oversize.
func (u *unpacker) all(set []byte, want span) ([]byte, error) {
	var out []byte // stays nil while nothing has to be changed
	at := 0
	for at < len(set) && len(out) <= u.limit {
		end, next, err := want.batch(set[at:], at == 0)
		if err != nil {
			if at == 0 {
				return nil, err
			}
			break
		}
		batch := set[at : at+end]
		unpacked := u.batch(batch)
		if out == nil && !same(unpacked, batch) {
			out = append(make([]byte, 0, 2*len(set)+len(unpacked)), set[:at]...)
		}
		if out != nil {
			out = append(out, unpacked...)
		}
		at += end
		want.from, u.next = next, next
	}
	if out == nil {
		return set[:at], nil
	}
	return out, nil
}

func same(a, b []byte) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// batch is one batch without compression. Its checksum is right.
func (u *unpacker) batch(b []byte) []byte {
	attributes := binary.BigEndian.Uint16(b[batchAttributes:])
	codec := protocol.Attributes(attributes).Compression()
	if codec == compress.None {
		if why := misfit(b, b[batchRecords:]); why != "" {
			return u.emptied(b, why)
		}
		return b
	}
	if codec.Codec() == nil {
		return u.emptied(b, fmt.Sprintf("a batch in an unknown compression (%d)", codec))
	}
	u.scratch.Reset()
	if err := u.inflate(codec.Codec(), b[batchRecords:]); err != nil {
		if errors.Is(err, errOversize) {
			return u.emptied(b, fmt.Sprintf("a batch of %d bytes unpacks (%s) to more than %d", len(b), codec, u.limit))
		}
		return u.emptied(b, fmt.Sprintf("a batch of %d bytes that does not unpack (%s): %v", len(b), codec, err))
	}
	if why := misfit(b, u.scratch.Bytes()); why != "" {
		return u.emptied(b, why)
	}
	return rebuilt(b, attributes, u.scratch.Bytes())
}

var errOversize = errors.New("too large once unpacked")

func (u *unpacker) inflate(codec compress.Codec, packed []byte) error {
	r := codec.NewReader(bytes.NewReader(packed))
	defer func() { _ = r.Close() }()
	u.scratch.Grow(min(4*len(packed), u.limit)) // about what events pack to
	n, err := u.scratch.ReadFrom(io.LimitReader(plainReader{r}, int64(u.limit)+1))
	if n > int64(u.limit) {
		u.scratch = bytes.Buffer{} // give the memory back
		return errOversize
	}
	return err
}

// plainReader hides WriteTo, by which a codec would write all it has.
type plainReader struct{ io.Reader }

// rebuilt is a batch with other records, not compressed.
func rebuilt(b []byte, attributes uint16, records []byte) []byte {
	out := make([]byte, 0, batchRecords+len(records))
	out = append(append(out, b[:batchRecords]...), records...)
	binary.BigEndian.PutUint32(out[batchLength:], uint32(len(out)-12))
	binary.BigEndian.PutUint16(out[batchAttributes:], attributes&^7)
	binary.BigEndian.PutUint32(out[batchChecksum:], checksum(out))
	return out
}

// emptied is a batch with a record without key and value for each of its offsets.
func (u *unpacker) emptied(b []byte, why string) []byte {
	last := int64(int32(binary.BigEndian.Uint32(b[batchLastDelta:])))
	n := min(max(last+1, 1), maxRecords)
	records := make([]byte, 0, 12*n)
	for i := range n {
		delta := i
		if i == n-1 {
			delta = max(last, 0) // the next fetch has to begin after the batch
		}
		one := binary.AppendVarint([]byte{0, 0}, delta) // attributes, time
		one = append(one, 1, 1, 0)                      // no key, no value, no headers
		records = binary.AppendVarint(records, int64(len(one)))
		records = append(records, one...)
	}
	if u.oversize == nil {
		u.oversize = map[int64]string{}
	}
	u.oversize[int64(binary.BigEndian.Uint64(b))] = why
	head := bytes.Clone(b[:batchRecords])
	binary.BigEndian.PutUint32(head[batchCount:], uint32(n))
	return rebuilt(head, binary.BigEndian.Uint16(b[batchAttributes:]), records)
}
