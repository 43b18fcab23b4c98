package kafka

import (
	"context"
	"slices"
	"sync"
	"time"
)

// outbox gathers messages by partition and sends them: what is due, of all partitions of a broker, in one request. Each partition has one request on
// its way at most, so that messages of a partition stay in order whatever is tried again.
type outbox struct {
	o    ProducerOptions
	send func(ctx context.Context, group []*parcel) []error
	// answered and settled are told of each parcel and of each call that are done with.
	answered func(p *parcel, err error)
	settled  func(c *call)
	// ctx ends what is tried and waited for.
	ctx  context.Context
	stop context.CancelFunc

	mu      sync.Mutex
	lanes   map[destination]*lane
	waiting []*lane // those that have anything to send, and are not busy
	armed   bool    // a look at what is due is to come
	closed  bool
	sending sync.WaitGroup
	free    sync.Pool // *parcel
}

// destination is a partition.
type destination struct {
	topic     string
	partition int32
}

// route is where a message goes.
type route struct{ partition, leader int32 }

// lane is what waits for a partition.
type lane struct {
	destination
	leader int32     // as last told; where it is another by now, what went to the wrong broker is sent again
	queue  []*parcel // the last is open for more, the others are full
	busy   bool      // a parcel is on its way
	noted  bool      // it is among those that wait
}

// parcel is a batch with the calls that wait for it.
type parcel struct {
	destination
	records
	size  int       // by messageSize
	since time.Time // its first message came
	of    []part
	lane  *lane
}

// part is how many messages of a call a parcel holds.
type part struct {
	call     *call
	messages int
}

// call is one Publish; all of it but done belongs to the outbox's lock.
type call struct {
	messages int
	bytes    int64
	parcels  int // without an answer
	failed   int // messages
	err      error
	done     chan struct{}
}

// keptParcel is the largest room that is kept for a later batch.
const keptParcel = 2 << 20

// requestBytes is what one request of several partitions carries at most, before it is packed.
const requestBytes = 4 << 20

func newOutbox(o ProducerOptions) *outbox {
	b := &outbox{o: o, lanes: make(map[destination]*lane), free: sync.Pool{New: func() any { return new(parcel) }}}
	b.ctx, b.stop = context.WithCancel(context.Background())
	return b
}

// enter says whether the outbox is open, and keeps close waiting until sending is done with.
func (b *outbox) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.sending.Add(1)
	return true
}

// put takes the messages, each for its partition. Their bytes are copied.
func (b *outbox) put(c *call, msgs []Message, routes []route, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	for i := range msgs {
		m := &msgs[i]
		p := b.room(m, routes[i], now)
		at := now
		if !m.Time.IsZero() {
			at = m.Time
		}
		p.add(m, at.UnixMilli())
		if n := len(p.of); n > 0 && p.of[n-1].call == c {
			p.of[n-1].messages++
			continue
		}
		p.of = append(p.of, part{c, 1})
		c.parcels++
	}
	b.look(now)
	return nil
}

// room is the parcel that a message goes into.
func (b *outbox) room(m *Message, to route, now time.Time) *parcel {
	d := destination{m.Topic, to.partition}
	l := b.lanes[d]
	if l == nil {
		l = &lane{destination: d}
		b.lanes[d] = l
	}
	l.leader = to.leader
	size := messageSize(m)
	if n := len(l.queue); n > 0 {
		// While the partition has a request on its way, all that comes goes together in the next: the slower the broker, the fewer requests.
		if p := l.queue[n-1]; (l.busy || !b.full(p)) && p.size+size <= b.mostShared() {
			p.size += size
			return p
		}
	}
	p := b.free.Get().(*parcel)
	p.destination, p.lane, p.size, p.since = d, l, size, now
	if l.queue = append(l.queue, p); !l.busy && !l.noted {
		l.noted = true
		b.waiting = append(b.waiting, l)
	}
	return p
}

func (b *outbox) full(p *parcel) bool {
	return int(p.count) >= b.o.BatchMessages || p.size >= b.mostShared()
}

// mostShared is how large a batch grows that messages share: no larger than a topic takes by Kafka's default (max.message.bytes), so that no call is refused for
// what others put beside its messages. A larger message goes alone.
func (b *outbox) mostShared() int { return min(b.o.MaxMessageBytes, 1_000_000) }

