package main

import (
	"path/filepath"
	"testing"

	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// TestSmoke runs contenders on few events, with all that is checked of what they stored, so that the benchmark does not rot between its runs. Those of the
// backlog in order do nothing that those of the mixed one do not.
func TestSmoke(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "latest.json")
	if err := benchmark(t.Context(), []string{"-events", "5000", "-rounds", "1", "-only", "mixed,contacts,ingest,fetch", "-dir", filepath.Join(dir, "data"), "-out", out}); err != nil {
		t.Fatal(err)
	}
	results, err := report.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{
		"rapport_mixed": true, "rapport_mixed_rollups": true, report.Mixed: true,
		"rapport_contacts": true, report.Contacts: true, "http_ingest": true, report.Writer: true, "kafka_go_fetch": true,
	}
	for _, r := range results {
		if !want[r.Name] || r.EventsPerS <= 0 || r.Events <= 0 || r.EventBytes < 300 {
			t.Errorf("%+v", r)
		}
		delete(want, r.Name)
	}
	if len(want) > 0 {
		t.Errorf("no result of %v", want)
	}
}
