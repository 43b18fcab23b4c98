package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// took is what one result of one run took.
type took struct {
	// elapsed on the clock.
	elapsed time.Duration
	// cpu is the processor time of this process and of ClickHouse, which other work on the machine changes less than the clock.
	// The broker's is not in it.
	cpu time.Duration
}

// stopwatch begins where a contender's clock does.
type stopwatch struct {
	begun  time.Time
	broker int
	used   time.Duration
}

func newStopwatch(broker int) stopwatch {
	return stopwatch{begun: time.Now(), broker: broker, used: used(broker)}
}

// take is the time since it began.
func (w stopwatch) take() took { return w.at(time.Now()) }

// at is take for a moment that has just been.
func (w stopwatch) at(now time.Time) took {
	return took{elapsed: now.Sub(w.begun), cpu: used(w.broker) - w.used}
}

// tick is Linux's unit of processor time in /proc, the same on every architecture it is read on.
const tick = 10 * time.Millisecond

// used is the processor time of this process and its children but the broker; 0 where the system does not tell.
func used(broker int) time.Duration {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	self, total := os.Getpid(), time.Duration(0)
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		var pid int
		if _, err := fmt.Sscan(string(text), &pid); err != nil || pid == broker {
			continue
		}
		// pid (comm) state ppid …: comm may hold spaces, so count from its closing bracket.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) > 12 && (pid == self || string(fields[1]) == strconv.Itoa(self)) {
			total += ticks(fields[11]) + ticks(fields[12])
		}
	}
	return total
}

func ticks(field []byte) time.Duration {
	n, err := strconv.ParseInt(string(field), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * tick
}
