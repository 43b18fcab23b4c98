package rollups

import "github.com/prometheus/client_golang/prometheus"

type rollerMetrics struct {
	marks, badMarks, days, retries prometheus.Counter
	seconds                        prometheus.Histogram
	coalescing                     prometheus.Histogram
	lag                            *prometheus.GaugeVec
}

func newRollerMetrics(reg prometheus.Registerer) *rollerMetrics {
	m := &rollerMetrics{
		marks:    counter("rapport_rollup_marks_total", "Marks of stale days answered."),
		badMarks: counter("rapport_rollup_bad_marks_total", "Records on the marks topic that are no mark; skipped."),
		days:     counter("rapport_rollup_days_total", "Days recomputed."),
		retries:  counter("rapport_rollup_retries_total", "Batches of marks tried again after a fault; their partition is held meanwhile."),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rapport_rollup_seconds", Help: "How long it took to recompute a batch of days.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 14),
		}),
		coalescing: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rapport_rollup_marks_per_day", Help: "Marks of a batch by day recomputed for them.", Buckets: prometheus.ExponentialBuckets(1, 2, 12),
		}),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_rollup_lag_marks", Help: "Marks not yet read, as of the last read.",
		}, []string{"partition"}),
	}
	register(reg, m.marks, m.badMarks, m.days, m.retries, m.seconds, m.coalescing, m.lag)
	return m
}

type sweeperMetrics struct {
	mismatches                       *prometheus.CounterVec
	settled, compared, marked, fails prometheus.Counter
	dropped                          prometheus.Counter
	seconds                          prometheus.Histogram
}

func newSweeperMetrics(reg prometheus.Registerer) *sweeperMetrics {
	m := &sweeperMetrics{
		mismatches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_audit_mismatch_total", Help: "Days that differed from their facts with nothing pending. Must stay 0.",
		}, []string{"rollup"}),
		settled:  counter("rapport_sweep_settled_ids_total", "Keys superseded because their id holds under another hour."),
		compared: counter("rapport_sweep_days_total", "Days compared with their facts."),
		marked:   counter("rapport_sweep_marks_total", "Days marked stale by the sweeper."),
		fails:    counter("rapport_sweep_failures_total", "Rounds of the sweeper that ended in a fault."),
		dropped:  counter("rapport_retention_dropped_partitions_total", "Months of facts dropped by retention."),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rapport_sweep_seconds", Help: "How long a round of the sweeper took.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 14),
		}),
	}
	// The series are there from the start: "must stay 0" can only be watched on a series that exists.
	for _, table := range tables() {
		m.mismatches.WithLabelValues(table)
	}
	register(reg, m.mismatches, m.settled, m.compared, m.marked, m.fails, m.dropped, m.seconds)
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func register(reg prometheus.Registerer, all ...prometheus.Collector) {
	if reg != nil {
		reg.MustRegister(all...)
	}
}
