package kafka

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Results a call is counted under.
const (
	resultOK    = "ok"
	resultError = "error"
)

type producerMetrics struct {
	messages *prometheus.CounterVec
	inFlight prometheus.Gauge
}

func newProducerMetrics(reg prometheus.Registerer) *producerMetrics {
	return &producerMetrics{
		messages: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_kafka_produced_messages_total",
			Help: "Messages handed to the brokers, by outcome; error means the outcome is not known.",
		}, []string{"topic", "result"})),
		inFlight: register(reg, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "rapport_kafka_producer_inflight_bytes",
			Help: "Bytes of messages published and not yet acknowledged.",
		})),
	}
}

type groupMetrics struct {
	records     *prometheus.CounterVec
	gaps        *prometheus.CounterVec
	fetchErrors *prometheus.CounterVec
	damaged     *prometheus.CounterVec
	commits     *prometheus.CounterVec
	generations *prometheus.CounterVec
	failures    *prometheus.CounterVec
	partitions  *prometheus.GaugeVec
}

func newGroupMetrics(reg prometheus.Registerer) *groupMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels))
	}
	return &groupMetrics{
		records:     counter("rapport_kafka_fetched_records_total", "Records read.", "topic"),
		gaps:        counter("rapport_kafka_gap_offsets_total", "Offsets that were gone before they were read.", "topic"),
		fetchErrors: counter("rapport_kafka_fetch_errors_total", "Fetches that failed and were tried again.", "topic"),
		damaged:     counter("rapport_kafka_damaged_answers_total", "Fetches whose answer was damaged, with the partition held.", "topic"),
		commits:     counter("rapport_kafka_commits_total", "Offset commits, by outcome.", "group", "result"),
		generations: counter("rapport_kafka_group_generations_total", "Generations this member took part in.", "group"),
		failures:    counter("rapport_kafka_group_failures_total", "Generations left because a handler failed or did not end in time.", "group"),
		partitions: register(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_kafka_group_partitions",
			Help: "Partitions this member holds.",
		}, []string{"group"})),
	}
}

// register adds c to reg, or returns the collector already there: several producers and groups of one process share
// their metrics.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	err := reg.Register(c)
	var there prometheus.AlreadyRegisteredError
	if errors.As(err, &there) {
		if old, ok := there.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}
