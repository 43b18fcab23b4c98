package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"
	kafkago "github.com/segmentio/kafka-go"
)

// TopicSpec is a topic as it should be.
type TopicSpec struct {
	// Name of the topic.
	Name string
	// Partitions to create it with. An existing topic keeps its own number.
	Partitions int
	// Replicas of each partition; 0 means the brokers' default.
	Replicas int
	// Config of the topic, such as retention.ms.
	Config map[string]string
}

// Admin looks after topics and reads positions. Every call opens its own connections and closes them again, so what
// it returns is never a stale cache and there is nothing to close. Calls without a deadline get 15 s.
type Admin struct {
	// Log takes warnings of EnsureTopics; the zero logger drops them.
	Log zerolog.Logger
	cfg Config
}

// NewAdmin returns an Admin; it connects when called.
func NewAdmin(cfg Config) *Admin { return &Admin{cfg: cfg} }

// do calls fn with a client that lives as long as the call. topics are those fn needs to know the leaders of.
func (a *Admin) do(ctx context.Context, topics []string, fn func(context.Context, *kafkago.Client) error) error {
	if err := a.cfg.Validate(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := a.once(ctx, topics, fn)
		var code kafkago.Error
		if err == nil || attempt == 8 || !errors.As(err, &code) || !retriable(code) {
			return err
		}
		sleep(ctx, time.Duration(attempt)*100*time.Millisecond)
		if ctx.Err() != nil {
			return err
		}
	}
}

func (a *Admin) once(ctx context.Context, topics []string, fn func(context.Context, *kafkago.Client) error) error {
	socks := newSockets()
	defer socks.close()
	if topics == nil {
		topics = []string{} // to the library, nil means every topic of the cluster
	}
	transport, err := a.cfg.transport(socks, topics)
	if err != nil {
		return err
	}
	defer transport.CloseIdleConnections()
	return fn(ctx, &kafkago.Client{Addr: a.cfg.addr(), Transport: transport, Timeout: requestTimeout})
}

// retriable tells the passing troubles of a cluster that is starting or moving leaders from real refusals.
func retriable(code kafkago.Error) bool {
	switch code {
	case kafkago.GroupCoordinatorNotAvailable, kafkago.GroupLoadInProgress, kafkago.NotCoordinatorForGroup,
		kafkago.LeaderNotAvailable, kafkago.NotLeaderForPartition, kafkago.NotController:
		return true
	}
	return false
}

// Ping asks a broker for its view of the cluster.
func (a *Admin) Ping(ctx context.Context) error {
	err := a.do(ctx, nil, func(ctx context.Context, c *kafkago.Client) error {
		meta, err := c.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{}})
		if err == nil && len(meta.Brokers) == 0 {
			err = errors.New("no brokers in the answer")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("kafka: ping %v: %w", a.cfg.Brokers, err)
	}
	return nil
}

// Partitions returns the number of partitions of a topic.
func (a *Admin) Partitions(ctx context.Context, topic string) (int, error) {
	counts, err := a.partitions(ctx, []string{topic})
	if err != nil {
		return 0, err
	}
	if counts[topic] == 0 {
		return 0, fmt.Errorf("kafka: topic %s: %w", topic, kafkago.UnknownTopicOrPartition)
	}
	return counts[topic], nil
}

// partitions returns the number of partitions by topic; topics that do not exist are left out.
func (a *Admin) partitions(ctx context.Context, topics []string) (map[string]int, error) {
	counts := make(map[string]int, len(topics))
	err := a.do(ctx, topics, func(ctx context.Context, c *kafkago.Client) error {
		meta, err := c.Metadata(ctx, &kafkago.MetadataRequest{Topics: topics})
		if err != nil {
			return fmt.Errorf("kafka: metadata: %w", err)
		}
		for _, t := range meta.Topics {
			switch {
			case t.Error == nil:
				counts[t.Name] = len(t.Partitions)
			case !errors.Is(t.Error, kafkago.UnknownTopicOrPartition):
				return fmt.Errorf("kafka: topic %s: %w", t.Name, t.Error)
			}
		}
		return nil
	})
	return counts, err
}

// errMissing is of topics that do not exist.
var errMissing = errors.New("topics do not exist")

func (a *Admin) haveTopics(ctx context.Context, topics []string) error {
	counts, err := a.partitions(ctx, topics)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(topics), func(t string) bool { return counts[t] > 0 })
	if len(missing) > 0 {
		return fmt.Errorf("kafka: %w: %v", errMissing, missing)
	}
	return nil
}
