package rolling

import (
	"testing"
)

// BenchmarkSeries90Days measures a daily series of 90 days by region, as the read API answers it: whole days, so from rollups, whose cells do not grow
// with the facts.
func BenchmarkSeries90Days(b *testing.B) {
	r := company(b, 90_000)
	for _, metric := range []string{"satisfaction_index", "csat_top2", "dimension_score"} {
		for _, cut := range []string{"", "region", "region,product"} {
			b.Run(metric+"/"+cut, func(b *testing.B) {
				before := r.cpu(b)
				for b.Loop() {
					figures, err := r.c.Series(b.Context(), SeriesAsked{
						Tenant: "acme", Metric: metric, Cut: cut, From: instant(b, "2026-01-01T00:00:00Z"), To: instant(b, "2026-04-01T00:00:00Z"), Step: "day",
					})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(figures)), "figures")
				}
				b.ReportMetric((r.cpu(b)-before).Seconds()/float64(b.N)*1000, "store-cpu-ms/op")
			})
		}
	}
}
