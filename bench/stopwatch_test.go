package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestStopwatch: what a process spends and holds is told by what it is, and what has ended, or is a broker, adds nothing.
func TestStopwatch(t *testing.T) {
	if peakOf(os.Getpid()) == 0 {
		t.Skip("this system has no /proc")
	}
	b := &bench{}
	before := b.newStopwatch()
	busy := exec.Command("sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { _ = busy.Wait() }()
	defer func() { _ = busy.Process.Kill() }()
	deadline := time.Now().Add(time.Minute)
	for spentBy(busy.Process.Pid) < 3*tick {
		if time.Now().After(deadline) {
			t.Fatal("a busy process spends nothing")
		}
		time.Sleep(tick)
	}
	b.note(busy.Process.Pid, isBroker)
	if got := before.take(); got.spent.rapport != 0 || got.spent.database != 0 || got.peaks != (peaks{}) {
		t.Errorf("a broker is counted: %+v", got)
	}
	b.note(busy.Process.Pid, isRapport)
	if got := before.take(); got.spent.rapport < 3*tick || got.spent.database != 0 || got.peaks.rapport <= 0 || got.peaks.database != 0 || got.spent.sum() < got.spent.rapport {
		t.Errorf("rapport is not counted: %+v", got)
	}
	b.note(busy.Process.Pid, isDatabase)
	if got := before.take(); got.spent.rapport != 0 || got.spent.database < 3*tick || got.peaks.database <= 0 {
		t.Errorf("the database is not counted: %+v", got)
	}
	const nobody = 1 << 30
	if spentBy(nobody) != 0 || peakOf(nobody) != 0 {
		t.Error("nobody spends something")
	}
}
