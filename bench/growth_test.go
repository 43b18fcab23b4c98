package main

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/bench/report"
)

// The costlier of the two ways in is what counts, on the largest store against the smallest.
func TestGrowthOf(t *testing.T) {
	cost := func(rapport, database time.Duration) took {
		return took{elapsed: time.Second, events: 1_000_000, spent: cpu{rapport: rapport, database: database}}
	}
	all := []growth{
		{facts: 1_000_000, live: cost(4*time.Second, 4*time.Second), late: cost(5*time.Second, 5*time.Second)},
		{facts: 10_000_000, live: cost(time.Hour, time.Hour), late: cost(time.Hour, time.Hour)},
		{facts: 50_000_000, live: cost(4*time.Second, 6*time.Second), late: cost(5*time.Second, 6*time.Second)},
	}
	for _, c := range []struct {
		facts int
		name  string
	}{{wantedFacts, report.Growth}, {wantedFacts / 5, report.Growth + "_of_10m"}} {
		b := &bench{o: options{facts: c.facts}}
		values := b.growthOf(all).values
		if last := values[len(values)-1]; last.Name != c.name || last.Value != 1.25 {
			t.Errorf("%d facts: %+v; want %s 1.25", c.facts, last, c.name)
		}
		if len(values) != 2*3*3+1 || values[1].Name != "live_1m_go" || values[1].Value != 4 {
			t.Errorf("%+v", values)
		}
	}
}

func TestPoints(t *testing.T) {
	check := points(1, 2)
	if err := check([]byte(`{"series":[{"points":[{"n":3},{"n":1}]}]}`)); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{`{"series":[{"points":[{"n":3},{"n":0}]}]}`, `{"series":[]}`, `{`} {
		if check([]byte(wrong)) == nil {
			t.Errorf("%s passes", wrong)
		}
	}
}
