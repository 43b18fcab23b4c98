package kafkatest

import (
	"os"
	"sync"
	"testing"
)

// Real is a real broker that the tests of one package share, since a start takes seconds: started for the first test
// that asks, or the running one that External names. Tests must pick topic and group names nobody else has.
type Real struct {
	mu      sync.Mutex
	process *Process
	dir     string
	err     error
}

// Runner is testing.M, or what wraps it.
type Runner interface{ Run() int }

// Around returns m with the stop of the broker after it.
func (r *Real) Around(m Runner) Runner { return around{r, m} }

type around struct {
	real *Real
	m    Runner
}

// Run implements Runner.
func (a around) Run() int {
	defer a.real.stop()
	return a.m.Run()
}

// Each runs test as two subtests: on an embedded broker of its own, and on the real one.
func (r *Real) Each(t *testing.T, test func(t *testing.T, b Broker)) {
	t.Helper()
	t.Run(OnEmbedded, func(t *testing.T) { test(t, Broker{Addr: Start(t)}) })
	t.Run(OnReal, func(t *testing.T) { test(t, r.Broker(t)) })
}

// Broker returns the real broker. A test without an installed one is skipped, under CI it fails.
func (r *Real) Broker(t testing.TB) Broker {
	t.Helper()
	if addr := os.Getenv(External); addr != "" {
		return Broker{Addr: addr, Real: true, Foreign: true}
	}
	RequireReal(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil && r.err == nil {
		r.start()
	}
	if r.err != nil {
		t.Fatal(r.err)
	}
	p := r.process
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of Kafka's log:\n%s", p.logTail())
		}
	})
	return Broker{Addr: p.addr, Real: true}
}

func (r *Real) start() {
	if r.dir, r.err = os.MkdirTemp("", "rapport-kafka"); r.err != nil {
		return
	}
	r.process, r.err = startProcess(r.dir)
}

func (r *Real) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil {
		r.process.Kill()
		r.process = nil
	}
	if r.dir != "" {
		_ = os.RemoveAll(r.dir)
	}
}
