package faults

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/e2e"
)

// member makes another member of the trial, of a binary and with settings of its own; it is not started.
func (x *Trial) member(binary string, settings ...string) *e2e.System {
	m := e2e.New(x.t, binary, append(x.settings, settings...)...)
	x.Members = append(x.Members, m)
	return m
}

// TestSkewedClocksOfMembers has members whose clocks are apart by minutes and by hours, and who take work over from each other: what is stored
// knows no clock but those of the events.
func TestSkewedClocksOfMembers(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the clock of a process can be skewed on Linux on amd64 only")
	}
	skewed := build(t, "-ldflags=-checklinkname=0", "./internal/faults/skewed")
	for _, skews := range [][]string{{"-10m", "10m"}, {"-7h", "26h"}} {
		if partly() && skews[0] != "-10m" {
			continue
		}
		t.Run(strings.Join(skews, " and "), func(t *testing.T) {
			x := Prepare(t, Plan{Fault: "clocks of two members off by " + strings.Join(skews, " and ") + ", partitions moving between them", Binary: skewed, Members: 2, Poison: 1, Pace: 150 * time.Millisecond})
			for i, m := range x.Members {
				m.Set("TEST_CLOCK=" + skews[i])
				m.Start()
			}
			x.ready()
			for i, m := range x.Members {
				x.showsClock(m, skews[i])
				x.Injected()
			}
			x.Load()
			for i, at := range x.Moments(4) {
				x.At(at)
				m := x.Members[i%2]
				x.inGroups(m)
				m.Kill()
				m.Start()
				x.Injected()
			}
			x.Finish()
		})
	}
}

// showsClock checks that the clock by which a member writes its log is as wrong as it was asked to be.
func (x *Trial) showsClock(m *e2e.System, skew string) {
	x.t.Helper()
	d, err := time.ParseDuration(skew)
	if err != nil {
		x.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(m.LogTail(2000)), "\n")
	_, rest, _ := strings.Cut(lines[len(lines)-1], `"time":"`)
	at, err := time.Parse(time.RFC3339, rest[:min(len(rest), 20)])
	if err != nil {
		x.t.Fatal(err)
	}
	if off := time.Until(at) - d; off.Abs() > time.Minute {
		x.t.Fatalf("the member's clock is off by %s, want %s: nothing would be shown", time.Until(at), d)
	}
}

// olderLogic is a version of rapport before this one, whose figures are visibly others.
func olderLogic(t *testing.T) string {
	return mutant(t,
		change{"rollups/figures.go", `const logicOf = "logic=`, `const logicOf = "older logic=`},
		change{"rollups/sql/tables/satisfaction_days.sql", "{{define \"measures\"}}countIf(counted)", "{{define \"measures\"}}1000 + countIf(counted)"},
		change{"rollups/sql/tables/contact_days.sql", "countIf(offered_one)", "7000 + countIf(offered_one)"},
		change{"outcomes/keeper/figures.go", `const logicOf = "outcomes=`, `const logicOf = "older outcomes=`},
		change{"rollups/fold/tables.go", "c.cell(names, 0, []uint64{\n		s.N,", "c.cell(names, 0, []uint64{\n		1000 + s.N,"},
		change{"outcomes/keeper/compute.go", "			affected[i].OutcomeVersion = version\n", "			affected[i].OutcomeVersion, affected[i].First = version, !affected[i].First\n"},
	)
}

// wrong waits until stored figures show the older logic.
func (x *Trial) wrong() {
	x.t.Helper()
	x.Wait("computed by the older logic", func() error {
		var days, firsts uint64
		err := x.Direct.Conn().QueryRow(x.t.Context(), "SELECT (SELECT count() FROM rapport_store.satisfaction_days FINAL WHERE arrayExists(n -> n >= 1000, `cells.n`)), "+
			"(SELECT count() FROM rapport_store.contact_days FINAL WHERE arrayExists(n -> n >= 7000, `cells.offered`))").Scan(&days, &firsts)
		if err == nil && (days == 0 || firsts == 0) {
			err = fmt.Errorf("%d days of satisfaction and %d of contacts are", days, firsts)
		}
		return err
	})
}

// TestOldAndNewLogic is a rolling upgrade: processes of an older version, whose figures are others, work beside new ones on the same topics and are
// replaced one by one; then one of the old ones is started by mistake, and replaced again.
func TestOldAndNewLogic(t *testing.T) {
	older := olderLogic(t)
	// The two versions' sweepers find each other's figures wrong.
	x := Prepare(t, Plan{Fault: "a rolling upgrade: old and new logic side by side, and an old process started again by mistake", Binary: older, Members: 2, Poison: 1, Mismatches: true})
	old := x.Members[:2:2]
	for _, m := range old {
		m.Start()
	}
	x.ready()
	x.Load()
	x.At(0.2)
	x.wrong()
	first := x.member(rapport)
	first.Start()
	x.Injected()
	x.Wait("ready", first.Ready)
	x.At(0.5)
	if err := old[0].Stop(); err != nil {
		t.Error(err)
	}
	second := x.member(rapport)
	second.Start()
	x.Injected()
	x.At(0.7)
	old[1].Kill()
	x.Injected()
	<-x.load.done
	x.Direct.Equals(x.want) // all of it is by the new logic before anything else happens

	// Whoever starts last has meant it, so that going back to an older version is possible; what runs says that it no longer computes.
	old[0].Start()
	x.Injected()
	x.wrong()
	old[0].Kill()
	for _, m := range []*e2e.System{first, second} {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
		m.Start()
	}
	x.Finish()
}
