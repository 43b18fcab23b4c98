package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// catchUp is how long ago an instant may be that is still judged: what is older nobody is to be told of as if it were now.
const catchUp = time.Hour

// tick is how often what is due is looked for, afterFault how long nothing is tried after a fault.
const (
	tick       = time.Second
	afterFault = 5 * time.Second
)

// Run judges what is due until ctx ends. What cannot be judged is tried again with the next look, and its instants come in order.
func (e *Evaluator) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		pause := tick
		if err := e.Round(ctx); err != nil && ctx.Err() == nil {
			e.metrics.failures.Inc()
			e.o.Log.Error().Err(err).Msg("cannot judge alerts yet, trying again")
			pause = afterFault
		}
		timer.Reset(pause)
	}
}

// Round judges all instants that are due, of all groups and of the tenants of this process. States are read anew each time: another evaluator may have
// had the tenant meanwhile.
func (e *Evaluator) Round(ctx context.Context) error {
	now := e.o.Now().Add(-e.o.Delay)
	if e.begun.IsZero() {
		e.begun = now
	}
	defer func() { e.metrics.behind.Set(e.behind(now).Seconds()) }()
	due := e.due(now)
	gone, err := e.orphans(ctx, now)
	if err != nil {
		return err
	}
	due = append(due, gone...)
	if len(due) == 0 {
		return nil
	}
	tenants, err := e.o.Tenants(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, g := range due {
		failed = append(failed, e.round(ctx, g, tenants, now))
	}
	return errors.Join(failed...)
}

// behind is how long the oldest instant waits that is due and not judged for every tenant of this process.
func (e *Evaluator) behind(now time.Time) time.Duration {
	longest := time.Duration(0)
	for _, g := range e.o.Rules.Groups {
		next := e.done.get(g.Name).Add(g.Interval)
		if next.Before(e.begun) {
			next = e.begun
		}
		longest = max(longest, now.Sub(next))
	}
	return longest
}

// due are the groups with an instant that was not judged yet by this process.
func (e *Evaluator) due(now time.Time) []Group {
	var due []Group
	for _, g := range e.o.Rules.Groups {
		if e.done.get(g.Name).Before(g.Instant(now)) {
			due = append(due, g)
		}
	}
	return due
}

// round judges the instants of a group that are due. What fails for one tenant holds up no other.
func (e *Evaluator) round(ctx context.Context, g Group, tenants []string, now time.Time) error {
	states, err := e.o.Store.States(ctx, g.Name)
	if err != nil {
		return err
	}
	left, err := e.left(ctx, states, tenants)
	failed := []error{err}
	tenants = slices.Concat(tenants, left)
	last := g.Instant(now)
	var mu sync.Mutex
	var all errgroup.Group
	all.SetLimit(e.o.Parallel)
	for _, tenant := range tenants {
		if !e.o.Share(tenant) {
			continue
		}
		all.Go(func() error {
			if err := e.walk(ctx, g, tenant, states[tenant], last); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, fmt.Errorf("group %s for %s: %w", g.Name, tenant, err))
			}
			return nil
		})
	}
	_ = all.Wait() // none answers an error
	if err := errors.Join(failed...); err != nil {
		return err
	}
	e.done.set(g.Name, last)
	return nil
}

// walk judges a tenant's instants in order up to last.
func (e *Evaluator) walk(ctx context.Context, g Group, tenant string, was State, last time.Time) error {
	next := last
	if at := e.quiet.get(g.Name + " " + tenant); was.empty() && at.After(was.At) {
		was.At = at
	}
	if len(g.Rules) > 0 && !was.At.IsZero() {
		// The interval may have changed: the next instant is the first of the grid after the last one judged.
		next = was.At.Truncate(g.Interval).Add(g.Interval)
		if first := last.Add(-catchUp).Truncate(g.Interval); next.Before(first) {
			e.metrics.skipped.Add(float64(first.Sub(next) / g.Interval))
			next = first
		}
	}
	for at := next; !at.After(last); at = at.Add(g.Interval) {
		begun := time.Now()
		state, err := e.once(ctx, g, tenant, was, at)
		if err != nil {
			return err
		}
		was = state
		e.metrics.instants.Inc()
		e.metrics.seconds.Observe(time.Since(begun).Seconds())
	}
	return nil
}

func (e *Evaluator) once(ctx context.Context, g Group, tenant string, was State, at time.Time) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	return e.Evaluate(ctx, g, tenant, was, at)
}

// progress is how far something is.
type progress struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (p *progress) get(of string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[of]
}

func (p *progress) set(of string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at == nil {
		p.at = map[string]time.Time{}
	}
	p.at[of] = at
}
