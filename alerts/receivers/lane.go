package receivers

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"
)

// lane sends to one receiver.
type lane struct {
	o       Options
	r       Receiver
	log     zerolog.Logger
	metrics *dispatcherMetrics
	wake    chan struct{}

	began    time.Time
	repeated time.Time
	// looked is when all was last looked through, low the instant from which on it is enough to look until that is done again.
	looked, low time.Time
	// paused is until when the receiver asked to be left alone.
	paused time.Time

	mu    sync.Mutex
	queue *queue
	// unnoted were taken, which could not be stored yet: nothing is read before they are, or they would be sent again.
	unnoted []Delivery
	faults  *backoff.ExponentialBackOff
}

func newLane(o Options, r Receiver, m *dispatcherMetrics) *lane {
	faults := backoff.NewExponentialBackOff()
	faults.InitialInterval, faults.MaxInterval = o.RetryMin, o.RetryMax
	return &lane{
		o: o, r: r, metrics: m, wake: make(chan struct{}, 1), queue: newQueue(o.RetryMin, o.RetryMax), faults: faults,
		log: o.Log.With().Str("receiver", r.Name()).Logger(),
	}
}

func (l *lane) run(ctx context.Context) {
	if c, ok := l.r.(interface{ Close() }); ok {
		defer c.Close()
	}
	for {
		wait, err := l.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			wait = l.faults.NextBackOff()
			l.metrics.faults.WithLabelValues(l.r.Name()).Inc()
			l.log.Error().Err(err).Dur("pause", wait).Msg("cannot read or note which alerts to send, trying again")
		} else {
			l.faults.Reset()
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-l.wake:
			timer.Stop()
		}
	}
}

// round sends what is due. It returns how long to wait for the next; its error is of the outbox, never of the receiver.
func (l *lane) round(ctx context.Context) (time.Duration, error) {
	now := l.o.Now()
	if l.began.IsZero() {
		bounded, cancel := context.WithTimeout(ctx, outboxTimeout)
		defer cancel()
		began, err := l.o.Outbox.Begin(bounded, l.r.Name(), now.Add(-catchUp))
		if err != nil {
			return 0, err
		}
		l.began = began
	}
	if err := l.noteRest(ctx); err != nil {
		return 0, err
	}
	waiting, err := l.waiting(ctx, now)
	if err != nil {
		return 0, err
	}
	if now.Before(l.paused) {
		return l.paused.Sub(now), nil
	}
	ready, next := l.queue.due(waiting, now)
	taken := l.send(ctx, ready)
	if err := l.noteRest(ctx); err != nil {
		return 0, err
	}
	// After what waits: an alert that is over must not be said to fire by a look that is older than its end.
	if err := l.repeat(ctx); err != nil {
		return 0, err
	}
	wait := l.o.Poll
	if len(waiting) == maxWaiting && taken > 0 {
		wait = 0
	}
	if !next.IsZero() {
		wait = min(wait, max(next.Sub(l.o.Now()), 0))
	}
	return wait, nil
}

// since is the instant from which on transitions are looked at. Looking through all costs more with every alert there ever was, so it is done now and then.
func (l *lane) since(now time.Time) (since time.Time, all bool) {
	if now.Sub(l.looked) < lookThrough {
		return l.low, false
	}
	return later(l.began, now.Add(-l.o.GiveUpAfter-lookBack)), true
}

// waiting reads what waits for the receiver in the tenants of this process.
func (l *lane) waiting(ctx context.Context, now time.Time) ([]Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, outboxTimeout)
	defer cancel()
	since, all := l.since(now)
	backlog, err := l.o.Outbox.Backlog(ctx, l.r.Name(), since)
	if err != nil {
		return nil, err
	}
	var mine []string
	var n uint64
	oldest := now
	for _, b := range backlog {
		oldest = earlier(oldest, b.Oldest)
	}
	if all {
		// Those of other processes too: a tenant may be ours the next time. Transitions may be stored late by as much as an evaluator catches up.
		l.looked, l.low = now, later(since, earlier(oldest.Add(-time.Millisecond), now.Add(-2*catchUp)))
	}
	oldest = now
	for _, b := range backlog {
		if l.o.Share(b.Tenant) {
			mine = append(mine, b.Tenant)
			n += b.N
			oldest = earlier(oldest, b.Oldest)
		}
	}
	l.metrics.waiting.WithLabelValues(l.r.Name()).Set(float64(n))
	l.metrics.waitingAge.WithLabelValues(l.r.Name()).Set(now.Sub(oldest).Seconds())
	if len(mine) == 0 {
		return nil, nil
	}
	return l.o.Outbox.Waiting(ctx, Asked{Receiver: l.r.Name(), Tenants: mine, Since: since, Limit: maxWaiting})
}

// repeat tells a receiver that forgets what fires.
func (l *lane) repeat(ctx context.Context) error {
	r, ok := l.r.(Repeater)
	now := l.o.Now()
	if !ok || now.Sub(l.repeated) < l.o.RepeatEvery || now.Before(l.paused) || ctx.Err() != nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, outboxTimeout)
	defer cancel()
	firing, err := l.o.Outbox.Firing(bounded, Asked{Receiver: l.r.Name(), Since: l.began, Limit: maxFiring})
	if err != nil {
		return err
	}
	l.repeated = now
	var mine []Notification
	for _, n := range firing {
		if l.o.Share(n.Tenant) {
			mine = append(mine, n)
		}
	}
	for len(mine) > 0 {
		chunk := mine[:min(len(mine), repeatChunk)]
		mine = mine[len(chunk):]
		if err := l.attempt(ctx, func(ctx context.Context) error { return r.Repeat(ctx, chunk) }); err != nil {
			// Those that fire are told again in a minute: nothing is lost by this one.
			l.metrics.attempts.WithLabelValues(l.r.Name()).Inc()
			l.log.Warn().Err(err).Int("alerts", len(chunk)).Msg("cannot repeat alerts that fire")
			return nil
		}
	}
	return nil
}

// attempt runs one send within its time. A process that stops lets it end.
func (l *lane) attempt(ctx context.Context, send func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.o.SendTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(drain)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-bounded.Done():
		}
	})
	defer stop()
	started := time.Now()
	err := send(bounded)
	l.metrics.seconds.WithLabelValues(l.r.Name()).Observe(time.Since(started).Seconds())
	return err
}

// noteRest stores what could not be stored when it was sent.
func (l *lane) noteRest(ctx context.Context) error {
	l.mu.Lock()
	rest := l.unnoted
	l.mu.Unlock()
	if len(rest) == 0 {
		return nil
	}
	if err := l.note(ctx, rest...); err != nil {
		return err
	}
	l.mu.Lock()
	l.unnoted = l.unnoted[len(rest):]
	l.mu.Unlock()
	return nil
}

// note stores deliveries, in a process that stops too.
func (l *lane) note(ctx context.Context, deliveries ...Delivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outboxTimeout)
	defer cancel()
	return l.o.Outbox.Note(ctx, deliveries)
}

// isPermanent says whether another try is useless.
func isPermanent(err error) bool {
	var permanent *backoff.PermanentError
	return errors.As(err, &permanent)
}
