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

func TestARowWithoutCellsEqualsNone(t *testing.T) {
	r := compute(t, oracle.Options{}, event("r", "2026-03-02T08:30:00Z", 0, 1, rater(4)), retraction("r", "2026-03-02T08:30:00Z", 1))
	if ds := oracle.Compare(nil, r.Rows()); len(r.Rows()) == 0 || ds != nil {
		t.Error(oracle.Report(ds))
	}
	if ds := oracle.Compare(r.Rows(), nil); ds != nil {
		t.Error(oracle.Report(ds))
	}
}

func TestCompareOutcomesNamesWhatDiffers(t *testing.T) {
	outcomes := func(wait float64) []oracle.Outcome {
		return compute(t, oracle.Options{}, contact("a", "2026-03-02T08:30:00Z", obj{"wait_seconds": wait}), milestone("m", "2026-03-02T08:30:00Z", "requested", nil)).Outcomes()
	}
	want := outcomes(1)
	if ds := oracle.CompareOutcomes(outcomes(1), want); ds != nil {
		t.Error(oracle.Report(ds))
	}
	ds := oracle.CompareOutcomes(outcomes(2), want)
	const text = `contact_outcomes ["t" "1772438400000000" "/app" "a" "customer=c&issue=i"]: wait_micros: got ["2000000"], want ["1000000"]`
	if len(ds) != 1 || ds[0].String() != text {
		t.Error(oracle.Report(ds))
	}
	if ds := oracle.CompareOutcomes(want[1:], want); len(ds) != 1 || ds[0].Got != "absent" {
		t.Error(oracle.Report(ds))
	}
	if ds := oracle.CompareOutcomes(want, want[:1]); len(ds) != 1 || ds[0].Want != "absent" || ds[0].Table != "case_outcomes" {
		t.Error(oracle.Report(ds))
	}
}
