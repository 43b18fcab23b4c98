package receivers

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"
)

const (
	// maxSends to one receiver at once.
	maxSends = 4
	// maxWaiting transitions are held in memory for one receiver.
	maxWaiting = 500
	// maxFiring alerts are repeated; beyond it nobody reads them one by one.
	maxFiring = 10_000
	// repeatChunk alerts share a request.
	repeatChunk = 100
	// maxRetryAfter bounds what a receiver may ask for.
	maxRetryAfter = 15 * time.Minute
	// drain is how long what is being sent may go on after the process was told to stop: cut off, it would be sent again.
	drain = 3 * time.Second
	// outboxTimeout bounds a statement.
	outboxTimeout = 30 * time.Second
	// catchUp is how far behind an evaluator may be when a receiver is first there, and how long ago a new receiver still hears of.
	catchUp = time.Hour
	// lookThrough is how often all that may wait is looked through, and not the last hours alone.
	lookThrough = 10 * time.Minute
	// lookBack bounds what is looked through for what waits, beyond the time after which it is given up.
	lookBack = 30 * 24 * time.Hour
)

// Options is what a Dispatcher works with. Config, Outbox and Receivers are required.
type Options struct {
	Config
	Outbox    Outbox
	Receivers []Receiver
	// Share says whether this process sends for a tenant, as the evaluator does. nil: for all.
	Share func(tenant string) bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes refusals, failures and what is given up.
	Log zerolog.Logger
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
}

// Dispatcher sends what waits to every receiver, each in a lane of its own: one that is down or slow holds up no other. Of one alert a receiver gets
// the transitions in order, each at least once.
type Dispatcher struct {
	lanes []*lane
}

// NewDispatcher returns a Dispatcher that sends when Run is called.
func NewDispatcher(o Options) *Dispatcher {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Share == nil {
		o.Share = func(string) bool { return true }
	}
	m := newDispatcherMetrics(o.Registerer)
	d := &Dispatcher{}
	for _, r := range o.Receivers {
		m.of(r.Name())
		d.lanes = append(d.lanes, newLane(o, r, m))
	}
	return d
}

// Wake makes the lanes look at once for what waits; the evaluator calls it when it has stored a transition.
func (d *Dispatcher) Wake() {
	for _, l := range d.lanes {
		select {
		case l.wake <- struct{}{}:
		default: // it is going to look anyway
		}
	}
}

// Run sends until ctx ends, and then finishes what is being sent. It returns nil.
func (d *Dispatcher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range d.lanes {
		g.Go(func() error {
			l.run(ctx)
			return nil
		})
	}
	return g.Wait()
}
