package kafka

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/segmentio/kafka-go/compress"
)

// TestMisfitRecordsAreNotBelieved: the checksum of these batches is right, and the records in them are not.
func TestMisfitRecordsAreNotBelieved(t *testing.T) {
	good := record(0, 5)
	spoilt := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for what, records := range map[string][]byte{
		"length beyond the batch":   spoilt(0, 0x7e),
		"length negative":           spoilt(0, 0x01),
		"length short":              spoilt(0, 0x10),
		"offset beyond the batch":   spoilt(3, 0x7e),
		"offset negative":           spoilt(3, 0x01),
		"key beyond the record":     spoilt(4, 0x7e),
		"key less than null":        spoilt(4, 0x03),
		"value beyond the record":   spoilt(5, 0x7e),
		"headers beyond the record": spoilt(len(good)-1, 0x7e),
		"headers negative":          spoilt(len(good)-1, 0x01),
		"number without an end":     bytes.Repeat([]byte{0xff}, 20),
		"the same offset twice":     append(bytes.Clone(good), good...),
		"bytes behind the last":     append(bytes.Clone(good), 0),
	} {
		for _, codec := range []compress.Compression{compress.None, compress.Zstd} {
			t.Run(what+"/"+codec.String(), func(t *testing.T) {
				count := int32(1)
				if what == "the same offset twice" {
					count = 2
				}
				b := packed(t, codec, 7, count, func(w io.Writer) { _, _ = w.Write(records) })
				u := unpacker{limit: 1 << 20}
				got := offsetsOf(t, unpackedBy(t, &u, b))
				if len(got) != int(count) || got[7] != -1 || u.oversize[7] == "" {
					t.Errorf("records %v, unread %v", got, u.oversize)
				}
			})
		}
	}
}

// TestOffsetsHaveToFit: no checksum covers where a batch begins.
func TestOffsetsHaveToFit(t *testing.T) {
	set := func(bases ...int64) (out []byte) {
		for _, base := range bases {
			out = append(out, packed(t, compress.None, base, 2, func(w io.Writer) { _, _ = w.Write(append(record(0, 1), record(1, 1)...)) })...)
		}
		return out
	}
	for what, c := range map[string]struct {
		bases []int64
		want  span
		next  int64 // 0: damaged
	}{
		"in a row":                     {[]int64{10, 12}, span{from: 10, exact: true, end: 14}, 14},
		"from within a batch":          {[]int64{10, 12}, span{from: 11, end: 14}, 14},
		"from within a known batch":    {[]int64{10}, span{from: 11, exact: true, end: 14}, 0},
		"all before":                   {[]int64{8}, span{from: 10, end: 14}, 0},
		"after a gap that is told":     {[]int64{12}, span{from: 10, exact: true, logStart: 12, end: 14}, 14},
		"after a gap that is not":      {[]int64{12}, span{from: 10, exact: true, end: 14}, 0},
		"beyond the end":               {[]int64{14}, span{from: 14, end: 15}, 0},
		"the second after a gap":       {[]int64{10, 14}, span{from: 10, exact: true, end: 16}, 12},
		"the second once more":         {[]int64{10, 10}, span{from: 10, exact: true, end: 16}, 12},
		"negative":                     {[]int64{-2}, span{from: 0, end: 16}, 0},
		"where numbers come to an end": {[]int64{1<<63 - 1}, span{from: 0, end: 1<<63 - 1}, 0},
	} {
		t.Run(what, func(t *testing.T) {
			u := unpacker{limit: 1 << 20}
			_, err := u.all(set(c.bases...), c.want)
			if errors.Is(err, errDamaged) != (c.next == 0) || u.next != c.next {
				t.Errorf("next %d, %v; want %d", u.next, err, c.next)
			}
		})
	}
}
