package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

// TestErase: after customers are erased, and then a tenant, everything is what it would be without them, to the bit, whatever comes again, and nothing stored
// names them; what is new counts.
func TestErase(t *testing.T) {
	config, o := Settings(t)
	stories := 500
	if testing.Short() {
		stories = 120
	}
	rates := generator.DefaultRates()
	rates.MovedKeys, rates.MovedTimes = 0, 0.02
	events := loyal(t, generate(t, generator.Config{Seed: 51, Tenants: []string{plain, kathmandu, newYork}, Service: 0.5, Customers: 8, Rates: &rates}, stories))
	one, two := busiest(t, events, kathmandu), busiest(t, events, newYork)
	rest := without(t, events, o, one)
	if theirs := namedEvents(t, events, one); len(events)-len(rest) <= theirs {
		t.Fatalf("no event is the customer's without naming it: %d of %d", theirs, len(events)-len(rest))
	}
	bad := poisons(t, kathmandu, func(p generator.Poison) bool { return p.Reason == schemas.MissingTenant }) // there is a default
	for i := range bad {                                                                                     // a third of them of the customer
		if i%3 == 0 {
			bad[i] = renamed(bad[i], one.Customer)
		}
	}
	rng := generator.NewRand(5)
	sent := generator.Shuffle(append(generator.Binary(generator.Duplicate(events, 0.2, rng), 0.3, rng), bad...), rng)

	s := New(t, rapport, config, "ROLLUPS_SWEEP_PAUSE=200ms")
	s.Up()
	s.send(sent...)
	s.Equals(Expect(t, events, o))

	if r := s.erase("--tenant", one.Tenant, "--customer", one.Customer, "--dry-run"); r.ID != "" || r.Nothing() || len(r.DeadLetters) == 0 {
		t.Errorf("a dry run found %+v", r)
	}
	if found := sees(t, s.Conn(), one.Tenant, one.Customer); len(found) < 10 {
		t.Fatalf("the customer is seen in %v alone, so that the test would see little", found)
	}
	receipt := s.erase("--tenant", one.Tenant, "--customer", one.Customer, "--yes")
	text, _, err := s.Command("", "erase", "--receipt", receipt.ID)
	if err != nil || !strings.Contains(text, receipt.ID) || receipt.Key == "" || strings.Contains(text, receipt.Key) || strings.Contains(text, one.Customer) {
		t.Errorf("the receipt shown again: %v\n%s", err, text)
	}
	t.Logf("receipt:\n%s", text)
	s.killedErasing(two)
	rest = without(t, rest, o, two)

	steps := func(what string) {
		t.Helper()
		t.Log(what)
		s.Equals(Expect(t, rest, o))
		for _, c := range []erasures.Subject{one, two} {
			if found := sees(t, s.Conn(), c.Tenant, c.Customer); len(found) > 0 {
				t.Errorf("%s: customer %s of %s is seen in %v", what, c.Customer, c.Tenant, found)
			}
			if r := s.erase("--tenant", c.Tenant, "--customer", c.Customer, "--yes"); !r.Nothing() || r.ID != "" {
				t.Errorf("%s: a second look found %+v", what, r)
			}
		}
		s.explained(t, Expect(t, events, o))
	}
	steps("erased")
	s.send(sent...)
	steps("everything sent again")

	// What is new counts, and keeps what was erased out.
	fresh := loyal(t, generate(t, generator.Config{Seed: 52, IDPrefix: "new-", Tenants: []string{kathmandu, newYork}, Service: 0.5, Customers: 8, Rates: &rates}, 150))
	if namedEvents(t, fresh, one) == 0 {
		t.Fatal("nothing new of the customer")
	}
	s.send(fresh...)
	rest = append(rest, fresh...)
	s.Equals(Expect(t, rest, o))

	s.erase("--tenant", kathmandu, "--yes")
	gone := func(what string) {
		t.Helper()
		s.Equals(Expect(t, without(t, rest, o, erasures.Subject{Tenant: kathmandu}), o))
		s.Eventually(what+": nothing of the tenant is left", func() error { // a look begun before may store after; the next takes it away
			if found := s.ofTenant(kathmandu); len(found) > 0 {
				return fmt.Errorf("of the tenant there is %v", found)
			}
			return nil
		})
	}
	gone("the tenant erased")
	s.send(append(slices.Clone(sent), fresh...)...)
	gone("everything sent again")
	if r := s.erase("--tenant", kathmandu, "--yes"); !r.Nothing() {
		t.Errorf("a second look at the tenant found %+v", r)
	}
	newer := loyal(t, generate(t, generator.Config{Seed: 53, IDPrefix: "newer-", Tenants: []string{kathmandu}, Service: 0.5, Rates: &rates}, 30))
	s.send(newer...)
	s.Equals(Expect(t, append(without(t, rest, o, erasures.Subject{Tenant: kathmandu}), newer...), o))
	s.Unaudited(t)
}
