package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/internal/kafka"
)

// load publishes events like those of the other contenders, each with an id of its own and a time that has just been.
type load struct {
	templates []template
	serial    int
}

// template is an event but for its id and its time.
type template struct {
	kafka.Message
	begin, middle, end []byte
}

// tickLength is how often some events are published at once.
const tickLength = 20 * time.Millisecond

func newLoad(o liveOptions) (*load, error) {
	msgs, err := chunk(0, 25)
	if err != nil {
		return nil, err
	}
	l := &load{}
	for _, m := range msgs {
		t := template{Message: m}
		var id, at bool
		t.begin, t.middle, id = cutValue(m.Value, `"id":"`)
		t.middle, t.end, at = cutValue(t.middle, `"time":"`)
		if !id || !at {
			return nil, errors.New("an event without id and time in this order")
		}
		l.templates = append(l.templates, t)
	}
	return l, nil
}

// cutValue cuts the text value of a key out of JSON.
func cutValue(in []byte, key string) (before, after []byte, found bool) {
	at := bytes.Index(in, []byte(key))
	if at < 0 {
		return nil, nil, false
	}
	before = in[:at+len(key)]
	end := bytes.IndexByte(in[len(before):], '"')
	return before, in[len(before)+end:], end >= 0
}

func (l *load) next(at string) kafka.Message {
	t := &l.templates[l.serial%len(l.templates)]
	value := make([]byte, 0, len(t.Value)+32)
	value = append(append(value, t.begin...), fmt.Sprintf("live-%012d", l.serial)...)
	value = append(append(append(value, t.middle...), at...), t.end...)
	l.serial++
	m := t.Message
	m.Value = value
	return m
}

// publish keeps the rate for as long as o says, and notes what was published when.
func (l *load) publish(ctx context.Context, p *kafka.Producer, o liveOptions, sent *sent) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	begun := time.Now()
	done := 0
	clock := time.NewTicker(tickLength)
	defer clock.Stop()
	for time.Since(begun) < o.seconds && ctx.Err() == nil {
		due := int(time.Since(begun).Seconds()*float64(o.rate)) - done
		now := time.Now()
		at := now.Add(-o.age).UTC().Format("2006-01-02T15:04:05.000000Z")
		msgs := make([]kafka.Message, due)
		for i := range msgs {
			msgs[i] = l.next(at)
		}
		done += due
		group.Go(func() error { return p.Publish(ctx, msgs...) })
		sent.add(now, due)
		<-clock.C
	}
	return group.Wait()
}

// sent is how many events had been published when.
type sent struct {
	mu    sync.Mutex
	times []time.Time
	all   []int
}

func (s *sent) add(at time.Time, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := 0
	if len(s.all) > 0 {
		before = s.all[len(s.all)-1]
	}
	s.times, s.all = append(s.times, at), append(s.all, before+n)
}

func (s *sent) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return 0
	}
	return s.all[len(s.all)-1]
}
