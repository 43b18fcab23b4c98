package receivers

import (
	"cmp"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// chain is what waits of one alert, in order.
type chain []Notification

// alertKey is an alert of a tenant.
type alertKey struct{ tenant, id string }

func (c chain) key() alertKey { return alertKey{c[0].Tenant, c[0].ID} }

// queue decides what is sent next to one receiver. What failed waits for its pause; what failed less often goes first, so that an alert which the
// receiver cannot digest holds up no other.
type queue struct {
	min, max time.Duration
	failing  map[alertKey]*retry
}

type retry struct {
	failures uint32
	next     time.Time
	pause    *backoff.ExponentialBackOff
}

func newQueue(min, max time.Duration) *queue {
	return &queue{min: min, max: max, failing: map[alertKey]*retry{}}
}

// due are the chains of waiting that may be sent now, and when the next of the others may; zero where there is none.
func (q *queue) due(waiting []Notification, now time.Time) (ready []chain, next time.Time) {
	chains := map[alertKey]chain{}
	var order []alertKey
	for _, n := range waiting {
		k := alertKey{n.Tenant, n.ID}
		if _, known := chains[k]; !known {
			order = append(order, k)
		}
		chains[k] = append(chains[k], n)
	}
	// What no longer waits was taken, given up or erased.
	for k := range q.failing {
		if _, waits := chains[k]; !waits {
			delete(q.failing, k)
		}
	}
	for _, k := range order {
		if r := q.failing[k]; r != nil && r.next.After(now) {
			if next.IsZero() || r.next.Before(next) {
				next = r.next
			}
			continue
		}
		ready = append(ready, chains[k])
	}
	slices.SortStableFunc(ready, func(a, b chain) int { return cmp.Compare(q.failures(a.key()), q.failures(b.key())) })
	return ready, next
}

func (q *queue) failures(k alertKey) uint32 {
	if r := q.failing[k]; r != nil {
		return r.failures
	}
	return 0
}

// failed puts an alert off, at least for the time that the receiver asked for.
func (q *queue) failed(k alertKey, now time.Time, atLeast time.Duration) {
	r := q.failing[k]
	if r == nil {
		pause := backoff.NewExponentialBackOff()
		pause.InitialInterval, pause.MaxInterval = q.min, q.max
		pause.Reset()
		r = &retry{pause: pause}
		q.failing[k] = r
	}
	r.failures++
	// The library adds its random part to the longest pause too.
	r.next = now.Add(max(min(r.pause.NextBackOff(), q.max), atLeast))
}

// taken forgets the failures of an alert.
func (q *queue) taken(k alertKey) { delete(q.failing, k) }
