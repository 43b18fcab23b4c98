package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	kafkago "github.com/segmentio/kafka-go"
)

// EnsureTopics creates the topics that are missing and sets the given config on those that exist; it may be repeated.
// An existing topic with fewer partitions than asked for is only warned about: adding partitions moves keys.
func (a *Admin) EnsureTopics(ctx context.Context, specs []TopicSpec) error {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	counts, err := a.partitions(ctx, names)
	if err != nil {
		return err
	}
	for _, s := range specs {
		have := counts[s.Name]
		if have == 0 {
			created, err := a.create(ctx, s)
			if err != nil {
				return fmt.Errorf("kafka: create topic %s: %w", s.Name, err)
			}
			if created {
				continue
			}
			// Somebody else was faster; treat it like any existing topic.
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
	return nil
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
