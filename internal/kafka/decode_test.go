package kafka

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// FuzzDecode feeds the fetcher any bytes for record batches: it fails, or delivers no record from before the offset asked for, and goes on behind
// the last one.
func FuzzDecode(f *testing.F) {
	for _, attributes := range []protocol.Attributes{0, protocol.Gzip, protocol.Zstd, protocol.Transactional} {
		set := protocol.RecordSet{Version: 2, Attributes: attributes, Records: protocol.NewRecordReader(
			protocol.Record{Offset: 0, Time: time.UnixMilli(1), Key: protocol.NewBytes([]byte("k")), Value: protocol.NewBytes([]byte("v"))},
			protocol.Record{Offset: 1, Time: time.UnixMilli(2), Headers: []protocol.Header{{Key: "h", Value: []byte("x")}}},
		)}
		var b bytes.Buffer
		if _, err := set.WriteTo(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes()[4:], int64(0), int64(0))
		f.Add(b.Bytes()[4:], int64(1), int64(1))
		f.Add(b.Bytes()[4:b.Len()/2], int64(0), int64(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, at, abortedFrom int64) {
		if at < 0 || len(data) == 0 {
			t.Skip("no offset is negative, and of nothing nothing is read: the two ways say that in different words")
		}
		data = bytes.Clone(data)
		if len(data) >= batchRecords { // one whole batch with its checksum right, or its records would seldom be looked at
			binary.BigEndian.PutUint32(data[batchLength:], uint32(len(data)-12))
			binary.BigEndian.PutUint32(data[batchChecksum:], checksum(data))
		}
		part := fetchapi.ResponsePartition{HighWatermark: at, AbortedTransactions: []fetchapi.ResponseTransaction{{ProducerID: -1, FirstOffset: abortedFrom}}}
		out, err := bothWays(t, data, span{from: at, logStart: -1, end: at + 1<<10}, part, at, 1<<16)
		if err != nil {
			return
		}
		for i, m := range out.messages {
			if m.Offset < at || m.Offset >= out.next || m.Topic != "t" {
				t.Fatalf("record %d at %d, asked for %d, going on at %d", i, m.Offset, at, out.next)
			}
		}
		if out.next < at {
			t.Fatalf("goes back from %d to %d", at, out.next)
		}
	})
}
