package kafka_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/internal/kafka"
)

func TestProduceFaultsAreErrorsAndRetriesLoseNothing(t *testing.T) {
	for _, fault := range []*kerr.Error{
		kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut, kerr.NotLeaderForPartition,
		kerr.UnknownServerError, kerr.KafkaStorageError, kerr.TopicAuthorizationFailed,
	} {
		t.Run(fault.Message, func(t *testing.T) {
			cluster, cfg := fake(t)
			topic := newTopic(t, cfg, 4)
			p := newProducer(t, cfg, kafka.ProducerOptions{MaxAttempts: 2})
			var msgs []kafka.Message
			for i := range 40 {
				msgs = append(msgs, kafka.Message{Topic: topic, Key: fmt.Append(nil, i), Value: fmt.Append(nil, i)})
			}
			// One partition fails for good: the call must not look like a success because the others went well.
			broken := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Partitions: []int32{2}, Err: fault, Count: -1})
			if err := p.Publish(testContext(t), msgs...); err == nil {
				t.Fatal("no error")
			}
			broken.Remove()
			if err := p.Publish(testContext(t), msgs...); err != nil {
				t.Fatal(err)
			}
			// A fault that passes is absorbed where the library may retry; else the caller does.
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: fault})
			for p.Publish(testContext(t), msgs...) != nil {
				if testContext(t).Err() != nil {
					t.Fatal("never recovered")
				}
			}
			var got tally
			run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
			eventually(t, "all messages", func() bool { return got.distinct() == len(msgs) })
		})
	}
}

func TestNobodyThereIsAnErrorSoon(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	for what, addr := range map[string]string{"refused": "127.0.0.1:1", "silent": listener.Addr().String()} {
		t.Run(what, func(t *testing.T) {
			cfg := config(addr)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			started := time.Now()
			admin := kafka.NewAdmin(cfg)
			if err := admin.Ping(ctx); err == nil {
				t.Error("ping: no error")
			}
			if _, err := admin.Lag(ctx, "g", []string{"t"}); err == nil {
				t.Error("lag: no error")
			}
			p := newProducer(t, cfg, kafka.ProducerOptions{})
			if err := p.Publish(ctx, kafka.Message{Topic: "t"}); err == nil {
				t.Error("publish: no error")
			}
			stop := run(t, cfg, groupOptions("g", "t"), nil)
			stop()
			if took := time.Since(started); took > 30*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}
