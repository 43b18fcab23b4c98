package faults

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
)

// moment is when, in the course of a request to the broker, something befalls the one who asks.
type moment int

// The moments of a request.
const (
	unseen     moment = iota // before the broker sees it
	unanswered               // the broker has done it, the answer is lost
	answered                 // the answer has been sent
)

func (m moment) String() string {
	return [...]string{"before the broker sees it", "done, the answer lost", "answered"}[m]
}

var errGone = errors.New("whoever asked is gone")

// die is kill -9, over when the process has ended.
func die(pid int) error {
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for range 10_000 {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return errGone
		}
		time.Sleep(time.Millisecond)
	}
	return errGone
}

// killAt kills a member at the next request that matches, and has it back.
func (x *Trial) killAt(m *e2e.System, what string, when moment, match func(kafkaproxy.Request) bool) {
	x.t.Helper()
	pid := m.PID()
	var met atomic.Bool
	struck := make(chan struct{})
	kill := func() error {
		defer close(struck)
		return die(pid)
	}
	x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
		if !match(r) || !met.CompareAndSwap(false, true) {
			return kafkaproxy.Action{}
		}
		switch when {
		case unseen:
			return kafkaproxy.Action{Before: kill}
		case unanswered:
			return kafkaproxy.Action{After: kill}
		}
		return kafkaproxy.Action{Sent: func() { _ = kill() }}
	})
	x.happens(what+", "+when.String(), struck)
	x.Kafka.Set(nil)
	x.Injected()
	m.Kill() // it is dead: this takes note of it
	m.Start()
	m.Eventually("ready", m.Ready)
}

// happens waits until a channel is closed.
func (x *Trial) happens(what string, done <-chan struct{}) {
	x.t.Helper()
	x.Wait(what, func() error {
		select {
		case <-done:
			return nil
		default:
			return errors.New("it did not happen yet")
		}
	})
}

// producesTo matches what rapport publishes to topics.
func producesTo(topics ...string) func(kafkaproxy.Request) bool {
	return func(r kafkaproxy.Request) bool {
		for _, name := range r.Topics() {
			for _, t := range topics {
				if name == t && r.Client == "rapport" {
					return true
				}
			}
		}
		return false
	}
}

// commitsOf matches the offset commits of a group.
func commitsOf(group string) func(kafkaproxy.Request) bool {
	return func(r kafkaproxy.Request) bool { return r.Commits() == group }
}

// codes are the errors that answers to a commit held.
type codes struct {
	mu   sync.Mutex
	seen []int16
}

func (c *codes) note(answer kmsg.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range answer.(*kmsg.OffsetCommitResponse).Topics {
		for _, p := range t.Partitions {
			c.seen = append(c.seen, p.ErrorCode)
		}
	}
}

func (c *codes) answered() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) == 0 {
		return errors.New("no answer yet")
	}
	return nil
}

// all says whether every answer was a refusal.
func (c *codes) all() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.Contains(c.seen, 0)
}
