package receivers

import (
	"context"
	"errors"

	"github.com/cenkalti/backoff/v5"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// Publisher writes to Kafka and returns once it is acknowledged; *kafka.Producer is one.
type Publisher interface {
	Publish(ctx context.Context, msgs ...kafka.Message) error
}

// Kafka publishes each notification on the topic rapport.alerts, for other apps. Those of one alert are in order: their key is its id.
type Kafka struct{ publisher Publisher }

// NewKafka returns a receiver that publishes.
func NewKafka(p Publisher) *Kafka { return &Kafka{p} }

// Name implements Receiver.
func (k *Kafka) Name() string { return "kafka" }

// Send implements Receiver.
func (k *Kafka) Send(ctx context.Context, n Notification) error {
	body, err := encode(n)
	if err != nil {
		return permanent(err)
	}
	err = k.publisher.Publish(ctx, kafka.Message{
		Topic: schemas.TopicAlerts, Key: []byte(n.ID), Value: body,
		Headers: []kafka.Header{{Name: "content-type", Value: []byte("application/cloudevents+json; charset=utf-8")}},
	})
	var large *kafka.TooLargeError
	if errors.As(err, &large) {
		return permanent(err)
	}
	return err
}

// permanent marks what another try cannot cure.
func permanent(err error) error { return backoff.Permanent(err) }
