package faults

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/faults/clickhouseproxy"
)

// TestTooManyParts has ClickHouse refuse for real: merges stand still and a table takes few parts, until it refuses; then it merges again.
func TestTooManyParts(t *testing.T) {
	x := Begin(t, Plan{
		Fault: "too many parts for real: merges stopped, then started again", Binary: rapport, Poison: 1, Stories: 500, Pace: 200 * time.Millisecond,
		Settings: []string{"PIPELINE_RETRY_MAX=500ms", "ROLLUPS_RETRY_MAX=500ms", "OUTCOMES_RETRY_MAX=500ms"},
	})
	x.stored()
	m := x.Members[0]
	tables := []string{"survey_facts", "contact_facts", "consumed", "contact_outcomes", "satisfaction_days", "contact_days"}
	exec := func(format string) {
		t.Helper()
		for _, table := range tables {
			if err := x.Direct.Conn().Exec(t.Context(), fmt.Sprintf(format, table)); err != nil {
				t.Fatal(err)
			}
		}
	}
	exec("SYSTEM STOP MERGES rapport_store.%s")
	exec("ALTER TABLE rapport_store.%s MODIFY SETTING parts_to_delay_insert = 2, parts_to_throw_insert = 3, max_delay_to_insert = 1")
	x.Injected()
	x.again(100)
	for _, table := range []string{"survey_facts", "contact_facts"} {
		x.rises(m, 2, "rapport_sink_errors_total", `class="overloaded"`, `table="`+table+`"`)
	}
	x.accounted()
	exec("ALTER TABLE rapport_store.%s RESET SETTING parts_to_delay_insert, parts_to_throw_insert, max_delay_to_insert")
	exec("SYSTEM START MERGES rapport_store.%s")
	x.Finish()
}

// TestSlowerThanItsTimeout has ClickHouse do what it is asked and answer after the member has given up waiting: what was done is done again, in every stage.
func TestSlowerThanItsTimeout(t *testing.T) {
	x := Begin(t, Plan{
		Fault: "ClickHouse answering statements after their timeout", Binary: rapport, Poison: 1, Stories: 400, Pace: 200 * time.Millisecond,
		Settings: []string{
			"PIPELINE_STEP_TIMEOUT=4s", "OUTCOMES_STEP_TIMEOUT=4s", "ROLLUPS_STEP_TIMEOUT=4s", "SINKS_WRITE_TIMEOUT=2s",
			"PIPELINE_RETRY_MAX=500ms", "ROLLUPS_RETRY_MAX=500ms", "OUTCOMES_RETRY_MAX=500ms",
		},
	})
	x.stored()
	var mu sync.Mutex
	late, rng := map[string]int{}, rand.New(rand.NewPCG(x.seed, 1))
	x.Database.Set(func(s clickhouseproxy.Statement) clickhouseproxy.Action {
		mu.Lock()
		defer mu.Unlock()
		kind := kindOf(s)
		if kind == "" || late[kind] >= 2 || rng.IntN(2) == 0 {
			return clickhouseproxy.Action{}
		}
		late[kind]++
		x.Injected()
		return clickhouseproxy.Action{After: func() error { time.Sleep(5 * time.Second); return nil }}
	})
	x.again(200)
	x.rises(x.Members[0], 3, "rapport_sink_errors_total", `class="timeout"`)
	x.Wait("late in every stage", func() error {
		mu.Lock()
		defer mu.Unlock()
		for _, kind := range []string{"survey_facts", "contact_outcomes", "contact_days"} {
			if late[kind] == 0 {
				return fmt.Errorf("none yet for %s: %v", kind, late)
			}
		}
		return nil
	})
	x.accounted()
	x.Finish()
}

// TestClickHouseAwayForLong has every statement refused, reads too, while the whole load comes in: it waits in Kafka and nowhere else.
func TestClickHouseAwayForLong(t *testing.T) {
	x := Prepare(t, Plan{
		Fault: "ClickHouse refusing all statements for 20 s", Binary: rapport, Poison: 1, Stories: 500, Pace: 100 * time.Millisecond,
		Settings: []string{"PIPELINE_RETRY_MAX=1s", "ROLLUPS_RETRY_MAX=1s", "OUTCOMES_RETRY_MAX=1s"},
	})
	m := x.Members[0]
	m.Start()
	x.ready()
	codes := []int{252, 241, 243, 210}
	var mu sync.Mutex
	n, began := 0, time.Now()
	x.Database.Set(func(clickhouseproxy.Statement) clickhouseproxy.Action {
		mu.Lock()
		defer mu.Unlock()
		n++
		x.Injected()
		return clickhouseproxy.Action{Code: codes[n%len(codes)]}
	})
	x.Load()
	x.Wait("refused for 20 s", func() error {
		if time.Since(began) < 20*time.Second {
			return errNotYet
		}
		return nil
	})
	<-x.load.done // ingest and Kafka do not depend on the database
	x.accounted()
	x.bounded(m)
	var stored uint64
	if err := x.Direct.Conn().QueryRow(t.Context(), "SELECT count() FROM rapport_store.survey_facts").Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if stored != 0 {
		t.Errorf("%d facts are stored, though all statements were refused", stored)
	}
	x.Database.Set(nil)
	x.Finish()
}
