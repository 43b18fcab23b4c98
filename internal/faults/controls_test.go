package faults

import (
	"testing"
	"time"
)

// The trials are worth something only if they fail where rapport is wrong. Each of these builds rapport with a mistake that somebody could make, injects
// the fault that brings it to light, and wants the checks of a trial to notice.

// notices waits for a check to find something.
func (x *Trial) notices(what string, found func() (bool, error)) {
	x.t.Helper()
	x.Wait(what+": noticed", func() error {
		ok, err := found()
		if err == nil && !ok {
			err = errNotYet
		}
		return err
	})
}

func TestAClockAsVersionIsNoticed(t *testing.T) {
	x := Begin(t, Plan{Fault: "none but the mistake", Always: true, Binary: build(t, "./internal/e2e/clockversion"), Stories: 300})
	<-x.load.done
	x.Direct.Drained()
	x.notices("a rollup versioned by a clock", func() (bool, error) {
		var n uint64
		err := x.Direct.Conn().QueryRow(t.Context(), "SELECT count() FROM rapport_store.audit_mismatches").Scan(&n)
		return n > 0, err
	})
}

func TestACommitBeforeTheInsertIsNoticed(t *testing.T) {
	early := mutant(t,
		change{"pipeline/pipeline.go", "	for _, step := range steps {\n		if err := p.persist(", "	if err := c.Commit(drain, last.Offset+1); err != nil {\n		return err\n	}\n	for _, step := range steps {\n		if err := p.persist("},
	)
	x := Prepare(t, Plan{Fault: "kill -9 of a member before its facts are stored", Always: true, Binary: early, Stories: 300, Pace: 500 * time.Millisecond})
	s := strikesAt(x, x.Members[0], []string{"survey_facts", "contact_facts", "milestone_facts"})
	for _, kind := range []string{"survey_facts", "contact_facts", "milestone_facts"} {
		delete(s.left, point{kind, stages[3]}) // what was answered is not lost
	}
	s.start()
	x.Wait("ready", x.Members[0].Ready)
	x.Load()
	for range 3 {
		if at, struck := s.idle(5 * time.Second); struck {
			t.Logf("killed at %s, %s", at.kind, at.stage)
			s.start()
		}
	}
	<-x.load.done
	if at, struck := s.stop(); struck {
		t.Logf("killed at %s, %s", at.kind, at.stage)
	}
	x.Database.Set(nil)
	x.Members[0].Start()
	x.Direct.Drained()
	if n := x.lost(); n == 0 {
		t.Error("nothing was found to be lost, though offsets were committed before their facts were stored")
	} else {
		t.Logf("%d acknowledged events found lost", n)
	}
	if x.unaccounted() == nil {
		t.Error("no committed offset was found that is not accounted for")
	}
}

func TestAMissingSweeperIsNoticed(t *testing.T) {
	const idle = "func(ctx context.Context) error { _ = sweeper; <-ctx.Done(); return nil }"
	unswept := mutant(t,
		change{"internal/app/roll.go", "sweeper.Run, looks.Run", idle + ", looks.Run"},
		change{"internal/app/outcomes.go", "roller.Run, sweeper.Run, p.watch(", "roller.Run, " + idle + ", p.watch("},
	)
	x := Begin(t, Plan{Fault: "a stored figure changed by hand", Always: true, Binary: unswept, Stories: 300})
	<-x.load.done
	x.Direct.Drained()
	x.tamper()
	// Nothing is pending any more, and a sweeper would have mended it in a second or two: what is wrong now stays so.
	deadline := time.Now().Add(8 * time.Second)
	for time.Now().Before(deadline) {
		ds, err := x.Direct.Differences(x.want)
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) == 0 {
			t.Fatal("the figures became right without a sweeper")
		}
		time.Sleep(time.Second)
	}
}
