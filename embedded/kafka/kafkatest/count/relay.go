package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
)

// tally is how many tests passed by broker.
type tally struct{ embedded, real int }

// String implements fmt.Stringer.
func (t tally) String() string {
	version := kafkatest.Version()
	if version == "" {
		version = "(not installed)"
	}
	return fmt.Sprintf("embedded Kafka: %d tests, real Kafka %s: %d tests", t.embedded, version, t.real)
}

// event is one line of `go test -json`.
type event struct {
	Action, Package, Test, Output string
}

// relay prints what go test would have printed without -json and the seeds of tests, and counts.
func relay(events io.Reader, out io.Writer) (tally, error) {
	var passed tally
	lines := json.NewDecoder(events)
	// What a test printed is shown when it fails.
	held := map[[2]string]*strings.Builder{}
	// A suite counts as many as it has parts; they pass before it does.
	parts := map[[3]string]int{}
	for {
		var e event
		if err := lines.Decode(&e); errors.Is(err, io.EOF) {
			return passed, nil
		} else if err != nil {
			return passed, fmt.Errorf("output of go test: %w", err)
		}
		top, below, _ := strings.Cut(e.Test, "/")
		key := [2]string{e.Package, top}
		shown := ""
		switch e.Action {
		case "build-output":
			shown = e.Output
		case "output":
			switch {
			case e.Test != "" || !summary(e.Output):
				if held[key] == nil {
					held[key] = &strings.Builder{}
				}
				held[key].WriteString(e.Output)
			default:
				shown = e.Output
			}
		case "pass":
			broker, part, _ := strings.Cut(below, "/")
			whole := [3]string{e.Package, top, broker}
			switch {
			case part != "" && !strings.Contains(part, "/"):
				parts[whole]++
			case part == "" && broker == kafkatest.OnEmbedded:
				passed.embedded += max(1, parts[whole])
			case part == "" && broker == kafkatest.OnReal:
				passed.real += max(1, parts[whole])
			}
			if below == "" && held[key] != nil {
				shown = seeds(top, held[key].String())
				delete(held, key)
			}
		case "fail":
			if below == "" && held[key] != nil {
				shown = held[key].String()
				delete(held, key)
			}
		case "skip":
			if below == "" {
				delete(held, key)
			}
		}
		if _, err := io.WriteString(out, shown); err != nil {
			return passed, err
		}
	}
}

// seeds are the lines of a test that passed which say what chance decided, so that what is found rarely can be looked for again.
func seeds(test, output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if strings.Contains(line, ": seed ") {
			b.WriteString(test + ": " + strings.TrimSpace(line) + "\n")
		}
	}
	return b.String()
}

// summary is a line of a package, as in "ok  	package	1.2s".
func summary(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "?   \t")
}
