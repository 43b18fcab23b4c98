package kafka_test

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/rapport-project/rapport/internal/kafka"
)

func ensureTopicsCreatesAndCorrects(t *testing.T, cfg kafka.Config) {
	admin, ctx := kafka.NewAdmin(cfg), testContext(t)
	topic := name(t, "topic")
	if _, err := admin.Partitions(ctx, topic); err == nil {
		t.Error("a topic that does not exist has partitions")
	}
	spec := kafka.TopicSpec{Name: topic, Partitions: 3, Config: map[string]string{"retention.ms": "3600000"}}
	for range 2 {
		if err := admin.EnsureTopics(ctx, []kafka.TopicSpec{spec}); err != nil {
			t.Fatal(err)
		}
	}
	spec.Partitions = 5 // only a warning
	spec.Config = map[string]string{"retention.ms": "7200000", "max.message.bytes": "2000000"}
	if err := admin.EnsureTopics(ctx, []kafka.TopicSpec{spec}); err != nil {
		t.Fatal(err)
	}
	if n, err := admin.Partitions(ctx, topic); err != nil || n != 3 {
		t.Errorf("%d partitions, %v", n, err)
	}
	configs, err := kadm.NewClient(franz(t, cfg)).DescribeTopicConfigs(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range configs[0].Configs {
		got[c.Key] = c.MaybeValue()
	}
	for k, v := range spec.Config {
		if got[k] != v {
			t.Errorf("%s is %s, want %s", k, got[k], v)
		}
	}
	if err := admin.Ping(ctx); err != nil {
		t.Error(err)
	}
}

// TestTopicsCanBeUsedOnceEnsured: several processes start at once, and each may use the topics as soon as its call returns.
func topicsCanBeUsedOnceEnsured(t *testing.T, cfg kafka.Config) {
	const topics, processes = 5, 4
	var specs []kafka.TopicSpec
	for range topics {
		specs = append(specs, kafka.TopicSpec{Name: name(t, "topic"), Partitions: 12, Config: map[string]string{"retention.ms": "3600000"}})
	}
	var all sync.WaitGroup
	for range processes {
		p := newProducer(t, cfg, kafka.ProducerOptions{})
		all.Go(func() {
			if err := kafka.NewAdmin(cfg).EnsureTopics(testContext(t), specs); err != nil {
				t.Error(err)
				return
			}
			var msgs []kafka.Message
			for i := range 200 {
				msgs = append(msgs, kafka.Message{Topic: specs[i%topics].Name, Key: fmt.Append(nil, i), Value: []byte("v")})
			}
			if err := p.Publish(testContext(t), msgs...); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func unknownTopicsAreErrors(t *testing.T, cfg kafka.Config) {
	admin, ctx, topic := kafka.NewAdmin(cfg), testContext(t), name(t, "topic")
	if _, err := admin.Offsets(ctx, topic); err == nil {
		t.Error("offsets: no error")
	}
	if _, err := admin.Lag(ctx, "g", []string{topic}); err == nil {
		t.Error("lag: no error")
	}
	if err := newProducer(t, cfg, kafka.ProducerOptions{}).Publish(ctx, kafka.Message{Topic: topic}); err == nil {
		t.Error("publish: no error")
	}
	if n, _ := admin.Partitions(ctx, topic); n != 0 {
		t.Error("asking created the topic")
	}
}

func TestLogins(t *testing.T) {
	_, cfg := fake(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "p", "secret"),
		kfake.Superuser("SCRAM-SHA-256", "s256", "secret"), kfake.Superuser("SCRAM-SHA-512", "s512", "secret"))
	for mechanism, user := range map[string]string{"PLAIN": "p", "SCRAM-SHA-256": "s256", "SCRAM-SHA-512": "s512"} {
		t.Run(mechanism, func(t *testing.T) {
			cfg := cfg
			cfg.SASL = kafka.SASLConfig{Mechanism: mechanism, Username: user, Password: "wrong"}
			if err := kafka.NewAdmin(cfg).Ping(testContext(t)); err == nil {
				t.Error("logged in with a wrong password")
			}
			cfg.SASL.Password = "secret"
			topic := newTopic(t, cfg, 1)
			publish(t, cfg, topic, 0, 10)
			var got tally
			run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
			eventually(t, "all records", func() bool { return got.distinct() == 10 })
		})
	}
	cfg.SASL.Mechanism = "NONE"
	if err := cfg.Validate(); err == nil {
		t.Error("took an unknown mechanism")
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(nil) // for its certificate
	defer server.Close()
	_, cfg := fake(t, kfake.TLS(server.TLS))
	file := filepath.Join(t.TempDir(), "ca.pem")
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.TLS.Enabled = true
	if err := kafka.NewAdmin(cfg).Ping(testContext(t)); err == nil {
		t.Error("trusted a certificate of nobody we know")
	}
	cfg.TLS.CAFile = file
	topic := newTopic(t, cfg, 1)
	publish(t, cfg, topic, 0, 10)
	var got tally
	run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
	eventually(t, "all records", func() bool { return got.distinct() == 10 })
	cfg.TLS.CAFile = filepath.Join(t.TempDir(), "missing")
	if err := cfg.Validate(); err == nil {
		t.Error("took a file that is not there")
	}
}
