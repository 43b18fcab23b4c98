package kafka_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
)

func benchMessages(topic string, n int) []kafka.Message {
	msgs := make([]kafka.Message, n)
	for i := range msgs {
		body := fmt.Sprintf(`{"specversion":"1.0","id":"%032x","source":"/bench","type":"contact.opened","data":{"n":%d,"text":"%s"}}`,
			i*7919, i, strings.Repeat("lorem ipsum ", 20))
		msgs[i] = kafka.Message{Topic: topic, Key: fmt.Append(nil, i), Value: []byte(body)}
	}
	return msgs
}

func BenchmarkPublishAndRead(b *testing.B) {
	for _, codec := range []string{"none", "snappy", "lz4", "zstd"} {
		b.Run(codec, func(b *testing.B) {
			cfg := config(kafkatest.Start(b))
			ctx := context.Background()
			const topic, batch = "bench", 5000
			if err := kafka.NewAdmin(cfg).EnsureTopics(ctx, []kafka.TopicSpec{{Name: topic, Partitions: 4}}); err != nil {
				b.Fatal(err)
			}
			p := kafka.NewProducer(cfg, kafka.ProducerOptions{Compression: codec})
			defer func() { _ = p.Close() }()
			msgs := benchMessages(topic, batch)
			b.SetBytes(int64(len(msgs[0].Value)) * batch)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if err := p.Publish(ctx, msgs...); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "written/s")

			var read atomic.Int64
			done := make(chan struct{})
			readCtx, stop := context.WithCancel(ctx)
			started := time.Now()
			go func() {
				defer close(done)
				_ = kafka.NewGroup(cfg, kafka.GroupOptions{GroupID: "bench", Topics: []string{topic}}).Run(readCtx,
					func(ctx context.Context, c *kafka.Claim) error {
						for {
							got, err := c.FetchBatch(ctx, 5000, 8<<20, 0)
							if err != nil {
								return nil
							}
							if read.Add(int64(len(got))) == int64(b.N*batch) {
								stop()
							}
						}
					})
			}()
			<-readCtx.Done()
			b.ReportMetric(float64(b.N*batch)/time.Since(started).Seconds(), "read/s")
			<-done
		})
	}
}
