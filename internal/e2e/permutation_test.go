package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
)

// publishRuns sends the events in k runs with a client of its own for each, waiting for the figures in between, so that
// later runs change days that already stand.
func (s *System) publishRuns(events []generator.Event, k int, seed uint64) {
	s.t.Helper()
	for _, run := range generator.Runs(events, k, generator.NewRand(seed)) {
		client := s.Client()
		records := make([]*kgo.Record, len(run))
		for i, e := range run {
			records[i] = Record(e)
		}
		s.Publish(client, records...)
		client.Close()
		s.Drained()
	}
}

func (b broker) count() int {
	if b.small() {
		return 1000
	}
	return 2500
}

func TestAnyOrderWithDuplicatesEqualsTheOracle(t *testing.T) { onEach(t, anyOrder) }

func anyOrder(t *testing.T, on broker) {
	config, o := Settings(t)
	events := Generated(t, 1, on.count())
	want := Expect(t, events, o)
	// Two that are the same each time, so that a failure is a change of the code, and one that nobody has tried yet.
	untried := anySeed(t)
	orders := map[uint64]int{40: 1, 41: 5, untried: 2 + int(untried%4)}
	if on.real {
		orders = map[uint64]int{40: 3}
	}
	for seed, runs := range orders {
		t.Run(fmt.Sprintf("seed %d in %d runs", seed, runs), func(t *testing.T) {
			rng := generator.NewRand(seed)
			sent := generator.WrongKeys(generator.Binary(generator.Shuffle(generator.Duplicate(events, 0.3, rng), rng), 0.3, rng), 0.1, rng)
			s := New(t, rapport, on.settings(t, config)...)
			s.Up()
			s.publishRuns(sent, runs, seed)
			s.Equals(want)
			s.accounted(t, len(sent), 0, want)
		})
	}
}

// accounted checks the identity of the accounting: what was received is accepted, rejected or late, to the last record.
func (s *System) accounted(t *testing.T, sent, rejected int, want oracle.Result) {
	t.Helper()
	var received, accepted, refused, late, stored uint64
	var unaccounted int64
	row := s.Conn().QueryRow(context.Background(), `SELECT toUInt64(sum(received)), toUInt64(sum(accepted)), toUInt64(sum(rejected)), toUInt64(sum(late)),
		(SELECT uniqExact(tenant, type, identity) FROM rapport_store.identities), toInt64(sum(unexplained)) FROM rapport.data_quality`)
	if err := row.Scan(&received, &accepted, &refused, &late, &stored, &unaccounted); err != nil {
		t.Fatal(err)
	}
	if received != uint64(sent) || accepted != uint64(sent-rejected) || refused != uint64(rejected) || late != 0 || unaccounted != 0 {
		t.Errorf("sent %d of which %d bad: received %d = accepted %d + rejected %d + late %d, off by %d", sent, rejected, received, accepted, refused, late, unaccounted)
	}
	s.Unaudited(t)
	if int(stored) != want.Counts.Identities {
		t.Errorf("stored %d distinct events, want %d", stored, want.Counts.Identities)
	}
}

// TestTheMarksAloneGiveTheFigures: without ids under two times or keys there is nothing for the sweeper to settle, and with a sweeper
// that never comes the figures must be right by the marks alone.
func TestTheMarksAloneGiveTheFigures(t *testing.T) { onEach(t, marksAlone) }

func marksAlone(t *testing.T, on broker) {
	config, o := Settings(t)
	rates := generator.DefaultRates()
	rates.MovedTimes, rates.MovedKeys = 0, 0
	c := generator.Config{Seed: 12, Tenants: []string{plain, kathmandu, newYork}, Rates: &rates, Service: serviceShare, Customers: 50}
	events := slices.DeleteFunc(generate(t, c, on.count()/3), withoutKeys)
	want := Expect(t, events, o)
	rng := generator.NewRand(12)
	s := New(t, rapport, on.settings(t, config, "ROLLUPS_SWEEP_PAUSE=24h", "OUTCOMES_SWEEP_PAUSE=24h")...)
	s.Up()
	s.publishRuns(generator.Shuffle(generator.Duplicate(events, 0.3, rng), rng), 4, 12)
	ds, err := s.Differences(want)
	if err != nil {
		t.Fatal(err)
	}
	if len(ds) > 0 {
		t.Fatal(oracle.Report(ds))
	}
}

// TestAClockAsVersionIsFound is the negative control of the test above: the same binary with one change, that a rollup's
// version is the clock of whichever worker writes it, has to come out different from the oracle.
func TestAClockAsVersionIsFound(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "rapport-with-a-clock")
	build := exec.Command("go", "build", "-o", broken, "./clockversion")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	config, o := Settings(t)
	events := Generated(t, 1, 800)
	want := Expect(t, events, o)
	// The sweeper would find and mend what the clock broke: here it must not.
	s := New(t, broken, config, "ROLLUPS_SWEEP_PAUSE=1h", "OUTCOMES_SWEEP_PAUSE=1h")
	s.Up()
	s.publishRuns(generator.Shuffle(events, generator.NewRand(7)), 6, 7)
	s.Drained()
	ds, err := s.Differences(want)
	if err != nil {
		t.Fatal(err)
	}
	if len(ds) == 0 {
		t.Fatal("a clock as version gave the right figures: this test cannot tell right from wrong")
	}
	t.Logf("found, as it must be: %d differences, such as %s", len(ds), ds[0])
}
