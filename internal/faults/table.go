package faults

import (
	"encoding/json"
	"flag"
	"os"
	"testing"
)

// linesFlag names a file that takes a line of JSON per trial, from which `make soak` makes the table of docs/faults.md.
var linesFlag = flag.String("lines", "", "file to append a line of JSON per trial to")

// Line is what a trial came to.
type Line struct {
	Fault  string `json:"fault"`
	Broker string `json:"broker"`
	// Injected is how often the fault struck.
	Injected int `json:"injected"`
	// Sent counts events, tries again and duplicates included; Acknowledged of them those that the broker took.
	Sent         int `json:"sent"`
	Acknowledged int `json:"acknowledged"`
	// Redelivered records were fetched more than once.
	Redelivered int `json:"redelivered"`
	// Lost events were acknowledged and are not stored; Wrong are outcomes and rollups that differ from the oracle's. Both are to be 0.
	Lost  int `json:"lost"`
	Wrong int `json:"wrong"`
	// Seconds from the last injection to figures that equal the oracle's, the rest of the load included.
	Seconds float64 `json:"seconds"`
}

func record(t testing.TB, l Line) {
	t.Helper()
	t.Logf("%+v", l)
	if *linesFlag == "" {
		return
	}
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(*linesFlag, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Write(append(b, '\n')); err != nil {
		t.Fatal(err)
	}
}
