package sinks

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	rows    *prometheus.CounterVec
	bytes   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	errors  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	return &metrics{
		rows: f.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_sink_rows_total", Help: "Rows that ClickHouse has acknowledged, repeated ones counted again.",
		}, []string{"table"}),
		bytes: f.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_sink_bytes_total", Help: "Size of these rows, uncompressed and approximate.",
		}, []string{"table"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rapport_sink_write_seconds", Help: "Duration of an insert, failed ones included.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2, 15),
		}, []string{"table"}),
		errors: f.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_sink_errors_total", Help: "Failed inserts by class; each is tried again.",
		}, []string{"table", "class"}),
	}
}

func (m *metrics) observe(table string, rows, bytes int, took time.Duration, err error) {
	_, table, _ = strings.Cut(table, ".")
	m.seconds.WithLabelValues(table).Observe(took.Seconds())
	if err != nil {
		m.errors.WithLabelValues(table, string(Classify(err))).Inc()
		return
	}
	m.rows.WithLabelValues(table).Add(float64(rows))
	m.bytes.WithLabelValues(table).Add(float64(bytes))
}
