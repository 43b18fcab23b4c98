package kafka_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
)

// realKafka is the real broker of these tests.
var realKafka kafkatest.Real

func TestMain(m *testing.M) { goleak.VerifyTestMain(realKafka.Around(m)) }

// patience bounds every wait of these tests; none passes by waiting for it.
const patience = 30 * time.Second

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return ctx
}

func config(addr string) kafka.Config {
	return kafka.Config{Brokers: []string{addr}, ClientID: "test"}
}

// fake returns a broker whose answers the test can bend.
func fake(t *testing.T, opts ...kfake.Opt) (*kfake.Cluster, kafka.Config) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(100 * time.Millisecond),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, config(c.ListenAddrs()[0])
}

// name returns a name nobody else uses, also on a shared broker.
func name(t *testing.T, kind string) string {
	t.Helper()
	return fmt.Sprintf("rapport-test-%s-%s", kind, rand.Text()[:12])
}

func newTopic(t *testing.T, cfg kafka.Config, partitions int) string {
	t.Helper()
	topic := name(t, "topic")
	if err := kafka.NewAdmin(cfg).EnsureTopics(testContext(t), []kafka.TopicSpec{{Name: topic, Partitions: partitions}}); err != nil {
		t.Fatal(err)
	}
	return topic
}

func newProducer(t *testing.T, cfg kafka.Config, o kafka.ProducerOptions) *kafka.Producer {
	t.Helper()
	p := kafka.NewProducer(cfg, o)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// publish writes n messages with values 0..n-1 and keys that spread.
func publish(t *testing.T, cfg kafka.Config, topic string, from, to int) {
	t.Helper()
	p := newProducer(t, cfg, kafka.ProducerOptions{})
	var msgs []kafka.Message
	for i := from; i < to; i++ {
		msgs = append(msgs, kafka.Message{Topic: topic, Key: fmt.Appendf(nil, "k%d", i), Value: fmt.Appendf(nil, "%d", i)})
	}
	if err := p.Publish(testContext(t), msgs...); err != nil {
		t.Fatal(err)
	}
}

func franz(t *testing.T, cfg kafka.Config, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(cfg.Brokers...)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// run starts a group member and returns what stops it and waits for its end.
func run(t *testing.T, cfg kafka.Config, o kafka.GroupOptions, handle kafka.Handler) (stop func()) {
	t.Helper()
	if testing.Verbose() {
		o.Log = zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.StampMilli}).With().Timestamp().Logger()
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- kafka.NewGroup(cfg, o).Run(ctx, handle) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("run: %v", err)
				}
			case <-time.After(patience):
				t.Error("run did not end")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// groupOptions are quick where the broker allows it; one that is not ours refuses sessions below 6 s.
func groupOptions(group string, topics ...string) kafka.GroupOptions {
	o := kafka.GroupOptions{
		GroupID: group, Topics: topics,
		SessionTimeout: 6 * time.Second, HeartbeatInterval: 100 * time.Millisecond, RebalanceTimeout: 6 * time.Second,
		MaxWait: 100 * time.Millisecond,
	}
	if os.Getenv(kafkatest.External) == "" {
		o.SessionTimeout = 2 * time.Second
	}
	return o
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// tally collects records by value, from any number of handlers.
type tally struct {
	mu   sync.Mutex
	msgs []kafka.Message
	seen map[string]int
}

func (s *tally) add(msgs ...kafka.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = make(map[string]int)
	}
	for _, m := range msgs {
		s.seen[string(m.Value)]++
		s.msgs = append(s.msgs, m)
	}
}

func (s *tally) distinct() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *tally) all() []kafka.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]kafka.Message(nil), s.msgs...)
}

// consume is a handler that notes every batch, then commits it.
func (s *tally) consume(ctx context.Context, c *kafka.Claim) error {
	for {
		msgs, err := c.FetchBatch(ctx, 100, 1<<20, 10*time.Millisecond)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		s.add(msgs...)
		if err := c.Commit(ctx, msgs[len(msgs)-1].Offset+1); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func totalLag(t *testing.T, cfg kafka.Config, group, topic string) int64 {
	t.Helper()
	lags, err := kafka.NewAdmin(cfg).Lag(testContext(t), group, []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, l := range lags {
		sum += l.Lag
	}
	return sum
}