// look sends what is due, and what may go along with it; where nothing is, it sees to it that there is another look when something will be.
func (b *outbox) look(now time.Time) {
	if len(b.waiting) == 0 {
		return
	}
	wait := b.o.BatchTimeout
	for _, l := range b.waiting {
		if len(l.queue) > 1 || b.full(l.queue[0]) || b.closed {
			wait = 0
			break
		}
		wait = min(wait, l.queue[0].since.Add(b.o.BatchTimeout).Sub(now))
	}
	if wait > 0 {
		if !b.armed {
			b.armed = true
			time.AfterFunc(wait, func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.armed = false
				b.look(time.Now())
			})
		}
		return
	}
	slices.SortStableFunc(b.waiting, func(a, b *lane) int { return int(a.leader) - int(b.leader) })
	var group []*parcel
	size := 0
	for i, l := range b.waiting {
		p := l.queue[0]
		l.queue = slices.Delete(l.queue, 0, 1)
		l.busy, l.noted = true, false
		if i > 0 && (l.leader != b.waiting[i-1].leader || size+p.size > requestBytes) {
			b.start(group)
			group, size = nil, 0
		}
		group, size = append(group, p), size+p.size
	}
	clear(b.waiting)
	b.waiting = b.waiting[:0]
	b.start(group)
}

func (b *outbox) start(group []*parcel) { b.sending.Go(func() { b.first(group) }) }

// first sends parcels together, and each that has to be sent again by itself.
func (b *outbox) first(group []*parcel) {
	errs := b.try(group, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, p := range group {
		if b.again(errs[i], 1, p.since) {
			b.sending.Go(func() { b.retry(p) })
			continue
		}
		b.finish(p, errs[i])
	}
	b.look(time.Now())
}

func (b *outbox) try(group []*parcel, attempt int) []error {
	ctx, cancel := context.WithTimeout(b.ctx, b.o.RequestTimeout)
	defer cancel()
	errs := b.send(ctx, group)
	for i, err := range errs {
		if err != nil {
			b.o.Log.Debug().Err(err).Str("topic", group[i].topic).Int32("partition", group[i].partition).Int("attempt", attempt).Msg("messages were not acknowledged")
		}
	}
	return errs
}

const (
	retryMin = 20 * time.Millisecond
	retryMax = 250 * time.Millisecond
)

// retry sends a parcel until there is nothing more to hope for.
func (b *outbox) retry(p *parcel) {
	var err error
	wait := time.NewTimer(0)
	defer wait.Stop()
	for attempt := 2; ; attempt++ {
		wait.Reset(min(retryMin*time.Duration((attempt-1)*(attempt-1)), retryMax))
		select {
		case <-wait.C:
			err = b.try([]*parcel{p}, attempt)[0]
		case <-b.ctx.Done():
			err = b.ctx.Err()
		}
		if !b.again(err, attempt, p.since) {
			break
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finish(p, err)
	b.look(time.Now())
}

// again says whether a batch that came at an instant is to be sent again.
func (b *outbox) again(err error, attempt int, since time.Time) bool {
	return err != nil && attempt < b.o.MaxAttempts && time.Since(since) < b.o.PublishTimeout && b.ctx.Err() == nil && passes(err)
}

// finish tells the calls what became of their messages, and lets the partition's next parcel go.
func (b *outbox) finish(p *parcel, err error) {
	b.answered(p, err)
	for _, part := range p.of {
		c := part.call
		if err != nil {
			if c.failed += part.messages; c.err == nil {
				c.err = err
			}
		}
		if c.parcels--; c.parcels == 0 {
			b.settled(c)
			close(c.done)
		}
	}
	l := p.lane
	if l.busy = false; len(l.queue) > 0 {
		l.noted = true
		b.waiting = append(b.waiting, l)
	}
	if cap(p.bytes) <= keptParcel {
		clear(p.of)
		*p = parcel{records: records{bytes: p.bytes[:0]}, of: p.of[:0]}
		b.free.Put(p)
	}
}

// close takes no more, sends what there is and waits for it.
func (b *outbox) close() {
	b.mu.Lock()
	b.closed = true
	b.look(time.Now())
	b.mu.Unlock()
	b.sending.Wait()
}
