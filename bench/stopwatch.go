package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/bench/report"
)

// took is what one result of one run took.
type took struct {
	// elapsed on the clock; 0 where the result is no rate.
	elapsed time.Duration
	// spent is the processor time meanwhile, which other work on the machine changes less than the clock.
	spent cpu
	// events taken in; 0: all of the broker's feed. eventBytes is their mean length, where events is given.
	events, eventBytes int
	// peaks are the largest resident sizes so far.
	peaks peaks
	// values are what else was measured.
	values []report.Value
}

// cpu is processor time by who spent it; the broker's is in none.
type cpu struct {
	harness  time.Duration // this process, which asks whether the contender is done, or is the contender
	rapport  time.Duration // rapport's process
	database time.Duration // ClickHouse
}

func (c cpu) sum() time.Duration { return c.harness + c.rapport + c.database }

func (c cpu) since(before cpu) cpu {
	return cpu{c.harness - before.harness, c.rapport - before.rapport, c.database - before.database}
}

// peaks are the largest resident sizes of processes, in MiB; 0 where they do not run.
type peaks struct{ rapport, database float64 }

// stopwatch begins where a contender's clock does.
type stopwatch struct {
	b      *bench
	begun  time.Time
	before cpu
}

func (b *bench) newStopwatch() stopwatch {
	return stopwatch{b: b, begun: time.Now(), before: b.used()}
}

// take is the time since it began.
func (w stopwatch) take() took { return w.at(time.Now()) }

// at is take for a moment that has just been.
func (w stopwatch) at(now time.Time) took {
	return took{elapsed: now.Sub(w.begun), spent: w.b.used().since(w.before), peaks: w.b.peaks()}
}

// kind is what a child of this process is.
type kind int

const (
	isBroker kind = iota + 1
	isRapport
	isDatabase
)

// note remembers what a child is.
func (b *bench) note(pid int, is kind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.children == nil {
		b.children = map[int]kind{}
	}
	b.children[pid] = is
}

// kinds are the children that were noted, some of which may have ended.
func (b *bench) kinds() map[int]kind {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[int]kind, len(b.children))
	for pid, is := range b.children {
		out[pid] = is
	}
	return out
}

// tick is Linux's unit of processor time in /proc, the same on every architecture it is read on.
const tick = 10 * time.Millisecond

// used is the processor time of this process and of its children but brokers; 0 where the system does not tell.
func (b *bench) used() cpu {
	out := cpu{harness: spentBy(os.Getpid())}
	for pid, is := range b.kinds() {
		switch is {
		case isRapport:
			out.rapport += spentBy(pid)
		case isDatabase:
			out.database += spentBy(pid)
		}
	}
	return out
}

// peaks are those of the children that run.
func (b *bench) peaks() (p peaks) {
	for pid, is := range b.kinds() {
		switch is {
		case isRapport:
			p.rapport = max(p.rapport, peakOf(pid))
		case isDatabase:
			p.database = max(p.database, peakOf(pid))
		}
	}
	return p
}

func procFile(pid int, name string) []byte {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
	if err != nil {
		return nil // it ended, or the system has no such file
	}
	return text
}

// spentBy is a process's processor time in user and kernel mode.
func spentBy(pid int) time.Duration {
	text := procFile(pid, "stat")
	// pid (comm) state ppid …: comm may hold spaces, so count from its closing bracket.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	return ticks(fields[11]) + ticks(fields[12])
}

func ticks(field []byte) time.Duration {
	n, err := strconv.ParseInt(string(field), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * tick
}

// peakOf is the largest resident size that a process has had, in MiB.
func peakOf(pid int) float64 {
	for line := range bytes.Lines(procFile(pid, "status")) {
		var kib float64
		if n, _ := fmt.Sscanf(string(line), "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	return 0
}
