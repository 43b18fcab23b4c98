package kafka

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
	"pgregory.net/rapid"
)

// written is a set as a produce request has it, its length in front.
func written(t interface{ Fatal(...any) }, codec compress.Compression, msgs []Message) []byte {
	var r records
	for i := range msgs {
		r.add(&msgs[i], msgs[i].Time.UnixMilli())
	}
	out, err := (&packer{codec: codec}).appendSet([]byte("before"), &r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out, []byte("before")) || int(binary.BigEndian.Uint32(out[6:])) != len(out)-10 {
		t.Fatal("the set is not behind its length")
	}
	return out[6:]
}

// byLibrary is the set that kafka-go makes of the same.
func byLibrary(t interface{ Fatal(...any) }, codec compress.Compression, msgs []Message) []byte {
	all := make([]protocol.Record, len(msgs))
	for i, m := range msgs {
		all[i].Time = m.Time
		if m.Key != nil {
			all[i].Key = protocol.NewBytes(m.Key)
		}
		if m.Value != nil {
			all[i].Value = protocol.NewBytes(m.Value)
		}
		for _, h := range m.Headers {
			all[i].Headers = append(all[i].Headers, protocol.Header{Key: h.Name, Value: h.Value})
		}
	}
	var out bytes.Buffer
	set := protocol.RecordSet{Version: 2, Attributes: protocol.Attributes(codec), Records: protocol.NewRecordReader(all...)}
	if _, err := set.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unpackedRecords(t interface{ Fatal(...any) }, codec compress.Compression, set []byte) []byte {
	packed := set[4+batchRecords:]
	if codec == compress.None {
		return packed
	}
	r := codec.Codec().NewReader(bytes.NewReader(packed))
	defer func() { _ = r.Close() }()
	out, err := io.ReadAll(plainReader{r})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// noise does not compress.
func noise(n int) []byte {
	var out []byte
	for sum := sha256.Sum256(nil); len(out) < n; sum = sha256.Sum256(sum[:]) {
		out = append(out, sum[:]...)
	}
	return out[:n]
}

func drawMessages(t *rapid.T) []Message {
	null := func(label string) []byte {
		switch rapid.IntRange(0, 12).Draw(t, label) {
		case 0:
			return nil
		case 1:
			return []byte{}
		case 2:
			return bytes.Repeat([]byte("again "), rapid.IntRange(1, 60_000).Draw(t, "repeats"))
		case 3:
			return noise(rapid.IntRange(1, 300_000).Draw(t, "noise"))
		}
		return rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "bytes")
	}
	msgs := make([]Message, rapid.IntRange(1, 70).Draw(t, "messages"))
	for i := range msgs {
		m := &msgs[i]
		m.Time = time.UnixMilli(rapid.Int64Range(1, 1<<42).Draw(t, "time"))
		m.Key, m.Value = null("key"), null("value")
		for range rapid.IntRange(0, 3).Draw(t, "headers") {
			m.Headers = append(m.Headers, Header{Name: rapid.StringN(0, 80, 200).Draw(t, "name"), Value: null("header")})
		}
	}
	return msgs
}

// TestWritesAsTheLibraryDoes: a set has byte for byte what kafka-go writes, but for how its records are packed.
func TestWritesAsTheLibraryDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		codec := rapid.SampledFrom(append(codecs(), compress.None)).Draw(rt, "codec")
		msgs := drawMessages(rt)
		got, want := written(rt, codec, msgs), byLibrary(rt, codec, msgs)
		if codec == compress.None && !bytes.Equal(got, want) {
			rt.Fatal("not what the library writes")
		}
		if !bytes.Equal(unpackedRecords(rt, codec, got), unpackedRecords(rt, codec, want)) {
			rt.Fatal("the records are not what the library writes")
		}
		// All of the head but its length and its checksum, which are of what is packed.
		for _, part := range [][2]int{{0, batchLength}, {batchLength + 4, batchChecksum}, {batchAttributes, batchRecords}} {
			if from, to := 4+part[0], 4+part[1]; !bytes.Equal(got[from:to], want[from:to]) {
				rt.Fatalf("bytes %d to %d: %x, want %x", part[0], part[1], got[from:to], want[from:to])
			}
		}
		if sum := binary.BigEndian.Uint32(got[4+batchChecksum:]); sum != checksum(got[4:]) || int(binary.BigEndian.Uint32(got[4+batchLength:])) != len(got)-4-12 {
			rt.Fatal("wrong length or checksum")
		}
	})
}

