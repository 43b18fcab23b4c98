package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
)

// TestEventsAreValidAndDistinct: what every contender is expected to store rests on that.
func TestEventsAreValidAndDistinct(t *testing.T) {
	c, err := app.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	defs, err := c.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	from, to := span()
	seen := map[[2]string]bool{}
	for i := range 2 {
		msgs, err := chunk(i, 2)
		if err != nil {
			t.Fatal(err)
		}
		again, err := chunk(i, 2)
		if diff := cmp.Diff(msgs[:100], again[:100]); err != nil || diff != "" {
			t.Fatalf("chunk %d is not the same twice: %v %s", i, err, diff)
		}
		for _, m := range msgs {
			e, err := schemas.Parse(schemas.Record{Headers: m.Headers, Value: m.Value, Time: to}, defs.Parse)
			if err == nil {
				err = processors.Check(e, defs.Processors)
			}
			if err != nil {
				t.Fatalf("%s: %v", m.Value, err)
			}
			id := [2]string{e.Source, e.ID}
			if seen[id] || e.Time.Before(from) || !e.Time.Before(to) || m.Topic != schemas.TopicSurveyResponses {
				t.Fatalf("twice, out of its month or on another topic: %s", m.Value)
			}
			seen[id] = true
		}
	}
}

func TestOptions(t *testing.T) {
	for name, args := range map[string][]string{
		"no whole chunk": {"-events", "30"}, "no round": {"-rounds", "0"}, "argument": {"x"}, "unknown flag": {"-x"},
	} {
		if _, err := parse(args, t.Output()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	o, err := parse([]string{"-only", "rapport", "-out", "x", "-page", "y"}, t.Output())
	if err != nil || o.out != "" || o.page != "" {
		t.Errorf("a trial would be written: %+v, %v", o, err)
	}
	if _, err := choose("nobody"); err == nil {
		t.Error("no error for a contender that is none")
	}
}
