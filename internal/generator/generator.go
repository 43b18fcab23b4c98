package generator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Generator makes up events. It is not safe for use by several goroutines.
type Generator struct {
	cfg       Config
	rng       *rand.Rand
	companies []*company
	serial    int
	numbers   map[numbered]int
}

// numbered is what has running numbers of its own.
type numbered struct{ tenant, kind string }

// New makes a generator, or says what is wrong with the configuration.
func New(cfg Config) (*Generator, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("generator: %w", err)
	}
	g := &Generator{cfg: cfg, rng: NewRand(cfg.Seed), numbers: map[numbered]int{}}
	for _, t := range cfg.Tenants {
		g.companies = append(g.companies, newCompany(t, cfg.Customers, g.rng))
	}
	return g, nil
}

// NewRand is a random source that gives the same numbers for the same seed on every machine.
func NewRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x7261_7070_6f72_7421)) }

// Events tells n stories, each one response with what goes before and comes after it or, by the share of Config.Service, one of
// contacts, cases and complaints, and gives all their deliveries in the order of publication. A further call goes on with new ids.
func (g *Generator) Events(n int) []Event {
	return g.stories(n, func() []Event {
		at := g.instant()
		if g.ofService() {
			return g.serviceStory(at, g.cfg.To)
		}
		return g.story(at)
	})
}

// ServiceEvents tells n stories of contacts, cases and complaints, about ten events each, as Events does.
func (g *Generator) ServiceEvents(n int) []Event {
	return g.stories(n, func() []Event { return g.serviceStory(g.instant(), g.cfg.To) })
}

// ofService draws whether the next story is of service; without a share nothing is drawn, so that a seed's responses stay.
func (g *Generator) ofService() bool { return g.cfg.Service > 0 && chance(g.rng, g.cfg.Service) }

func (g *Generator) stories(n int, tell func() []Event) []Event {
	var all []Event
	for range n {
		all = append(all, tell()...)
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.Published.Compare(b.Published) })
	return all
}

// instant is a time between From and To, more often in working hours, with whatever precision the app keeps.
func (g *Generator) instant() time.Time {
	var at time.Time
	for {
		at = g.cfg.From.Add(time.Duration(g.rng.Int64N(int64(g.cfg.To.Sub(g.cfg.From)))))
		if h := at.Hour(); h >= 8 && h < 20 || chance(g.rng, 0.2) {
			break
		}
	}
	precision := pick(g.rng, []time.Duration{time.Second, time.Second, time.Millisecond, time.Nanosecond})
	if t := at.Truncate(precision); !t.Before(g.cfg.From) {
		at = t
	}
	return at.UTC()
}
