package generator_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

func newGenerator(t *testing.T, cfg generator.Config) *generator.Generator {
	t.Helper()
	g, err := generator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func parse(t *testing.T, e generator.Event, appended time.Time) *schemas.Event {
	t.Helper()
	got, err := schemas.Parse(e.Record(appended), schemas.Options{DefaultTenant: "default"})
	if err != nil {
		t.Fatalf("%v\n%s", err, e.JSON)
	}
	return got
}

func TestSameSeedGivesTheSameBytes(t *testing.T) {
	cfg := generator.Config{Seed: 7, Tenants: []string{"a", "b"}}
	one, two := newGenerator(t, cfg).Events(300), newGenerator(t, cfg).Events(300)
	if !reflect.DeepEqual(one, two) {
		t.Error("the same seed gave other events")
	}
	cfg.Seed = 8
	if reflect.DeepEqual(one, newGenerator(t, cfg).Events(300)) {
		t.Error("another seed gave the same events")
	}
}

func TestEventsFollowTheContractInBothModes(t *testing.T) {
	events := newGenerator(t, generator.Config{Seed: 1, Tenants: []string{"a", "default"}}).Events(2000)
	rng := generator.NewRand(2)
	binary := generator.Binary(events, 1, rng)
	reformatted := generator.Reformat(events, 1, rng)
	for i, e := range events {
		p := parse(t, e, e.Published)
		if p.ID != e.ID || p.Source != e.Source || p.Tenant != e.Tenant || p.Type != e.Type || p.Revision != e.Revision ||
			p.Retracted != e.Retracted || !p.Time.Equal(e.Time.Truncate(time.Microsecond)) {
			t.Fatalf("event %+v parsed as %+v", e, p)
		}
		if !e.Retracted && p.Key() != e.Key {
			t.Errorf("key %q, the contract asks for %q", e.Key, p.Key())
		}
		if e.Topic != schemas.TopicSurveyResponses {
			t.Errorf("topic %q", e.Topic)
		}
		for mode, other := range map[string]generator.Event{"binary": binary[i], "reformatted": reformatted[i]} {
			if diff := cmp.Diff(p, parse(t, other, e.Published)); diff != "" {
				t.Fatalf("%s:\n%s\n%s", mode, diff, e.JSON)
			}
		}
	}
}

func TestEveryMistakeHappens(t *testing.T) {
	events := newGenerator(t, generator.Config{Seed: 3}).Events(3000)
	type identity struct{ tenant, source, id string }
	type revision struct {
		identity
		n uint32
	}
	payloads, hours := map[revision]map[uint64]bool{}, map[identity]map[time.Time]bool{}
	var revised, retracted, conflicts, moved, invitations, unknown, roles int
	for _, e := range events {
		p := parse(t, e, e.Published)
		id := identity{e.Tenant, e.Source, e.ID}
		r := revision{id, e.Revision}
		if payloads[r] == nil {
			payloads[r] = map[uint64]bool{}
		}
		if hours[id] == nil {
			hours[id] = map[time.Time]bool{}
		}
		payloads[r][p.Payload] = true
		hours[id][e.Time.Truncate(time.Hour)] = true
		unknown += p.Unknown
		switch d := p.Data.(type) {
		case *schemas.SurveyInvitation:
			invitations++
		case *schemas.SurveyResponse:
			if d.Role != "customer" {
				roles++
			}
		}
		if e.Retracted {
			retracted++
		} else if e.Revision > 0 {
			revised++
		}
	}
	for _, p := range payloads {
		if len(p) > 1 {
			conflicts++
		}
	}
	for _, h := range hours {
		if len(h) > 1 {
			moved++
		}
	}
	for name, n := range map[string]int{
		"revised": revised, "retracted": retracted, "conflicts": conflicts, "moved": moved, "invitations": invitations,
		"unknown fields": unknown, "other roles": roles,
	} {
		if n < 10 {
			t.Errorf("%s: %d in 3000 stories", name, n)
		}
	}
}

func TestNoRatesGiveOneEventAStory(t *testing.T) {
	g := newGenerator(t, generator.Config{Rates: &generator.Rates{}})
	if got := len(g.Events(100)); got != 100 {
		t.Errorf("%d events of 100 stories", got)
	}
}

func TestTimesLieInBounds(t *testing.T) {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	cfg := generator.Config{From: from, To: from.AddDate(0, 0, 2), Rates: &generator.Rates{}}
	for _, e := range newGenerator(t, cfg).Events(500) {
		if e.Time.Before(cfg.From) || !e.Time.Before(cfg.To) || e.Published.Before(e.Time) {
			t.Fatalf("time %s, published %s", e.Time, e.Published)
		}
	}
}

func TestWrongConfigurationIsRefused(t *testing.T) {
	now := time.Now()
	for name, cfg := range map[string]generator.Config{
		"questionnaire": {Mix: []generator.Share{{Questionnaire: "horoscope-12", Weight: 1}}},
		"no weight":     {Mix: []generator.Share{{Questionnaire: "rater-5"}}},
		"bounds":        {From: now, To: now},
	} {
		if _, err := generator.New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	g, err := generator.New(generator.Config{})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n += len(g.Events(1000))
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
