package receivers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-cmp/cmp"
)

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

// TestLooksThroughAllNowAndThen: between two looks at all that may wait, the last hours and what was found waiting are enough.
func TestLooksThroughAllNowAndThen(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	b := newBox()
	b.began["one"] = now.Add(-100 * time.Hour)
	i := &inbox{name: "one"}
	c := quick()
	c.GiveUpAfter = 1000 * time.Hour
	l := newLane(Options{Config: c, Outbox: b, Share: func(tenant string) bool { return tenant == "mine" }, Now: func() time.Time { return now }}, i, newDispatcherMetrics(nil))
	add := func(tenant, id string, ago time.Duration) {
		b.transitions = append(b.transitions, Notification{ID: id, Tenant: tenant, Transition: Firing, At: now.Add(-ago)})
	}
	round := func(want ...string) {
		t.Helper()
		if _, err := l.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, i.sent()); diff != "" {
			t.Error(diff)
		}
	}
	add("mine", "a", 90*time.Hour)
	add("other", "b", 80*time.Hour)
	round("a-firing")
	// Stored late, as by an evaluator that caught up.
	now = now.Add(time.Minute)
	add("mine", "c", time.Hour)
	round("a-firing", "c-firing")
	// A tenant that passes to this process brings what waited at the last look.
	b.transitions[1].Tenant = "mine"
	now = now.Add(time.Minute)
	round("a-firing", "c-firing", "b-firing")
	// Older than anything that may come, as after a restore: found with the next look through all.
	add("mine", "d", 95*time.Hour)
	now = now.Add(time.Minute)
	round("a-firing", "c-firing", "b-firing")
	now = now.Add(lookThrough)
	round("a-firing", "c-firing", "b-firing", "d-firing")
}
