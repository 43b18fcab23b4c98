package faults

import (
	"fmt"
	"sync"

	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
)

// ordeal is a list of things that are done to requests, for each target from the first to the last. Every other request of a target passes,
// since who tries again is to succeed in the end.
type ordeal struct {
	x     *Trial
	deeds []func(kafkaproxy.Request) kafkaproxy.Action

	mu   sync.Mutex
	next map[string]int // requests of a target so far
}

// act is what befalls a request of a target; nothing befalls those of none.
func (o *ordeal) act(target string, r kafkaproxy.Request) kafkaproxy.Action {
	if target == "" {
		return kafkaproxy.Action{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.next[target]
	o.next[target]++
	if n%2 != 0 || n/2 >= len(o.deeds) {
		return kafkaproxy.Action{}
	}
	o.x.Injected()
	return o.deeds[n/2](r)
}

// done is an error until a target has met each of the deeds.
func (o *ordeal) done(target string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := (o.next[target] + 1) / 2; n < len(o.deeds) {
		return fmt.Errorf("%s met %d of %d", target, n, len(o.deeds))
	}
	return nil
}

// atLeast is an error until n is enough.
func atLeast(n, enough int64) error {
	if n < enough {
		return fmt.Errorf("%d so far, want %d", n, enough)
	}
	return nil
}
