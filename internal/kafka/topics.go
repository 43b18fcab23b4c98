package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// leadersTimeout bounds the wait for the leaders of topics just created.
const leadersTimeout = 15 * time.Second

// EnsureTopics creates the topics that are missing and sets the given config on those that exist; it may be repeated.
// An existing topic with fewer partitions than asked for is only warned about: adding partitions moves keys.
// It returns when every partition of a topic it created can be written and read.
func (a *Admin) EnsureTopics(ctx context.Context, specs []TopicSpec) error {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	counts, err := a.partitions(ctx, names)
	if err != nil {
		return err
	}
	var fresh []string
	for _, s := range specs {
		have := counts[s.Name]
		if have == 0 {
			created, err := a.create(ctx, s)
			if err != nil {
				return fmt.Errorf("kafka: create topic %s: %w", s.Name, err)
			}
			if created {
				fresh = append(fresh, s.Name)
				continue
			}
			// Somebody else was faster; treat it like any existing topic, once it can be seen.
			if err := a.awaitLeaders(ctx, []string{s.Name}); err != nil {
				return err
			}
			if have, err = a.Partitions(ctx, s.Name); err != nil {
				return err
			}
		}
		if have < s.Partitions {
			a.Log.Warn().Str("topic", s.Name).Int("partitions", have).Int("wanted", s.Partitions).
				Msg("topic has fewer partitions than configured, left as it is")
		}
		if err := a.configure(ctx, s); err != nil {
			return fmt.Errorf("kafka: configure topic %s: %w", s.Name, err)
		}
	}
	return a.awaitLeaders(ctx, fresh)
}

// awaitLeaders waits until the leader of every partition answers: a controller says that a topic is created before the
// brokers know of it.
func (a *Admin) awaitLeaders(ctx context.Context, topics []string) error {
	if len(topics) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, leadersTimeout)
	defer cancel()
	for {
		_, err := a.offsets(ctx, topics)
		if err == nil {
			return nil
		}
		var code kafkago.Error
		if !errors.As(err, &code) || !retriable(code) && !errors.Is(code, kafkago.UnknownTopicOrPartition) {
			return err
		}
		sleep(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("kafka: created topics %v, but they cannot be used yet: %w", topics, err)
		}
	}
}

// create reports false when the topic was there already.
func (a *Admin) create(ctx context.Context, s TopicSpec) (bool, error) {
	replicas := s.Replicas
	if replicas == 0 {
		replicas = -1 // the brokers' default
	}
	topic := kafkago.TopicConfig{Topic: s.Name, NumPartitions: s.Partitions, ReplicationFactor: replicas}
	for _, name := range slices.Sorted(maps.Keys(s.Config)) {
		topic.ConfigEntries = append(topic.ConfigEntries, kafkago.ConfigEntry{ConfigName: name, ConfigValue: s.Config[name]})
	}
	var refused error
	err := a.do(ctx, []string{s.Name}, func(ctx context.Context, c *kafkago.Client) error {
		response, err := c.CreateTopics(ctx, &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{topic}})
		if err != nil {
			return err
		}
		refused = response.Errors[s.Name]
		return refused
	})
	if errors.Is(refused, kafkago.TopicAlreadyExists) {
		return false, nil
	}
	return err == nil, err
}

func (a *Admin) configure(ctx context.Context, s TopicSpec) error {
	if len(s.Config) == 0 {
		return nil
	}
	resource := kafkago.IncrementalAlterConfigsRequestResource{
		ResourceType: kafkago.ResourceTypeTopic,
		ResourceName: s.Name,
	}
	for _, name := range slices.Sorted(maps.Keys(s.Config)) {
		resource.Configs = append(resource.Configs, kafkago.IncrementalAlterConfigsRequestConfig{
			Name: name, Value: s.Config[name], ConfigOperation: kafkago.ConfigOperationSet,
		})
	}
	return a.do(ctx, []string{s.Name}, func(ctx context.Context, c *kafkago.Client) error {
		response, err := c.IncrementalAlterConfigs(ctx, &kafkago.IncrementalAlterConfigsRequest{
			Resources: []kafkago.IncrementalAlterConfigsRequestResource{resource},
		})
		if err != nil {
			return err
		}
		for _, r := range response.Resources {
			if r.Error != nil {
				return r.Error
			}
		}
		return nil
	})
}
