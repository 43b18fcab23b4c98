package rollups

import (
	"context"
	"fmt"
	"time"
)

// AwaitPending waits until the first stage has committed all that is in its topics now, then the second all that is in its own by then, and so on: what
// was published before the call has come through all of them. It answers false if that takes longer than limit. Stages without a Group are skipped.
func AwaitPending(ctx context.Context, positions Positions, stages []Consumers, limit time.Duration) (bool, error) {
	deadline := time.Now().Add(limit)
	for _, c := range stages {
		if c.Group == "" {
			continue
		}
		done, err := awaitStage(ctx, positions, c, deadline)
		if err != nil || !done {
			return false, err
		}
	}
	return true, nil
}

func awaitStage(ctx context.Context, positions Positions, c Consumers, deadline time.Time) (bool, error) {
	ends, err := endsOf(ctx, positions, c.Topics)
	if err != nil {
		return false, err
	}
	for {
		committed, err := positions.Committed(ctx, c.Group, c.Topics)
		if err != nil {
			return false, fmt.Errorf("rollups: progress of group %s: %w", c.Group, err)
		}
		if reached(committed, ends) {
			return true, nil
		}
		if time.Now().After(deadline) || !sleep(ctx, 100*time.Millisecond) {
			return false, ctx.Err()
		}
	}
}

// endsOf are where the topics' partitions end now; those that hold no record are left out, as nobody has to read them.
func endsOf(ctx context.Context, positions Positions, topics []string) (map[string]map[int]int64, error) {
	out := map[string]map[int]int64{}
	for _, topic := range topics {
		ranges, err := positions.Offsets(ctx, topic)
		if err != nil {
			return nil, fmt.Errorf("rollups: offsets of %s: %w", topic, err)
		}
		out[topic] = map[int]int64{}
		for p, r := range ranges {
			if r.End > r.First {
				out[topic][p] = r.End
			}
		}
	}
	return out, nil
}

func reached(committed, ends map[string]map[int]int64) bool {
	for topic, partitions := range ends {
		for p, end := range partitions {
			if committed[topic][p] < end {
				return false
			}
		}
	}
	return true
}
