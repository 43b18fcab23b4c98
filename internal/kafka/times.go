package kafka

import (
	"context"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// OffsetsAt returns, for every partition of a topic, the first offset whose record is stamped at or after an instant (to the millisecond), and the
// partition's end where there is none.
func (a *Admin) OffsetsAt(ctx context.Context, topic string, at time.Time) (map[int]int64, error) {
	ranges, err := a.Offsets(ctx, topic)
	if err != nil {
		return nil, err
	}
	wanted := make([]kafkago.OffsetRequest, 0, len(ranges))
	for p := range ranges {
		wanted = append(wanted, kafkago.TimeOffsetOf(p, at))
	}
	out := make(map[int]int64, len(ranges))
	err = a.do(ctx, []string{topic}, func(ctx context.Context, c *kafkago.Client) error {
		response, err := c.ListOffsets(ctx, &kafkago.ListOffsetsRequest{Topics: map[string][]kafkago.OffsetRequest{topic: wanted}})
		if err != nil {
			return fmt.Errorf("kafka: offsets of %s at %s: %w", topic, at, err)
		}
		for _, p := range response.Topics[topic] {
			if p.Error != nil {
				return fmt.Errorf("kafka: offset of %s/%d at %s: %w", topic, p.Partition, at, p.Error)
			}
			out[p.Partition] = ranges[p.Partition].End
			for offset := range p.Offsets {
				if offset >= 0 {
					out[p.Partition] = offset
				}
			}
		}
		return nil
	})
	return out, err
}
