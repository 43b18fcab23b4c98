package app

import (
	"fmt"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// Topics are those that rapport creates, with their settings: `rapport migrate` and `rapport up` make them be so.
func (c Config) Topics() []kafka.TopicSpec {
	days := func(n int) string { return fmt.Sprint((time.Duration(n) * 24 * time.Hour).Milliseconds()) }
	topic := func(name string, retention string) kafka.TopicSpec {
		return kafka.TopicSpec{Name: name, Partitions: c.Partitions, Replicas: c.Replication, Config: map[string]string{
			// Never compact: it would drop events of one customer for sharing a key, and the client cannot read such a log safely.
			"cleanup.policy": "delete", "retention.ms": retention, "max.message.bytes": fmt.Sprint(maxRecordBytes),
		}}
	}
	return []kafka.TopicSpec{
		// Two weeks give time to notice and mend an outage, and to replay.
		topic(schemas.TopicSurveyResponses, days(14)),
		topic(schemas.TopicComplaints, days(14)),
		topic(schemas.TopicServiceEvents, days(14)),
		topic(schemas.TopicDeadLetters, days(30)),
		topic(schemas.TopicMetrics, days(7)),
		topic(schemas.TopicAlerts, days(30)),
		topic(schemas.TopicStaleEntities, days(7)),
		topic(schemas.TopicStaleDays, days(7)),
	}
}
