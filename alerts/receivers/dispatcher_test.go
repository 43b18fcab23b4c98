package receivers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

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
