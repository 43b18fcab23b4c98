package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/internal/kafka"
)

// proxied is the broker behind a proxy of the test's own.
func proxied(t *testing.T, b kafkatest.Broker) *kafkaproxy.Proxy {
	t.Helper()
	proxy, err := kafkaproxy.Start(b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	return proxy
}

// onProduce has a rule for produce requests alone.
func onProduce(rule func(*kmsg.ProduceRequest) kafkaproxy.Action) kafkaproxy.Rule {
	return func(r kafkaproxy.Request) kafkaproxy.Action {
		if p, ok := r.Body.(*kmsg.ProduceRequest); ok {
			return rule(p)
		}
		return kafkaproxy.Action{}
	}
}

func everyProduceRequestAsksForAllReplicas(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 3)
	var requests, weak atomic.Int32
	proxy.Set(onProduce(func(r *kmsg.ProduceRequest) kafkaproxy.Action {
		requests.Add(1)
		if r.Acks != -1 {
			weak.Add(1)
		}
		return kafkaproxy.Action{}
	}))
	publish(t, cfg, topic, 0, 100)
	for _, o := range []kafka.ProducerOptions{{}, {Compression: "zstd"}, {BatchMessages: 1}} {
		if err := newProducer(t, cfg, o).Publish(testContext(t), kafka.Message{Topic: topic, Value: []byte("v")}); err != nil {
			t.Fatal(err)
		}
	}
	if requests.Load() < 4 || weak.Load() != 0 {
		t.Errorf("%d of %d produce requests did not ask for all replicas", weak.Load(), requests.Load())
	}
}

func lostAnswerIsAnError(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{MaxAttempts: 1})
	proxy.Set(onProduce(func(*kmsg.ProduceRequest) kafkaproxy.Action { return kafkaproxy.Swallow() }))
	m := kafka.Message{Topic: topic, Value: []byte("v")}
	var large *kafka.TooLargeError
	if err := p.Publish(testContext(t), m); err == nil || errors.As(err, &large) {
		t.Fatalf("published without an answer: %v", err)
	}
	end := func() int64 {
		offsets, err := kafka.NewAdmin(config(b.Addr)).Offsets(testContext(t), topic)
		if err != nil {
			t.Fatal(err)
		}
		return offsets[0].End
	}
	if got := end(); got != 1 {
		t.Fatalf("%d messages are there, want the one whose answer was lost", got)
	}
	proxy.Set(nil)
	if err := p.Publish(testContext(t), m); err != nil {
		t.Fatal(err)
	}
	if got := end(); got != 2 {
		t.Errorf("%d messages are there, want 2", got)
	}
}

func publishEndsWithItsContext(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{RequestTimeout: time.Minute, MaxAttempts: 1})
	publish(t, cfg, topic, 0, 1)
	release := jam(proxy)
	defer release()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	err := p.Publish(ctx, kafka.Message{Topic: topic, Value: []byte("v")})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) > 30*time.Second {
		t.Errorf("%v after %s", err, time.Since(started))
	}
}

// jam holds produce requests back until release.
func jam(proxy *kafkaproxy.Proxy) (release func()) {
	free := make(chan struct{})
	proxy.Set(onProduce(func(*kmsg.ProduceRequest) kafkaproxy.Action {
		return kafkaproxy.Action{Before: func() error { <-free; return nil }}
	}))
	return func() { close(free) }
}

func inFlightBytesAreBounded(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 1)
	release := jam(proxy)
	p := newProducer(t, cfg, kafka.ProducerOptions{MaxInFlightBytes: 3000})
	message := kafka.Message{Topic: topic, Value: make([]byte, 1000)}
	for range 5 {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err := p.Publish(ctx, message)
		cancel()
		if err == nil {
			t.Error("published without an answer")
		}
	}
	release()
	// What came after the bound was never sent, what came before arrives although its caller gave up.
	eventually(t, "the bound messages arrive", func() bool {
		offsets, err := kafka.NewAdmin(cfg).Offsets(testContext(t), topic)
		return err == nil && offsets[0].End == 2
	})
	if err := p.Publish(testContext(t), message); err != nil {
		t.Errorf("after the jam: %v", err)
	}
}

