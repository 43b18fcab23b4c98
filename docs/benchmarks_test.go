package docs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/bench/report"
)

// TestBenchmarksAreOfARun: the table in the page is that of bench/latest.json, with all that the benchmark promises to say.
func TestBenchmarksAreOfARun(t *testing.T) {
	results, err := report.Read(filepath.Join(root, "bench", "latest.json"))
	if err != nil {
		t.Fatal(err)
	}
	page := read(t, "docs/benchmarks.md")
	want, err := report.Renewed(page, report.Table(results))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("docs/benchmarks.md is not of bench/latest.json (-want +got); `make bench` writes both:\n%s", diff)
	}
	byName := map[string]report.Result{}
	for _, r := range results {
		byName[r.Name] = r
	}
	for _, name := range []string{"rapport_facts", "rapport_rollups", report.Reference, "kafka_go_fetch"} {
		if r := byName[name]; r.EventsPerS <= 0 || r.ReferenceRatio <= 0 || r.Lowest > r.EventsPerS || r.EventsPerS > r.Highest {
			t.Errorf("%s in bench/latest.json: %+v", name, r)
		}
	}
	if r := byName[report.Reference].ReferenceRatio; r != 1 {
		t.Errorf("%s is %g times itself", report.Reference, r)
	}
}

// TestBenchmarksNeedTheirPlace: a page without the place of the table is told, not silently left as it is.
func TestBenchmarksNeedTheirPlace(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(name, []byte("# Benchmarks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.RenewPage(name, nil); err == nil {
		t.Error("no error")
	}
}
