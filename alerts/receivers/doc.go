// Package receivers sends transitions of alerts to those who act on them: Prometheus Alertmanager, a signed webhook, Slack and the topic
// rapport.alerts. A transition is stored before it comes here; the Dispatcher reads what a receiver has not taken yet, sends it, and notes that
// it was taken. A process that dies in between leaves it to be sent again under the same id.
package receivers
