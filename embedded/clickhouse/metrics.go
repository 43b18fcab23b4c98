package clickhouse

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	restarts prometheus.Counter
	up       prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_embedded_clickhouse_restarts_total",
			Help: "Starts of the embedded ClickHouse after it ended unasked.",
		}),
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "rapport_embedded_clickhouse_up",
			Help: "1 while the embedded ClickHouse answers, 0 while it starts or is down.",
		}),
	}
	if reg != nil {
		reg.MustRegister(m.restarts, m.up)
	}
	return m
}
