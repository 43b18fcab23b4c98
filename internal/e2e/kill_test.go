package e2e

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/generator"
)

// seedFlag repeats what chance decided in an earlier run.
var seedFlag = flag.Uint64("seed", 0, "seed of orders and of the moments at which something is killed; 0 is any")

// anySeed is the one asked for, or a new one, which the log tells.
func anySeed(t *testing.T) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: -args -seed=%d does the same again", seed, seed)
	return seed
}

// load publishes events in small batches until all are acknowledged or stop is called, and returns those that were. A batch
// whose answer was lost is sent again, as a careful app would do, so that acknowledged is the same as sent in the end.
type load struct {
	mu    sync.Mutex
	acked int
	done  chan struct{}
}

// start sends the events over a client that survives the broker's absence.
func (s *System) startLoad(ctx context.Context, events []generator.Event) *load {
	l := &load{done: make(chan struct{})}
	client := s.Client(kgo.RecordDeliveryTimeout(5*time.Second), kgo.RetryTimeout(5*time.Second))
	go func() {
		defer close(l.done)
		defer client.Close()
		for len(events) > 0 && ctx.Err() == nil {
			n := min(50, len(events))
			records := make([]*kgo.Record, n)
			for i, e := range events[:n] {
				records[i] = Record(e)
			}
			if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
				continue
			}
			l.mu.Lock()
			l.acked += n
			l.mu.Unlock()
			events = events[n:]
		}
	}()
	return l
}

func (l *load) progress() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acked
}

// killed runs a load during which strike is called at random moments, and holds the figures against the oracle afterwards.
func killed(t *testing.T, on broker, strike func(s *System) error) {
	config, o := Settings(t)
	n, strikes := 3000, 6
	if on.small() {
		n, strikes = 1000, 2
	}
	events := Generated(t, 3, n)
	want := Expect(t, events, o)
	rng := rand.New(rand.NewPCG(anySeed(t), 1))
	s := New(t, rapport, on.settings(t, config)...)
	s.Up()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	sent := generator.Shuffle(events, generator.NewRand(9))
	l := s.startLoad(ctx, sent)
	for i := range strikes {
		// A random moment of the load, by what was acknowledged, so that no strike falls after its end.
		at := len(sent) * (i*100 + rng.IntN(100)) / (strikes * 100)
		s.Eventually("so far", func() error {
			if l.progress() < at {
				return errors.New("the load has not come so far")
			}
			return nil
		})
		time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond) // moves the strike, asserts nothing
		if err := strike(s); err != nil {
			t.Fatal(err)
		}
	}
	<-l.done
	if l.progress() != len(sent) {
		t.Fatalf("only %d of %d events could be published", l.progress(), len(sent))
	}
	s.Eventually("ready", s.Ready)
	s.Equals(want)
	var facts uint64
	for _, table := range []string{"survey_facts", "invitation_facts", "contact_facts", "milestone_facts", "complaint_facts"} {
		var n uint64
		if err := s.Conn().QueryRow(ctx, "SELECT count() FROM rapport_store."+table+" FINAL WHERE NOT superseded").Scan(&n); err != nil {
			t.Fatal(err)
		}
		facts += n
	}
	if int(facts) != want.Counts.Identities {
		t.Errorf("%d facts stored, want %d: every acknowledged event once", facts, want.Counts.Identities)
	}
	s.Unaudited(t)
}

func TestKillTheProcessUnderLoad(t *testing.T) { onEach(t, killTheProcess) }

func killTheProcess(t *testing.T, on broker) {
	killed(t, on, func(s *System) error {
		s.Kill()
		s.Start()
		return nil
	})
}

func TestKillClickHouseUnderLoad(t *testing.T) { onEach(t, killClickHouse) }

func killClickHouse(t *testing.T, on broker) {
	last := 0
	killed(t, on, func(s *System) error {
		var pid int
		s.Eventually("a new ClickHouse child", func() error {
			if pid = s.ClickHousePID(); pid == 0 || pid == last {
				return errors.New("no new child")
			}
			return nil
		})
		last = pid
		return syscall.Kill(pid, syscall.SIGKILL)
	})
}

// TestStopFlushesAndCommits: a clean stop leaves nothing to be redelivered, and the ClickHouse child is gone with it.
func TestStopFlushesAndCommits(t *testing.T) { onEach(t, stopFlushes) }

func stopFlushes(t *testing.T, on broker) {
	config, o := Settings(t)
	events := Generated(t, 5, 500)
	s := New(t, rapport, on.settings(t, config)...)
	s.Up()
	client := s.Client()
	records := make([]*kgo.Record, len(events))
	for i, e := range events {
		records[i] = Record(e)
	}
	s.Publish(client, records...)
	s.Equals(Expect(t, events, o))
	child := s.ClickHousePID()
	if err := s.Stop(); err != nil {
		t.Fatalf("rapport up ended with %v after SIGTERM, want a clean exit", err)
	}
	if err := syscall.Kill(child, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the ClickHouse child %d outlived its parent: %v", child, err)
	}
	s.Up()
	s.Equals(Expect(t, events, o))
}

// TestTheChildDiesWithItsParent: kill -9 of the process takes the ClickHouse child along, so that a new start finds the data free.
func TestTheChildDiesWithItsParent(t *testing.T) {
	s := New(t, rapport)
	s.Up()
	child := s.ClickHousePID()
	if child == 0 {
		t.Fatal("no ClickHouse child")
	}
	s.Kill()
	s.Eventually("gone", func() error {
		if err := syscall.Kill(child, 0); !errors.Is(err, syscall.ESRCH) {
			return errors.New("the ClickHouse child lives on")
		}
		return nil
	})
}

// TestAStartWaitsForADyingPredecessor: whoever restarts a service does not wait for the old process to be gone.
func TestAStartWaitsForADyingPredecessor(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			s := New(t, rapport)
			s.Up()
			old, gone := s.cmd, s.exited
			if err := old.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			s.Start()
			<-gone // until then it may be the old one that answers
			s.Eventually("ready", s.Ready)
		})
	}
}

// TestASecondProcessIsRefused: two processes on one data folder would corrupt it; the second says whose it is.
func TestASecondProcessIsRefused(t *testing.T) {
	s := New(t, rapport)
	s.Up()
	other := New(t, rapport, "DATA_DIR="+s.dir+"/data")
	_, stderr, err := other.Command("", "up")
	if err == nil {
		t.Fatal("a second process ran on the same data")
	}
	if !contains(stderr, "data") || !contains(stderr, "in use by process") {
		t.Errorf("the refusal does not say what holds what: %s", stderr)
	}
	if err := s.Ready(); err != nil {
		t.Errorf("the first process suffered: %v", err)
	}
}
