package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
	"pgregory.net/rapid"
)

// differ says how what reader made of a set differs from what the library makes of the same batches.
func differ(r *reader, err error, set []byte, want span, part fetchapi.ResponsePartition) string {
	l := library{limit: r.limit}
	expected, wrong := l.page(set, want, r.next, part, r.at)
	if errors.Is(err, errDamaged) || errors.Is(wrong, errDamaged) {
		if !errors.Is(wrong, errDamaged) || err.Error() != wrong.Error() {
			return fmt.Sprintf("refused with %v, want %v", err, wrong)
		}
		return ""
	}
	got, err := r.page(&part)
	if (err == nil) != (wrong == nil) {
		return fmt.Sprintf("fails with %v, want %v", err, wrong)
	}
	if r.next != l.next || got.next != expected.next || got.logStart != expected.logStart {
		return fmt.Sprintf("goes on at %d, behind %d, from %d; want %d, %d, %d", got.next, r.next, got.logStart, expected.next, l.next, expected.logStart)
	}
	if len(got.messages) == 0 && len(expected.messages) == 0 {
		return ""
	}
	return cmp.Diff(expected.messages, got.messages)
}

// bothWays reads a set with reader and holds the page to the library's.
func bothWays(t interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}, set []byte, want span, part fetchapi.ResponsePartition, at int64, limit int) (page, error) {
	t.Helper()
	r := reader{like: ofTest, at: at, limit: limit, aborted: newAborted(part.AbortedTransactions), buffers: &buffers{}}
	r.like.HighWatermark = part.HighWatermark
	before := bytes.Clone(set)
	err := r.all(set, want)
	if d := differ(&r, err, before, want, part); d != "" {
		t.Fatal(d)
	}
	for i := range set { // the set's memory is another answer's by now
		set[i] = 0xee
	}
	if err == nil {
		if d := differ(&r, nil, before, want, part); d != "" {
			t.Fatalf("once the answer's memory is another's: %s", d)
		}
		return r.page(&part)
	}
	return page{}, err
}

// compared reads an answer as a fetch does, and as the library alone would.
type compared struct {
	*fetchRequest
	next int64
}

// unpack is what of an answer its library may see: the answer with its batches unpacked. It panics where the two ways differ, as on
// damage that the library would.
func (c *compared) unpack(answer []byte) ([]byte, error) {
	before := bytes.Clone(answer)
	_, message, err := c.read(answer)
	c.next = c.records.next
	at, log, wrong := recordSet(before, c.version)
	if wrong != nil || at == 0 {
		if (wrong == nil) != (err == nil) && wrong != nil {
			panic(fmt.Sprintf("%v, want %v", err, wrong))
		}
		return before, err
	}
	set := before[at+4:]
	if c.records.aborted == nil || c.next < 0 && err == nil { // refused before its records were looked at, or there are none
		return before, err
	}
	log.from = c.records.at
	part := &fetchapi.ResponsePartition{}
	if response, ok := message.(*fetchapi.Response); ok {
		part = &response.Topics[0].Partitions[0]
	}
	if d := differ(&c.records, err, set, log, *part); d != "" {
		panic(d)
	}
	l := library{limit: c.records.limit}
	unpacked, wrong := l.all(set, log, c.next)
	if err != nil || wrong != nil {
		return nil, err
	}
	out := append(bytes.Clone(before[:at+4]), unpacked...)
	binary.BigEndian.PutUint32(out[at:], uint32(len(unpacked)))
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out, nil
}

