package kafka

import (
	"context"
	"fmt"
	"strconv"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Retention is how long a topic keeps records.
type Retention struct {
	Topic string
	// Keeps is retention.ms: a segment whose newest record is older may be dropped. Below 0: for ever.
	Keeps time.Duration
	// Segment is segment.ms: a segment takes records for so long at most, if any come. 0 where the broker does not say.
	Segment time.Duration
}

// Until is when the last record of a topic appended at or before newest is gone for sure, UTC: the broker drops whole segments, and closes one after Segment.
// The zero time is never.
func (r Retention) Until(newest time.Time) time.Time {
	if r.Keeps < 0 {
		return time.Time{}
	}
	return newest.Add(r.Keeps + max(0, r.Segment)).UTC()
}

// Retention returns how long topics keep records, in the order of topics.
func (a *Admin) Retention(ctx context.Context, topics []string) ([]Retention, error) {
	const retention, segment = "retention.ms", "segment.ms"
	resources := make([]kafkago.DescribeConfigRequestResource, len(topics))
	for i, t := range topics {
		resources[i] = kafkago.DescribeConfigRequestResource{ResourceType: kafkago.ResourceTypeTopic, ResourceName: t, ConfigNames: []string{retention, segment}}
	}
	settings := map[string]map[string]string{}
	err := a.do(ctx, topics, func(ctx context.Context, c *kafkago.Client) error {
		response, err := c.DescribeConfigs(ctx, &kafkago.DescribeConfigsRequest{Resources: resources})
		if err != nil {
			return fmt.Errorf("kafka: settings of topics: %w", err)
		}
		for _, r := range response.Resources {
			if r.Error != nil {
				return fmt.Errorf("kafka: settings of topic %s: %w", r.ResourceName, r.Error)
			}
			settings[r.ResourceName] = map[string]string{}
			for _, e := range r.ConfigEntries {
				settings[r.ResourceName][e.ConfigName] = e.ConfigValue
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := make([]Retention, len(topics))
	for i, t := range topics {
		found[i].Topic = t
		keeps, err := strconv.ParseInt(settings[t][retention], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("kafka: %s of topic %s is %q", retention, t, settings[t][retention])
		}
		found[i].Keeps = millis(keeps)
		if text, ok := settings[t][segment]; ok {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				found[i].Segment = millis(n)
			}
		}
	}
	return found, nil
}

// millis is a duration that does not overflow: brokers say for ever by the largest number too.
func millis(n int64) time.Duration {
	const forever = int64(200 * 365 * 24 * time.Hour / time.Millisecond)
	if n < 0 || n > forever {
		return -1
	}
	return time.Duration(n) * time.Millisecond
}
