package faults

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/clickhouseproxy"
)

// errDead ends the connection of a member that was killed.
var errDead = errors.New("the member is dead")

// The stages of a statement at which a member can die.
var stages = []string{"before the server sees it", "with half of it sent", "done, the answer lost", "answered"}

// point is where a member dies: at a stage of a kind of statement.
type point struct{ kind, stage string }

// kindOf names what a statement writes: the table, and what for where a table is written for several reasons. Reads have no name.
func kindOf(s clickhouseproxy.Statement) string {
	kind := strings.TrimPrefix(s.Insert, "rapport_store.")
	switch {
	case kind == "":
	case strings.Contains(s.Text, "occurred_at, superseded"):
		kind += ", superseding"
	case strings.Contains(s.Text, "(tenant, cut, day, version)"):
		kind += ", emptied"
	}
	return kind
}

// strikes kill a member at each of its points, at whichever its statements come to first.
type strikes struct {
	x      *Trial
	member *e2e.System
	struck chan point

	mu    sync.Mutex
	left  map[point]bool
	seen  map[string]bool
	armed bool
	// writes counts statements but those that come without an event.
	writes int
}

// strikesAt are strikes at a member at all stages of the kinds, not begun.
func strikesAt(x *Trial, member *e2e.System, kinds []string) *strikes {
	s := &strikes{x: x, member: member, struck: make(chan point, 1), left: map[point]bool{}, seen: map[string]bool{}}
	for _, kind := range kinds {
		for _, stage := range stages {
			s.left[point{kind, stage}] = true
		}
	}
	x.Database.Set(s.rule)
	return s
}

// start starts the member and arms the next strike.
func (s *strikes) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member.Start()
	s.armed = true
}

// stop ends the member if it still lives, and says whether it was struck meanwhile.
func (s *strikes) stop() (point, bool) {
	s.mu.Lock()
	if !s.armed {
		s.mu.Unlock()
		return <-s.struck, true
	}
	s.armed = false
	s.mu.Unlock()
	if _, err := series(s.member, "up"); err != nil {
		s.member.Kill() // it does not run yet, so it does not know how to stop
		return point{}, false
	}
	if err := s.member.Stop(); err != nil {
		s.x.t.Errorf("the member did not stop well: %v", err)
	}
	return point{}, false
}

// idle waits until the member is struck, or has written nothing for a while though it is up: what is left is not come to by itself.
func (s *strikes) idle(quiet time.Duration) (point, bool) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	last, since := -1, time.Now()
	for {
		select {
		case at := <-s.struck:
			return at, true
		case <-tick.C:
		}
		s.mu.Lock()
		n := s.writes
		s.mu.Unlock()
		if _, err := series(s.member, "rapport_kafka_group_generations_total"); n != last || err != nil {
			last, since = n, time.Now()
		}
		if time.Since(since) > quiet {
			return point{}, false
		}
	}
}

// keep drops all points but some, by chance.
func (s *strikes) keep(share float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range slices.Sorted(maps.Keys(s.kindsLeft())) {
		for _, stage := range stages {
			if s.x.rng.Float64() > share {
				delete(s.left, point{kind, stage})
			}
		}
	}
}

func (s *strikes) kindsLeft() map[string]bool {
	kinds := map[string]bool{}
	for p := range s.left {
		kinds[p.kind] = true
	}
	return kinds
}

// remaining are the points at which nobody died yet.
func (s *strikes) remaining() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for p := range s.left {
		names = append(names, fmt.Sprintf("%s: %s", p.kind, p.stage))
	}
	slices.Sort(names)
	return names
}

// kinds that statements were seen of.
func (s *strikes) kinds() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.seen))
}

func (s *strikes) rule(statement clickhouseproxy.Statement) clickhouseproxy.Action {
	kind := kindOf(statement)
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind == "" {
		return clickhouseproxy.Action{}
	}
	s.seen[kind] = true
	if kind != "progress" {
		s.writes++
	}
	var open []point
	for _, stage := range stages {
		if p := (point{kind, stage}); s.left[p] {
			open = append(open, p)
		}
	}
	// Not always the first statement after a start: the others have to be come to as well.
	if !s.armed || len(open) == 0 || s.x.rng.IntN(3) == 0 {
		return clickhouseproxy.Action{}
	}
	at := open[s.x.rng.IntN(len(open))]
	s.armed = false
	delete(s.left, at)
	kill := func() error {
		s.member.Kill()
		s.x.Injected()
		s.struck <- at
		return errDead
	}
	switch at.stage {
	case stages[0]:
		return clickhouseproxy.Action{Before: kill}
	case stages[1]:
		return clickhouseproxy.Action{Half: true, Before: func() error { _ = kill(); return nil }}
	case stages[2]:
		return clickhouseproxy.Action{After: kill}
	}
	return clickhouseproxy.Action{Answered: func() { _ = kill() }}
}
