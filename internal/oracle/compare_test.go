package oracle_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

func TestCompareNamesWhatDiffers(t *testing.T) {
	day := func(score int, region string) []oracle.Row {
		d := rater(score)
		d["attributes"] = obj{"region": region}
		return compute(t, oracle.Options{}, event("r", "2026-03-02T08:30:00Z", 0, 1, d)).Rows()
	}
	want := day(5, "north")
	if ds := oracle.Compare(day(5, "north"), want); ds != nil {
		t.Error(oracle.Report(ds))
	}
	kinds := func(ds []oracle.Difference) (whats []string) {
		for _, d := range ds {
			if d.Table == "satisfaction_days" && (d.Cut == "region" || d.Cut == "") && !slices.Contains(whats, d.What) {
				whats = append(whats, d.What)
			}
		}
		return whats
	}
	if diff := cmp.Diff([]string{"index_sum", "index_sum_sq", "very_satisfied", "satisfied"}, kinds(oracle.Compare(day(4, "north"), want))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"cell"}, kinds(oracle.Compare(day(5, "south"), want))); diff != "" {
		t.Error(diff)
	}
	if got := oracle.Compare(want[1:], want); len(got) != 1 || got[0].Got != "absent" {
		t.Error(oracle.Report(got))
	}
	if got := oracle.Compare(append(slices.Clone(want), want[0]), want); len(got) != 1 || got[0].Want != "absent" {
		t.Error(oracle.Report(got))
	}
	swapped := slices.Clone(want)
	i := slices.IndexFunc(swapped, func(r oracle.Row) bool { return r.Table == "dimension_days" })
	swapped[i].Cells = slices.Clone(swapped[i].Cells)
	slices.Reverse(swapped[i].Cells)
	if got := oracle.Compare(swapped, want); len(got) != 1 || got[0].What != "order of cells" {
		t.Error(oracle.Report(got))
	}
}
