package explorer

import (
	"errors"
	"flag"
	"runtime"
	"sync"
	"testing"
)

// replay runs one schedule with its steps printed: go test ./internal/explorer -run Protocol -v -args -seed=N
var replay = flag.Uint64("seed", 0, "replay the schedule of this seed and print its steps")

// search explores n schedules from a seed on, on all cores.
func search(from uint64, n int, rules Rules) (failed int, first error) {
	workers := runtime.GOMAXPROCS(0)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			bad, err := Search(from+uint64(i*(n/workers)), n/workers, rules)
			mu.Lock()
			defer mu.Unlock()
			failed += bad
			if first == nil {
				first = err
			}
		})
	}
	wg.Wait()
	return failed, first
}

func TestProtocol(t *testing.T) {
	if *replay != 0 {
		if err := Explore(*replay, Protocol(), t.Logf); err != nil {
			t.Fatal(err)
		}
		return
	}
	n := 200_000
	if testing.Short() {
		n = 10_000
	}
	if failed, first := search(1, n, Protocol()); failed > 0 {
		t.Fatalf("%d of %d schedules fail; the first: %v (replay it with -args -seed)", failed, n, first)
	}
}

func TestControls(t *testing.T) {
	const chunk, most = 10_000, 300_000
	for name, rules := range Controls() {
		t.Run(name, func(t *testing.T) {
			var failed, n int
			var first error
			for ; failed == 0 && n < most; n += chunk {
				failed, first = search(uint64(1+n), chunk, rules)
			}
			t.Logf("%d of %d schedules fail", failed, n)
			if failed == 0 {
				t.Fatal("not found out: the model proves nothing about this rule")
			}
			var v *Violation
			if !errors.As(first, &v) {
				t.Fatal(first)
			}
			// The seed alone makes the schedule.
			var again *Violation
			if err := Explore(v.Seed, rules, nil); !errors.As(err, &again) || *again != *v {
				t.Fatalf("seed %d gave %v, then %v", v.Seed, v, err)
			}
			if err := Explore(v.Seed, Protocol(), nil); err != nil {
				t.Fatalf("the protocol fails on the same schedule: %v", err)
			}
		})
	}
}

func BenchmarkExplore(b *testing.B) {
	for i := range b.N {
		if err := Explore(uint64(i), Protocol(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
