package report_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/bench/report"
)

func rates(of ...float64) []report.Run {
	var out []report.Run
	for _, r := range of {
		out = append(out, report.Run{EventsPerS: r, CPUSeconds: 1e6 / r})
	}
	return out
}

func TestSummarize(t *testing.T) {
	runs := map[string][]report.Run{"rapport_facts": rates(300, 900, 600), report.Reference: rates(200, 100, 300)}
	c := report.Conditions{Events: 1_000_000, EventBytes: 600, Machine: "2 cores"}
	got := report.Summarize([]string{"rapport_facts", report.Reference, "not_run"}, runs, c)
	want := []report.Result{
		{Name: "rapport_facts", EventsPerS: 600, Ratio: 3, Lowest: 300, Highest: 900, LowestRatio: 1.5, HighestRatio: 9, CPUSeconds: 1666.67, Rounds: 3, Conditions: c},
		{Name: report.Reference, EventsPerS: 200, Ratio: 1, Lowest: 100, Highest: 300, LowestRatio: 1, HighestRatio: 1, CPUSeconds: 5000, Rounds: 3, Conditions: c},
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

// A contender that took in events of its own is told with their number, not with that of the others.
func TestSummarizeOtherEvents(t *testing.T) {
	runs := rates(2, 4)
	for i := range runs {
		runs[i].Events = 50
	}
	got := report.Summarize([]string{"a", "b"}, map[string][]report.Run{"a": rates(1, 1), "b": runs}, report.Conditions{Events: 500, EventBytes: 600})
	if len(got) != 2 || got[0].Events != 500 || got[0].EventBytes != 600 || got[1].Events != 50 || got[1].EventBytes != 0 {
		t.Errorf("%+v", got)
	}
}

func TestSummarizeWithoutReference(t *testing.T) {
	got := report.Summarize([]string{"a"}, map[string][]report.Run{"a": rates(2, 4)}, report.Conditions{})
	if len(got) != 1 || got[0].Ratio != 0 || got[0].EventsPerS != 3 {
		t.Errorf("%+v", got)
	}
}
