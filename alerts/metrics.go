package alerts

import "github.com/prometheus/client_golang/prometheus"

type evaluatorMetrics struct {
	transitions *prometheus.CounterVec
	instants    prometheus.Counter
	failures    prometheus.Counter
	skipped     prometheus.Counter
	seconds     prometheus.Histogram
	behind      prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *evaluatorMetrics {
	m := &evaluatorMetrics{
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rapport_alerts_transitions_total", Help: "Changes of alerts that were stored, by change: firing, resolved, corrected."}, []string{"change"}),
		instants:    prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_alerts_instants_total", Help: "Instants of a group that were judged for a tenant."}),
		failures:    prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_alerts_failures_total", Help: "Instants that could not be judged and are tried again."}),
		skipped:     prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_alerts_skipped_total", Help: "Instants that were too long ago to be judged when there was an evaluator again."}),
		seconds:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "rapport_alerts_seconds", Help: "How long judging an instant of a group took for a tenant.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 12)}),
		behind:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "rapport_alerts_behind_seconds", Help: "Age of the oldest instant that is due and not judged, beyond RAPPORT_ALERTS_DELAY."}),
	}
	for _, change := range []Change{Fired, Resolved, Corrected} {
		m.transitions.WithLabelValues(string(change))
	}
	if reg != nil {
		reg.MustRegister(m.transitions, m.instants, m.failures, m.skipped, m.seconds, m.behind)
	}
	return m
}
