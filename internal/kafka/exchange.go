package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// fetchRequest is a fetch of one partition whose answer passes through unpack before the library reads it: the library
// itself unpacks a batch without a bound, and panics where a length lies.
type fetchRequest struct {
	*fetchapi.Request
	clientID string
	// limit of a batch once unpacked, in bytes.
	limit int
	// boundary is whether the offset asked for is known to be the first of a batch.
	boundary bool
	version  int16
	// next is the offset behind the last batch of the answer.
	next int64
	// oversize are the batches of the answer that unpack to more or cannot be read, with why, by base offset.
	oversize map[int64]string
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
	var body bytes.Buffer
	body.Grow(4 + int(min(size, int64(r.MaxBytes)+4096))) // no more for a size that may be damaged, until as much has come
	body.Write(head[:])
	if _, err := io.CopyN(&body, rw, size); err != nil {
		return nil, err
	}
	answer, err := r.unpack(body.Bytes())
	if err != nil {
		return nil, err
	}
	id, message, err := r.parse(answer)
	if err == nil && id != correlation {
		err = fmt.Errorf("%w: number %d to request %d", errDamaged, id, correlation)
	}
	return message, err
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

// unpack is an answer with its batches unpacked: their record set is the last field, as one partition was asked for.
func (r *fetchRequest) unpack(answer []byte) ([]byte, error) {
	at, log, err := recordSet(answer, r.version)
	if err != nil || at == 0 {
		return answer, err
	}
	size := int(int32(binary.BigEndian.Uint32(answer[at:])))
	if max(size, 0) != len(answer)-at-4 {
		return nil, fmt.Errorf("%w: %d bytes of records, %d said", errDamaged, len(answer)-at-4, size)
	}
	if size <= 0 {
		return answer, nil
	}
	log.from, log.exact = r.Topics[0].Partitions[0].FetchOffset, r.boundary
	u := unpacker{limit: r.limit}
	records, err := u.all(answer[at+4:], log)
	if err != nil {
		return nil, err
	}
	r.oversize, r.next = u.oversize, u.next
	out := append(make([]byte, 0, at+4+len(records)), answer[:at+4]...)
	binary.BigEndian.PutUint32(out[at:], uint32(len(records)))
	out = append(out, records...)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out, nil
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
