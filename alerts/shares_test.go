package alerts

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

type partition int

func (p partition) Partition() int { return int(p) }

// TestShares: of two processes that part the partitions each tenant is one's, and all are the other's once the first is gone.
func TestShares(t *testing.T) {
	four := func(context.Context) (int, error) { return 4, nil }
	a, b := NewShares(four), NewShares(four)
	first, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 8)
	hold := func(ctx context.Context, s *Shares, partitions ...int) {
		for _, p := range partitions {
			go func() { ended <- s.Handle(ctx, partition(p)) }()
		}
	}
	owned := func(s *Shares) int {
		n := 0
		for i := range 1000 {
			if s.Owns(fmt.Sprint("tenant ", i)) {
				n++
			}
		}
		return n
	}
	eventually := func(what string, holds func() bool) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
		}
	}
	if owned(a) != 0 {
		t.Error("tenants are owned before any partition is")
	}
	hold(first, a, 0, 2)
	hold(t.Context(), b, 1, 3)
	eventually("the tenants are not parted", func() bool { return owned(a)+owned(b) == 1000 && owned(a) > 300 && owned(b) > 300 })
	for i := range 1000 {
		if name := fmt.Sprint("tenant ", i); a.Owns(name) == b.Owns(name) {
			t.Fatalf("%s is owned by both or none", name)
		}
	}
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	hold(t.Context(), b, 0, 2)
	eventually("not all are taken over", func() bool { return owned(a) == 0 && owned(b) == 1000 })

	away := NewShares(func(context.Context) (int, error) { return 0, errors.New("away") })
	if err := away.Handle(t.Context(), partition(0)); err == nil {
		t.Error("a partition is held of a topic that cannot be looked at")
	}
}
