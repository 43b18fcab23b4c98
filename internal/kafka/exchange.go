package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// fetchRequest is a fetch of one partition. The library reads the frame of its answer, and a reader the records in it.
type fetchRequest struct {
	*fetchapi.Request
	clientID string
	// boundary is whether the offset asked for is known to be the first of a batch.
	boundary bool
	version  int16
	// records are what the answer has, once the request was answered.
	records reader
}

var _ protocol.RawExchanger = (*fetchRequest)(nil)

// Required implements protocol.RawExchanger: always, in the version that was agreed on with the broker.
func (r *fetchRequest) Required(versions map[protocol.ApiKey]int16) bool {
	r.version = versions[protocol.Fetch]
	return true
}

// RawExchange implements protocol.RawExchanger.
func (r *fetchRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	const correlation = 1 // a connection has one request at a time
	if err := protocol.WriteRequest(rw, r.version, correlation, r.clientID, r.Request); err != nil {
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return nil, err
	}
	size := int64(int32(binary.BigEndian.Uint32(head[:])))
	if size < 4 {
		return nil, fmt.Errorf("%w: %d bytes", errDamaged, size)
	}
	body := r.records.buffers.answer()
	defer r.records.buffers.done(body)
	// No more for a size that may be damaged, until as much has come; and room for the buffer to see the end.
	body.Grow(4 + int(min(size, int64(r.MaxBytes)+4096)) + bytes.MinRead)
	body.Write(head[:])
	if _, err := io.CopyN(body, rw, size); err != nil {
		return nil, err
	}
	id, message, err := r.read(body.Bytes())
	if err == nil && id != correlation {
		err = fmt.Errorf("%w: number %d to request %d", errDamaged, id, correlation)
	}
	return message, err
}

// read is an answer: its records are read here, and its frame by the library, to which it has none. They are the last field, as one
// partition was asked for. What is read does not refer to the answer's bytes.
func (r *fetchRequest) read(answer []byte) (id int32, message protocol.Message, err error) {
	at, log, err := recordSet(answer, r.version)
	if err != nil {
		return 0, nil, err
	}
	if at == 0 {
		return r.parse(answer)
	}
	size := int(int32(binary.BigEndian.Uint32(answer[at:])))
	if max(size, 0) != len(answer)-at-4 {
		return 0, nil, fmt.Errorf("%w: %d bytes of records, %d said", errDamaged, len(answer)-at-4, size)
	}
	frame := bytes.Clone(answer[:at+4])
	binary.BigEndian.PutUint32(frame, uint32(at))
	binary.BigEndian.PutUint32(frame[at:], 0)
	if id, message, err = r.parse(frame); err != nil || size <= 0 {
		return id, message, err
	}
	response, ok := message.(*fetchapi.Response)
	if !ok || len(response.Topics) != 1 || len(response.Topics[0].Partitions) != 1 {
		return 0, nil, fmt.Errorf("%w: no partition in it", errDamaged)
	}
	part := &response.Topics[0].Partitions[0]
	r.records.like.HighWatermark, r.records.aborted = part.HighWatermark, newAborted(part.AbortedTransactions)
	log.from, log.exact = r.records.at, r.boundary
	return id, message, r.records.all(answer[at+4:], log)
}

// parse has the library read an answer. It runs on a goroutine of the library's, where a panic would end the process.
func (r *fetchRequest) parse(answer []byte) (id int32, message protocol.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return protocol.ReadResponse(bytes.NewReader(answer), protocol.Fetch, r.version)
}

var errShortAnswer = fmt.Errorf("%w: it ends too early", errDamaged)

// recordSet is where the size of the record set stands in an answer to a fetch of one partition, size and correlation id
// included, and where the log begins and ends; 0 where the answer has no partition.
func recordSet(answer []byte, version int16) (int, span, error) {
	at := 8
	skip := func(since int16, n int) {
		if version >= since {
			at += n
		}
	}
	number := func(width int) int {
		at += width
		if at > len(answer) || at < width {
			return -1
		}
		if width == 2 {
			return int(binary.BigEndian.Uint16(answer[at-2:]))
		}
		return int(int32(binary.BigEndian.Uint32(answer[at-4:])))
	}
	skip(1, 4) // throttle time
	skip(7, 6) // error, session
	switch topics := number(4); {
	case topics < 0:
		return 0, span{}, errShortAnswer
	case topics == 0:
		return 0, span{}, nil
	case topics > 1:
		return 0, span{}, fmt.Errorf("%w: %d topics", errDamaged, topics)
	}
	name := number(2)
	if name < 0 {
		return 0, span{}, errShortAnswer
	}
	at += name
	switch partitions := number(4); {
	case partitions < 0:
		return 0, span{}, errShortAnswer
	case partitions == 0:
		return 0, span{}, nil
	case partitions > 1:
		return 0, span{}, fmt.Errorf("%w: %d partitions", errDamaged, partitions)
	}
	head := at
	skip(0, 14) // partition, error, high watermark
	skip(4, 8)  // last stable offset
	skip(5, 8)  // log start
	if version >= 4 {
		if aborted := number(4); aborted > 0 {
			if aborted > len(answer)/16 {
				return 0, span{}, errShortAnswer
			}
			at += 16 * aborted
		}
	}
	skip(11, 4) // preferred replica
	if at+4 > len(answer) {
		return 0, span{}, errShortAnswer
	}
	log := span{logStart: -1, end: int64(binary.BigEndian.Uint64(answer[head+6:]))}
	if version >= 5 {
		log.logStart = int64(binary.BigEndian.Uint64(answer[head+22:]))
	}
	return at, log, nil
}
