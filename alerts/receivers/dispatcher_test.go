package receivers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
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

func TestDispatcherSendsEachOnceAndInOrder(t *testing.T) {
	b, one, two := newBox(story(20, Firing, Resolved)...), &inbox{name: "one"}, &inbox{name: "two"}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{one, two}})
	eventually(t, "all noted", func() bool { return len(b.outcomes("one")) == 40 && len(b.outcomes("two")) == 40 })
	stop()
	for _, i := range []*inbox{one, two} {
		sent := i.sent()
		if len(sent) != 40 {
			t.Errorf("%s got %d", i.name, len(sent))
		}
		for a := range 20 {
			id := fmt.Sprintf("a%03d-", a)
			fired, over := slices.Index(sent, id+Firing), slices.Index(sent, id+Resolved)
			if fired < 0 || over < fired {
				t.Errorf("%s: %s fired at %d, over at %d", i.name, id, fired, over)
			}
		}
	}
}

// TestDownAndBack: while a receiver is down the others get theirs; when it is back it gets all, in order.
func TestDownAndBack(t *testing.T) {
	var mu sync.Mutex
	down := true
	b := newBox(story(10, Firing, Resolved)...)
	ill := &inbox{name: "ill", answer: func(Notification) error {
		mu.Lock()
		defer mu.Unlock()
		if down {
			return errors.New("connection refused")
		}
		return nil
	}}
	well := &inbox{name: "well"}
	reg := prometheus.NewRegistry()
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{ill, well}, Registerer: reg})
	eventually(t, "the well one got all, the ill one was tried often", func() bool { return len(b.outcomes("well")) == 20 && len(ill.sent()) > 50 })
	if got := b.outcomes("ill"); len(got) > 0 {
		t.Errorf("noted as taken while down: %s", got)
	}
	if slices.ContainsFunc(ill.sent(), func(key string) bool { return strings.HasSuffix(key, Resolved) }) {
		t.Error("an end was sent before its beginning was taken")
	}
	mu.Lock()
	down = false
	mu.Unlock()
	eventually(t, "the ill one got all", func() bool { return len(b.outcomes("ill")) == 20 })
	stop()
	want := `
# HELP rapport_alert_notifications_total Transitions of alerts by what came of them at a receiver: sent, refused or given_up.
# TYPE rapport_alert_notifications_total counter
rapport_alert_notifications_total{outcome="given_up",receiver="ill"} 0
rapport_alert_notifications_total{outcome="given_up",receiver="well"} 0
rapport_alert_notifications_total{outcome="refused",receiver="ill"} 0
rapport_alert_notifications_total{outcome="refused",receiver="well"} 0
rapport_alert_notifications_total{outcome="sent",receiver="ill"} 20
rapport_alert_notifications_total{outcome="sent",receiver="well"} 20
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "rapport_alert_notifications_total"); err != nil {
		t.Error(err)
	}
}

// TestSlowReceiverHoldsUpNoOther: one that never answers keeps its own lane busy, and each attempt ends in its time.
func TestSlowReceiverHoldsUpNoOther(t *testing.T) {
	b, fast := newBox(story(30, Firing)...), &inbox{name: "fast"}
	release := make(chan struct{})
	slow := &inbox{name: "slow", answer: func(Notification) error {
		<-release
		return nil
	}}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{slow, fast}})
	eventually(t, "the fast one got all while the slow one sits on what it got", func() bool { return len(b.outcomes("fast")) == 30 && len(slow.sent()) == maxSends })
	if got := b.outcomes("slow"); len(got) > 0 {
		t.Errorf("noted before it was taken: %s", got)
	}
	close(release)
	eventually(t, "the slow one got all", func() bool { return len(b.outcomes("slow")) == 30 })
	stop()
	if n := len(slow.sent()); n != 30 {
		t.Errorf("%d sent", n)
	}
}

// TestKilledBetweenSendingAndNoting: what the receiver took and nobody noted is sent again, under the same id.
func TestKilledBetweenSendingAndNoting(t *testing.T) {
	b, i := newBox(story(1, Firing)...), &inbox{name: "one"}
	b.fail = func(call string) error {
		if call == "note" {
			return errors.New("database away")
		}
		return nil
	}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "sent", func() bool { return len(i.sent()) == 1 })
	stop()
	if got := i.sent(); len(got) != 1 {
		t.Errorf("a process that lives sends once: %s", got)
	}
	if len(b.outcomes("one")) != 0 {
		t.Fatal("noted")
	}
	// Another process on the same store.
	b.fail = nil
	_, stop = dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "noted", func() bool { return len(b.outcomes("one")) == 1 })
	stop()
	if diff := cmp.Diff([]string{"a000-firing", "a000-firing"}, i.sent()); diff != "" {
		t.Error(diff)
	}
}

// TestDatabaseAway: while notes fail nothing is sent twice by the process that lives, and the rest follows.
func TestDatabaseAway(t *testing.T) {
	b, i := newBox(story(6, Firing)...), &inbox{name: "one"}
	calls := 0
	b.fail = func(string) error { // under b's lock
		if calls++; calls%3 != 0 && calls < 200 {
			return errors.New("database away")
		}
		return nil
	}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "all noted", func() bool { return len(b.outcomes("one")) == 6 })
	stop()
	got := i.sent()
	slices.Sort(got)
	if len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("sent twice: %s", got)
	}
}

func TestRefusedIsNotedWithTheReason(t *testing.T) {
	b := newBox(story(2, Firing, Resolved)...)
	i := &inbox{name: "one", answer: func(n Notification) error {
		if n.Key() == "a000-firing" {
			return backoff.Permanent(errors.New("answered 400 Bad Request: no such label " + strings.Repeat("x", 1000)))
		}
		return nil
	}}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "all noted", func() bool { return len(b.outcomes("one")) == 4 })
	stop()
	got := b.outcomes("one")
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a000-firing refused", "a000-resolved sent", "a001-firing sent", "a001-resolved sent"}, got); diff != "" {
		t.Error(diff)
	}
	for _, d := range b.deliveries {
		if d.Outcome == Refused && (!strings.Contains(d.Error, "400 Bad Request") || len(d.Error) > 600 || d.Attempts != 1) {
			t.Errorf("%+v", d)
		}
	}
}

// TestPoisonHoldsUpNoOtherAlert: one that the receiver chokes on for ever goes behind the others.
func TestPoisonHoldsUpNoOtherAlert(t *testing.T) {
	b := newBox(story(40, Firing)...)
	i := &inbox{name: "one", answer: func(n Notification) error {
		if n.ID < "a010" { // more than are sent at once, and the oldest
			return errors.New("answered 500")
		}
		return nil
	}}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "the others noted", func() bool { return len(b.outcomes("one")) == 30 })
	stop()
}

func TestGivenUpAfterATime(t *testing.T) {
	all := story(2, Firing)
	all[0].At = time.Now().Add(-2 * time.Hour)
	b, i := newBox(all...), &inbox{name: "one"}
	b.began["one"] = time.Now().Add(-24 * time.Hour)
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "both noted", func() bool { return len(b.outcomes("one")) == 2 })
	stop()
	got := b.outcomes("one")
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a000-firing given_up", "a001-firing sent"}, got); diff != "" || len(i.sent()) != 1 {
		t.Error(diff, i.sent())
	}
}

// TestNewReceiverHearsNoHistory: what happened before there was a receiver is not for it.
func TestNewReceiverHearsNoHistory(t *testing.T) {
	all := story(2, Firing)
	all[0].At = time.Now().Add(-catchUp - time.Minute)
	b, i := newBox(all...), &inbox{name: "one"}
	c := quick()
	c.GiveUpAfter = 1000 * time.Hour
	_, stop := dispatch(t, Options{Config: c, Outbox: b, Receivers: []Receiver{i}})
	eventually(t, "the new one noted", func() bool { return len(b.outcomes("one")) == 1 })
	stop()
	if diff := cmp.Diff([]string{"a001-firing"}, i.sent()); diff != "" {
		t.Error(diff)
	}
}

// TestSharedByTenant: two dispatchers whose shares are disjoint send each transition once between them.
func TestSharedByTenant(t *testing.T) {
	b, i := newBox(story(30, Firing, Resolved)...), &inbox{name: "one"}
	_, stopA := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}, Share: func(tenant string) bool { return tenant == "t0" }})
	_, stopB := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}, Share: func(tenant string) bool { return tenant != "t0" }})
	eventually(t, "all noted", func() bool { return len(b.outcomes("one")) == 60 })
	stopA()
	stopB()
	if n := len(i.sent()); n != 60 {
		t.Errorf("%d sent", n)
	}
}

// TestRetryAfterLeavesTheReceiverAlone: one that asks for time gets it, for all alerts.
func TestRetryAfterLeavesTheReceiverAlone(t *testing.T) {
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	asked := false
	b := newBox(story(20, Firing)...)
	i := &inbox{name: "one", answer: func(Notification) error {
		mu.Lock()
		defer mu.Unlock()
		if !asked {
			asked = true
			return &backoff.RetryAfterError{Duration: time.Minute}
		}
		return nil
	}}
	d, _ := dispatch(t, Options{Outbox: b, Receivers: []Receiver{i}, Now: clock})
	// Those that were on their way when it asked may arrive.
	eventually(t, "asked", func() bool { mu.Lock(); defer mu.Unlock(); return asked })
	before := len(i.sent())
	for range 50 {
		d.Wake()
	}
	if after := len(i.sent()); after > before+2*maxSends {
		t.Errorf("%d sent to a receiver that asked for time, %d before", after, before)
	}
	mu.Lock()
	now = now.Add(2 * time.Minute)
	mu.Unlock()
	eventually(t, "all noted", func() bool { d.Wake(); return len(b.outcomes("one")) == 20 })
}

type repeating struct {
	inbox
	repeated chan []Notification
}

func (r *repeating) Repeat(_ context.Context, firing []Notification) error {
	select {
	case r.repeated <- firing:
	default:
	}
	return nil
}

// TestRepeats: what fires is said again, what is over is not.
func TestRepeats(t *testing.T) {
	all := append(story(3, Firing), story(1, Firing, Resolved)[1])
	b, r := newBox(all...), &repeating{inbox: inbox{name: "one"}, repeated: make(chan []Notification, 1)}
	_, stop := dispatch(t, Options{Outbox: b, Receivers: []Receiver{r}, Share: func(tenant string) bool { return tenant != "t2" }})
	for range 3 {
		got := <-r.repeated
		if len(got) != 1 || got[0].Key() != "a001-firing" {
			t.Errorf("repeated: %v", got)
		}
	}
	stop()
}

// TestStopFinishesWhatIsBeingSent: a process that is told to stop lets the attempt end and notes it.
func TestStopFinishesWhatIsBeingSent(t *testing.T) {
	b := newBox(story(1, Firing)...)
	begun, release := make(chan struct{}), make(chan struct{})
	i := &inbox{name: "one", answer: func(Notification) error {
		close(begun)
		<-release
		return nil
	}}
	d := NewDispatcher(Options{Config: quick(), Outbox: b, Receivers: []Receiver{i}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	<-begun
	cancel()
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"a000-firing sent"}, b.outcomes("one")); diff != "" {
		t.Error(diff)
	}
}
