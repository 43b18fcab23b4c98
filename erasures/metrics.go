package erasures

import "github.com/prometheus/client_golang/prometheus"

// metrics are of the sweeper. The gauges are of what is stored, and only the process that sweeps shows them.
type metrics struct {
	fails  prometheus.Counter
	open   *prometheus.GaugeVec
	oldest *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		fails: prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_erasures_failures_total", Help: "Rounds of looking for what was erased that ended in a fault."}),
		open:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "rapport_erasures_open", Help: "Erasures that have begun and are not done."}, []string{"state"}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_erasures_open_age_seconds", Help: "How long an open erasure has made no step: the one that has not for longest; 0 where none is open.",
		}, []string{"state"}),
	}
	if reg != nil {
		reg.MustRegister(m.fails, m.open, m.oldest)
	}
	return m
}

// hide shows no erasures: another process sweeps.
func (m *metrics) hide() {
	m.open.Reset()
	m.oldest.Reset()
}

// show shows the open erasures.
func (m *metrics) show(open []erasure) {
	for _, state := range []string{seeking, taking} {
		n, age := 0, int64(0)
		for i := range open {
			if open[i].State == state {
				n, age = n+1, max(age, open[i].Still)
			}
		}
		m.open.WithLabelValues(state).Set(float64(n))
		m.oldest.WithLabelValues(state).Set(float64(age) / 1000)
	}
}
