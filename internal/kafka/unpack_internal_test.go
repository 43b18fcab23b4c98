package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"testing"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
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

// offsetsOf reads a record set with the library.
func offsetsOf(t testing.TB, set []byte) map[int64]int {
	t.Helper()
	var rs protocol.RecordSet
	if _, err := rs.ReadFrom(bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, uint32(len(set))), set...))); err != nil {
		t.Fatal(err)
	}
	sizes := map[int64]int{}
	for {
		r, err := rs.Records.ReadRecord()
		if errors.Is(err, io.EOF) {
			return sizes
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes[r.Offset] = -1
		if r.Value != nil {
			sizes[r.Offset] = r.Value.Len()
		}
	}
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
			out := u.all(set)
			runtime.ReadMemStats(&after)
			// The buffer doubles up to the bound, and the set is copied: snappy packs a gigabyte into 50 MB.
			if took, most := after.TotalAlloc-before.TotalAlloc, uint64(8*limit+3*len(set)); took > most {
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
			if got := offsetsOf(t, u.all(set)); len(got) != 6 || got[0] != 5 || got[5] != 70_000 || u.oversize != nil {
				t.Errorf("records %v, oversize %v", got, u.oversize)
			}
			u.limit = 100_000 // the sum has a bound too: the rest is for the next fetch
			if got := offsetsOf(t, u.all(set)); codec != compress.None && (len(got) != 4 || u.oversize != nil) {
				t.Errorf("records %v, oversize %v; want the first two batches", got, u.oversize)
			}
			part := set[:len(set)-10] // a broker may cut the last batch off
			u.limit = 1 << 20
			if got := offsetsOf(t, u.all(part)); len(got) != 4 {
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
		if got := offsetsOf(t, u.all(b)); len(got) != 1 || got[7] != -1 || u.oversize[7] == "" {
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
		if out := u.all(set); len(u.oversize) == 0 && len(out) > 2*len(set)+2<<16+batchRecords {
			t.Errorf("%d bytes out of %d", len(out), len(set))
		}
		for version := range int16(12) {
			_, _ = recordSet(set, version)
		}
	})
}

// BenchmarkUnpack is what the bound costs for a fetch of ordinary events.
func BenchmarkUnpack(b *testing.B) {
	body := bytes.Repeat([]byte(`{"specversion":"1.0","type":"rapport.survey.response.v1","source":"/app/surveys"}`), 6)
	set := packed(b, compress.Lz4, 0, 2000, func(w io.Writer) {
		for range 2000 {
			_, _ = w.Write(body)
		}
	})
	b.SetBytes(int64(2000 * len(body)))
	for b.Loop() {
		u := unpacker{limit: 64 << 20}
		u.all(set)
	}
}
