package ingest

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates is a token bucket per tenant. There are as many as tenants with a key, so none is ever dropped.
type rates struct {
	perSecond float64
	burst     int
	mu        sync.Mutex
	buckets   map[string]*rate.Limiter
}

// newRates lets every tenant send perSecond events a second, in bursts of a second's worth, and always of one full
// request, which could else never pass.
func newRates(perSecond float64, maxEvents int) *rates {
	return &rates{perSecond: perSecond, burst: max(maxEvents, int(math.Ceil(perSecond))), buckets: make(map[string]*rate.Limiter)}
}

// take takes n events from the tenant's bucket, all or none; where there are too few it says how long until there are enough.
func (r *rates) take(tenant string, n int, now time.Time) (wait time.Duration) {
	if r.perSecond <= 0 {
		return 0
	}
	r.mu.Lock()
	bucket, ok := r.buckets[tenant]
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(r.perSecond), r.burst)
		r.buckets[tenant] = bucket
	}
	r.mu.Unlock()
	reservation := bucket.ReserveN(now, n)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}
