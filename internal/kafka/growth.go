package kafka

import (
	"context"
	"maps"
	"time"
)

// growth finds partitions that were added while the group was being joined. The library's own watch compares with how many there were when it began, which
// is after the leader shared out what it saw: what is added between the two would belong to nobody until the next rebalance.
type growth struct {
	count func(ctx context.Context) (map[string]int, error)
	// known is what there was before the generation of now was joined, so before its leader looked.
	known map[string]int
}

// look says whether there are other partitions than when it looked last. It tries until it can tell or ctx ends.
func (g *growth) look(ctx context.Context) bool {
	for ctx.Err() == nil {
		counts, err := g.count(ctx)
		if err == nil {
			differs := !maps.Equal(counts, g.known)
			g.known = counts
			return differs
		}
		sleep(ctx, time.Second)
	}
	return false
}
