package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// fetcher asks for the records of one partition, one request at a time.
//
// It speaks the Fetch API through kafka-go's transport instead of its Reader or Conn: this path verifies checksums,
// says so when an offset is gone instead of skipping ahead, and shows which batches belong to aborted transactions.
type fetcher struct {
	addr      net.Addr
	transport *kafkago.Transport
	key       partitionKey
	minBytes  int32
	maxBytes  int32
	clientID  string
	unpacked  int // limit of a batch once unpacked, in bytes
	// behind is the offset behind the last batch read, where another one has to begin; negative when not known.
	behind int64
	// refused is how many answers in a row were damaged.
	refused int
}

// page is the answer to one fetch.
type page struct {
	messages []Message
	// next is the offset to ask for next.
	next int64
	// logStart is the first offset the partition still has.
	logStart int64
}

func newFetcher(cfg Config, transport *kafkago.Transport, key partitionKey, minBytes, maxBytes, unpacked int) *fetcher {
	return &fetcher{
		addr:      cfg.addr(),
		transport: transport,
		key:       key,
		minBytes:  int32(minBytes),
		maxBytes:  int32(maxBytes),
		clientID:  cfg.ClientID,
		unpacked:  unpacked,
		behind:    -1,
	}
}

// page fetches records from offset at on; the broker answers after wait if there are none.
func (f *fetcher) page(ctx context.Context, at int64, wait time.Duration) (page, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+requestTimeout)
	defer cancel()
	request := &fetchRequest{clientID: f.clientID, limit: f.unpacked, boundary: at == f.behind, next: -1, Request: &fetchapi.Request{
		ReplicaID:      -1,
		MaxWaitTime:    int32(wait / time.Millisecond),
		MinBytes:       f.minBytes,
		MaxBytes:       f.maxBytes,
		IsolationLevel: int8(kafkago.ReadCommitted),
		SessionID:      0,
		SessionEpoch:   -1, // no fetch session: every request stands alone
		Topics: []fetchapi.RequestTopic{{
			Topic: f.key.topic,
			Partitions: []fetchapi.RequestPartition{{
				Partition:          int32(f.key.partition),
				CurrentLeaderEpoch: -1,
				FetchOffset:        at,
				LogStartOffset:     -1,
				PartitionMaxBytes:  f.maxBytes,
			}},
		}},
	}}
	answer, err := f.transport.RoundTrip(ctx, f.addr, request)
	if errors.Is(err, errDamaged) {
		if f.refused++; f.refused >= 3 {
			f.behind = -1 // no damage on the way: the broker's log was cut back and went on with other batches
		}
	}
	if err != nil {
		return page{}, fmt.Errorf("kafka: fetch: %w", err)
	}
	f.refused = 0
	response, ok := answer.(*fetchapi.Response)
	if !ok || response.ErrorCode == 0 && (len(response.Topics) != 1 || len(response.Topics[0].Partitions) != 1) {
		return page{}, fmt.Errorf("kafka: fetch: unexpected answer %T", answer)
	}
	if response.ErrorCode != 0 {
		return page{}, fmt.Errorf("kafka: fetch: %w", kafkago.Error(response.ErrorCode))
	}
	part := &response.Topics[0].Partitions[0]
	if part.ErrorCode != 0 {
		return page{}, fmt.Errorf("kafka: fetch: %w", kafkago.Error(part.ErrorCode))
	}
	if request.next >= 0 {
		f.behind = request.next
	}
	return f.decode(part, at, request.oversize)
}

// decode reads the records of an answer. Those of the batches in oversize hold nothing, and say why.
func (f *fetcher) decode(part *fetchapi.ResponsePartition, at int64, oversize map[int64]string) (page, error) {
	out := page{next: at, logStart: part.LogStartOffset}
	if part.RecordSet.Records == nil {
		return out, nil
	}
	batches := []protocol.RecordReader{part.RecordSet.Records}
	if stream, ok := part.RecordSet.Records.(*protocol.RecordStream); ok {
		batches = stream.Records
	}
	aborted := newAborted(part.AbortedTransactions)
	seen := int64(-1)
	for _, batch := range batches {
		drop := aborted.drops(batch)
		unread := ""
		if b, ok := batch.(*protocol.RecordBatch); ok {
			unread = oversize[b.BaseOffset]
		}
		for {
			record, err := batch.ReadRecord()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return page{}, fmt.Errorf("kafka: fetch: decode: %w", err)
			}
			seen = max(seen, record.Offset)
			m, err := f.message(record, part.HighWatermark)
			if err != nil {
				return page{}, err
			}
			m.Unread = unread
			if !drop && m.Offset >= at { // a batch may begin before the offset asked for
				out.messages = append(out.messages, m)
			}
		}
	}
	if seen < at && part.HighWatermark > at {
		return page{}, fmt.Errorf("kafka: fetch: nothing at or after offset %d in %d batches; is the topic compacted?", at, len(batches))
	}
	out.next = max(at, seen+1)
	return out, nil
}

// message copies a record out of the library's buffers.
func (f *fetcher) message(r *protocol.Record, highWatermark int64) (Message, error) {
	m := Message{
		Topic:         f.key.topic,
		Partition:     f.key.partition,
		Offset:        r.Offset,
		HighWatermark: highWatermark,
		Time:          r.Time,
	}
	var err error
	if m.Key, err = readBytes(r.Key); err != nil {
		return Message{}, err
	}
	if m.Value, err = readBytes(r.Value); err != nil {
		return Message{}, err
	}
	if len(r.Headers) > 0 {
		m.Headers = make([]Header, len(r.Headers))
		for i, h := range r.Headers {
			m.Headers[i] = Header{Name: h.Key, Value: h.Value}
		}
	}
	return m, nil
}

// readBytes keeps null apart from empty and releases the page the bytes live in.
func readBytes(b protocol.Bytes) ([]byte, error) {
	if b == nil {
		return nil, nil
	}
	defer func() { _ = b.Close() }()
	out := make([]byte, b.Len())
	if _, err := io.ReadFull(b, out); err != nil {
		return nil, fmt.Errorf("kafka: fetch: decode: %w", err)
	}
	return out, nil
}

// bounds returns the first offset and the end of the partition.
func (f *fetcher) bounds(ctx context.Context) (OffsetRange, error) {
	ranges, err := listOffsets(ctx, f.addr, f.transport, map[string][]int{f.key.topic: {f.key.partition}})
	if err != nil {
		return OffsetRange{}, err
	}
	return ranges[f.key.topic][f.key.partition], nil
}