func orderIsKept(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 4)
	var requests atomic.Int32
	proxy.Set(onProduce(func(*kmsg.ProduceRequest) kafkaproxy.Action {
		if requests.Add(1)%5 == 0 {
			return kafkaproxy.Swallow()
		}
		return kafkaproxy.Action{}
	}))
	const calls, keys, each = 30, 3, 4 // each: messages of a key in one call
	p := newProducer(t, cfg, kafka.ProducerOptions{MaxAttempts: 1})
	for call := range calls {
		var msgs []kafka.Message
		for i := range each {
			for key := range keys {
				msgs = append(msgs, kafka.Message{Topic: topic, Key: fmt.Append(nil, "k", key), Value: fmt.Appendf(nil, "%d/%d", key, call*each+i)})
			}
		}
		eventually(t, "publish", func() bool { return p.Publish(testContext(t), msgs...) == nil })
	}
	var got tally
	run(t, config(b.Addr), groupOptions(name(t, "group"), topic), got.consume)
	eventually(t, "all messages", func() bool { return got.distinct() == calls*keys*each })
	next := map[string]int{}
	for _, m := range got.all() {
		var key, n int
		if _, err := fmt.Sscanf(string(m.Value), "%d/%d", &key, &n); err != nil {
			t.Fatal(err)
		}
		if n > next[string(m.Key)] { // fewer: the call was published again
			t.Fatalf("%s comes before %d of its key", m.Value, next[string(m.Key)])
		}
		next[string(m.Key)] = max(next[string(m.Key)], n+1)
	}
}

func brokerErrorsCostOnlyTime(t *testing.T, b kafkatest.Broker) {
	for _, key := range []kmsg.Key{kmsg.Fetch, kmsg.OffsetCommit, kmsg.JoinGroup, kmsg.SyncGroup, kmsg.Heartbeat, kmsg.FindCoordinator, kmsg.ListOffsets} {
		for _, fault := range []*kerr.Error{kerr.NotCoordinator, kerr.NotLeaderForPartition, kerr.UnknownMemberID, kerr.UnknownServerError} {
			t.Run(key.Name()+"/"+fault.Message, func(t *testing.T) {
				t.Parallel()
				proxy := proxied(t, b)
				topic, group := newTopic(t, config(b.Addr), 2), name(t, "group")
				publish(t, config(b.Addr), topic, 0, 100)
				const times = 3
				var refused atomic.Int32
				proxy.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
					if r.Body.Key() != key.Int16() || refused.Add(1) > times {
						return kafkaproxy.Action{}
					}
					return kafkaproxy.Action{Refuse: refusal(r.Body, fault.Code)}
				})
				var got tally
				run(t, config(proxy.Addr()), groupOptions(group, topic), got.consume)
				eventually(t, "all records", func() bool { return got.distinct() == 100 })
				eventually(t, "all refusals", func() bool { return refused.Load() >= times })
				eventually(t, "all committed", func() bool { return totalLag(t, config(b.Addr), group, topic) == 0 })
			})
		}
	}
}

// refusal is the answer by which a broker refuses what a group member asks for.
func refusal(r kmsg.Request, code int16) kmsg.Response {
	answer := r.ResponseKind()
	switch a := answer.(type) {
	case *kmsg.JoinGroupResponse:
		a.ErrorCode = code
	case *kmsg.SyncGroupResponse:
		a.ErrorCode = code
	case *kmsg.HeartbeatResponse:
		a.ErrorCode = code
	case *kmsg.FindCoordinatorResponse:
		a.ErrorCode = code
	case *kmsg.OffsetCommitResponse:
		return kafkaproxy.RefuseCommit(r.(*kmsg.OffsetCommitRequest), code).Refuse
	case *kmsg.FetchResponse:
		for _, t := range r.(*kmsg.FetchRequest).Topics {
			topic := kmsg.FetchResponseTopic{Topic: t.Topic}
			for _, p := range t.Partitions {
				topic.Partitions = append(topic.Partitions, kmsg.FetchResponseTopicPartition{Partition: p.Partition, ErrorCode: code})
			}
			a.Topics = append(a.Topics, topic)
		}
	case *kmsg.ListOffsetsResponse:
		for _, t := range r.(*kmsg.ListOffsetsRequest).Topics {
			topic := kmsg.ListOffsetsResponseTopic{Topic: t.Topic}
			for _, p := range t.Partitions {
				topic.Partitions = append(topic.Partitions, kmsg.ListOffsetsResponseTopicPartition{Partition: p.Partition, ErrorCode: code})
			}
			a.Topics = append(a.Topics, topic)
		}
	}
	return answer
}
