package receivers

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// TestKafka publishes on a broker and reads with another client what other apps will read.
func TestKafka(t *testing.T) {
	broker := kafkatest.Start(t)
	admin := kafka.NewAdmin(kafka.Config{Brokers: []string{broker}})
	if err := admin.EnsureTopics(t.Context(), []kafka.TopicSpec{{Name: schemas.TopicAlerts, Partitions: 4, Replicas: 1}}); err != nil {
		t.Fatal(err)
	}
	producer := kafka.NewProducer(kafka.Config{Brokers: []string{broker}}, kafka.ProducerOptions{})
	defer func() {
		if err := producer.Close(); err != nil {
			t.Error(err)
		}
	}()
	r := NewKafka(producer)
	for _, transition := range []string{Firing, Firing, Resolved, Corrected} {
		if err := r.Send(t.Context(), drop(transition)); err != nil {
			t.Fatal(err)
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(schemas.TopicAlerts))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var got []string
	partitions := map[int32]bool{}
	s := alertSchema(t)
	for len(got) < 4 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, record := range fetches.Records() {
			valid(t, s, record.Value)
			want, err := encode(drop(transitionOf(len(got))))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(record.Value)); diff != "" {
				t.Error(diff)
			}
			if string(record.Key) != "5d0c1a7be2f94c0f" || len(record.Headers) != 1 || record.Headers[0].Key != "content-type" {
				t.Errorf("key %q, headers %v", record.Key, record.Headers)
			}
			partitions[record.Partition] = true
			got = append(got, string(record.Value))
		}
	}
	if len(partitions) != 1 {
		t.Errorf("one alert on partitions %v", partitions)
	}
}

func transitionOf(i int) string { return []string{Firing, Firing, Resolved, Corrected}[i] }

type publisher func() error

func (p publisher) Publish(context.Context, ...kafka.Message) error { return p() }

func TestKafkaErrors(t *testing.T) {
	away := NewKafka(publisher(func() error { return errors.New("no broker") }))
	if err := away.Send(t.Context(), drop(Firing)); err == nil || isPermanent(err) {
		t.Errorf("a broker that is away comes back: %v", err)
	}
	large := NewKafka(publisher(func() error { return &kafka.TooLargeError{Size: 2, Limit: 1} }))
	if err := large.Send(t.Context(), drop(Firing)); !isPermanent(err) {
		t.Errorf("what is too large stays so: %v", err)
	}
}
