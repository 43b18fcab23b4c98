package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	embedded "github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
)

func TestEveryProduceRequestAsksForAllReplicas(t *testing.T) {
	cluster, cfg := fake(t)
	topic := newTopic(t, cfg, 3)
	var requests, weak atomic.Int32
	cluster.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		requests.Add(1)
		if r.(*kmsg.ProduceRequest).Acks != -1 {
			weak.Add(1)
		}
		return nil, nil, false
	})
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

func TestPublishEndsWithItsContext(t *testing.T) {
	cluster, cfg := fake(t)
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{RequestTimeout: time.Minute, MaxAttempts: 1})
	publish(t, cfg, topic, 0, 1)
	release := make(chan struct{})
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		cluster.SleepControl(func() { <-release })
		return nil, nil, false
	})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	err := p.Publish(ctx, kafka.Message{Topic: topic, Value: []byte("v")})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) > 30*time.Second {
		t.Errorf("%v after %s", err, time.Since(started))
	}
	close(release)
}

func TestInFlightBytesAreBounded(t *testing.T) {
	cluster, cfg := fake(t)
	topic := newTopic(t, cfg, 1)
	release := make(chan struct{})
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		cluster.SleepControl(func() { <-release })
		return nil, nil, false
	})
	p := newProducer(t, cfg, kafka.ProducerOptions{MaxInFlightBytes: 3000})
	message := kafka.Message{Topic: topic, Value: make([]byte, 1000)}
	short := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	for range 5 {
		if err := p.Publish(short(), message); err == nil {
			t.Fatal("published without an answer")
		}
	}
	close(release)
	// What came after the bound was never sent, what came before arrives although its caller gave up.
	eventually(t, "the bound messages arrive", func() bool {
		offsets, err := kafka.NewAdmin(cfg).Offsets(testContext(t), topic)
		return err == nil && offsets[0].End == 2
	})
	if err := p.Publish(testContext(t), message); err != nil {
		t.Errorf("after the jam: %v", err)
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

func TestBrokerDownAndBackOnItsPort(t *testing.T) {
	t.Run(kafkatest.OnEmbedded, func(t *testing.T) {
		dir := t.TempDir()
		start := func(addr string) *embedded.Broker {
			b := embedded.New(embedded.Options{DataDir: dir, Addr: addr})
			if err := b.Start(testContext(t)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = b.Close() })
			return b
		}
		b := start("127.0.0.1:0")
		addr := b.Addr()
		downAndBack(t, addr, func() error { return b.Close() }, func() error { b = start(addr); return nil })
	})
	t.Run(kafkatest.OnReal, func(t *testing.T) {
		p := kafkatest.StartReal(t)
		downAndBack(t, p.Addr(), func() error { p.Kill(); return nil }, p.Start)
	})
}

func downAndBack(t *testing.T, addr string, down, up func() error) {
	cfg := config(addr)
	topic, group := newTopic(t, cfg, 2), name(t, "group")
	p := newProducer(t, cfg, kafka.ProducerOptions{RequestTimeout: time.Second})
	publishAll := func(from, to int) {
		for i := from; i < to; i++ {
			m := kafka.Message{Topic: topic, Key: []byte(strconv.Itoa(i)), Value: []byte(strconv.Itoa(i))}
			eventually(t, "publish", func() bool { return p.Publish(testContext(t), m) == nil })
		}
	}
	publishAll(0, 50)
	var got tally
	run(t, cfg, groupOptions(group, topic), got.consume)
	eventually(t, "the first half", func() bool { return got.distinct() == 50 })

	for round := range 2 {
		if err := down(); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(testContext(t), kafka.Message{Topic: topic, Value: []byte("0")}); err == nil {
			t.Error("published to a broker that is down")
		}
		if err := kafka.NewAdmin(cfg).Ping(testContext(t)); err == nil {
			t.Error("a broker that is down answers")
		}
		if err := up(); err != nil {
			t.Fatal(err)
		}
		back := time.Now()
		publishAll(50+25*round, 75+25*round)
		eventually(t, "records written after the outage", func() bool { return got.distinct() == 75+25*round })
		t.Logf("resumed in %s", time.Since(back))
	}
	eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })
}

func TestGroupFaultsCostOnlyTime(t *testing.T) {
	for _, key := range []kmsg.Key{kmsg.Fetch, kmsg.OffsetCommit, kmsg.JoinGroup, kmsg.SyncGroup, kmsg.Heartbeat, kmsg.FindCoordinator, kmsg.ListOffsets} {
		for _, fault := range []*kerr.Error{kerr.NotCoordinator, kerr.NotLeaderForPartition, kerr.UnknownMemberID, kerr.UnknownServerError} {
			t.Run(key.Name()+"/"+fault.Message, func(t *testing.T) {
				t.Parallel()
				cluster, cfg := fake(t)
				topic, group := newTopic(t, cfg, 2), name(t, "group")
				publish(t, cfg, topic, 0, 100)
				cluster.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: fault, Count: 3})
				var got tally
				run(t, cfg, groupOptions(group, topic), got.consume)
				eventually(t, "all records", func() bool { return got.distinct() == 100 })
				eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })
			})
		}
	}
}
