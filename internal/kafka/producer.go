package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/metadata"
	"golang.org/x/sync/semaphore"
)

// recordOverhead is more than the bytes a record adds to its key, value and headers on the wire.
const recordOverhead = 64

// ErrClosed is returned by calls on something that was closed.
var ErrClosed = errors.New("kafka: closed")

// TooLargeError says which message of a Publish exceeds the size limit. Nothing of that Publish was sent.
type TooLargeError struct {
	// Index of the message in the arguments.
	Index int
	// Size of the message and Limit, in bytes.
	Size, Limit int
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("kafka: message %d has %d bytes, the limit is %d; nothing was sent", e.Index, e.Size, e.Limit)
}

// ProducerOptions tunes a Producer; the zero value works.
type ProducerOptions struct {
	// BatchTimeout is how long a message waits for others to share its request. Default 5 ms.
	BatchTimeout time.Duration
	// BatchMessages is how many messages for one partition make a request, but for those that gather while another is on its way. Default 500.
	BatchMessages int
	// MaxMessageBytes is the largest message accepted and the largest request for one partition; it must not exceed
	// the topic's max.message.bytes. Default 1,000,000.
	MaxMessageBytes int
	// MaxInFlightBytes bounds what waits for acknowledgement; beyond it Publish blocks. Default 64 MiB.
	MaxInFlightBytes int64
	// MaxAttempts per request before Publish fails. Default 10, over some two seconds where each fails at once: by then it is known that a leader has moved. None
	// begins after PublishTimeout, when nobody waits any more.
	MaxAttempts int
	// RequestTimeout bounds one attempt. Default 10 s.
	RequestTimeout time.Duration
	// PublishTimeout bounds one Publish. Default 30 s.
	PublishTimeout time.Duration
	// CloseTimeout bounds Close; what is not acknowledged by then fails. Default 10 s.
	CloseTimeout time.Duration
	// Compression is none, gzip, snappy, lz4 or zstd. Default lz4.
	Compression string
	// Log receives failures at debug level; callers get them as errors.
	Log zerolog.Logger
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
}

// Producer publishes messages. Share one: its callers' messages travel in common requests.
// It is safe for concurrent use.
//
// It writes record batches itself and has the library send them: the library's Writer takes a dozen allocations and several copies a message.
type Producer struct {
	o         ProducerOptions
	err       error
	addr      net.Addr
	codec     kafkago.Compression
	transport *kafkago.Transport
	sockets   *sockets
	outbox    *outbox
	inFlight  *semaphore.Weighted
	metrics   *producerMetrics
	packers   sync.Pool // *packer
	requests  sync.Pool // *[]byte: what one request carries
}

// NewProducer returns a producer; it connects on the first Publish. A faulty cfg is reported by every Publish.
func NewProducer(cfg Config, o ProducerOptions) *Producer {
	o.BatchTimeout = orDefault(o.BatchTimeout, 5*time.Millisecond)
	o.BatchMessages = orDefault(o.BatchMessages, 500)
	o.MaxMessageBytes = orDefault(o.MaxMessageBytes, 1_000_000)
	o.MaxInFlightBytes = orDefault(o.MaxInFlightBytes, 64<<20)
	o.MaxAttempts = orDefault(o.MaxAttempts, 10)
	o.RequestTimeout = orDefault(o.RequestTimeout, requestTimeout)
	o.PublishTimeout = orDefault(o.PublishTimeout, 30*time.Second)
	o.CloseTimeout = orDefault(o.CloseTimeout, 10*time.Second)
	o.Compression = orDefault(o.Compression, "lz4")

	p := &Producer{
		o:        o,
		addr:     cfg.addr(),
		sockets:  newSockets(),
		outbox:   newOutbox(o),
		inFlight: semaphore.NewWeighted(o.MaxInFlightBytes),
		metrics:  newProducerMetrics(o.Registerer),
	}
	p.packers.New = func() any { return &packer{codec: p.codec} }
	p.requests.New = func() any { return new([]byte) }
	p.outbox.send, p.outbox.answered, p.outbox.settled = p.send, p.count, p.release
	if p.codec, p.err = compression(o.Compression); p.err != nil {
		return p
	}
	if p.err = cfg.Validate(); p.err != nil {
		return p
	}
	p.transport, p.err = cfg.transport(p.sockets, nil)
	return p
}

// Publish writes the messages and returns nil once every one of them is acknowledged by all in-sync replicas. Their bytes are the caller's
// again once it returns.
//
// A *TooLargeError means nothing was sent. Any other error leaves the fate of all messages unknown, and some may
// still arrive later: publish them all again (readers must be idempotent). When ctx ends, Publish returns at once
// while the messages may still be on their way.
func (p *Producer) Publish(ctx context.Context, msgs ...Message) error {
	if p.err != nil {
		return p.err
	}
	if len(msgs) == 0 {
		return nil
	}
	c := &call{messages: len(msgs), done: make(chan struct{})}
	for i := range msgs {
		size := messageSize(&msgs[i])
		if size > p.o.MaxMessageBytes {
			return &TooLargeError{Index: i, Size: size, Limit: p.o.MaxMessageBytes}
		}
		c.bytes += int64(size)
	}
	c.bytes = min(c.bytes, p.o.MaxInFlightBytes)

	ctx, cancel := context.WithTimeout(ctx, p.o.PublishTimeout)
	defer cancel()
	if err := p.inFlight.Acquire(ctx, c.bytes); err != nil {
		return fmt.Errorf("kafka: publish: %d bytes in flight: %w", p.o.MaxInFlightBytes, err)
	}
	p.metrics.inFlight.Add(float64(c.bytes))
	if err := p.put(ctx, c, msgs); err != nil {
		p.release(c)
		return fmt.Errorf("kafka: publish: %w", err)
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return fmt.Errorf("kafka: publish: outcome unknown: %w", ctx.Err())
	}
	if c.err != nil {
		return fmt.Errorf("kafka: publish: %d of %d messages not acknowledged: %w", c.failed, c.messages, c.err)
	}
	return nil
}

