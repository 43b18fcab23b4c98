package docs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/bench/report"
)

// TestCapacityIsOfARun: what the page says one machine does, and the arithmetic that follows, are of bench/latest.json.
func TestCapacityIsOfARun(t *testing.T) {
	results, err := report.Read(filepath.Join(root, "bench", "latest.json"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(root, "docs", "capacity.md")
	if *update {
		if err := report.RenewCapacity(name, results); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Renewed(string(page), report.Capacity(results))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("docs/capacity.md is not of bench/latest.json (-want +got); `go test ./docs -run Capacity -update` writes it:\n%s", diff)
	}
}
