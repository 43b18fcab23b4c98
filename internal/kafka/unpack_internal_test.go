package kafka

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"
	"testing"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// packed is a batch of format 2 that claims count records and holds what write writes, compressed.
func packed(t testing.TB, codec compress.Compression, base int64, count int32, write func(io.Writer)) []byte {
	t.Helper()
	var records bytes.Buffer
	if codec == compress.None {
		write(&records)
	} else {
		w := codec.Codec().NewWriter(&records)
		write(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b := append(make([]byte, batchRecords), records.Bytes()...)
	binary.BigEndian.PutUint64(b, uint64(base))
	binary.BigEndian.PutUint32(b[batchLength:], uint32(len(b)-12))
	b[batchMagic] = 2
	binary.BigEndian.PutUint16(b[batchAttributes:], uint16(codec))
	binary.BigEndian.PutUint32(b[batchLastDelta:], uint32(count-1))
	binary.BigEndian.PutUint32(b[batchCount:], uint32(count))
	binary.BigEndian.PutUint32(b[batchChecksum:], crc32.Checksum(b[batchAttributes:], crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// record has a value of n zeros.
func record(delta int64, n int) []byte {
	one := binary.AppendVarint([]byte{0, 0}, delta)
	one = binary.AppendVarint(append(one, 1), int64(n))
	one = append(append(one, make([]byte, n)...), 0)
	return append(binary.AppendVarint(nil, int64(len(one))), one...)
}

// anywhere is a span that batches fit wherever they begin.
var anywhere = span{logStart: 1 << 40, end: 1 << 40}

// ofTest is what messages of no broker have in common.
var ofTest = Message{Topic: "t", Partition: 3}

// unpacker reads record sets that came in no answer.
type unpacker struct {
	limit int
	// oversize is why batches were not read, by their first offset.
	oversize map[int64]string
	next     int64
	buffers  buffers
}

func (u *unpacker) all(set []byte, want span) ([]Message, error) {
	r := reader{like: ofTest, limit: u.limit, aborted: newAborted(nil), buffers: &u.buffers}
	err := r.all(set, want)
	u.next, u.oversize = max(r.next, 0), nil
	last := ""
	for _, m := range r.messages {
		if m.Unread != "" && m.Unread != last {
			if u.oversize == nil {
				u.oversize = map[int64]string{}
			}
			u.oversize[m.Offset] = m.Unread
		}
		last = m.Unread
	}
	return r.messages, err
}

func unpackedBy(t testing.TB, u *unpacker, set []byte) []Message {
	t.Helper()
	out, err := u.all(set, anywhere)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// offsetsOf are the sizes of values by offset; -1 for none.
func offsetsOf(_ testing.TB, messages []Message) map[int64]int {
	sizes := map[int64]int{}
	for _, m := range messages {
		sizes[m.Offset] = -1
		if m.Value != nil {
			sizes[m.Offset] = len(m.Value)
		}
	}
	return sizes
}

func codecs() []compress.Compression {
	return []compress.Compression{compress.Gzip, compress.Snappy, compress.Lz4, compress.Zstd}
}

// TestBombIsNotUnpacked: a gigabyte of zeros takes no more memory than the bound, and its offsets stay accounted for.
func TestBombIsNotUnpacked(t *testing.T) {
	const limit = 8 << 20
	for _, codec := range codecs() {
		t.Run(codec.String(), func(t *testing.T) {
			zeros := make([]byte, 1<<20)
			bomb := packed(t, codec, 100, 2, func(w io.Writer) {
				for range 1 << 10 {
					if _, err := w.Write(zeros); err != nil {
						t.Fatal(err)
					}
				}
			})
			good := packed(t, codec, 102, 1, func(w io.Writer) { _, _ = w.Write(record(0, 10)) })
			set := append(bytes.Clone(bomb), good...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			u := unpacker{limit: limit}
			out := unpackedBy(t, &u, set)
			runtime.ReadMemStats(&after)
			// The buffer doubles up to the bound, and the set is copied: snappy packs a gigabyte into 50 MB. The race detector adds a little.
			if took, most := after.TotalAlloc-before.TotalAlloc, uint64(10*limit+3*len(set)); took > most {
				t.Errorf("%d bytes allocated for a bomb of %d bytes, want at most %d", took, len(bomb), most)
			}
			if u.oversize[100] == "" || len(u.oversize) != 1 {
				t.Errorf("oversize %v, want batch 100", u.oversize)
			}
			if got := offsetsOf(t, out); len(got) != 3 || got[100] != -1 || got[101] != -1 || got[102] != 10 {
				t.Errorf("records %v, want 100 and 101 without a value and 102 with 10 bytes", got)
			}
		})
	}
}

func TestUnpackKeepsWhatIsInBounds(t *testing.T) {
	for _, codec := range append(codecs(), compress.None) {
		t.Run(codec.String(), func(t *testing.T) {
			var set []byte
			for i := range int64(3) {
				set = append(set, packed(t, codec, 2*i, 2, func(w io.Writer) { _, _ = w.Write(append(record(0, 5), record(1, 70_000)...)) })...)
			}
			u := unpacker{limit: 1 << 20}
			if got := offsetsOf(t, unpackedBy(t, &u, set)); len(got) != 6 || got[0] != 5 || got[5] != 70_000 || u.oversize != nil {
				t.Errorf("records %v, oversize %v", got, u.oversize)
			}
			u.limit = 100_000 // the sum has a bound too: the rest is for the next fetch
			if got := offsetsOf(t, unpackedBy(t, &u, set)); codec != compress.None && (len(got) != 4 || u.oversize != nil) {
				t.Errorf("records %v, oversize %v; want the first two batches", got, u.oversize)
			}
			part := set[:len(set)-10] // a broker may cut the last batch off
			u.limit = 1 << 20
			if got := offsetsOf(t, unpackedBy(t, &u, part)); len(got) != 4 {
				t.Errorf("records %v, want those of the two whole batches", got)
			}
		})
	}
}

// TestClaimedRecordsAreNotBelieved: the library makes room for as many records as a batch claims to have.
func TestClaimedRecordsAreNotBelieved(t *testing.T) {
	for _, codec := range []compress.Compression{compress.None, compress.Lz4} {
		b := packed(t, codec, 7, 1, func(w io.Writer) { _, _ = w.Write(record(0, 5)) })
		binary.BigEndian.PutUint32(b[batchCount:], 1<<30)
		binary.BigEndian.PutUint32(b[batchChecksum:], crc32.Checksum(b[batchAttributes:], crc32.MakeTable(crc32.Castagnoli)))
		u := unpacker{limit: 1 << 20}
		if got := offsetsOf(t, unpackedBy(t, &u, b)); len(got) != 1 || got[7] != -1 || u.oversize[7] == "" {
			t.Errorf("%s: records %v, oversize %v", codec, got, u.oversize)
		}
	}
}

// FuzzUnpack: whatever the bytes, nothing panics and no more comes out than the bound allows.
func FuzzUnpack(f *testing.F) {
	for _, codec := range append(codecs(), compress.None) {
		f.Add(packed(f, codec, 1, 2, func(w io.Writer) { _, _ = w.Write(append(record(0, 5), record(1, 50)...)) }))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, set []byte) {
		u := unpacker{limit: 1 << 16}
		if out, err := u.all(set, anywhere); err == nil && len(u.oversize) == 0 && weight(out) > 2*len(set)+2<<16+batchRecords {
			t.Errorf("%d bytes out of %d", weight(out), len(set))
		}
	})
}

func weight(messages []Message) (n int) {
	for i := range messages {
		n += messageBytes(&messages[i])
	}
	return n
}

// FuzzAnswer: an answer of any bytes is refused or read; the library, which panics at lengths that lie, never sees one.
func FuzzAnswer(f *testing.F) {
	const from = 4 // oldest version that the library agrees on with any broker of today
	for version := range int16(8) {
		var b bytes.Buffer
		err := protocol.WriteResponse(&b, from+version, 1, &fetchapi.Response{Topics: []fetchapi.ResponseTopic{{Topic: "t", Partitions: []fetchapi.ResponsePartition{{
			HighWatermark: 3, AbortedTransactions: []fetchapi.ResponseTransaction{{ProducerID: 1, FirstOffset: 1}},
			RecordSet: protocol.RecordSet{Version: 2, Records: protocol.NewRecordReader(protocol.Record{Value: protocol.NewBytes([]byte("a"))}, protocol.Record{})},
		}}}}})
		if err != nil {
			f.Fatal(err)
		}
		answer := b.Bytes()
		r := asked(from + version)
		out, err := r.unpack(answer)
		if err != nil || r.next != 2 {
			f.Fatalf("version %d: next %d, %v", from+version, r.next, err)
		}
		if _, m, err := protocol.ReadResponse(bytes.NewReader(out), protocol.Fetch, from+version); err != nil || m.(*fetchapi.Response).Topics[0].Partitions[0].RecordSet.Records == nil {
			f.Fatalf("version %d: %v", from+version, err)
		}
		f.Add(version, answer)
	}
	f.Fuzz(func(t *testing.T, version int16, answer []byte) {
		if version = from + version&7; len(answer) < 8 {
			return
		}
		answer = bytes.Clone(answer)
		binary.BigEndian.PutUint32(answer, uint32(len(answer)-4)) // as it was read
		if out, err := asked(version).unpack(answer); err == nil {
			_, _, _ = protocol.ReadResponse(bytes.NewReader(out), protocol.Fetch, version)
		}
	})
}

func asked(version int16) *compared {
	r := &fetchRequest{version: version, Request: &fetchapi.Request{
		Topics: []fetchapi.RequestTopic{{Topic: "t", Partitions: []fetchapi.RequestPartition{{FetchOffset: 1}}}},
	}}
	r.records = reader{like: ofTest, at: 1, limit: 1 << 16, buffers: &buffers{}}
	return &compared{fetchRequest: r}
}

// BenchmarkUnpack is what the bound costs for a fetch of ordinary events.
func BenchmarkUnpack(b *testing.B) {
	for _, codec := range []compress.Compression{compress.None, compress.Lz4} {
		b.Run(codec.String(), func(b *testing.B) {
			const n, size = 2000, 490
			set := packed(b, codec, 0, n, func(w io.Writer) {
				for i := range int64(n) {
					_, _ = w.Write(record(i, size))
				}
			})
			b.SetBytes(n * size)
			b.ReportAllocs()
			u := unpacker{limit: 64 << 20}
			for b.Loop() {
				if _, err := u.all(set, anywhere); err != nil || u.oversize != nil {
					b.Fatal(err, u.oversize)
				}
			}
		})
	}
}

// TestReadingAllocatesByTheBatch: what a record takes is its share of what its batch does.
func TestReadingAllocatesByTheBatch(t *testing.T) {
	const n = 500
	for _, codec := range append(codecs(), compress.None) {
		set := packed(t, codec, 0, n, func(w io.Writer) {
			for i := range int64(n) {
				_, _ = w.Write(record(i, 400))
			}
		})
		r := reader{limit: 64 << 20, aborted: newAborted(nil), buffers: &buffers{}}
		perRecord := testing.AllocsPerRun(20, func() {
			r.messages = r.messages[:0]
			if err := r.all(set, anywhere); err != nil {
				t.Fatal(err)
			}
		}) / n
		if perRecord > 0.1 {
			t.Errorf("%s: %.2f allocations a record, want at most 0.1", codec, perRecord)
		}
	}
}
