package kafka_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/kafka"
)

func roundTripKeepsEveryPartOfARecord(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	at := time.UnixMilli(1_750_000_000_123)
	want := []kafka.Message{
		{Topic: topic, Key: []byte("k"), Value: []byte(`{"a":1}`), Time: at, Headers: []kafka.Header{
			{Name: "content-type", Value: []byte("application/json")}, {Name: "ce_id", Value: []byte{0, 0xff}},
			{Name: "ce_id", Value: []byte("again")}, {Name: "empty", Value: []byte{}},
		}},
		{Topic: topic, Key: []byte("k"), Value: nil, Time: at},
		{Topic: topic, Key: nil, Value: []byte{}, Time: at},
	}
	if err := newProducer(t, cfg, kafka.ProducerOptions{}).Publish(testContext(t), want...); err != nil {
		t.Fatal(err)
	}
	var got tally
	run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
	eventually(t, "all records", func() bool { return len(got.all()) == len(want) })
	for i := range want {
		want[i].Offset = int64(i)
		want[i].HighWatermark = 3
	}
	opts := cmp.Options{cmp.Comparer(func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }),
		cmpopts.SortSlices(func(a, b kafka.Message) bool { return a.Offset < b.Offset }),
		cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })}
	if diff := cmp.Diff(want, got.all(), opts); diff != "" {
		t.Error(diff)
	}
}

func readsWhatOtherClientsWrite(t *testing.T, cfg kafka.Config) {
	for codec, c := range map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	} {
		t.Run(codec, func(t *testing.T) {
			topic := newTopic(t, cfg, 3)
			client := franz(t, cfg, kgo.ProducerBatchCompression(c), kgo.ProducerLinger(5*time.Millisecond))
			const n = 2000
			var records []*kgo.Record
			for i := range n {
				records = append(records, &kgo.Record{
					Topic: topic, Key: fmt.Appendf(nil, "k%d", i),
					Value:   append(fmt.Appendf(nil, "%d ", i), bytes.Repeat([]byte("x"), i%500)...),
					Headers: []kgo.RecordHeader{{Key: "h", Value: fmt.Append(nil, i)}},
				})
			}
			if err := client.ProduceSync(testContext(t), records...).FirstErr(); err != nil {
				t.Fatal(err)
			}
			var got tally
			run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
			eventually(t, "all records", func() bool { return got.distinct() == n })
			for _, m := range got.all() {
				want := fmt.Sprintf("%s ", m.Headers[0].Value)
				if !bytes.HasPrefix(m.Value, []byte(want)) || string(m.Key) != "k"+want[:len(want)-1] {
					t.Fatalf("record %q has key %q and header %q", m.Value, m.Key, want)
				}
			}
		})
	}
}

func otherClientsReadWhatWeWrite(t *testing.T, cfg kafka.Config) {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			topic := newTopic(t, cfg, 3)
			const n = 1000
			var msgs []kafka.Message
			for i := range n {
				msgs = append(msgs, kafka.Message{Topic: topic, Key: fmt.Appendf(nil, "k%d", i), Value: fmt.Appendf(nil, "%d", i)})
			}
			if err := newProducer(t, cfg, kafka.ProducerOptions{Compression: codec}).Publish(testContext(t), msgs...); err != nil {
				t.Fatal(err)
			}
			// The same keys written by a client with Java's partitioner must land beside ours.
			other := franz(t, cfg)
			for i := range n {
				r := &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", i), Value: []byte("theirs")}
				msgs[i].Partition = -1
				other.Produce(testContext(t), r, nil)
			}
			if err := other.Flush(testContext(t)); err != nil {
				t.Fatal(err)
			}
			client := franz(t, cfg, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
			partitions := map[string]int32{}
			for seen := 0; seen < 2*n; {
				fetches := client.PollFetches(testContext(t))
				if err := fetches.Err(); err != nil {
					t.Fatal(err)
				}
				fetches.EachRecord(func(r *kgo.Record) {
					seen++
					if p, ok := partitions[string(r.Key)]; ok && p != r.Partition {
						t.Errorf("key %s is in partitions %d and %d", r.Key, p, r.Partition)
					}
					partitions[string(r.Key)] = r.Partition
				})
			}
		})
	}
}

func tooLargeMessageSendsNothing(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{MaxMessageBytes: 10_000})
	err := p.Publish(testContext(t), kafka.Message{Topic: topic, Value: []byte("small")},
		kafka.Message{Topic: topic, Value: make([]byte, 10_000)})
	var large *kafka.TooLargeError
	if !errors.As(err, &large) || large.Index != 1 {
		t.Fatalf("got %v, want a TooLargeError for message 1", err)
	}
	offsets, err := kafka.NewAdmin(cfg).Offsets(testContext(t), topic)
	if err != nil {
		t.Fatal(err)
	}
	if offsets[0].End != 0 {
		t.Errorf("%d messages were sent", offsets[0].End)
	}
}

func largestAcceptedMessageFitsTheBrokersLimit(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{Compression: "none"})
	value := make([]byte, 1_000_000-64)
	if err := p.Publish(testContext(t), kafka.Message{Topic: topic, Value: value}, kafka.Message{Topic: topic, Value: value}); err != nil {
		t.Fatal(err)
	}
	var got tally
	o := groupOptions(name(t, "group"), topic)
	o.MaxBytes = 1000 // smaller than a record: it must still come through
	run(t, cfg, o, got.consume)
	eventually(t, "both records", func() bool { return len(got.all()) == 2 })
}

func smallMessagesFillLargeBatches(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 2)
	p := newProducer(t, cfg, kafka.ProducerOptions{Compression: "none", BatchMessages: 100_000})
	msgs := make([]kafka.Message, 60_000)
	for i := range msgs {
		msgs[i] = kafka.Message{Topic: topic, Key: fmt.Append(nil, i), Value: []byte("v")}
	}
	if err := p.Publish(testContext(t), msgs...); err != nil {
		t.Fatal(err)
	}
}
