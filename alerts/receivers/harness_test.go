package receivers

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// box is an outbox in memory that can be made to fail.
type box struct {
	mu          sync.Mutex
	transitions []Notification
	deliveries  []Delivery
	began       map[string]time.Time
	fail        func(call string) error
}

func newBox(all ...Notification) *box { return &box{transitions: all, began: map[string]time.Time{}} }

func (b *box) failing(call string) error {
	if b.fail == nil {
		return nil
	}
	return b.fail(call)
}

func (b *box) Begin(_ context.Context, receiver string, now time.Time) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.failing("begin"); err != nil {
		return time.Time{}, err
	}
	if at, known := b.began[receiver]; known {
		return at, nil
	}
	b.began[receiver] = now
	return now, nil
}

func (b *box) waits(receiver string, n Notification, since time.Time) bool {
	return !n.At.Before(since) && !slices.ContainsFunc(b.deliveries, func(d Delivery) bool {
		return d.Receiver == receiver && d.Tenant == n.Tenant && d.AlertID == n.ID && d.Transition == n.Transition
	})
}

func (b *box) Backlog(_ context.Context, receiver string, since time.Time) ([]Backlog, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.failing("backlog"); err != nil {
		return nil, err
	}
	var found []Backlog
	for _, n := range b.transitions {
		if !b.waits(receiver, n, since) {
			continue
		}
		at := slices.IndexFunc(found, func(x Backlog) bool { return x.Tenant == n.Tenant })
		if at < 0 {
			at, found = len(found), append(found, Backlog{Tenant: n.Tenant, Oldest: n.At})
		}
		found[at].N++
		if n.At.Before(found[at].Oldest) {
			found[at].Oldest = n.At
		}
	}
	return found, nil
}

func (b *box) Waiting(_ context.Context, a Asked) ([]Notification, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Notification
	for _, n := range b.transitions {
		if b.waits(a.Receiver, n, a.Since) && slices.Contains(a.Tenants, n.Tenant) && len(found) < a.Limit {
			found = append(found, n)
		}
	}
	return found, b.failing("waiting")
}

func (b *box) Firing(context.Context, Asked) ([]Notification, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := map[string]Notification{}
	for _, n := range b.transitions {
		last[n.ID] = n
	}
	var found []Notification
	for _, n := range last {
		if n.Transition == Firing {
			found = append(found, n)
		}
	}
	return found, b.failing("firing")
}

func (b *box) Note(_ context.Context, deliveries []Delivery) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.failing("note"); err != nil {
		return err
	}
	b.deliveries = append(b.deliveries, deliveries...)
	return nil
}

// outcomes are "id-transition outcome" of a receiver, in the order they were noted.
func (b *box) outcomes(receiver string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, d := range b.deliveries {
		if d.Receiver == receiver {
			all = append(all, d.AlertID+"-"+d.Transition+" "+d.Outcome)
		}
	}
	return all
}

// inbox is a receiver that a test answers for.
type inbox struct {
	name   string
	mu     sync.Mutex
	got    []string
	answer func(n Notification) error
}

func (i *inbox) Name() string { return i.name }

func (i *inbox) Send(_ context.Context, n Notification) error {
	i.mu.Lock()
	i.got = append(i.got, n.Key())
	answer := i.answer
	i.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(n)
}

func (i *inbox) sent() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.got)
}

func story(alerts int, transitions ...string) []Notification {
	var all []Notification
	now := time.Now()
	for t, transition := range transitions {
		for a := range alerts {
			all = append(all, Notification{
				ID: fmt.Sprintf("a%03d", a), Tenant: fmt.Sprintf("t%d", a%3), Alert: "x", Transition: transition,
				StartsAt: now, At: now.Add(time.Duration(t*alerts+a) * time.Millisecond),
			})
		}
	}
	return all
}

func quick() Config {
	return Config{
		SendTimeout: time.Second, RetryMin: time.Millisecond, RetryMax: 5 * time.Millisecond, GiveUpAfter: time.Hour, Poll: time.Millisecond, RepeatEvery: time.Millisecond,
	}
}

// dispatch runs a Dispatcher until stop is called, which waits for its end.
func dispatch(t *testing.T, o Options) (d *Dispatcher, stop func()) {
	t.Helper()
	if o.SendTimeout == 0 {
		o.Config = quick()
	}
	o.Log = zerolog.Nop()
	d = NewDispatcher(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return d, stop
}

// eventually waits for a condition, and fails the test when it does not come to hold.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
