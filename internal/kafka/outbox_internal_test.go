package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// cluster takes what an outbox sends, and remembers what it acknowledged.
type cluster struct {
	mu    sync.Mutex
	on    map[destination]bool
	log   map[destination][]string
	calls int
	// reply is what becomes of a group; nil: all of it is taken.
	reply   func(call int, group []*parcel) []error
	mistake string
}

func (c *cluster) send(_ context.Context, group []*parcel) []error {
	c.mu.Lock()
	c.calls++
	call := c.calls
	for _, p := range group {
		if c.on[p.destination] {
			c.mistake = "two requests for one partition at a time"
		}
		c.on[p.destination] = true
	}
	c.mu.Unlock()
	errs := make([]error, len(group))
	if c.reply != nil {
		errs = c.reply(call, group)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range group {
		c.on[p.destination] = false
		if errs[i] != nil {
			continue
		}
		u := unpacker{limit: 64 << 20}
		set, err := (&packer{}).appendSet(nil, &p.records)
		if err != nil {
			c.mistake = err.Error()
			continue
		}
		msgs, err := u.all(set[4:], anywhere)
		if err != nil {
			c.mistake = err.Error()
		}
		for _, m := range msgs {
			c.log[p.destination] = append(c.log[p.destination], string(m.Value))
		}
	}
	return errs
}

func outboxTo(t *testing.T, c *cluster, o ProducerOptions) *outbox {
	t.Helper()
	c.on, c.log = map[destination]bool{}, map[destination][]string{}
	o.BatchTimeout, o.BatchMessages = orDefault(o.BatchTimeout, time.Millisecond), orDefault(o.BatchMessages, 500)
	o.MaxMessageBytes, o.MaxAttempts, o.RequestTimeout = orDefault(o.MaxMessageBytes, 1_000_000), orDefault(o.MaxAttempts, 5), time.Minute
	o.PublishTimeout = time.Minute
	b := newOutbox(o)
	b.send, b.answered, b.settled = c.send, func(*parcel, error) {}, func(*call) {}
	t.Cleanup(func() {
		b.close()
		b.stop()
		if c.mistake != "" {
			t.Error(c.mistake)
		}
	})
	return b
}

func putAll(t *testing.T, b *outbox, routes []route, values ...string) *call {
	t.Helper()
	c := &call{messages: len(values), done: make(chan struct{})}
	msgs := make([]Message, len(values))
	for i, v := range values {
		msgs[i] = Message{Topic: "t", Value: []byte(v)}
	}
	if err := b.put(c, msgs, routes, time.Now()); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOutboxKeepsOrderThroughFaults: many callers, each writing a numbered sequence to each of several partitions of two brokers, while a third of what is
// sent fails and is sent again. Whatever was acknowledged is in the log once and in order, and nothing else is claimed.
func TestOutboxKeepsOrderThroughFaults(t *testing.T) {
	const callers, rounds, partitions = 8, 40, 6
	c := &cluster{reply: func(call int, group []*parcel) []error {
		r := rand.New(rand.NewPCG(7, uint64(call)))
		errs := make([]error, len(group))
		for i := range errs {
			if r.IntN(3) == 0 {
				errs[i] = kafkago.NotEnoughReplicas
			}
			if group[i].partition%2 != group[0].partition%2 {
				t.Error("one request for two brokers")
			}
		}
		return errs
	}}
	b := outboxTo(t, c, ProducerOptions{BatchMessages: 7, MaxAttempts: 100})
	var wg sync.WaitGroup
	for who := range callers {
		wg.Go(func() {
			for round := range rounds {
				var values []string
				var routes []route
				for p := range int32(partitions) {
					values, routes = append(values, fmt.Sprintf("%d %03d", who, round)), append(routes, route{p, p % 2})
				}
				call := putAll(t, b, routes, values...)
				if round%4 == 0 {
					continue // the next goes while this is on its way
				}
				<-call.done
				if call.err != nil || call.failed != 0 {
					t.Error(call.err)
				}
			}
		})
	}
	wg.Wait()
	b.close()
	for p := range int32(partitions) {
		got := c.log[destination{"t", p}]
		if len(got) != callers*rounds {
			t.Errorf("partition %d has %d messages, want %d", p, len(got), callers*rounds)
		}
		for who := range callers {
			mine := slices.DeleteFunc(slices.Clone(got), func(v string) bool { return v[0] != byte('0'+who) })
			if !slices.IsSorted(mine) {
				t.Errorf("partition %d has the messages of caller %d as %v", p, who, mine)
			}
		}
	}
}

// TestOutboxSendsTogetherAndAgainAlone: what waits for one broker goes in one request; what fails for good does not hold back the rest, and says how much failed.
func TestOutboxSendsTogetherAndAgainAlone(t *testing.T) {
	var sizes []int
	broken := errors.New("broken")
	c := &cluster{}
	c.reply = func(call int, group []*parcel) []error {
		sizes = append(sizes, len(group)) // nothing else is on its way
		errs := make([]error, len(group))
		for i, p := range group {
			switch {
			case p.partition == 2:
				errs[i] = broken
			case p.partition == 1 && call == 1:
				errs[i] = context.DeadlineExceeded
			}
		}
		return errs
	}
	b := outboxTo(t, c, ProducerOptions{})
	call := putAll(t, b, []route{{0, 9}, {1, 9}, {2, 9}, {2, 9}}, "a", "b", "c", "d")
	<-call.done
	if !errors.Is(call.err, broken) || call.failed != 2 || call.messages != 4 {
		t.Errorf("%d of %d: %v", call.failed, call.messages, call.err)
	}
	b.close()
	if !slices.Equal(sizes, []int{3, 1}) {
		t.Errorf("requests of %v partitions, want 3, then the one that may go well", sizes)
	}
	if got := c.log[destination{"t", 1}]; !slices.Equal(got, []string{"b"}) {
		t.Errorf("partition 1 has %v", got)
	}
}

// TestOutboxGivesUp: an error that passes is one after so many attempts, and the next batch goes all the same.
func TestOutboxGivesUp(t *testing.T) {
	c := &cluster{reply: func(call int, group []*parcel) []error {
		if call <= 3 {
			return []error{kafkago.LeaderNotAvailable}
		}
		return []error{nil}
	}}
	b := outboxTo(t, c, ProducerOptions{MaxAttempts: 3})
	first := putAll(t, b, []route{{0, 1}}, "a")
	<-first.done
	second := putAll(t, b, []route{{0, 1}}, "b")
	<-second.done
	if !errors.Is(first.err, kafkago.LeaderNotAvailable) || second.err != nil || c.calls != 4 {
		t.Errorf("%v, then %v, after %d requests", first.err, second.err, c.calls)
	}
}

// TestOutboxSharesNoMoreThanATopicTakes: whatever the largest message may be, messages that gather come to no more than Kafka's default for a topic.
func TestOutboxSharesNoMoreThanATopicTakes(t *testing.T) {
	held := make(chan struct{})
	var sizes []int
	c := &cluster{reply: func(call int, group []*parcel) []error {
		if call == 1 {
			<-held
		}
		sizes = append(sizes, group[0].size)
		return []error{nil}
	}}
	b := outboxTo(t, c, ProducerOptions{MaxMessageBytes: 4 << 20, BatchMessages: 1})
	big, huge := string(make([]byte, 300_000)), string(make([]byte, 3<<20))
	calls := []*call{putAll(t, b, []route{{0, 1}}, "first")}
	for _, v := range []string{big, big, big, big, huge, big} {
		calls = append(calls, putAll(t, b, []route{{0, 1}}, v))
	}
	close(held)
	for _, call := range calls {
		if <-call.done; call.err != nil {
			t.Error(call.err)
		}
	}
	if len(sizes) != 5 {
		t.Errorf("batches of %d bytes, want the first, three together, one, the large one alone, and the last", sizes)
	}
	for _, size := range sizes {
		if size > 1_000_000 && size < 3<<20 {
			t.Errorf("a batch of %d bytes that several share", size)
		}
	}
}

// TestOutboxCloses: what was taken is sent without waiting for company, and nothing is taken any more.
func TestOutboxCloses(t *testing.T) {
	c := &cluster{}
	b := outboxTo(t, c, ProducerOptions{BatchTimeout: time.Hour})
	call := putAll(t, b, []route{{0, 1}, {1, 1}}, "a", "b")
	b.close()
	select {
	case <-call.done:
	default:
		t.Error("closed with a call that waits")
	}
	if err := b.put(call, []Message{{Topic: "t"}}, []route{{0, 1}}, time.Now()); !errors.Is(err, ErrClosed) {
		t.Errorf("taken when closed: %v", err)
	}
}

// TestOutboxGathersWhileItWaits: what comes while a request is on its way goes together in the next, beyond the usual size but not beyond the bytes.
func TestOutboxGathersWhileItWaits(t *testing.T) {
	begun, free := make(chan struct{}), make(chan struct{})
	var counts []int32
	c := &cluster{reply: func(call int, group []*parcel) []error {
		if counts = append(counts, group[0].count); call == 1 {
			close(begun)
			<-free
		}
		return []error{nil}
	}}
	b := outboxTo(t, c, ProducerOptions{BatchMessages: 2, MaxMessageBytes: 5 * (recordOverhead + 1)})
	to := route{0, 1}
	putAll(t, b, []route{to, to}, "a", "b")
	<-begun
	putAll(t, b, []route{to, to, to, to}, "c", "d", "e", "f")
	putAll(t, b, []route{to, to}, "g", "h")
	close(free)
	b.close()
	if want := []int32{2, 5, 1}; !slices.Equal(counts, want) {
		t.Errorf("requests of %v messages, want %v", counts, want)
	}
	if got := c.log[destination{"t", 0}]; !slices.IsSorted(got) || len(got) != 8 {
		t.Errorf("the log is %v", got)
	}
}

// TestOutboxCopies: once messages are taken, their bytes are the caller's again.
func TestOutboxCopies(t *testing.T) {
	c := &cluster{}
	b := outboxTo(t, c, ProducerOptions{BatchTimeout: time.Hour})
	value := []byte("as it was")
	if err := b.put(&call{messages: 1, done: make(chan struct{})}, []Message{{Topic: "t", Value: value}}, []route{{0, 1}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	copy(value, "otherwise")
	b.close()
	if got := c.log[destination{"t", 0}]; !slices.Equal(got, []string{"as it was"}) {
		t.Errorf("the log is %q", got)
	}
}
