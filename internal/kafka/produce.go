package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/produce"
	"github.com/segmentio/kafka-go/protocol/rawproduce"
)

// send makes one request of parcels whose partitions one broker leads, and says of each what became of it.
func (p *Producer) send(ctx context.Context, group []*parcel) []error {
	errs := make([]error, len(group))
	fail := func(err error) []error {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	room := p.requests.Get().(*[]byte)
	set, ends := (*room)[:0], make([]int, len(group))
	pack := p.packers.Get().(*packer)
	var err error
	for i, parcel := range group {
		if set, err = pack.appendSet(set, &parcel.records); err != nil {
			return fail(err)
		}
		ends[i] = len(set)
	}
	p.packers.Put(pack)
	answer, err := p.transport.RoundTrip(ctx, p.addr, p.request(group, set, ends))
	if err != nil {
		// Its connection may still read the request: its memory is not lent again.
		return fail(err)
	}
	if *room = set[:0]; cap(set) <= 2*requestBytes {
		p.requests.Put(room)
	}
	for i, parcel := range group {
		errs[i] = verdict(answer.(*produce.Response), parcel.destination)
	}
	return errs
}

func (p *Producer) request(group []*parcel, set []byte, ends []int) *rawproduce.Request {
	r := &rawproduce.Request{
		Acks: int16(kafkago.RequireAll),
		// Half of what this side waits, so that the broker's answer is there before that.
		Timeout: int32(max(p.o.RequestTimeout/2/time.Millisecond, 1)),
	}
	from := 0
	topics := make(map[string]int, 1)
	for i, parcel := range group {
		at, ok := topics[parcel.topic]
		if !ok {
			at = len(r.Topics)
			topics[parcel.topic] = at
			r.Topics = append(r.Topics, rawproduce.RequestTopic{Topic: parcel.topic})
		}
		r.Topics[at].Partitions = append(r.Topics[at].Partitions, rawproduce.RequestPartition{
			Partition: parcel.partition, RecordSet: protocol.RawRecordSet{Reader: bytes.NewReader(set[from:ends[i]])},
		})
		from = ends[i]
	}
	return r
}

// verdict is what an answer says of a partition; nil: all in-sync replicas have it.
func verdict(answer *produce.Response, of destination) error {
	for i := range answer.Topics {
		t := &answer.Topics[i]
		if t.Topic != of.topic {
			continue
		}
		for j := range t.Partitions {
			switch one := &t.Partitions[j]; {
			case one.Partition != of.partition:
			case one.ErrorCode == 0:
				return nil
			case one.ErrorMessage != "":
				return fmt.Errorf("%w: %s", kafkago.Error(one.ErrorCode), one.ErrorMessage)
			default:
				return kafkago.Error(one.ErrorCode)
			}
		}
	}
	return fmt.Errorf("the broker's answer says nothing of topic %s, partition %d", of.topic, of.partition)
}

// passes says whether what failed may go well if it is sent again.
func passes(err error) bool {
	// What could not be routed was not sent, and the next look at the cluster may know its leader.
	var unrouted *rawproduce.Error
	var temporary interface{ Temporary() bool }
	if errors.As(err, &unrouted) || errors.As(err, &temporary) && temporary.Temporary() {
		return true
	}
	for _, broken := range []error{io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return false
}
