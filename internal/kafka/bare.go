package kafka

import (
	"context"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Bare is the library's Writer with nothing of Producer's around it: no bound on what is in flight, no metrics, one attempt after another as the library does. The benchmark
// holds ingest against it; nothing else uses it. It is safe for concurrent use.
type Bare struct{ writer *kafkago.Writer }

// BareBatch is what one Write writes.
type BareBatch []kafkago.Message

// NewBare returns a writer that asks all in-sync replicas, with Producer's balancer, its compression, and its defaults of how many messages go together and how long they
// wait for others.
func NewBare(cfg Config) (*Bare, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Bare{writer: &kafkago.Writer{
		Addr: cfg.addr(), Balancer: kafkago.Murmur2Balancer{}, RequiredAcks: kafkago.RequireAll, Compression: kafkago.Lz4, BatchSize: 500, BatchTimeout: 5 * time.Millisecond,
	}}, nil
}

// Prepare makes a batch of messages, outside of what is measured.
func (*Bare) Prepare(msgs []Message) BareBatch {
	out := make(BareBatch, len(msgs))
	for i := range msgs {
		m := &msgs[i]
		out[i] = kafkago.Message{Topic: m.Topic, Key: m.Key, Value: m.Value, Headers: toWire(m.Headers)}
	}
	return out
}

// Write returns nil once every message is acknowledged.
func (b *Bare) Write(ctx context.Context, batch BareBatch) error {
	return b.writer.WriteMessages(ctx, batch...)
}

// Close lets go of the connections.
func (b *Bare) Close() error { return b.writer.Close() }
