package kafka

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/pierrec/lz4/v4"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
)

// records is a batch of format 2 under construction: its records as they are written, before they are packed.
type records struct {
	bytes       []byte
	count       int32
	first, last int64 // timestamps, milliseconds: that of the first record and the largest
}

// add writes a record of the given timestamp behind the others. The message's bytes are copied.
func (r *records) add(m *Message, at int64) {
	if r.count == 0 {
		r.first, r.last = at, at
	}
	r.last = max(r.last, at)
	delta, offset := at-r.first, int64(r.count)
	size := 1 + varintLen(delta) + varintLen(offset) + fieldLen(m.Key) + fieldLen(m.Value) + varintLen(int64(len(m.Headers)))
	for i := range m.Headers {
		h := &m.Headers[i]
		size += varintLen(int64(len(h.Name))) + len(h.Name) + fieldLen(h.Value)
	}
	b := binary.AppendVarint(r.bytes, int64(size))
	b = append(b, 0) // attributes, of which there are none
	b = binary.AppendVarint(b, delta)
	b = binary.AppendVarint(b, offset)
	b = appendField(b, m.Key)
	b = appendField(b, m.Value)
	b = binary.AppendVarint(b, int64(len(m.Headers)))
	for i := range m.Headers {
		h := &m.Headers[i]
		b = append(binary.AppendVarint(b, int64(len(h.Name))), h.Name...)
		b = appendField(b, h.Value)
	}
	r.bytes, r.count = b, r.count+1
}

// varintLen is how many bytes binary.AppendVarint writes.
func varintLen(n int64) int {
	zigzag := uint64(n)<<1 ^ uint64(n>>63)
	return (bits.Len64(zigzag|1) + 6) / 7
}

func fieldLen(b []byte) int {
	if b == nil {
		return 1
	}
	return varintLen(int64(len(b))) + len(b)
}

// appendField writes bytes behind their length, which is -1 for null.
func appendField(out, b []byte) []byte {
	if b == nil {
		return append(out, 1)
	}
	return append(binary.AppendVarint(out, int64(len(b))), b...)
}

// appendSet writes the batch behind its length, as a produce request has it. It is no idempotent producer's: those number their batches,
// and readers have to be idempotent anyway.
func (p *packer) appendSet(out []byte, r *records) ([]byte, error) {
	from := len(out)
	var head [4 + batchRecords]byte
	out = append(out, head[:]...)
	out, err := p.append(out, r.bytes)
	if err != nil {
		return nil, err
	}
	b := out[from+4:]
	binary.BigEndian.PutUint32(out[from:], uint32(len(b)))
	binary.BigEndian.PutUint32(b[batchLength:], uint32(len(b)-12))
	binary.BigEndian.PutUint32(b[12:], math.MaxUint32) // the leader's epoch, -1: not known
	b[batchMagic] = 2
	binary.BigEndian.PutUint16(b[batchAttributes:], uint16(p.codec))
	binary.BigEndian.PutUint32(b[batchLastDelta:], uint32(r.count-1))
	binary.BigEndian.PutUint64(b[batchTime:], uint64(r.first))
	binary.BigEndian.PutUint64(b[batchTime+8:], uint64(r.last))
	for i := batchProducer; i < batchCount; i++ {
		b[i] = 0xff // producer, its epoch and its first number, all -1: none
	}
	binary.BigEndian.PutUint32(b[batchCount:], uint32(r.count))
	binary.BigEndian.PutUint32(b[batchChecksum:], checksum(b))
	return out, nil
}

// packer compresses records. It is for one goroutine at a time.
type packer struct {
	codec kafkago.Compression
	lz4   lz4.Compressor
}

// sink is a slice that is written to its end.
type sink struct{ bytes []byte }

func (s *sink) Write(b []byte) (int, error) {
	s.bytes = append(s.bytes, b...)
	return len(b), nil
}

func (p *packer) append(out, records []byte) ([]byte, error) {
	switch p.codec {
	case compress.None:
		return append(out, records...), nil
	case compress.Lz4:
		return p.appendLZ4(out, records)
	}
	s := sink{out}
	w := p.codec.Codec().NewWriter(&s)
	_, err := w.Write(records)
	if closing := w.Close(); err == nil {
		err = closing
	}
	return s.bytes, err
}

const (
	// lz4Block is how much is packed at once. Readers hold that much, and what lies further apart is not found to be the same anyway.
	lz4Block = 256 << 10
	// lz4Raw marks the length of a block that is not packed.
	lz4Raw = 1 << 31
)

// lz4Head begins a frame of blocks that do not depend on each other, of at most lz4Block bytes, without checksums, since the batch has one:
// magic number, flags, size of blocks, and the checksum of those two.
var lz4Head = [...]byte{0x04, 0x22, 0x4d, 0x18, 0x60, 0x50, 0xfb}

// appendLZ4 writes a frame. The library would copy each block into a buffer of 4 MiB and take a checksum of it, which costs about as much as packing it.
func (p *packer) appendLZ4(out, records []byte) ([]byte, error) {
	out = append(out, lz4Head[:]...)
	for len(records) > 0 {
		block := records[:min(lz4Block, len(records))]
		records = records[len(block):]
		at := len(out)
		most := lz4.CompressBlockBound(len(block))
		out = growTo(out, at+4+most)
		n, err := p.lz4.CompressBlock(block, out[at+4:at+4+most])
		if err != nil {
			return nil, err
		}
		if n == 0 || n >= len(block) {
			n = copy(out[at+4:], block)
			binary.LittleEndian.PutUint32(out[at:], uint32(n)|lz4Raw)
		} else {
			binary.LittleEndian.PutUint32(out[at:], uint32(n))
		}
		out = out[:at+4+n]
	}
	return append(out, 0, 0, 0, 0), nil
}

// growTo is b with a length of n, whatever is in what was added.
func growTo(b []byte, n int) []byte {
	if n <= cap(b) {
		return b[:n]
	}
	grown := make([]byte, n, n+n/2)
	copy(grown, b)
	return grown
}
