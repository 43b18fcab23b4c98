package docs

import (
	"strings"
	"testing"
)

// TestEveryFaultIsOnThePage: a fault that the suite injects and the page does not tell of was never run for it.
func TestEveryFaultIsOnThePage(t *testing.T) {
	page := read(t, "docs/faults.md")
	var n int
	for _, name := range tree(t) {
		if !strings.HasPrefix(name, "internal/faults/") || !strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/faults/report/") || strings.HasSuffix(name, "/controls_test.go") {
			continue
		}
		for _, fault := range found(`\bFault:\s+"([^"]+)"`, read(t, name)) {
			n++
			if !strings.Contains(page, fault) {
				t.Errorf("%s injects %q, which docs/faults.md does not have: run `make soak`", name, fault)
			}
		}
	}
	if n == 0 {
		t.Error("no fault was found in the suite")
	}
}
