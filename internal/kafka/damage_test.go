package kafka_test

import (
	"encoding/binary"
	"hash/crc32"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/internal/kafka"
)

// damages are what can become of a record batch on its way, by what of it is hit.
func damages() map[string]func(b []byte) {
	number := func(at int, n int32) func([]byte) {
		return func(b []byte) { binary.BigEndian.PutUint32(b[at:], uint32(n)) }
	}
	return map[string]func([]byte){
		"content":          func(b []byte) { b[len(b)-2] ^= 0x20 },
		"base offset up":   func(b []byte) { b[0] ^= 0x40 },
		"base offset down": func(b []byte) { b[0] ^= 0x80 },
		"base offset within the log": func(b []byte) { // of the second batch, whether or not the first is there too
			if binary.BigEndian.Uint64(b) == 0 {
				b = b[12+int(binary.BigEndian.Uint32(b[8:])):]
			}
			b[7] ^= 1
		},
		"batch length negative": number(8, -1),
		"batch length 0":        number(8, 0),
		"batch length short":    number(8, 20),
		"batch length long":     number(8, 1<<30),
		"format 1":              func(b []byte) { b[16] = 1 },
		"format 0":              func(b []byte) { b[16] = 0 },
		"format 7":              func(b []byte) { b[16] = 7 },
		"codec":                 func(b []byte) { b[22] ^= 7 },
		"record count negative": number(57, -1),
		"record count large":    number(57, 1<<30),
		"record length":         func(b []byte) { b[61] = 0x7f },
	}
}

// damagedBatchesAreHeldAndToldOf: damaged answers come three times in a row to every partition that asks, then the broker's own.
func damagedBatchesAreHeldAndToldOf(t *testing.T, b kafkatest.Broker) {
	for what, damage := range damages() {
		t.Run(what, func(t *testing.T) {
			proxy := proxied(t, b)
			cfg := config(proxy.Addr())
			topic := newTopic(t, cfg, 1)
			publish(t, config(b.Addr), topic, 0, 5)
			publish(t, config(b.Addr), topic, 5, 8)
			var hits atomic.Int32
			proxy.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
				if _, ok := r.Body.(*kmsg.FetchRequest); !ok {
					return kafkaproxy.Action{}
				}
				return kafkaproxy.Action{Answer: func(r kmsg.Response) {
					for _, t := range r.(*kmsg.FetchResponse).Topics {
						for _, p := range t.Partitions {
							if len(p.RecordBatches) > 61 && hits.Add(1) <= 3 {
								damage(p.RecordBatches)
							}
						}
					}
				}}
			})
			reg := prometheus.NewRegistry()
			var got tally
			o := groupOptions(name(t, "group"), topic)
			o.Registerer = reg
			run(t, cfg, o, got.consume)
			eventually(t, "all records", func() bool { return got.distinct() == 8 })
			for i, m := range got.all() {
				if m.Offset != int64(i) || m.Unread != "" {
					t.Errorf("record %d: offset %d, unread %q", i, m.Offset, m.Unread)
				}
			}
			if n, err := testutil.GatherAndCount(reg, "rapport_kafka_damaged_answers_total"); err != nil || n != 1 {
				t.Errorf("damage not counted: %d, %v", n, err)
			}
		})
	}
}

// damagedFramesAreHeldAndToldOf: a count in the frame around the batches that the library would make room for.
func damagedFramesAreHeldAndToldOf(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 1)
	publish(t, cfg, topic, 0, 5)
	var hits atomic.Int32
	proxy.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
		if f, ok := r.Body.(*kmsg.FetchRequest); !ok || f.Version < 7 {
			return kafkaproxy.Action{}
		}
		return kafkaproxy.Action{Alter: func(b []byte) {
			if hits.Add(1) <= 3 {
				binary.BigEndian.PutUint32(b[14:], 1<<30) // topics, behind correlation id, throttle time, error and session
			}
		}}
	})
	var got tally
	run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
	eventually(t, "all records", func() bool { return got.distinct() == 5 })
	if hits.Load() <= 3 {
		t.Errorf("%d answers altered", hits.Load())
	}
}

// unreadableDoesNotStopItsPartition: the second of three batches has a record of a wrong length under a right checksum.
func unreadableDoesNotStopItsPartition(t *testing.T, b kafkatest.Broker) {
	proxy := proxied(t, b)
	cfg := config(proxy.Addr())
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{Compression: "none"})
	for _, value := range []string{"before", "unreadable", "after"} {
		if err := p.Publish(testContext(t), kafka.Message{Topic: topic, Value: []byte(value)}); err != nil {
			t.Fatal(err)
		}
	}
	proxy.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
		if _, ok := r.Body.(*kmsg.FetchRequest); !ok {
			return kafkaproxy.Action{}
		}
		return kafkaproxy.Action{Answer: func(r kmsg.Response) {
			for _, t := range r.(*kmsg.FetchResponse).Topics {
				for _, p := range t.Partitions {
					for set := p.RecordBatches; len(set) > 61; {
						size := 12 + int(binary.BigEndian.Uint32(set[8:]))
						if binary.BigEndian.Uint64(set) == 1 {
							set[61] = 0x7f
							binary.BigEndian.PutUint32(set[17:], crc32.Checksum(set[21:size], crc32.MakeTable(crc32.Castagnoli)))
						}
						set = set[size:]
					}
				}
			}
		}}
	})
	var got tally
	run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
	eventually(t, "three records", func() bool { return len(got.all()) == 3 })
	for i, m := range got.all() {
		if bad := m.Offset == 1; m.Offset != int64(i) || bad != (m.Unread != "") || bad != (m.Value == nil) {
			t.Errorf("record %d: offset %d, value %q, unread %q", i, m.Offset, m.Value, m.Unread)
		}
	}
}
