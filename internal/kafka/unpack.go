package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
)

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

// unpacker turns a record set into one without compression, so that what a batch unpacks to has a bound.
type unpacker struct {
	limit    int
	scratch  bytes.Buffer
	oversize map[int64]string
}

// all is the record set with its batches unpacked. A batch beyond the limit keeps its offsets, with records that hold
// nothing, and is noted in oversize. What cannot be made out is left as it is: the library says what is wrong with it.
func (u *unpacker) all(set []byte) []byte {
	var out []byte // stays nil while nothing has to be changed
	for at := 0; ; {
		rest := set[at:]
		end := len(set)
		if len(rest) >= batchRecords && rest[batchMagic] == 2 {
			if n := int(int32(binary.BigEndian.Uint32(rest[batchLength:]))); n >= batchRecords-12 && n <= len(rest)-12 {
				end = at + 12 + n
			}
		}
		batch := set[at:end]
		unpacked := batch
		if end < len(set) || complete(batch) {
			unpacked = u.batch(batch)
		}
		if out == nil && !same(unpacked, batch) {
			out = append(make([]byte, 0, 2*len(set)+len(unpacked)), set[:at]...)
		}
		if out != nil {
			out = append(out, unpacked...)
		}
		if at = end; at >= len(set) || len(out) > u.limit {
			break // what is cut off is asked for again, once the records before it have been taken
		}
	}
	if out == nil {
		return set
	}
	return out
}

// complete says whether b is one whole batch of format 2.
func complete(b []byte) bool {
	return len(b) >= batchRecords && b[batchMagic] == 2 && int(int32(binary.BigEndian.Uint32(b[batchLength:]))) == len(b)-12
}

func same(a, b []byte) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// batch is one batch without compression.
func (u *unpacker) batch(b []byte) []byte {
	attributes := binary.BigEndian.Uint16(b[batchAttributes:])
	count := int64(int32(binary.BigEndian.Uint32(b[batchCount:])))
	codec := protocol.Attributes(attributes).Compression()
	if codec == compress.None && count <= min(int64(len(b)/recordMin), maxRecords) {
		return b
	}
	if crc32.Checksum(b[batchAttributes:], crc32.MakeTable(crc32.Castagnoli)) != binary.BigEndian.Uint32(b[batchChecksum:]) {
		return b // the library refuses it
	}
	u.scratch.Reset()
	if codec != compress.None {
		if codec.Codec() == nil {
			return b
		}
		if err := u.inflate(codec.Codec(), b[batchRecords:]); err != nil {
			if errors.Is(err, errOversize) {
				return u.emptied(b, fmt.Sprintf("a batch of %d bytes unpacks (%s) to more than %d", len(b), codec, u.limit))
			}
			return b
		}
		if count <= min(int64(u.scratch.Len()/recordMin), maxRecords) {
			return rebuilt(b, attributes, u.scratch.Bytes())
		}
	}
	return u.emptied(b, fmt.Sprintf("a batch that claims %d records in %d bytes", count, max(u.scratch.Len(), len(b)-batchRecords)))
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
	binary.BigEndian.PutUint32(out[batchChecksum:], crc32.Checksum(out[batchAttributes:], crc32.MakeTable(crc32.Castagnoli)))
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
