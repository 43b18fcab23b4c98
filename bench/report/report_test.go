package report_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/bench/report"
)

func rates(of ...float64) []report.Run {
	var out []report.Run
	for _, r := range of {
		out = append(out, report.Run{EventsPerS: r, CPUSeconds: 1e6 / r, DatabaseCPUSeconds: 1e5 / r, Events: 1_000_000, EventBytes: 400})
	}
	return out
}

func TestSummarize(t *testing.T) {
	mine := rates(300, 900, 600)
	for i, x := range []float64{3, 1, 2} {
		mine[i].RSS, mine[i].Values = 100*x, []report.Value{{Name: report.AfterFacts, Unit: "s", Value: x}}
	}
	runs := map[string][]report.Run{"rapport_rollups": mine, report.Reference: rates(200, 100, 300), report.Mixed: rates(1000, 1000)}
	rows := []report.Row{{"rapport_rollups", report.Reference}, {report.Reference, report.Reference}, {"not_run", report.Reference}, {report.Mixed, ""}}
	got := report.Summarize(rows, runs, "2 cores")
	want := []report.Result{
		{
			Name: "rapport_rollups", EventsPerS: 600, ReferenceRatio: 3, Lowest: 300, Highest: 900, Against: report.Reference, Ratio: 3, LowestRatio: 1.5, HighestRatio: 9,
			CPUSeconds: 1666.67, DatabaseCPUSeconds: 166.67, RSS: 300, Values: []report.Spread{{Name: report.AfterFacts, Unit: "s", Median: 2, Lowest: 1, Highest: 3}},
			Rounds: 3, Events: 1_000_000, EventBytes: 400, Machine: "2 cores",
		},
		{
			Name: report.Reference, EventsPerS: 200, ReferenceRatio: 1, Lowest: 100, Highest: 300, Against: report.Reference, Ratio: 1, LowestRatio: 1, HighestRatio: 1,
			CPUSeconds: 5000, DatabaseCPUSeconds: 500, Rounds: 3, Events: 1_000_000, EventBytes: 400, Machine: "2 cores",
		},
		{
			Name: report.Mixed, EventsPerS: 1000, ReferenceRatio: 5, Lowest: 1000, Highest: 1000, CPUSeconds: 1000, DatabaseCPUSeconds: 100,
			Rounds: 2, Events: 1_000_000, EventBytes: 400, Machine: "2 cores",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	file := filepath.Join(t.TempDir(), "latest.json")
	if err := report.Write(file, got); err != nil {
		t.Fatal(err)
	}
	read, err := report.Read(file)
	if diff := cmp.Diff(want, read); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestSummarizeWithoutReference(t *testing.T) {
	got := report.Summarize([]report.Row{{"a", report.Reference}}, map[string][]report.Run{"a": rates(2, 4)}, "")
	if len(got) != 1 || got[0].Ratio != 0 || got[0].ReferenceRatio != 0 || got[0].EventsPerS != 3 {
		t.Errorf("%+v", got)
	}
}

// The page says of each target whether it was met, by what was measured, and claims nothing of what was not run.
func TestTargets(t *testing.T) {
	table := report.Table([]report.Result{
		{Name: "rapport_facts", Ratio: 2.99}, {Name: "rapport_mixed", Ratio: 2}, {Name: "rapport_contacts"},
		{Name: "rapport_rollups", RSS: 399, Values: []report.Spread{{Name: report.AfterFacts, Unit: "s", Median: 10.01}}},
	})
	for _, want := range []string{
		"(`rapport_facts`) | at least 3 (2 is the least) | 2.99 | no |", "(`rapport_mixed`) | at least 2 | 2 | yes |", "(`rapport_contacts`) | at least 1 | not run | – |",
		"(`rapport_rollups`) | at most 10 s | 10.01 s | no |", "(`rapport_rollups`) | at most 400 MiB | 399 MiB | yes |", "(`http_ingest`) | at least 0.6 | not run | – |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
}
