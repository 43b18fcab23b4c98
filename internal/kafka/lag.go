package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	kafkago "github.com/segmentio/kafka-go"
)

// OffsetRange is what a partition holds: First is its oldest offset, End the one after its newest.
type OffsetRange struct{ First, End int64 }

// PartitionLag is how far a group is behind in one partition.
type PartitionLag struct {
	// Topic and Partition.
	Topic     string
	Partition int
	// Committed is the next offset the group will read, -1 when it never committed.
	Committed int64
	// First and End of the partition.
	First, End int64
	// Lag is the number of offsets still to read: from Committed, or First where that is gone or missing, to End.
	Lag int64
}

// Offsets returns first offset and end of every partition of a topic.
func (a *Admin) Offsets(ctx context.Context, topic string) (map[int]OffsetRange, error) {
	all, err := a.offsets(ctx, []string{topic})
	return all[topic], err
}

// Committed returns a group's committed offsets by topic and partition; -1 where there is none.
func (a *Admin) Committed(ctx context.Context, group string, topics []string) (map[string]map[int]int64, error) {
	wanted, err := a.allPartitions(ctx, topics)
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[int]int64, len(topics))
	for topic, partitions := range wanted {
		out[topic] = make(map[int]int64, len(partitions))
		for _, p := range partitions {
			out[topic][p] = -1
		}
	}
	err = a.do(ctx, topics, func(ctx context.Context, c *kafkago.Client) error {
		response, err := c.OffsetFetch(ctx, &kafkago.OffsetFetchRequest{GroupID: group, Topics: wanted})
		if err != nil {
			return fmt.Errorf("kafka: offsets of group %s: %w", group, err)
		}
		if errors.Is(response.Error, kafkago.GroupIdNotFound) {
			return nil // a group nobody joined yet has committed nothing
		}
		if response.Error != nil {
			return fmt.Errorf("kafka: offsets of group %s: %w", group, response.Error)
		}
		for topic, partitions := range response.Topics {
			for _, p := range partitions {
				if p.Error != nil {
					return fmt.Errorf("kafka: offset of group %s in %s/%d: %w", group, topic, p.Partition, p.Error)
				}
				out[topic][p.Partition] = p.CommittedOffset
			}
		}
		return nil
	})
	return out, err
}

// Lag returns how far a group is behind in every partition of the topics, ordered by topic and partition.
func (a *Admin) Lag(ctx context.Context, group string, topics []string) ([]PartitionLag, error) {
	// Committed offsets first: an end read later can only make the lag look larger, never negative.
	committed, err := a.Committed(ctx, group, topics)
	if err != nil {
		return nil, err
	}
	ranges, err := a.offsets(ctx, topics)
	if err != nil {
		return nil, err
	}
	var out []PartitionLag
	for topic, partitions := range ranges {
		for p, r := range partitions {
			at := committed[topic][p]
			out = append(out, PartitionLag{
				Topic: topic, Partition: p, Committed: at, First: r.First, End: r.End,
				Lag: max(0, r.End-max(at, r.First)),
			})
		}
	}
	slices.SortFunc(out, func(a, b PartitionLag) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	return out, nil
}

func (a *Admin) offsets(ctx context.Context, topics []string) (map[string]map[int]OffsetRange, error) {
	wanted, err := a.allPartitions(ctx, topics)
	if err != nil {
		return nil, err
	}
	var out map[string]map[int]OffsetRange
	err = a.do(ctx, topics, func(ctx context.Context, c *kafkago.Client) error {
		out, err = listOffsets(ctx, c.Addr, c.Transport, wanted)
		return err
	})
	return out, err
}

// allPartitions names every partition of the topics, all of which must exist.
func (a *Admin) allPartitions(ctx context.Context, topics []string) (map[string][]int, error) {
	counts, err := a.partitions(ctx, topics)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]int, len(topics))
	for _, t := range topics {
		if counts[t] == 0 {
			return nil, fmt.Errorf("kafka: topic %s: %w", t, kafkago.UnknownTopicOrPartition)
		}
		for p := range counts[t] {
			out[t] = append(out[t], p)
		}
	}
	return out, nil
}

func listOffsets(ctx context.Context, addr net.Addr, transport kafkago.RoundTripper, partitions map[string][]int) (map[string]map[int]OffsetRange, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request := &kafkago.ListOffsetsRequest{Topics: make(map[string][]kafkago.OffsetRequest)}
	for topic, ps := range partitions {
		for _, p := range ps {
			request.Topics[topic] = append(request.Topics[topic], kafkago.FirstOffsetOf(p), kafkago.LastOffsetOf(p))
		}
	}
	client := &kafkago.Client{Addr: addr, Transport: transport, Timeout: requestTimeout}
	response, err := client.ListOffsets(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("kafka: list offsets: %w", err)
	}
	out := make(map[string]map[int]OffsetRange, len(partitions))
	for topic, ps := range response.Topics {
		out[topic] = make(map[int]OffsetRange, len(ps))
		for _, p := range ps {
			if p.Error != nil {
				return nil, fmt.Errorf("kafka: list offsets of %s/%d: %w", topic, p.Partition, p.Error)
			}
			out[topic][p.Partition] = OffsetRange{First: p.FirstOffset, End: p.LastOffset}
		}
	}
	return out, nil
}
