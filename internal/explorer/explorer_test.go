package explorer

import (
	"errors"
	"flag"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// replay runs one schedule with its steps printed: go test ./internal/explorer -run Protocol -v -args -seed=N
var replay = flag.Uint64("seed", 0, "replay the schedule of this seed and print its steps")

// search runs n schedules from a seed on, on all cores.
func search(from uint64, n int, run func(seed uint64) error) (failed int, first error) {
	workers := runtime.GOMAXPROCS(0)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for seed := from + uint64(i); seed < from+uint64(n); seed += uint64(workers) {
				if err := run(seed); err != nil {
					mu.Lock()
					failed++
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return failed, first
}

func quietly(rules Rules) func(uint64) error {
	return func(seed uint64) error { return Explore(seed, rules, nil) }
}

func TestProtocol(t *testing.T) {
	if *replay != 0 {
		if err := Explore(*replay, Protocol(), t.Logf); err != nil {
			t.Fatal(err)
		}
		return
	}
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	t.Logf("seeds 1 to %d", n)
	if failed, first := search(1, n, quietly(Protocol())); failed > 0 {
		t.Fatalf("%d of %d schedules fail; the first: %v (replay it with -args -seed)", failed, n, first)
	}
}

// chunk of schedules that a control is given at a time, and most in all.
const chunk, most = 5_000, 100_000

func TestControls(t *testing.T) {
	for name, rules := range Controls() {
		t.Run(name, func(t *testing.T) {
			v := findOut(t, quietly(rules))
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

// findOut searches until a schedule fails.
func findOut(t *testing.T, run func(uint64) error) *Violation {
	t.Helper()
	var failed, n int
	var first error
	for ; failed == 0 && n < most; n += chunk {
		failed, first = search(uint64(1+n), chunk, run)
	}
	t.Logf("%d of %d schedules fail; one: %v", failed, n, first)
	if failed == 0 {
		t.Fatal("not found out: the model proves nothing about this rule")
	}
	var v *Violation
	if !errors.As(first, &v) {
		t.Fatal(first)
	}
	return v
}

// TestSweeperHeals: of each kind of trouble, that it does harm, and that with the sweepers there is none.
func TestSweeperHeals(t *testing.T) {
	without := Protocol()
	without.NoSweeper = true
	for name, trouble := range Troubles() {
		t.Run(name, func(t *testing.T) {
			v := findOut(t, func(seed uint64) error { return ExploreTrouble(seed, without, trouble, nil) })
			if err := ExploreTrouble(v.Seed, Protocol(), trouble, nil); err != nil {
				t.Fatalf("not healed: %v", err)
			}
			failed, first := search(1, chunk, func(seed uint64) error { return ExploreTrouble(seed, Protocol(), trouble, nil) })
			if failed > 0 {
				t.Fatalf("%d of %d schedules are not healed; the first: %v", failed, chunk, first)
			}
		})
	}
}

// TestMarksAlone: without trouble, the sweepers are not needed.
func TestMarksAlone(t *testing.T) {
	without := Protocol()
	without.NoSweeper = true
	if failed, first := search(1, 4*chunk, func(seed uint64) error { return ExploreTrouble(seed, without, 0, nil) }); failed > 0 {
		t.Fatalf("%d of %d schedules fail; the first: %v", failed, 4*chunk, first)
	}
}

func BenchmarkExplore(b *testing.B) {
	for i := range b.N {
		if err := Explore(uint64(i), Protocol(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