// drawBatch is a batch of any records that a producer may make, and of some that none should.
func drawBatch(t *rapid.T, base int64) (batch []byte, next int64) {
	null := func(label string) []byte {
		return rapid.OneOf(rapid.Just([]byte(nil)), rapid.Just([]byte{}), rapid.SliceOfN(rapid.Byte(), 1, 300)).Draw(t, label)
	}
	field := func(out, b []byte) []byte {
		if b == nil {
			return binary.AppendVarint(out, -1)
		}
		return append(binary.AppendVarint(out, int64(len(b))), b...)
	}
	names := []string{"content-type", "ce_id", "ce_type", "", "x"}
	var records, headers []byte
	delta, count := int64(-1), rapid.IntRange(0, 12).Draw(t, "records")
	for range count {
		delta += rapid.Int64Range(1, 3).Draw(t, "step") // compaction leaves gaps
		one := binary.AppendVarint([]byte{0}, rapid.Int64Range(-1000, 1<<40).Draw(t, "time"))
		one = binary.AppendVarint(one, delta)
		one = field(field(one, null("key")), null("value"))
		if headers == nil || rapid.Bool().Draw(t, "other headers") {
			n := rapid.IntRange(0, 4).Draw(t, "headers")
			headers = binary.AppendVarint([]byte{}, int64(n))
			for range n {
				headers = field(field(headers, []byte(rapid.SampledFrom(names).Draw(t, "name"))), null("header"))
			}
		}
		one = append(one, headers...)
		records = append(binary.AppendVarint(records, int64(len(one))), one...)
	}
	last := max(delta, 0) + rapid.Int64Range(0, 2).Draw(t, "gap at the end")
	if rapid.IntRange(0, 9).Draw(t, "spoil") == 0 && len(records) > 0 {
		records[rapid.IntRange(0, len(records)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	}
	codec := rapid.SampledFrom([]compress.Compression{0, compress.Gzip, compress.Snappy, compress.Lz4, compress.Zstd}).Draw(t, "codec")
	if codec != 0 {
		var packed bytes.Buffer
		w := codec.Codec().NewWriter(&packed)
		_, _ = w.Write(records)
		_ = w.Close()
		records = packed.Bytes()
	}
	attributes := protocol.Attributes(codec)
	for _, bit := range []protocol.Attributes{1 << 3, protocol.Transactional, protocol.Control} { // the first is log append time
		if rapid.IntRange(0, 3).Draw(t, "attribute") == 0 {
			attributes |= bit
		}
	}
	b := append(make([]byte, batchRecords), records...)
	binary.BigEndian.PutUint64(b, uint64(base))
	binary.BigEndian.PutUint32(b[batchLength:], uint32(len(b)-12))
	binary.BigEndian.PutUint32(b[12:], rapid.Uint32().Draw(t, "leader epoch"))
	b[batchMagic] = 2
	binary.BigEndian.PutUint16(b[batchAttributes:], uint16(attributes))
	binary.BigEndian.PutUint32(b[batchLastDelta:], uint32(last))
	binary.BigEndian.PutUint64(b[batchTime:], uint64(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli()))
	binary.BigEndian.PutUint64(b[batchProducer:], uint64(rapid.Int64Range(-1, 2).Draw(t, "producer")))
	binary.BigEndian.PutUint32(b[batchCount:], uint32(count))
	binary.BigEndian.PutUint32(b[batchChecksum:], checksum(b))
	return b, base + last + 1
}

// TestReadsAsTheLibraryDoes: whatever producers and brokers may have put into a set, every part of every record is as kafka-go reads it.
func TestReadsAsTheLibraryDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		base := rapid.Int64Range(0, 1<<40).Draw(rt, "base")
		var set []byte
		next, bases := base, []int64{}
		for range rapid.IntRange(1, 6).Draw(rt, "batches") {
			var b []byte
			bases = append(bases, next)
			b, next = drawBatch(rt, next)
			set = append(set, b...)
		}
		at := rapid.Int64Range(base, next-1).Draw(rt, "asked for")
		part := fetchapi.ResponsePartition{HighWatermark: next + rapid.Int64Range(0, 2).Draw(rt, "behind"), LogStartOffset: base}
		for range rapid.IntRange(0, 3).Draw(rt, "aborted") {
			part.AbortedTransactions = append(part.AbortedTransactions, fetchapi.ResponseTransaction{
				ProducerID: rapid.Int64Range(-1, 2).Draw(rt, "its producer"), FirstOffset: rapid.SampledFrom(bases).Draw(rt, "its first"),
			})
		}
		switch rapid.IntRange(0, 4).Draw(rt, "harm") {
		case 0: // cut off
			set = set[:rapid.IntRange(1, len(set)).Draw(rt, "size")]
		case 1: // damaged
			set[rapid.IntRange(0, len(set)-1).Draw(rt, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		}
		limit := rapid.SampledFrom([]int{200, 5000, 1 << 20}).Draw(rt, "limit")
		_, _ = bothWays(rt, set, span{from: at, logStart: base, end: part.HighWatermark}, part, at, limit)
	})
}
