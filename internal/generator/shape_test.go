package generator_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/rapport-project/rapport/internal/generator"
)

// tally counts deliveries by content.
func tally(events []generator.Event) map[string]int {
	n := map[string]int{}
	for _, e := range events {
		n[string(e.JSON)]++
	}
	return n
}

func TestShapesKeepTheEvents(t *testing.T) {
	events := newGenerator(t, generator.Config{Seed: 5}).Events(500)
	before := slices.Clone(events)
	rng := generator.NewRand(6)
	for name, shaped := range map[string][]generator.Event{
		"shuffle":    generator.Shuffle(events, rng),
		"late":       generator.Late(events, 0.2, rng),
		"wrong keys": generator.WrongKeys(events, 1, rng),
		"runs":       slices.Concat(generator.Runs(events, 7, rng)...),
	} {
		if !maps.Equal(tally(events), tally(shaped)) {
			t.Errorf("%s changed what is in the stream", name)
		}
	}
	if !reflect.DeepEqual(before, events) {
		t.Error("the input was changed")
	}
}

func TestDuplicatesComeAfterTheirOriginals(t *testing.T) {
	events := newGenerator(t, generator.Config{Seed: 5}).Events(2000)
	shaped := generator.Duplicate(events, 0.3, generator.NewRand(1))
	if share := float64(len(shaped)-len(events)) / float64(len(events)); share < 0.27 || share > 0.33 {
		t.Errorf("a share of %.3f was repeated", share)
	}
	seen := map[string]bool{}
	var firsts []generator.Event
	for _, e := range shaped {
		if !seen[string(e.JSON)] {
			firsts = append(firsts, e)
		}
		seen[string(e.JSON)] = true
	}
	if !reflect.DeepEqual(events, firsts) {
		t.Error("the first deliveries are not in their order")
	}
}

func TestMixAndRuns(t *testing.T) {
	g := newGenerator(t, generator.Config{})
	events := g.Events(50)
	bad := g.Poisons(events[0].Published, generator.PoisonKinds()...)
	mixed := generator.Mix(events, bad, generator.NewRand(1))
	if len(mixed) != len(events)+len(bad) || len(generator.Accepted(mixed)) != len(events) {
		t.Errorf("%d of %d and %d", len(mixed), len(events), len(bad))
	}
	if runs := generator.Runs(nil, 3, generator.NewRand(1)); len(runs) != 3 {
		t.Errorf("%d runs of nothing", len(runs))
	}
}
