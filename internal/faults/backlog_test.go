package faults

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/generator"
)

// TestBackfillBesideLiveTraffic puts months of old events in random order on the topics while new ones come in at their pace: the live ones are stored
// while old ones still come in, and all figures are right in the end.
func TestBackfillBesideLiveTraffic(t *testing.T) {
	stories := 12_000 // about 20,000 events
	if partly() {
		stories = 1200
	}
	x := Prepare(t, Plan{Fault: "a backfill of months in random order beside live traffic", Binary: rapport, Stories: 300, Pace: 300 * time.Millisecond})
	from := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	g, err := generator.New(generator.Config{
		Seed: x.seed, IDPrefix: "old-", Tenants: []string{"default", "kathmandu", "new-york"}, Service: 0.1, From: from, To: from.AddDate(0, 9, 0), Customers: 5000,
	})
	if err != nil {
		t.Fatal(err)
	}
	old := generator.Shuffle(g.Events(stories), x.rng)
	live := x.events
	x.events = append(slices.Clone(live), old...)
	_, options := e2e.Settings(t)
	x.want = e2e.Expect(t, x.events, options)
	x.Members[0].Start()
	x.ready()
	x.Load()
	backfill := startLoad(t.Context(), x.overKafka(x.Direct.Client()), old, rhythm{pace: 150 * time.Millisecond, upto: -1, endless: generator.NewRand(x.seed)})
	x.Injected()
	<-x.load.done
	acknowledged := time.Now()
	x.Wait("all live events stored", func() error { return x.storedOf(live) })
	fresh := time.Since(acknowledged)
	_, done := backfill.progress()
	t.Logf("the last of %d live events was stored %s after it was acknowledged, with %d deliveries of %d old events published and more to come", len(live), fresh, done, len(old))
	backfill.suffice()
	<-backfill.done
	x.joined(backfill, old)
	x.Finish()
}

// storedOf says whether all of the events, whose ids do not begin as those of a backfill, are stored.
func (x *Trial) storedOf(events []generator.Event) error {
	want := map[key]bool{}
	for _, e := range events {
		want[key{e.Tenant, e.Source, e.ID}] = true
	}
	var all int
	for _, table := range factTables {
		var n uint64
		err := x.Direct.Conn().QueryRow(x.t.Context(), "SELECT uniqExact(tenant, source, id) FROM rapport_store."+table+" WHERE NOT startsWith(id, 'old-')").Scan(&n)
		if err != nil {
			return err
		}
		all += int(n)
	}
	if all < len(want) {
		return fmt.Errorf("%d of %d are", all, len(want))
	}
	return nil
}

// joined counts another load that is done with the trial's own.
func (x *Trial) joined(other *load, events []generator.Event) {
	acked, sent := x.load.progress()
	more, tries := other.progress()
	both := &load{done: make(chan struct{}), enough: make(chan struct{}), limit: -1, acked: acked + more, sent: sent + tries}
	close(both.done)
	x.load, x.sent = both, append(x.sent, events...)
}

// TestLongBacklog keeps the only member down while everything is published; then it comes back with two more at once.
func TestLongBacklog(t *testing.T) {
	x := Prepare(t, Plan{Fault: "all members down while everything comes in, then three at once", Binary: rapport, Members: 3, Poison: 1, Stories: 900, Pace: time.Millisecond})
	m := x.Members[0]
	m.Start()
	x.Wait("ready", m.Ready)
	x.inGroups(m)
	m.Kill()
	x.Injected()
	x.Load()
	<-x.load.done
	for _, m := range x.Members {
		m.Start()
	}
	x.Finish()
	x.accounted()
}

// TestMigratedAndSetAnewUnderLoad applies the schema again and again, and restarts a member under other settings of tenants, while events come in.
func TestMigratedAndSetAnewUnderLoad(t *testing.T) {
	x := Begin(t, Plan{
		Fault: "the schema applied again and again, and members restarted under other settings, under load", Binary: rapport, Members: 2, Poison: 1, Stories: 500, Pace: 150 * time.Millisecond,
	})
	own, other := x.other()
	for i, at := range x.Moments(4) {
		x.At(at)
		if out, errs, err := x.Members[0].Command("", "migrate"); err != nil {
			t.Errorf("migrate: %v\n%s%s", err, out, errs)
		}
		x.Injected()
		setting := own // in the end
		if i%2 == 0 {
			setting = other()
		}
		// One after the other, as an operator would; meanwhile the one that was there first does not compute by settings that are no more in force.
		for _, m := range x.Members {
			m.Set(setting)
			x.inGroups(m)
			if i%2 == 0 {
				m.Kill()
			} else if err := m.Stop(); err != nil {
				t.Error(err)
			}
			m.Start()
			x.Injected()
		}
	}
	x.Finish()
	x.accounted()
}
