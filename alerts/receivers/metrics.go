package receivers

import "github.com/prometheus/client_golang/prometheus"

type dispatcherMetrics struct {
	notifications, attempts *prometheus.CounterVec
	faults                  *prometheus.CounterVec
	waiting, waitingAge     *prometheus.GaugeVec
	seconds                 *prometheus.HistogramVec
}

func newDispatcherMetrics(reg prometheus.Registerer) *dispatcherMetrics {
	m := &dispatcherMetrics{
		notifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_alert_notifications_total", Help: "Transitions of alerts by what came of them at a receiver: sent, refused or given_up.",
		}, []string{"receiver", "outcome"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_alert_send_failures_total", Help: "Attempts to send an alert, or to repeat those that fire, that failed and are made again.",
		}, []string{"receiver"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rapport_alert_outbox_failures_total", Help: "Rounds in which what waits to be sent could not be read or noted.",
		}, []string{"receiver"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_alert_waiting", Help: "Transitions of alerts that a receiver has not taken yet, as of the last look.",
		}, []string{"receiver"}),
		waitingAge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_alert_waiting_age_seconds", Help: "Age of the oldest transition that a receiver has not taken yet; 0 where none waits.",
		}, []string{"receiver"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rapport_alert_send_seconds", Help: "One attempt to send an alert.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 13),
		}, []string{"receiver"}),
	}
	if reg != nil {
		reg.MustRegister(m.notifications, m.attempts, m.faults, m.waiting, m.waitingAge, m.seconds)
	}
	return m
}

// of makes the series of a receiver be there from the start, so that a rate has something to rise from.
func (m *dispatcherMetrics) of(receiver string) {
	for _, outcome := range []string{Sent, Refused, GivenUp} {
		m.notifications.WithLabelValues(receiver, outcome)
	}
	m.attempts.WithLabelValues(receiver)
	m.faults.WithLabelValues(receiver)
	m.waiting.WithLabelValues(receiver)
	m.waitingAge.WithLabelValues(receiver)
	m.seconds.WithLabelValues(receiver)
}
