package chdb_test

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// The Go runtime keeps its signals while the engine works: a nil pointer panics and is recovered, goroutines that never
// yield are preempted, and signals asked for arrive.
func TestRuntimeKeepsItsSignals(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	lib := openLibrary(t)
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGUSR1)
	defer signal.Stop(received)

	stop := make(chan struct{})
	var wg sync.WaitGroup
	var queries [4]int
	for w := range queries {
		c, err := lib.Connect()
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer c.Close()
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, err := c.Query(chdb.Statement{SQL: "SELECT sum(cityHash64(number)) FROM numbers(1000000)", Format: "TSV"})
				if err != nil {
					t.Error(err)
					return
				}
				r.Close()
				if _, err := c.Query(chdb.Statement{SQL: "SELECT throwIf(1)"}); err == nil {
					t.Error("no error")
				}
				queries[w]++
			}
		})
	}
	var spins uint64
	wg.Go(func() {
		for {
			for range 1 << 28 { // no call in here: only a signal can interrupt it for the garbage collector
				spins++
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		if err := dereference(nil); !strings.Contains(fmt.Sprint(err), "nil pointer") {
			t.Fatalf("recovered %v", err)
		}
		runtime.GC()
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		select {
		case <-received:
		case <-time.After(30 * time.Second):
			t.Fatal("a signal did not arrive")
		}
	}
	close(stop)
	wg.Wait()
	for w, n := range queries {
		if n == 0 {
			t.Errorf("worker %d ran no query", w)
		}
	}
	// A thread of the engine's pools may still be ending; the process ends them all the same.
	if err := lib.Shutdown(); err != nil {
		t.Log(err)
	}
}

func openLibrary(t *testing.T) *chdb.Library {
	t.Helper()
	path := os.Getenv("RAPPORT_LIBCHDB")
	if path == "" {
		path = "../../../bin/libchdb.so"
	}
	lib, err := chdb.Open(chdb.Options{Path: path, DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func dereference(p *[4]int) (err any) {
	defer func() { err = recover() }()
	return p[2]
}
