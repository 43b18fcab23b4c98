package main

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"

	"github.com/rapport-project/rapport/internal/app"
)

// TestEachEventIsCountedOnce: what a window is taken to count rests on which figures an event is in.
func TestEachEventIsCountedOnce(t *testing.T) {
	c, err := app.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	defs, err := c.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i := range 10_000 {
		value := events.Response(i, now).Value
		e, err := schemas.ParseEvent(value, now, defs.Parse)
		if err == nil {
			err = processors.Check(e, defs.Processors)
		}
		if err != nil {
			t.Fatal(err)
		}
		r := e.Data.(*schemas.SurveyResponse)
		top2 := len(r.Answers) > 0
		nps := r.Questionnaire == "relationship" && r.NPS != nil
		if top2 == nps {
			t.Fatalf("in figures of csat_top2: %v, of NPS: %v: %s", top2, nps, value)
		}
	}
}

// TestLatencies: an event that no look could have seen is left out, one that should have been seen and never came is not.
func TestLatencies(t *testing.T) {
	start := time.Now()
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	r := &liveRun{from: at(1), arrivals: arrivals{"facts": {{at(1.5), 20}, {at(3), 60}, {at(5), 60}}}}
	for i := range 4 { // of 20 events each; the first before it is measured
		r.sent.add(at(float64(i)), 20)
	}
	now := func(published time.Time) time.Time { return published }
	all, lost := r.latencies("facts", now)
	if want := []time.Duration{time.Second, 2 * time.Second, 2 * time.Second}; len(all) != 3 || all[0] != want[0] || all[1] != want[1] || all[2] != want[2] || lost != 20 {
		t.Errorf("%v, %d lost", all, lost)
	}
	all, lost = r.latencies("facts", func(published time.Time) time.Time { return published.Add(2500 * time.Millisecond) })
	if len(all) != 2 || lost != 0 {
		t.Errorf("%v, %d lost, with events that nobody could have seen", all, lost)
	}
}
