package faults

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/clickhouseproxy"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
)

// generations counts those that groups went through.
type generations struct {
	mu   sync.Mutex
	seen map[string]map[int32]bool
}

func (g *generations) rule(r kafkaproxy.Request) kafkaproxy.Action {
	if group, n, ok := r.Generation(); ok {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.seen == nil {
			g.seen = map[string]map[int32]bool{}
		}
		if g.seen[group] == nil {
			g.seen[group] = map[int32]bool{}
		}
		g.seen[group][n] = true
	}
	return kafkaproxy.Action{}
}

func (g *generations) of(group string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.seen[group])
}

// TestRebalanceStorm: members come and go, well and badly, faster than the groups settle.
func TestRebalanceStorm(t *testing.T) { OnEach(t, rebalanceStorm) }

func rebalanceStorm(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "processes come, end well and are killed every few hundred ms, three at most", Binary: rapport, On: on,
		Members: 3, Poison: 1, Endless: true, Pace: 150 * time.Millisecond,
	})
	var g generations
	x.Kafka.Set(g.rule)
	rounds := 16
	if partly() {
		rounds = 8
	}
	up := []bool{true, true, true}
	for range rounds {
		i := x.rng.IntN(len(up))
		m := x.Members[i]
		switch {
		case !up[i]:
			m.Start()
		case x.rng.IntN(2) == 0:
			m.Kill()
		default:
			_ = m.Stop() // one that is stopped while it starts may say that it did not get to start
		}
		up[i] = !up[i]
		x.Injected()
		time.Sleep(time.Duration(100+x.rng.IntN(600)) * time.Millisecond) // to the next change: the fault, not an assertion
	}
	for i, m := range x.Members {
		if !up[i] {
			m.Start()
		}
	}
	x.ready()
	seen := g.of(e2e.GroupEvents)
	x.Finish()
	if seen < rounds/4 {
		t.Errorf("the group went through %d generations only: no storm", seen)
	}
	t.Logf("%d generations of %s", seen, e2e.GroupEvents)
}

// zombie is a member that is stopped with something in hand, its partitions given to another one meanwhile.
type zombie struct {
	x       *Trial
	group   string
	joined  float64       // generations that it took part in before
	held    chan struct{} // closed when it has been stopped
	release chan struct{} // closed to let what it has in hand go on
	once    sync.Once
}

// zombie is to be made of the first member while it works for a group.
func (x *Trial) zombie(group string) *zombie {
	x.t.Helper()
	z := &zombie{x: x, group: group, held: make(chan struct{}), release: make(chan struct{})}
	x.t.Cleanup(z.free)
	var err error
	if z.joined, err = series(x.Members[0], "rapport_kafka_group_generations_total", `"`+group+`"`); err != nil {
		x.t.Fatal(err)
	}
	return z
}

// hold stops the member, once, and keeps what it asked for until it is freed; nil where it was stopped before.
func (z *zombie) hold(pid int) func() error {
	var wait func() error
	z.once.Do(func() {
		wait = func() error {
			_ = syscall.Kill(pid, syscall.SIGSTOP)
			close(z.held)
			<-z.release
			return nil
		}
	})
	return wait
}

func (z *zombie) free() {
	select {
	case <-z.release:
	default:
		close(z.release)
	}
}

// awakes has another member take over and go on; then what the zombie had in hand goes out, and it wakes up.
func (z *zombie) awakes(what string) {
	x := z.x
	x.t.Helper()
	old, other := x.Members[0], x.Members[1]
	x.happens(what, z.held)
	x.Injected()
	before, err := x.committed(z.group)
	if err != nil {
		x.t.Fatal(err)
	}
	other.Start()
	other.Eventually("ready", other.Ready)
	x.Wait("another member goes on in all partitions of "+z.group, func() error {
		now, err := x.committed(z.group)
		if err != nil {
			return err
		}
		for at, offset := range before {
			// Dead letters are few, so that some partitions may see none for long.
			if now[at] <= offset && z.group != e2e.GroupDeadLetters {
				return fmt.Errorf("%v is still at %d", at, offset)
			}
		}
		if maps.Equal(now, before) {
			return errors.New("nothing was committed yet")
		}
		return nil
	})
	z.free()
	x.Kafka.Set(nil)
	x.Database.Set(nil)
	if err := syscall.Kill(old.PID(), syscall.SIGCONT); err != nil {
		x.t.Fatal(err)
	}
	x.growsOf(old, z.joined, "rapport_kafka_group_generations_total", `"`+z.group+`"`) // it learnt that its generation is over, and joined the next
	if err := other.Stop(); err != nil {
		x.t.Errorf("the other member did not end well: %v", err)
	}
}

// TestZombieWithAnInsert: a member is stopped past its session with an INSERT on its way, which reaches the database after another member went on.
func TestZombieWithAnInsert(t *testing.T) { OnEach(t, zombieWithAnInsert) }

func zombieWithAnInsert(t *testing.T, on On) {
	tables := []struct{ table, group string }{
		{"rapport_store.survey_facts", e2e.GroupEvents},
		{"rapport_store.contact_outcomes", e2e.GroupOutcomes},
		{"rapport_store.satisfaction_days", e2e.GroupRollups},
		{"rapport_store.complaint_days", e2e.GroupRollups},
	}
	if partly() {
		tables = tables[:3]
	}
	if partly() && on.Real {
		tables = tables[2:]
	}
	x := zombieTrial(t, on, "SIGSTOP of a process past its session with an INSERT in hand, which arrives after another process went on")
	for _, to := range tables {
		z := x.zombie(to.group)
		pid := x.Members[0].PID()
		x.Database.Set(func(s clickhouseproxy.Statement) clickhouseproxy.Action {
			if s.Insert != to.table {
				return clickhouseproxy.Action{}
			}
			return clickhouseproxy.Action{Before: z.hold(pid)}
		})
		z.awakes("INSERT INTO " + to.table)
	}
	x.Finish()
}

// TestZombieWithACommit: a member is stopped past its session with an offset on its way, which the broker refuses since another member went on.
func TestZombieWithACommit(t *testing.T) { OnEach(t, zombieWithACommit) }

func zombieWithACommit(t *testing.T, on On) {
	groups := []string{e2e.GroupEvents, e2e.GroupDeadLetters, e2e.GroupOutcomes, e2e.GroupRollups}
	x := zombieTrial(t, on, "SIGSTOP of a process past its session with a commit in hand, which arrives after another process went on")
	x.rng.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	if partly() {
		groups = groups[:2]
	}
	if partly() && on.Real {
		groups = groups[:1]
	}
	for _, group := range groups {
		z := x.zombie(group)
		pid := x.Members[0].PID()
		var refused codes
		x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
			if r.Commits() != group {
				return kafkaproxy.Action{}
			}
			if wait := z.hold(pid); wait != nil {
				return kafkaproxy.Action{Before: wait, Answer: refused.note}
			}
			return kafkaproxy.Action{}
		})
		z.awakes("commit of " + group)
		x.Wait("the old commit is answered", refused.answered)
		if !refused.all() {
			t.Errorf("%s: the broker took a commit of a generation that is over", group)
		}
	}
	x.Finish()
}

// zombieTrial has one member of two running.
func zombieTrial(t *testing.T, on On, fault string) *Trial {
	x := Prepare(t, Plan{Fault: fault, Binary: rapport, On: on, Members: 2, Poison: 1, Endless: true, Pace: 150 * time.Millisecond, Stories: 400})
	x.Members[0].Up()
	x.Load()
	x.At(0.2)
	return x
}
