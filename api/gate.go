package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// gate lets in so many requests of each tenant, and so many of all, so that one tenant's dashboards do not stand in the others' way.
type gate struct {
	all       *semaphore.Weighted
	perTenant int64
	patience  time.Duration
	mu        sync.Mutex
	tenants   map[string]*semaphore.Weighted // as many as tenants with a key
}

func newGate(c Config) *gate {
	return &gate{
		all: semaphore.NewWeighted(int64(c.MaxQueries)), perTenant: int64(c.MaxTenantQueries), patience: c.QueueTimeout,
		tenants: map[string]*semaphore.Weighted{},
	}
}

// enter waits for a place, at most as long as the gate's patience. The tenant's own comes first: who waits for it holds none of the others'.
func (g *gate) enter(ctx context.Context, tenant string) (leave func(), p *problem) {
	ctx, cancel := context.WithTimeout(ctx, g.patience)
	defer cancel()
	own := g.of(tenant)
	if own.Acquire(ctx, 1) != nil {
		return nil, problemTenantBusy()
	}
	if g.all.Acquire(ctx, 1) != nil {
		own.Release(1)
		return nil, problemBusy()
	}
	return func() {
		g.all.Release(1)
		own.Release(1)
	}, nil
}

func (g *gate) of(tenant string) *semaphore.Weighted {
	g.mu.Lock()
	defer g.mu.Unlock()
	own, ok := g.tenants[tenant]
	if !ok {
		own = semaphore.NewWeighted(g.perTenant)
		g.tenants[tenant] = own
	}
	return own
}