// FuzzWrittenIsRead: whatever a message holds, the group reads what the producer wrote, and so does the library.
func FuzzWrittenIsRead(f *testing.F) {
	f.Add([]byte("key"), []byte(`{"a":1}`), "content-type", []byte("application/json"), int64(1_750_000_000_123), int64(-5), uint16(3), byte(3))
	f.Add([]byte{}, bytes.Repeat([]byte("x"), 1<<16), "", []byte{}, int64(0), int64(1<<40), uint16(60), byte(3))
	f.Add(noise(300), noise(lz4Block+1), "n", noise(3), int64(1), int64(0), uint16(1), byte(0))
	f.Fuzz(func(t *testing.T, key, value []byte, name string, header []byte, first, step int64, n uint16, codec byte) {
		count := min(int(n), 200, (1<<18)/(len(key)+len(value)+len(name)+len(header)+1)) + 1
		msgs := make([]Message, count)
		for i := range msgs {
			m := &msgs[i]
			*m = Message{Topic: ofTest.Topic, Partition: ofTest.Partition, Offset: int64(i), Time: time.UnixMilli(first%(1<<42) + int64(i)*(step%(1<<30)))}
			if i%4 != 1 {
				m.Key = key
			}
			if i%5 != 2 {
				m.Value = value
			}
			if i%3 != 0 {
				m.Headers = []Header{{Name: name, Value: header}}
			}
		}
		set := written(t, kafkago.Compression(codec%5), msgs)[4:]
		u := unpacker{limit: 64 << 20}
		got := unpackedBy(t, &u, set)
		if len(got) != len(msgs) {
			t.Fatalf("%d records, want %d", len(got), len(msgs))
		}
		equal := func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
		for i, m := range msgs {
			if g := got[i]; !equal(g.Key, m.Key) || !equal(g.Value, m.Value) || !g.Time.Equal(m.Time) || g.Offset != m.Offset || g.Unread != "" ||
				!slices.EqualFunc(g.Headers, m.Headers, func(a, b Header) bool { return a.Name == b.Name && equal(a.Value, b.Value) }) {
				t.Fatalf("record %d is read as %+v, want %+v", i, g, m)
			}
		}
		var all protocol.RecordSet
		if _, err := all.ReadFrom(bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, uint32(len(set))), set...))); err != nil {
			t.Fatal(err)
		}
		for i := range msgs {
			r, err := all.Records.ReadRecord()
			if err != nil {
				t.Fatal(err)
			}
			k, _ := protocol.ReadAll(r.Key)
			v, _ := protocol.ReadAll(r.Value)
			if !bytes.Equal(k, msgs[i].Key) || !bytes.Equal(v, msgs[i].Value) || len(r.Headers) != len(msgs[i].Headers) {
				t.Fatalf("record %d is another to the library", i)
			}
		}
		if _, err := all.Records.ReadRecord(); !errors.Is(err, io.EOF) {
			t.Fatalf("more than was written: %v", err)
		}
	})
}

func BenchmarkAppendSet(b *testing.B) {
	for _, codec := range []compress.Compression{compress.None, compress.Lz4} {
		b.Run(codec.String(), func(b *testing.B) {
			const n = 500
			var msgs [n]Message
			for i := range msgs {
				value := []byte(`{"specversion":"1.0","id":"` + string(noise(8)) + `","data":{"answers":[{"item":"skill","score":8},{"item":"speed","score":7}]}}`)
				msgs[i] = Message{Key: noise(10), Value: append(value, noise(i%200)...), Time: time.UnixMilli(1_750_000_000_000)}
			}
			var r records
			pack := packer{codec: codec}
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				r = records{bytes: r.bytes[:0]}
				for i := range msgs {
					r.add(&msgs[i], 1_750_000_000_000)
				}
				var err error
				if out, err = pack.appendSet(out[:0], &r); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(r.bytes)))
		})
	}
}
