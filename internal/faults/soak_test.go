package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/internal/faults/clickhouseproxy"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/internal/faults/report"
)

// soakFlag is how long the mix of faults goes on; without it as long as CI can wait.
var soakFlag = flag.Duration("soak", 45*time.Second, "how long TestSoak goes on striking")

// misfortune is something that befalls a running system for a moment. It returns when it is over.
type misfortune struct {
	name string
	do   func(x *Trial, rng *rand.Rand, m int)
}

// lasting is how long a strike goes on: long enough to be met by the load, and by a session or two.
func lasting(rng *rand.Rand) {
	time.Sleep(500*time.Millisecond + time.Duration(rng.IntN(3500))*time.Millisecond)
}

func misfortunes() []misfortune {
	rule := func(name string, r kafkaproxy.Rule) misfortune {
		return misfortune{name, func(x *Trial, rng *rand.Rand, _ int) { x.Kafka.Set(r); lasting(rng); x.Kafka.Set(nil) }}
	}
	statement := func(name string, a func(s clickhouseproxy.Statement, rng *rand.Rand) clickhouseproxy.Action) misfortune {
		return misfortune{name, func(x *Trial, rng *rand.Rand, _ int) {
			x.Database.Set(func(s clickhouseproxy.Statement) clickhouseproxy.Action {
				if s.Insert == "" {
					return clickhouseproxy.Action{}
				}
				return a(s, rand.New(rand.NewPCG(uint64(s.Bytes), x.seed)))
			})
			lasting(rng)
			x.Database.Set(nil)
		}}
	}
	lose := func() error { return fmt.Errorf("lost") }
	return []misfortune{
		{"kill -9 of a process", func(x *Trial, _ *rand.Rand, m int) { x.Members[m].Kill(); x.Members[m].Start() }},
		{"a process stopped and continued", func(x *Trial, rng *rand.Rand, m int) {
			pid := x.Members[m].PID()
			_ = syscall.Kill(pid, syscall.SIGSTOP)
			lasting(rng)
			lasting(rng)
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}},
		{"kill -9 of ClickHouse", func(x *Trial, _ *rand.Rand, _ int) {
			if pid := x.Engine.PID(); pid != 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}},
		{"kill -9 of Kafka", func(x *Trial, rng *rand.Rand, _ int) {
			x.Broker.Kill()
			lasting(rng)
			if err := x.Broker.Start(); err != nil {
				x.t.Fatal(err)
			}
		}},
		{"no network to Kafka", func(x *Trial, rng *rand.Rand, _ int) { x.Kafka.Down(); lasting(rng); x.Kafka.Up() }},
		{"connections to Kafka cut", func(x *Trial, _ *rand.Rand, _ int) { x.Kafka.Cut() }},
		rule("answers to publishing lost", func(r kafkaproxy.Request) kafkaproxy.Action {
			if _, ok := r.Body.(*kmsg.ProduceRequest); ok {
				return kafkaproxy.Swallow()
			}
			return kafkaproxy.Action{}
		}),
		rule("commits refused", func(r kafkaproxy.Request) kafkaproxy.Action {
			if c, ok := r.Body.(*kmsg.OffsetCommitRequest); ok {
				return kafkaproxy.RefuseCommit(c, 16) // NOT_COORDINATOR
			}
			return kafkaproxy.Action{}
		}),
		rule("records corrupt on the wire", func(r kafkaproxy.Request) kafkaproxy.Action {
			if r.Body.Key() == int16(kmsg.Fetch) {
				return kafkaproxy.Corrupt()
			}
			return kafkaproxy.Action{}
		}),
		statement("inserts refused", func(clickhouseproxy.Statement, *rand.Rand) clickhouseproxy.Action {
			return clickhouseproxy.Action{Code: 252}
		}),
		statement("inserts cut in the middle", func(clickhouseproxy.Statement, *rand.Rand) clickhouseproxy.Action {
			return clickhouseproxy.Action{Half: true}
		}),
		statement("answers to inserts lost", func(_ clickhouseproxy.Statement, rng *rand.Rand) clickhouseproxy.Action {
			if rng.IntN(2) == 0 {
				return clickhouseproxy.Action{}
			}
			return clickhouseproxy.Action{After: lose}
		}),
	}
}

// TestSoak strikes a system of two members at random, round after round, each ending in quiet and the questions of every trial. What a
// process holds must not grow from round to round.
func TestSoak(t *testing.T) { OnEach(t, soak) }

func soak(t *testing.T, on On) {
	x := Begin(t, Plan{Fault: "a mix of all that follows at random, two processes", Binary: rapport, On: on, Always: true, Members: 2, Poison: 1, Stories: 400, Pace: 400 * time.Millisecond})
	var deck []misfortune // so that all have their turn before one comes again
	until := time.Now().Add(*soakFlag)
	if on.Real && *soakFlag < time.Minute {
		until = time.Now().Add(*soakFlag / 2)
	}
	var line report.Line
	var first, last usage
	rounds := 0
	for round := 1; round == 1 || time.Now().Before(until); round++ {
		if round > 1 {
			x.tell()
			x.Load()
		}
		for struck := 0; struck == 0 || !x.load.over(); struck++ {
			if len(deck) == 0 {
				deck = misfortunes()
				x.rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
			}
			s := deck[0]
			deck = deck[1:]
			t.Logf("round %d: %s", round, s.name)
			s.do(x, x.rng, x.rng.IntN(len(x.Members)))
			x.Injected()
			x.ready()
		}
		line, rounds = x.Quiet(), round
		last = x.usage()
		if round == 1 {
			first = last
		}
		t.Logf("round %d: %+v, %+v", round, line, last)
	}
	if last.goroutines > first.goroutines+50 {
		t.Errorf("goroutines grew from %.0f to %.0f", first.goroutines, last.goroutines)
	}
	line.Note = fmt.Sprintf("%d rounds; a process held %.0f MiB and %.0f goroutines after the first and %.0f MiB and %.0f after the last", rounds, first.residentMiB, first.goroutines, last.residentMiB, last.goroutines)
	record(t, line)
}
