package kafka_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/kafka"
)

func bombDoesNotStopItsPartition(t *testing.T, cfg kafka.Config) {
	for _, codec := range []kgo.CompressionCodec{kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		topic := newTopic(t, cfg, 1)
		client := franz(t, cfg, kgo.DefaultProduceTopic(topic), kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(32<<20))
		for _, value := range []string{"before", string(make([]byte, 8<<20)), "after"} {
			if err := client.ProduceSync(testContext(t), kgo.StringRecord(value)).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		var got tally
		o := groupOptions(name(t, "group"), topic)
		o.MaxUnpackedBytes = 1 << 20
		run(t, cfg, o, got.consume)
		eventually(t, "the record after the bomb", func() bool { return got.distinct() == 3 })
		for i, m := range got.all() {
			if bomb := m.Offset == 1; bomb != (m.Unread != "") || bomb && m.Value != nil || m.Offset != int64(i) {
				t.Errorf("record %d: offset %d, %d bytes, unread %q", i, m.Offset, len(m.Value), m.Unread)
			}
		}
	}
}
