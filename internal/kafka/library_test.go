package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/segmentio/kafka-go/compress"
	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// library reads a record set with kafka-go: what reader makes of one is held to it. Batches are unpacked and seen to for it, since it
// panics at a length that lies.
type library struct {
	limit    int
	oversize map[int64]string
	next     int64
}

// page is what the messages of a set are; batches behind the offset until are left.
func (l *library) page(set []byte, want span, until int64, part fetchapi.ResponsePartition, at int64) (page, error) {
	unpacked, err := l.all(set, want, until)
	if err != nil {
		return page{}, err
	}
	// An error is no matter where some batches could be read.
	_, _ = part.RecordSet.ReadFrom(bytes.NewReader(append(binary.BigEndian.AppendUint32(nil, uint32(len(unpacked))), unpacked...)))
	return l.decode(&part, at)
}

func (l *library) all(set []byte, want span, until int64) ([]byte, error) {
	var out []byte
	for at := 0; at < len(set) && (at == 0 || l.next < until); {
		size, next, err := want.batch(set[at:], at == 0)
		if err != nil && at == 0 {
			return nil, err
		}
		if err != nil {
			break
		}
		out = append(out, l.batch(set[at:at+size])...)
		at += size
		want.from, l.next = next, next
	}
	return out, nil
}

// batch is one batch without compression. Its checksum is right.
func (l *library) batch(b []byte) []byte {
	attributes := binary.BigEndian.Uint16(b[batchAttributes:])
	codec := protocol.Attributes(attributes).Compression()
	if codec == compress.None {
		if why := misfit(b, b[batchRecords:]); why != "" {
			return l.emptied(b, why)
		}
		return b
	}
	if codec.Codec() == nil {
		return l.emptied(b, fmt.Sprintf("a batch in an unknown compression (%d)", codec))
	}
	r := codec.Codec().NewReader(bytes.NewReader(b[batchRecords:]))
	defer func() { _ = r.Close() }()
	unpacked, err := io.ReadAll(io.LimitReader(plainReader{r}, int64(l.limit)+1))
	if len(unpacked) > l.limit {
		err = errOversize
	}
	if err != nil {
		if errors.Is(err, errOversize) {
			return l.emptied(b, fmt.Sprintf("a batch of %d bytes unpacks (%s) to more than %d", len(b), codec, l.limit))
		}
		return l.emptied(b, fmt.Sprintf("a batch of %d bytes that does not unpack (%s): %v", len(b), codec, err))
	}
	if why := misfit(b, unpacked); why != "" {
		return l.emptied(b, why)
	}
	return rebuilt(b, attributes, unpacked)
}

// plainReader hides WriteTo, by which a codec would write all it has.
type plainReader struct{ io.Reader }

// rebuilt is a batch with other records, not compressed.
func rebuilt(b []byte, attributes uint16, records []byte) []byte {
	out := make([]byte, 0, batchRecords+len(records))
	out = append(append(out, b[:batchRecords]...), records...)
	binary.BigEndian.PutUint32(out[batchLength:], uint32(len(out)-12))
	binary.BigEndian.PutUint16(out[batchAttributes:], attributes&^7)
	binary.BigEndian.PutUint32(out[batchChecksum:], checksum(out))
	return out
}

// emptied is a batch with a record without key and value for each of its offsets.
func (l *library) emptied(b []byte, why string) []byte {
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
	if l.oversize == nil {
		l.oversize = map[int64]string{}
	}
	l.oversize[int64(binary.BigEndian.Uint64(b))] = why
	head := bytes.Clone(b[:batchRecords])
	binary.BigEndian.PutUint32(head[batchCount:], uint32(n))
	return rebuilt(head, binary.BigEndian.Uint16(b[batchAttributes:]), records)
}

// rolledBack tells which batches of a fetch must not be delivered: markers, and the batches of transactions that were
// rolled back. The broker lists those by producer and first offset; a producer's marker ends its transaction.
type rolledBack struct {
	pending []fetchapi.ResponseTransaction // by first offset
	active  map[int64]bool                 // producers inside an aborted transaction
}

func newRolledBack(list []fetchapi.ResponseTransaction) *rolledBack {
	pending := slices.Clone(list)
	slices.SortFunc(pending, func(a, b fetchapi.ResponseTransaction) int { return int(a.FirstOffset - b.FirstOffset) })
	return &rolledBack{pending: pending, active: make(map[int64]bool)}
}

// drops must be called for every batch in offset order.
func (a *rolledBack) drops(batch protocol.RecordReader) bool {
	switch b := batch.(type) {
	case *protocol.ControlBatch:
		a.advance(b.BaseOffset)
		delete(a.active, b.ProducerID)
		return true
	case *protocol.RecordBatch:
		a.advance(b.BaseOffset)
		return b.Attributes.Transactional() && a.active[b.ProducerID]
	}
	return false
}

func (a *rolledBack) advance(offset int64) {
	for len(a.pending) > 0 && a.pending[0].FirstOffset <= offset {
		a.active[a.pending[0].ProducerID] = true
		a.pending = a.pending[1:]
	}
}

// decode reads the records of an answer.
func (l *library) decode(part *fetchapi.ResponsePartition, at int64) (page, error) {
	out := page{next: at, logStart: part.LogStartOffset}
	if part.RecordSet.Records == nil {
		return out, nil
	}
	batches := []protocol.RecordReader{part.RecordSet.Records}
	if stream, ok := part.RecordSet.Records.(*protocol.RecordStream); ok {
		batches = stream.Records
	}
	aborted := newRolledBack(part.AbortedTransactions)
	seen := int64(-1)
	for _, batch := range batches {
		drop := aborted.drops(batch)
		unread := ""
		if b, ok := batch.(*protocol.RecordBatch); ok {
			unread = l.oversize[b.BaseOffset]
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
			m, err := l.message(record, part.HighWatermark)
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
func (l *library) message(r *protocol.Record, highWatermark int64) (Message, error) {
	m := Message{
		Topic:         ofTest.Topic,
		Partition:     ofTest.Partition,
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
