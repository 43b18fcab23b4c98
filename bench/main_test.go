package main

import (
	"os"
	"testing"
)

// TestMain lets the test binary be what the benchmark starts.
func TestMain(m *testing.M) {
	if child() {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

func TestOptions(t *testing.T) {
	for name, args := range map[string][]string{
		"no whole thousand": {"-events", "30"}, "no round": {"-rounds", "0"}, "argument": {"x"}, "unknown flag": {"-x"},
	} {
		if _, err := parse(args, t.Output()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	o, err := parse([]string{"-set", "engine_flush=1", "-out", "x", "-page", "y"}, t.Output())
	if err != nil || o.out != "" || o.page != "" {
		t.Errorf("a trial would be written: %+v, %v", o, err)
	}
}

func TestChoose(t *testing.T) {
	if _, err := choose("facts,nobody"); err == nil {
		t.Error("no error for a contender that is none")
	}
	for only, want := range map[string]int{"": len(contenders()), "facts": 2, "rapport": 1, "mixed": 2, "kafka_go_fetch,facts": 3} {
		if got, err := choose(only); err != nil || len(got) != want {
			t.Errorf("%q: %d of %d, %v", only, len(got), want, err)
		}
	}
}
