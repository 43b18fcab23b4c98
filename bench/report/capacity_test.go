package report_test

import (
	"strings"
	"testing"

	"github.com/rapport-project/rapport/bench/report"
)

// Every line of the arithmetic can be done again from the figures beside it.
func TestCapacity(t *testing.T) {
	got := report.Capacity([]report.Result{
		{Name: "rapport_facts", EventsPerS: 200_000, CPUSeconds: 8, DatabaseCPUSeconds: 5, EventBytes: 400, Machine: "2 cores"},
		{Name: "rapport_rollups", EventsPerS: 150_000, CPUSeconds: 12, DatabaseCPUSeconds: 9, EventBytes: 400},
		{Name: "reads", Events: 50_000_000, Values: []report.Spread{{Name: report.FactBytes, Median: 70}, {Name: report.IdentityBytes, Median: 30}}},
		{Name: "growth", Values: []report.Spread{{Name: "live_1m_rate", Median: 90_000}, {Name: "live_1m_go", Median: 3}, {Name: "late_1m_clickhouse", Median: 7}, {Name: report.Growth, Median: 1.2}}},
	})
	for _, want := range []string{
		"× 3.0 s per million / 0.6 busy        = 50 cores", "× 9.0 s per million / 0.6 busy        = 150 cores", "= 300 cores, an upper bound",
		"= 200, that each", "× 400 bytes                          = 4.0 GB/s", "= 12.0 GB/s", "(70 + 30 bytes)      = 86 TB, × 2 replicas = 173 TB",
		"| 1 million | 90,000 | 3.0 | 0.0 | 0 | 0.0 | 7.0 |", "(`http_ingest`) | not measured",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if none := report.Capacity(nil); strings.Count(none, "ot measured") < 7 {
		t.Errorf("of no run: %s", none)
	}
}
