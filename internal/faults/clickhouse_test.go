package faults

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/clickhouseproxy"
)

// TestClickHouseKilled kills the database at moments of its statements: on its way to one, with half of it there, in the middle of it, and
// with it done and the answer lost; the supervisor starts it again each time.
func TestClickHouseKilled(t *testing.T) {
	x := Begin(t, Plan{Fault: "kill -9 of ClickHouse in mid-insert and while it is read", Binary: rapport, Poison: 1, Pace: 150 * time.Millisecond, Stories: 500})
	x.stored()
	kills := 24
	if partly() {
		kills = 6
	}
	for n := range kills {
		insert, stage, pid := n%3 != 2, n%4, x.Engine.PID()
		var once atomic.Bool
		struck := make(chan struct{})
		kill := func() error {
			defer close(struck)
			return syscall.Kill(pid, syscall.SIGKILL)
		}
		x.Database.Set(func(s clickhouseproxy.Statement) clickhouseproxy.Action {
			if insert != (s.Insert != "") || !once.CompareAndSwap(false, true) {
				return clickhouseproxy.Action{}
			}
			switch {
			case stage == 0:
				return clickhouseproxy.Action{Before: kill}
			case stage == 1 && insert:
				return clickhouseproxy.Action{Half: true, Before: func() error { go func() { _ = kill() }(); return nil }}
			case stage == 2:
				return clickhouseproxy.Action{Before: func() error { go func() { _ = kill() }(); return nil }} // while it works on it
			}
			return clickhouseproxy.Action{After: func() error { _ = kill(); return errDead }}
		})
		if n%3 == 0 {
			x.again(50) // the load may have ended
		}
		<-struck
		x.Injected()
		x.Wait("another process", func() error {
			if x.Engine.PID() == pid {
				return errNotYet
			}
			return nil
		})
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if err := x.Engine.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	x.Database.Set(nil)
	x.accounted()
	x.Finish()
}

// refusal is a way for ClickHouse to say no, and how the metric of failed inserts calls it.
type refusal struct {
	name, class string
	action      clickhouseproxy.Action
}

// refusals are real ones, by settings that make the server refuse for reasons of its own, and errors that only its network or load brings about.
func refusals() []refusal {
	pause := func() error { time.Sleep(400 * time.Millisecond); return nil }
	lose := func() error { return errDead }
	return []refusal{
		{"no memory", "overloaded", clickhouseproxy.Action{Settings: map[string]string{"max_memory_usage": "1"}}},
		{"no disk", "refused", clickhouseproxy.Action{Settings: map[string]string{"min_free_disk_bytes_to_perform_insert": fmt.Sprint(1 << 60)}}},
		{"out of time", "timeout", clickhouseproxy.Action{Code: 159}},
		{"too many parts", "overloaded", clickhouseproxy.Action{Code: 252}},
		{"too many queries", "overloaded", clickhouseproxy.Action{Code: 202}},
		{"network error inside", "network", clickhouseproxy.Action{Code: 210}},
		{"cut in the middle", "network", clickhouseproxy.Action{Half: true}},
		{"cut before", "network", clickhouseproxy.Action{Before: lose}},
		{"answer lost", "network", clickhouseproxy.Action{After: lose}},
		{"slow", "", clickhouseproxy.Action{Before: pause}},
	}
}

// TestClickHouseRefuses has every insert refused in one way after another while events come in: all is tried again, nothing is committed past what
// failed, nothing becomes a dead letter, and what waits, waits in Kafka.
func TestClickHouseRefuses(t *testing.T) {
	all := refusals()
	x := Begin(t, Plan{
		Fault: "ClickHouse refusing inserts: memory, disk, time, parts, queries, network; cut off in the middle, answer lost, slow", Binary: rapport,
		Poison: 1, Pace: 200 * time.Millisecond, Stories: 500, Settings: []string{"PIPELINE_RETRY_MAX=500ms", "ROLLUPS_RETRY_MAX=500ms", "OUTCOMES_RETRY_MAX=500ms"},
	})
	x.stored()
	m := x.Members[0]
	x.rng.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	for i, r := range all {
		var refused atomic.Int64
		before := 0.0
		if r.class != "" {
			var err error
			if before, err = series(m, "rapport_sink_errors_total", `class="`+r.class+`"`); err != nil {
				t.Fatal(err)
			}
		}
		x.Database.Set(func(s clickhouseproxy.Statement) clickhouseproxy.Action {
			if s.Insert == "" {
				return clickhouseproxy.Action{}
			}
			refused.Add(1)
			x.Injected()
			return r.action
		})
		x.again(100)
		x.Wait(r.name+": several inserts refused", func() error {
			if n := refused.Load(); n < 12 {
				return fmt.Errorf("%d were", n)
			}
			return nil
		})
		if r.class != "" {
			x.rises(m, before, "rapport_sink_errors_total", `class="`+r.class+`"`)
		}
		x.accounted()
		x.bounded(m)
		if i%2 == 1 {
			x.Database.Set(nil) // else the next way follows at once, upon what this one left
		}
	}
	x.Finish()
}

// bounded checks that a member that cannot write has not taken in what waits.
func (x *Trial) bounded(m *e2e.System) {
	x.t.Helper()
	resident, err := series(m, "process_resident_memory_bytes")
	if err != nil {
		x.t.Fatal(err)
	}
	if resident == 0 || resident > 400<<20 {
		x.t.Errorf("the member takes %.0f MiB of memory, want at most 400", resident/(1<<20))
	}
}
