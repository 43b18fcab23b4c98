package kafkaproxy

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// errCut ends a connection.
var errCut = errors.New("cut")

// Cut ends the connection before the broker sees the request.
func Cut() Action { return Action{Before: func() error { return errCut }} }

// Swallow lets the broker do what is asked and loses its answer.
func Swallow() Action { return Action{After: func() error { return errCut }} }

// RefuseProduce is the answer to a Produce request that appends nothing.
func RefuseProduce(r *kmsg.ProduceRequest, code int16) Action {
	answer := r.ResponseKind().(*kmsg.ProduceResponse)
	for _, t := range r.Topics {
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			partition := kmsg.NewProduceResponseTopicPartition()
			partition.Partition, partition.ErrorCode, partition.BaseOffset = p.Partition, code, -1
			topic.Partitions = append(topic.Partitions, partition)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	return Action{Refuse: answer}
}

// DenyProduce has the broker append and tells the client that it failed.
func DenyProduce(code int16) Action {
	return Action{Answer: func(r kmsg.Response) {
		for _, t := range r.(*kmsg.ProduceResponse).Topics {
			for i := range t.Partitions {
				t.Partitions[i].ErrorCode = code
			}
		}
	}}
}

// RefuseCommit is the answer to an OffsetCommit request that commits nothing.
func RefuseCommit(r *kmsg.OffsetCommitRequest, code int16) Action {
	answer := r.ResponseKind().(*kmsg.OffsetCommitResponse)
	for _, t := range r.Topics {
		topic := kmsg.NewOffsetCommitResponseTopic()
		topic.Topic, topic.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			partition := kmsg.NewOffsetCommitResponseTopicPartition()
			partition.Partition, partition.ErrorCode = p.Partition, code
			topic.Partitions = append(topic.Partitions, partition)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	return Action{Refuse: answer}
}

// Corrupt flips a bit in the last bytes of the records that a Fetch brings: in their content, with the checksum left as it was.
func Corrupt() Action {
	return Action{Answer: func(r kmsg.Response) {
		for _, t := range r.(*kmsg.FetchResponse).Topics {
			for _, p := range t.Partitions {
				if n := len(p.RecordBatches); n > 100 {
					p.RecordBatches[n-2] ^= 0x20
				}
			}
		}
	}}
}

// Topics that a Produce request is about; none of other requests.
func (r Request) Topics() []string {
	produce, ok := r.Body.(*kmsg.ProduceRequest)
	if !ok {
		return nil
	}
	var names []string
	for _, t := range produce.Topics {
		names = append(names, t.Topic)
	}
	return names
}

// Commits is the group whose offsets the request commits; empty for other requests.
func (r Request) Commits() string {
	if c, ok := r.Body.(*kmsg.OffsetCommitRequest); ok {
		return c.Group
	}
	return ""
}
