package rollups

import (
	"context"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// chain is two topics of one partition, each read by a group of its own; a commit of the first may add to the second.
type chain struct {
	ends, committed map[string]int64
	asked           []string
	onCommitted     func(group string)
}

func (c *chain) Partitions(context.Context, string) (int, error) { return 1, nil }

func (c *chain) Offsets(_ context.Context, topic string) (map[int]kafka.OffsetRange, error) {
	c.asked = append(c.asked, topic)
	return map[int]kafka.OffsetRange{0: {End: c.ends[topic]}}, nil
}

func (c *chain) Committed(_ context.Context, group string, topics []string) (map[string]map[int]int64, error) {
	c.onCommitted(group)
	return map[string]map[int]int64{topics[0]: {0: c.committed[group]}}, nil
}

func TestAwaitPending(t *testing.T) {
	stages := []Consumers{{"one", []string{"a"}}, {"", []string{"skipped"}}, {"two", []string{"b"}}}
	c := &chain{ends: map[string]int64{"a": 1}, committed: map[string]int64{}}
	c.onCommitted = func(group string) {
		if group == "one" {
			// The first stage publishes to the second, then commits: what it published is waited for.
			c.committed["one"], c.ends["b"] = 1, 3
		} else {
			c.committed["two"]++
		}
	}
	done, err := AwaitPending(t.Context(), c, stages, time.Minute)
	if !done || err != nil || c.committed["two"] != 3 || len(c.asked) != 2 {
		t.Fatalf("done %v, %v, the second stage at %d of 3, asked for %q", done, err, c.committed["two"], c.asked)
	}
	c.onCommitted, c.ends["b"] = func(string) {}, 4
	if done, err := AwaitPending(t.Context(), c, stages, time.Millisecond); done || err != nil {
		t.Fatalf("a stage that never arrives: %v, %v", done, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if done, err := AwaitPending(ended, c, stages, time.Minute); done || err == nil {
		t.Fatalf("after the end of the context: %v, %v", done, err)
	}
}
