package rollups

import "github.com/prometheus/client_golang/prometheus"

type rollerMetrics struct {
	marks, bad, things, retries prometheus.Counter
	seconds, coalescing         prometheus.Histogram
	lag                         *prometheus.GaugeVec
}

// newRollerMetrics are told apart by what is stale, days or entities: both are marked, gathered and recomputed alike.
func newRollerMetrics(reg prometheus.Registerer, things string) *rollerMetrics {
	stale := prometheus.Labels{"stale": things}
	m := &rollerMetrics{
		marks: prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_marks_total", Help: "Marks answered.", ConstLabels: stale}),
		bad: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_marks_bad_total", Help: "Records on a topic of marks that are no mark; passed over.", ConstLabels: stale,
		}),
		things: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_recomputed_total", Help: "Days or entities recomputed.", ConstLabels: stale,
		}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_marks_retries_total", Help: "Batches of marks tried again after a fault; their partition is held meanwhile.", ConstLabels: stale,
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rapport_recompute_seconds", Help: "How long it took to answer a batch of marks.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 14), ConstLabels: stale,
		}),
		coalescing: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rapport_marks_per_recompute", Help: "Marks of a batch by thing recomputed for them.", Buckets: prometheus.ExponentialBuckets(0.0625, 2, 16), ConstLabels: stale,
		}),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_marks_lag", Help: "Marks not yet read, as of the last read.", ConstLabels: stale,
		}, []string{"partition"}),
	}
	register(reg, m.marks, m.bad, m.things, m.retries, m.seconds, m.coalescing, m.lag)
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
			Name: "rapport_audit_mismatch_total", Help: "Days and outcomes that differed from their facts with nothing pending. Must stay 0.",
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
		m.mismatches.WithLabelValues(table.Name)
	}
	for _, table := range []string{"contact_outcomes", "case_outcomes", "complaint_outcomes"} {
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
