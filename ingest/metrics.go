package ingest

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/rapport-project/rapport/schemas"
)

type metrics struct {
	requests      *prometheus.CounterVec
	accepted      *prometheus.CounterVec
	refused       *prometheus.CounterVec
	validated     *prometheus.CounterVec
	unknownFields *prometheus.CounterVec
	bodyBytes     prometheus.Counter
	unpackedBytes prometheus.Counter
	published     *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer, inFlight func() float64) *metrics {
	f := promauto.With(reg)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: "rapport_ingest_" + name, Help: help}, labels)
	}
	m := &metrics{
		requests:      counter("requests_total", "Requests answered, by route and status.", "route", "status"),
		accepted:      counter("accepted_events_total", "Events that the broker acknowledged, by type.", "type"),
		refused:       counter("refused_events_total", "Events refused by /v1/events, by reason and type.", "reason", "type"),
		validated:     counter("validated_events_total", "Events judged by /v1/validate, by verdict.", "verdict"),
		unknownFields: counter("unknown_fields_total", "Fields of accepted events that the contract does not know, by type.", "type"),
		bodyBytes:     f.NewCounter(prometheus.CounterOpts{Name: "rapport_ingest_body_bytes_total", Help: "Bytes of bodies as they were sent."}),
		unpackedBytes: f.NewCounter(prometheus.CounterOpts{Name: "rapport_ingest_unpacked_bytes_total", Help: "Bytes of bodies once unpacked."}),
		published: f.NewHistogramVec(prometheus.HistogramOpts{Name: "rapport_ingest_publish_seconds", Help: "Time from publishing a request's events to the broker's answer, by outcome.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}}, []string{"outcome"}),
	}
	f.NewGaugeFunc(prometheus.GaugeOpts{Name: "rapport_ingest_in_flight_bytes", Help: "Bytes of bodies and events that requests hold in memory."}, inFlight)
	return m
}

// typeLabel keeps the label's values to the contract's, whatever a caller writes.
func typeLabel(t schemas.Type) string {
	if t.Topic() == "" {
		return "unknown"
	}
	return string(t)
}

func (m *metrics) answered(route string, status int) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
}

func (m *metrics) judged(all []judged, publish bool) {
	type good struct{ events, unknown int }
	accepted, refused := map[schemas.Type]good{}, 0
	for i := range all {
		j := &all[i]
		if j.refusal == nil {
			n := accepted[j.kind]
			accepted[j.kind] = good{n.events + 1, n.unknown + j.unknown}
			continue
		}
		if refused++; publish {
			m.refused.WithLabelValues(string(j.refusal.Reason), typeLabel(j.kind)).Inc()
		}
	}
	if !publish {
		for verdict, n := range map[string]int{"refused": refused, "accepted": len(all) - refused} {
			if n > 0 {
				m.validated.WithLabelValues(verdict).Add(float64(n))
			}
		}
		return
	}
	for kind, n := range accepted {
		m.accepted.WithLabelValues(typeLabel(kind)).Add(float64(n.events))
		m.unknownFields.WithLabelValues(typeLabel(kind)).Add(float64(n.unknown))
	}
}

func (m *metrics) publish(err error, took time.Duration) {
	outcome := "acknowledged"
	if err != nil {
		outcome = "failed"
	}
	m.published.WithLabelValues(outcome).Observe(took.Seconds())
}
