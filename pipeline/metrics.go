package pipeline

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// The steps of a batch, as label values.
const (
	stepErased      = "erased"
	stepDeadLetters = "dead_letters"
	stepFacts       = "facts"
	stepMarks       = "marks"
)

type metrics struct {
	name     string
	records  *prometheus.CounterVec
	rejected *prometheus.CounterVec
	retries  *prometheus.CounterVec
	unknown  *prometheus.CounterVec
	batch    prometheus.Observer
	size     prometheus.Observer
	fresh    prometheus.Observer
}

// newMetrics registers the collectors once per registry, shared by the pipelines of a process.
func newMetrics(reg prometheus.Registerer, name string) *metrics {
	m := &metrics{name: name}
	m.records = register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rapport_pipeline_records_total", Help: "Records whose outcome is durable, by what became of them.",
	}, []string{"pipeline", "topic", "verdict"}))
	m.rejected = register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rapport_pipeline_rejected_total", Help: "Records sent to the dead letters, by reason.",
	}, []string{"pipeline", "reason"}))
	m.retries = register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rapport_pipeline_retries_total", Help: "Steps that failed and were tried again with the partition held.",
	}, []string{"pipeline", "step"}))
	m.unknown = register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rapport_pipeline_unknown_fields_total", Help: "Fields of accepted and late events that the contract does not know.",
	}, []string{"pipeline", "topic"}))
	m.batch = register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rapport_pipeline_batch_seconds", Help: "Time from a fetched batch to its commit.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 14),
	}, []string{"pipeline"})).WithLabelValues(name)
	m.size = register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rapport_pipeline_batch_records", Help: "Records of a batch.", Buckets: prometheus.ExponentialBuckets(1, 4, 9),
	}, []string{"pipeline"})).WithLabelValues(name)
	m.fresh = register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rapport_pipeline_freshness_seconds", Help: "Time from a record's append to its facts being queryable, of the oldest of each batch.",
		Buckets: prometheus.ExponentialBuckets(0.01, 2, 16),
	}, []string{"pipeline"})).WithLabelValues(name)
	return m
}

// register returns the collector already there under the same name, which a second pipeline of the process shares.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if err := reg.Register(c); err != nil {
		if already := (prometheus.AlreadyRegisteredError{}); errors.As(err, &already) {
			if shared, ok := already.ExistingCollector.(C); ok {
				return shared
			}
		}
		panic(err)
	}
	return c
}

func (m *metrics) observe(b Batch, msgs []kafka.Message, took time.Duration) {
	topic := msgs[0].Topic
	for _, c := range b.Facts.Consumed {
		m.records.WithLabelValues(m.name, topic, string(c.Verdict)).Add(float64(c.Last - c.First + 1))
	}
	if n := len(b.Facts.DeadLetters); n > 0 {
		m.records.WithLabelValues(m.name, topic, string(schemas.Accepted)).Add(float64(n))
	}
	for _, p := range b.Poison {
		m.rejected.WithLabelValues(m.name, header(p, "rapport_reason")).Inc()
	}
	if b.Unknown > 0 {
		m.unknown.WithLabelValues(m.name, topic).Add(float64(b.Unknown))
	}
	m.batch.Observe(took.Seconds())
	m.size.Observe(float64(len(msgs)))
	m.fresh.Observe(time.Since(msgs[0].Time).Seconds())
}

func header(m kafka.Message, name string) string {
	for _, h := range m.Headers {
		if h.Name == name {
			return string(h.Value)
		}
	}
	return ""
}
