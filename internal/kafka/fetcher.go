package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	kafkago "github.com/segmentio/kafka-go"
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
	buffers   *buffers
	// spare is room for the messages of the next answer.
	spare []Message
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

func newFetcher(cfg Config, transport *kafkago.Transport, key partitionKey, minBytes, maxBytes, unpacked int, lent *buffers) *fetcher {
	return &fetcher{
		addr:      cfg.addr(),
		transport: transport,
		key:       key,
		minBytes:  int32(minBytes),
		maxBytes:  int32(maxBytes),
		clientID:  cfg.ClientID,
		unpacked:  unpacked,
		buffers:   lent,
		behind:    -1,
	}
}

// page fetches records from offset at on; the broker answers after wait if there are none.
func (f *fetcher) page(ctx context.Context, at int64, wait time.Duration) (page, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+requestTimeout)
	defer cancel()
	request := &fetchRequest{clientID: f.clientID, boundary: at == f.behind, records: f.reader(at), Request: &fetchapi.Request{
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
	if request.records.next >= 0 {
		f.behind = request.records.next
	}
	return request.records.page(part)
}

// reader takes the records of an answer to a fetch at an offset.
func (f *fetcher) reader(at int64) reader {
	r := reader{
		like: Message{Topic: f.key.topic, Partition: f.key.partition}, at: at, limit: f.unpacked, buffers: f.buffers, messages: f.spare,
		next: -1, seen: -1,
	}
	f.spare = nil // it is the answer's now, also where that comes after its time
	return r
}

// reuse takes back what page returned, once all of it was copied. Room for a backlog is let go of when there is none.
func (f *fetcher) reuse(messages []Message) {
	if cap(messages) > 4*len(messages) {
		return
	}
	clear(messages)
	f.spare = messages[:0]
}

// page is what was read, in the frame that it came in.
func (r *reader) page(part *fetchapi.ResponsePartition) (page, error) {
	if r.next >= 0 && r.seen < r.at && part.HighWatermark > r.at {
		return page{}, fmt.Errorf("kafka: fetch: nothing at or after offset %d up to %d; is the topic compacted?", r.at, r.next)
	}
	return page{messages: r.messages, next: max(r.at, r.seen+1), logStart: part.LogStartOffset}, nil
}

// bounds returns the first offset and the end of the partition.
func (f *fetcher) bounds(ctx context.Context) (OffsetRange, error) {
	ranges, err := listOffsets(ctx, f.addr, f.transport, map[string][]int{f.key.topic: {f.key.partition}})
	if err != nil {
		return OffsetRange{}, err
	}
	return ranges[f.key.topic][f.key.partition], nil
}
