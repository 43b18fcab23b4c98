package alerts

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
)

// Claim is one partition of a topic while this process owns it; *kafka.Claim is one.
type Claim interface{ Partition() int }

// Shares part the tenants among processes, as a consumer group parts the partitions of a topic: a tenant is whose partition its name falls on. Nothing of
// the topic is read. While partitions change hands a tenant may be two processes' or nobody's for a moment: the store settles the one, and instants that were
// missed are caught up.
type Shares struct {
	// partitions counts those of the topic.
	partitions func(ctx context.Context) (int, error)

	mu    sync.RWMutex
	of    int
	owned map[int]int
}

// NewShares returns the shares of a process that owns none yet.
func NewShares(partitions func(ctx context.Context) (int, error)) *Shares {
	return &Shares{partitions: partitions, owned: map[int]int{}}
}

// Handle owns a partition until ctx ends.
func (s *Shares) Handle(ctx context.Context, c Claim) error {
	n, err := s.partitions(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("alerts: partitions that tenants are shared by: %w", err)
	}
	s.take(c.Partition(), n, 1)
	defer s.take(c.Partition(), n, -1)
	<-ctx.Done()
	return nil
}

// take counts, for the generation to come may begin before the last one has ended.
func (s *Shares) take(partition, of, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of = of
	s.owned[partition] += by
}

// Owns says whether a tenant is this process's.
func (s *Shares) Owns(tenant string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(tenant)) // a hash takes all that is written
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.of > 0 && s.owned[int(h.Sum32()%uint32(s.of))] > 0
}
