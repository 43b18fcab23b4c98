package keeper

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rapport-project/rapport/calendars"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// seedFlag repeats a random run: go test ./outcomes/keeper -run Oracle -v -args -seed=N
var seedFlag = flag.Uint64("seed", 0, "seed of events and of the moments at which marks are answered; 0 is any")

// configured are settings of tenants that differ in all that outcomes rest on; a third tenant has none.
func configured() map[string]string {
	return map[string]string{
		"tenants/berlin.yaml":   "time_zone: Europe/Berlin\nfcr_window_days: 1\nservice_level_seconds: 30\n",
		"tenants/new-york.yaml": "time_zone: America/New_York\nfcr_window_days: 14\ncalendar: shop\n",
		"calendars/shop-1.yaml": `{id: shop, version: 1, valid_from: 2000-01-01, title: {en: Shop, zh: 商店}, time_zone: America/New_York, holidays: [2026-03-03],
			week: {monday: ["09:00-12:00", "13:00-17:30"], tuesday: ["09:00-12:00"], saturday: ["22:00-06:00"]}}`,
		"calendars/shop-2.yaml": `{id: shop, version: 2, valid_from: 2026-03-11, title: {en: Shop, zh: 商店}, time_zone: America/New_York,
			week: {wednesday: ["00:00-24:00"]}}`,
	}
}

// expected is what the oracle must know of these settings; the window of each tenant goes to its generator too.
func expected(t testing.TB) oracle.Options {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	working := oracle.WorkingByMinutes(newYork, func(day time.Time) []oracle.Shift {
		switch date := day.Format(time.DateOnly); {
		case date >= "2026-03-11" && day.Weekday() == time.Wednesday:
			return []oracle.Shift{{From: 0, To: 24 * 60}}
		case date >= "2026-03-11" || date == "2026-03-03":
			return nil
		}
		switch day.Weekday() {
		case time.Monday:
			return []oracle.Shift{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 17*60 + 30}}
		case time.Tuesday:
			return []oracle.Shift{{From: 9 * 60, To: 12 * 60}}
		case time.Saturday:
			return []oracle.Shift{{From: 22 * 60, To: 30 * 60}}
		}
		return nil
	})
	return oracle.Options{DefaultTenant: "default", Tenants: map[string]oracle.Tenant{
		"default":  {WindowDays: 7},
		"berlin":   {Zone: berlin, WindowDays: 1, ServiceLevelSeconds: 30},
		"new-york": {Zone: newYork, WindowDays: 14, Working: working},
	}}
}

func configuredRig(t testing.TB) *rig {
	t.Helper()
	dir := t.TempDir()
	for name, text := range configured() {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	catalog, err := calendars.Load(calendars.Shipped(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return newRigOf(t, dir, func(id string) outcomes.Calendar {
		c, _ := catalog.Get(id)
		return c
	})
}

// serviceEvents tells stories of few customers, so that chains are long and apps mix them up.
func serviceEvents(t testing.TB, seed uint64, stories int, o oracle.Options) []generator.Event {
	t.Helper()
	rates := generator.DefaultRates()
	rates.Revisions, rates.Retractions, rates.Conflicts, rates.MovedTimes, rates.MovedKeys = 0.2, 0.08, 0.08, 0.05, 0.08
	var events []generator.Event
	for i, tenant := range []string{"default", "berlin", "new-york"} {
		g, err := generator.New(generator.Config{
			Seed: seed + uint64(i), Tenants: []string{tenant}, Customers: 3, WindowDays: o.Tenants[tenant].WindowDays, Rates: &rates,
			// Over the American change to summer time.
			From: time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 22, 0, 0, 0, 0, time.UTC),
		})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, g.ServiceEvents(stories)...)
	}
	return events
}

// played is what is wrong with the outcomes at rest after events came in random order, some twice, and were answered at random moments.
func played(t *testing.T, seed uint64, stories int, change func(*Keeper)) []oracle.Difference {
	t.Helper()
	o := expected(t)
	events := serviceEvents(t, seed, stories, o)
	want, err := oracle.Compute(generator.Accepted(events), o)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	s := newStage(configuredRig(t), rng)
	change(s.keeper)
	sent := generator.Shuffle(generator.Duplicate(events, 0.3, rng), rng)
	for _, run := range generator.Runs(sent, 25, rng) {
		s.write(parsed(t, run)...)
		for range rng.IntN(4) {
			s.step()
		}
	}
	s.rest()
	stored, err := oracle.LoadOutcomes(t.Context(), s.conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d records of %d events: %d outcomes, %d answers, %d of them late", len(sent), want.Counts.Identities, len(stored), s.answers, s.late)
	return oracle.CompareOutcomes(stored, want.Outcomes())
}

// Whatever the order in which events come, however often, and whoever answers the marks of them when: at rest the outcomes equal the oracle's to the bit.
func TestOracle(t *testing.T) {
	stories, seeds := 12, []uint64{7, uint64(time.Now().UnixNano())}
	if testing.Short() {
		stories = 6
	}
	if *seedFlag != 0 {
		seeds = []uint64{*seedFlag}
	}
	for _, seed := range seeds {
		t.Logf("seed %d: -args -seed=%d does the same again", seed, seed)
		if ds := played(t, seed, stories, func(*Keeper) {}); ds != nil {
			t.Errorf("seed %d: %s", seed, oracle.Report(ds))
		}
	}
}

// The test above can tell: with a clock as version, or too few rows written, outcomes differ from the oracle's.
func TestOracleFindsMistakes(t *testing.T) {
	for name, mistake := range map[string]func(*Keeper){
		"a clock as version": func(k *Keeper) {
			rng := rand.New(rand.NewPCG(3, 3))
			k.o.Version = func(epoch uint64, _ int64) rollups.Version {
				return rollups.Version{Epoch: epoch, Mark: uint64(time.Now().Add(time.Duration(rng.Int64N(int64(time.Hour)))).UnixNano())}
			}
		},
		"only rows of the stretch": func(k *Keeper) {
			k.affected = func(rows []schemas.ContactOutcome, from, to time.Time) (first, end int) {
				for first < len(rows) && rows[first].OccurredAt.Before(from) {
					first++
				}
				for end = first; end < len(rows) && !rows[end].OccurredAt.After(to); end++ {
				}
				return first, end
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			// Later marks may happen to mend what one left wrong, so a mistake has a few runs to show.
			for seed := range uint64(5) {
				if ds := played(t, 11+seed, 8, mistake); len(ds) > 0 {
					t.Logf("found, as it must be: %d differences, such as %s", len(ds), ds[0])
					return
				}
			}
			t.Fatal("the outcomes are right all the same: the test cannot tell right from wrong")
		})
	}
}
