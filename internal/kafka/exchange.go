package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// fetchRequest is a fetch of one partition whose answer passes through unpack before the library reads it: the library
// itself unpacks a batch without a bound.
type fetchRequest struct {
	*fetchapi.Request
	clientID string
	// limit of a batch once unpacked, in bytes.
	limit   int
	version int16
	// oversize are the batches of the answer that unpack to more, by base offset.
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
		return nil, fmt.Errorf("an answer of %d bytes", size)
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
	id, message, err := protocol.ReadResponse(bytes.NewReader(answer), protocol.Fetch, r.version)
	if err == nil && id != correlation {
		err = fmt.Errorf("answer %d to request %d", id, correlation)
	}
	return message, err
}

// unpack is an answer with its batches unpacked: their record set is the last field, as one partition was asked for.
func (r *fetchRequest) unpack(answer []byte) ([]byte, error) {
	at, err := recordSet(answer, r.version)
	if err != nil || at == 0 {
		return answer, err
	}
	size := int(int32(binary.BigEndian.Uint32(answer[at:])))
	if size <= 0 || at+4+size > len(answer) {
		return answer, nil
	}
	u := unpacker{limit: r.limit}
	records := u.all(answer[at+4 : at+4+size])
	r.oversize = u.oversize
	out := make([]byte, 0, at+4+len(records)+len(answer)-at-4-size)
	out = append(out, answer[:at+4]...)
	binary.BigEndian.PutUint32(out[at:], uint32(len(records)))
	out = append(append(out, records...), answer[at+4+size:]...)
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out, nil
}

var errShortAnswer = errors.New("an answer that ends too early")

// recordSet is where the size of the record set stands in an answer to a fetch of one partition, size and correlation id
// included; 0 where the answer has no partition.
func recordSet(answer []byte, version int16) (int, error) {
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
		return 0, errShortAnswer
	case topics == 0:
		return 0, nil
	}
	name := number(2)
	if name < 0 {
		return 0, errShortAnswer
	}
	at += name
	switch partitions := number(4); {
	case partitions < 0:
		return 0, errShortAnswer
	case partitions == 0:
		return 0, nil
	}
	skip(0, 14) // partition, error, high watermark
	skip(4, 8)  // last stable offset
	skip(5, 8)  // log start
	if version >= 4 {
		if aborted := number(4); aborted > 0 {
			if aborted > len(answer)/16 {
				return 0, errShortAnswer
			}
			at += 16 * aborted
		}
	}
	skip(11, 4) // preferred replica
	if at+4 > len(answer) {
		return 0, errShortAnswer
	}
	return at, nil
}
