package e2e

import (
	"os"
	"slices"
	"strings"
)

// Set changes settings, as "NAME=value" without the prefix, for starts to come.
func (s *System) Set(settings ...string) {
	for _, set := range settings {
		s.env = append(s.env, "RAPPORT_"+set) // of two the last one counts
	}
}

// LogLines counts the lines of the system's log that hold all of the texts.
func (s *System) LogLines(texts ...string) int {
	s.t.Helper()
	b, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}