// put routes the messages and hands them over.
func (p *Producer) put(ctx context.Context, c *call, msgs []Message) error {
	// A transport that is used after it was closed would connect anew, and nobody would close that.
	if !p.outbox.enter() {
		return ErrClosed
	}
	defer p.outbox.sending.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.outbox.ctx, cancel)()
	routes, err := p.routes(ctx, msgs)
	if err != nil {
		return err
	}
	return p.outbox.put(c, msgs, routes, time.Now())
}

// release ends what a call takes of the bytes in flight, which may be later than its context ends.
func (p *Producer) release(c *call) {
	p.inFlight.Release(c.bytes)
	p.metrics.inFlight.Sub(float64(c.bytes))
}

// routes says where each message goes, by what is known of the cluster.
func (p *Producer) routes(ctx context.Context, msgs []Message) ([]route, error) {
	var topic string
	var leaders []int32 // by partition
	var partitions []int
	// The hash of Java's default partitioner, so a key sent by any client lands in one partition.
	var balancer kafkago.Murmur2Balancer
	known := map[string][]int32{}
	out := make([]route, len(msgs))
	for i := range msgs {
		if m := &msgs[i]; m.Topic != topic || i == 0 {
			topic = m.Topic
			var err error
			if leaders = known[topic]; leaders == nil {
				if leaders, err = p.leaders(ctx, topic); err != nil {
					return nil, fmt.Errorf("topic %s: %w", topic, err)
				}
				known[topic] = leaders
			}
			for len(partitions) < len(leaders) {
				partitions = append(partitions, len(partitions))
			}
		}
		to := balancer.Balance(kafkago.Message{Key: msgs[i].Key}, partitions[:len(leaders)]...)
		out[i] = route{int32(to), leaders[to]}
	}
	return out, nil
}

// leaders are the brokers that lead the partitions of a topic; the transport keeps what it is told of them for metadataTTL.
func (p *Producer) leaders(ctx context.Context, topic string) ([]int32, error) {
	answer, err := p.transport.RoundTrip(ctx, p.addr, &metadata.Request{TopicNames: []string{topic}})
	if err != nil {
		return nil, err
	}
	for _, t := range answer.(*metadata.Response).Topics {
		switch {
		case t.Name != topic:
		case t.ErrorCode != 0:
			return nil, kafkago.Error(t.ErrorCode)
		case len(t.Partitions) > 0:
			out := make([]int32, len(t.Partitions))
			for _, one := range t.Partitions {
				if int(one.PartitionIndex) < len(out) && one.PartitionIndex >= 0 {
					out[one.PartitionIndex] = one.LeaderID
				}
			}
			return out, nil
		}
	}
	return nil, kafkago.UnknownTopicOrPartition
}

func (p *Producer) count(parcel *parcel, err error) {
	result := resultOK
	if err != nil {
		result = resultError
	}
	p.metrics.messages.WithLabelValues(parcel.topic, result).Add(float64(parcel.count))
}

// Close waits for what is in flight, at most CloseTimeout, and releases the connections. Later calls of Publish fail.
func (p *Producer) Close() error {
	if p.transport == nil {
		return nil
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		p.outbox.close()
	}()
	timer := time.NewTimer(p.o.CloseTimeout)
	defer timer.Stop()
	var err error
	select {
	case <-closed:
	case <-timer.C:
		p.outbox.stop()
		p.sockets.close()
		<-closed
		err = errors.New("kafka: producer closed with messages in flight")
	}
	p.outbox.stop()
	p.transport.CloseIdleConnections()
	p.sockets.close()
	return err
}

func messageSize(m *Message) int {
	n := recordOverhead + len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += len(h.Name) + len(h.Value) + 10
	}
	return n
}

func toWire(headers []Header) []kafkago.Header {
	if len(headers) == 0 {
		return nil
	}
	out := make([]kafkago.Header, len(headers))
	for i, h := range headers {
		out[i] = kafkago.Header{Key: h.Name, Value: h.Value}
	}
	return out
}

func compression(name string) (kafkago.Compression, error) {
	switch name {
	case "none":
		return 0, nil
	case "gzip":
		return kafkago.Gzip, nil
	case "snappy":
		return kafkago.Snappy, nil
	case "lz4":
		return kafkago.Lz4, nil
	case "zstd":
		return kafkago.Zstd, nil
	}
	return 0, fmt.Errorf("kafka: compression %q: want none, gzip, snappy, lz4 or zstd", name)
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
