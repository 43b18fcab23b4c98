package quality

import "github.com/prometheus/client_golang/prometheus"

// metrics are of what is stored, not of this process: they do not start at 0 with it, and only one process shows them.
type metrics struct {
	records, sources, lateness, sourceLateness, values, beyond, eventsBeyond *shown
	mismatches                                                               *shown
	failures                                                                 prometheus.Counter
	lookedAt                                                                 prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		records: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_records", Help: "Column what of the view data_quality.",
		}, "topic", "what"),
		lateness: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_lateness_seconds", Help: "Time from an event to its append, as the view data_quality has it.",
		}, "topic", "quantile"),
		sources: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_source_records", Help: "Column what of the view data_quality_by_source; beyond those with the most trouble all sources are other.",
		}, "tenant", "source", "type", "what"),
		sourceLateness: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_source_lateness_seconds", Help: "Time from an event to its append that 99 of 100 stay within; the longest of those in other.",
		}, "tenant", "source", "type"),
		mismatches: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_audit_mismatches", Help: "Column audit_mismatch of the view data_quality. Must stay 0.",
		}),
		values: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_attribute_values", Help: "Distinct values of an attribute, of those nearest to their cap.",
		}, "tenant", "attribute"),
		beyond: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_attribute_values_beyond", Help: "Values of an attribute that are shown as other.",
		}, "tenant", "attribute"),
		eventsBeyond: gauges(prometheus.GaugeOpts{
			Name: "rapport_quality_attribute_events_beyond", Help: "Events with a value that is shown as other.",
		}, "tenant", "attribute"),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_quality_failures_total", Help: "Looks at the quality of what is stored that ended in a fault.",
		}),
		lookedAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "rapport_quality_looked_at_seconds", Help: "When the quality of what is stored was last looked at, Unix time; 0 in a process that does not look.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.failures, m.lookedAt)
		for _, g := range m.all() {
			reg.MustRegister(g.vec)
		}
	}
	return m
}

func (m *metrics) all() []*shown {
	return []*shown{m.records, m.lateness, m.sources, m.sourceLateness, m.mismatches, m.values, m.beyond, m.eventsBeyond}
}

// clear shows nothing.
func (m *metrics) clear() {
	for _, g := range m.all() {
		g.replace(nil)
	}
	m.lookedAt.Set(0)
}

// shown are the series of one name. They are replaced one by one, the new before the old go, so that no scrape finds none.
type shown struct {
	vec *prometheus.GaugeVec
	now []sample
}

type sample struct {
	labels []string
	value  float64
}

func gauges(o prometheus.GaugeOpts, labels ...string) *shown {
	return &shown{vec: prometheus.NewGaugeVec(o, labels)}
}

func (s *shown) replace(by []sample) {
	keep := map[prometheus.Gauge]bool{}
	for _, n := range by {
		g := s.vec.WithLabelValues(n.labels...)
		g.Set(n.value)
		keep[g] = true
	}
	for _, was := range s.now {
		if !keep[s.vec.WithLabelValues(was.labels...)] {
			s.vec.DeleteLabelValues(was.labels...)
		}
	}
	s.now = by
}
