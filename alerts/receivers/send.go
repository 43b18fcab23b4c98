package receivers

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"
)

// errorBytes of a failure are stored.
const errorBytes = 500

// send sends chains, several at once, and returns how many transitions were done with. When as many in a row failed as are sent at once, the receiver is
// taken to be down and the rest is left for later.
func (l *lane) send(ctx context.Context, ready []chain) int {
	var taken, failedInARow atomic.Int32
	var g errgroup.Group
	g.SetLimit(maxSends)
	for _, c := range ready {
		g.Go(func() error {
			for _, n := range c {
				if ctx.Err() != nil || failedInARow.Load() >= maxSends || l.isPaused() {
					return nil
				}
				if !l.one(ctx, n) {
					failedInARow.Add(1)
					return nil // what comes after it in its alert must not go before it
				}
				failedInARow.Store(0)
				taken.Add(1)
			}
			return nil
		})
	}
	_ = g.Wait() // no function returns an error
	return int(taken.Load())
}

// one sends a transition and notes what came of it; false where it is to be sent again.
func (l *lane) one(ctx context.Context, n Notification) bool {
	k := alertKey{n.Tenant, n.ID}
	d := Delivery{Tenant: n.Tenant, AlertID: n.ID, Transition: n.Transition, Receiver: l.r.Name(), Outcome: Sent}
	var err error
	if late := l.o.Now().Sub(n.At); late > l.o.GiveUpAfter {
		d.Outcome, d.Error = GivenUp, "not taken for "+late.Round(time.Second).String()
	} else if err = l.attempt(ctx, func(ctx context.Context) error { return l.r.Send(ctx, n) }); err != nil {
		if !isPermanent(err) {
			l.putOff(ctx, n, err)
			return false
		}
		d.Outcome, d.Error = Refused, err.Error()
	}
	l.mu.Lock()
	d.Attempts = l.queue.failures(k)
	l.queue.taken(k)
	l.mu.Unlock()
	if d.Outcome != GivenUp {
		d.Attempts++
	}
	d.Error, d.At = shorten(d.Error, errorBytes), l.o.Now()
	l.metrics.notifications.WithLabelValues(l.r.Name(), d.Outcome).Inc()
	if d.Outcome != Sent {
		l.log.Error().Str("tenant", n.Tenant).Str("alert", n.Alert).Str("id", n.Key()).Str("outcome", d.Outcome).Str("reason", d.Error).Msg("an alert was not taken")
	}
	if err := l.note(ctx, d); err != nil {
		l.log.Error().Err(err).Str("id", n.Key()).Msg("cannot note that an alert was sent; it is sent again if this process ends before it can")
		l.mu.Lock()
		l.unnoted = append(l.unnoted, d)
		l.mu.Unlock()
	}
	return true
}

// putOff leaves a transition for a later attempt.
func (l *lane) putOff(ctx context.Context, n Notification, err error) {
	if ctx.Err() != nil {
		return // the process stops: that says nothing about the receiver
	}
	now, asked := l.o.Now(), time.Duration(0)
	var after *backoff.RetryAfterError
	if errors.As(err, &after) {
		asked = after.Duration
	}
	l.mu.Lock()
	if asked > 0 {
		l.paused = later(l.paused, now.Add(asked))
	}
	l.queue.failed(alertKey{n.Tenant, n.ID}, now, asked)
	failures := l.queue.failures(alertKey{n.Tenant, n.ID})
	l.mu.Unlock()
	l.metrics.attempts.WithLabelValues(l.r.Name()).Inc()
	l.log.Warn().Err(err).Str("tenant", n.Tenant).Str("alert", n.Alert).Str("id", n.Key()).Uint32("failures", failures).Msg("cannot send an alert yet, trying again")
}

func (l *lane) isPaused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.o.Now().Before(l.paused)
}
