package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	kafkago "github.com/segmentio/kafka-go"
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
	// BatchMessages is the most messages in one request for one partition. Default 500; the library makes room for as many at once.
	BatchMessages int
	// MaxMessageBytes is the largest message accepted and the largest request for one partition; it must not exceed
	// the topic's max.message.bytes. Default 1,000,000.
	MaxMessageBytes int
	// MaxInFlightBytes bounds what waits for acknowledgement; beyond it Publish blocks. Default 64 MiB.
	MaxInFlightBytes int64
	// MaxAttempts per request before Publish fails. Default 5, over about a second.
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
type Producer struct {
	o         ProducerOptions
	err       error
	writer    *kafkago.Writer
	transport *kafkago.Transport
	sockets   *sockets
	inFlight  *semaphore.Weighted
	metrics   *producerMetrics
}

// NewProducer returns a producer; it connects on the first Publish. A faulty cfg is reported by every Publish.
func NewProducer(cfg Config, o ProducerOptions) *Producer {
	o.BatchTimeout = orDefault(o.BatchTimeout, 5*time.Millisecond)
	o.BatchMessages = orDefault(o.BatchMessages, 500)
	o.MaxMessageBytes = orDefault(o.MaxMessageBytes, 1_000_000)
	o.MaxInFlightBytes = orDefault(o.MaxInFlightBytes, 64<<20)
	o.MaxAttempts = orDefault(o.MaxAttempts, 5)
	o.RequestTimeout = orDefault(o.RequestTimeout, requestTimeout)
	o.PublishTimeout = orDefault(o.PublishTimeout, 30*time.Second)
	o.CloseTimeout = orDefault(o.CloseTimeout, 10*time.Second)
	o.Compression = orDefault(o.Compression, "lz4")

	p := &Producer{
		o:        o,
		sockets:  newSockets(),
		inFlight: semaphore.NewWeighted(o.MaxInFlightBytes),
		metrics:  newProducerMetrics(o.Registerer),
	}
	codec, err := compression(o.Compression)
	if err != nil {
		p.err = err
		return p
	}
	if p.err = cfg.Validate(); p.err != nil {
		return p
	}
	if p.transport, p.err = cfg.transport(p.sockets, nil); p.err != nil {
		return p
	}
	p.writer = &kafkago.Writer{
		Addr: cfg.addr(),
		// The hash of Java's default partitioner, so a key sent by any client lands in one partition.
		Balancer:        kafkago.Murmur2Balancer{},
		RequiredAcks:    kafkago.RequireAll,
		MaxAttempts:     o.MaxAttempts,
		WriteBackoffMin: 20 * time.Millisecond,
		WriteBackoffMax: 250 * time.Millisecond,
		BatchSize:       o.BatchMessages,
		BatchBytes:      int64(o.MaxMessageBytes),
		BatchTimeout:    o.BatchTimeout,
		WriteTimeout:    o.RequestTimeout,
		ReadTimeout:     o.RequestTimeout,
		Compression:     codec,
		Transport:       p.transport,
		ErrorLogger: kafkago.LoggerFunc(func(format string, args ...any) {
			o.Log.Debug().Msgf(format, args...)
		}),
	}
	return p
}

// Publish writes the messages and returns nil once every one of them is acknowledged by all in-sync replicas.
//
// A *TooLargeError means nothing was sent. Any other error leaves the fate of all messages unknown, and some may
// still arrive later: publish them all again (readers must be idempotent). When ctx ends, Publish returns at once
// while the messages may still be on their way: do not change their bytes afterwards.
func (p *Producer) Publish(ctx context.Context, msgs ...Message) error {
	if p.err != nil {
		return p.err
	}
	if len(msgs) == 0 {
		return nil
	}
	out := make([]kafkago.Message, len(msgs))
	var total int64
	for i := range msgs {
		size := messageSize(&msgs[i])
		if size > p.o.MaxMessageBytes {
			return &TooLargeError{Index: i, Size: size, Limit: p.o.MaxMessageBytes}
		}
		total += int64(size)
		out[i] = kafkago.Message{Topic: msgs[i].Topic, Key: msgs[i].Key, Value: msgs[i].Value, Time: msgs[i].Time}
		if h := msgs[i].Headers; i > 0 && len(h) > 0 && len(h) == len(msgs[i-1].Headers) && &h[0] == &msgs[i-1].Headers[0] {
			out[i].Headers = out[i-1].Headers // callers share those that are the same for all
		} else {
			out[i].Headers = toWire(h)
		}
	}
	total = min(total, p.o.MaxInFlightBytes)

	ctx, cancel := context.WithTimeout(ctx, p.o.PublishTimeout)
	defer cancel()
	if err := p.inFlight.Acquire(ctx, total); err != nil {
		return fmt.Errorf("kafka: publish: %d bytes in flight: %w", p.o.MaxInFlightBytes, err)
	}
	p.metrics.inFlight.Add(float64(total))

	// The bytes stay accounted for until the writer lets go of them, which is later than ctx may end.
	done := make(chan error, 1)
	go func() {
		err := p.writer.WriteMessages(context.WithoutCancel(ctx), out...)
		p.inFlight.Release(total)
		p.metrics.inFlight.Sub(float64(total))
		p.count(out, err)
		done <- err
	}()
	select {
	case err := <-done:
		return publishError(err)
	case <-ctx.Done():
		return fmt.Errorf("kafka: publish: outcome unknown: %w", ctx.Err())
	}
}

func (p *Producer) count(msgs []kafkago.Message, err error) {
	var each kafkago.WriteErrors
	partial := errors.As(err, &each) && len(each) == len(msgs)
	type key struct{ topic, result string }
	sums := make(map[key]int)
	for i := range msgs {
		k := key{msgs[i].Topic, resultOK}
		if partial && each[i] != nil || err != nil && !partial {
			k.result = resultError
		}
		sums[k]++
	}
	for k, n := range sums {
		p.metrics.messages.WithLabelValues(k.topic, k.result).Add(float64(n))
	}
}

// Close waits for what is in flight, at most CloseTimeout, and releases the connections. Later calls of Publish fail.
func (p *Producer) Close() error {
	if p.writer == nil {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- p.writer.Close() }()
	timer := time.NewTimer(p.o.CloseTimeout)
	defer timer.Stop()
	var err error
	select {
	case err = <-closed:
	case <-timer.C:
		p.sockets.close()
		<-closed //nolint:errcheck // the error below says it better
		err = errors.New("kafka: producer closed with messages in flight")
	}
	p.transport.CloseIdleConnections()
	p.sockets.close()
	return err
}

// publishError reduces the per-message errors of the library to one, since callers retry the whole call.
func publishError(err error) error {
	if err == nil {
		return nil
	}
	var each kafkago.WriteErrors
	if errors.As(err, &each) {
		for _, e := range each {
			if e != nil {
				return fmt.Errorf("kafka: publish: %d of %d messages not acknowledged: %w", each.Count(), len(each), e)
			}
		}
	}
	return fmt.Errorf("kafka: publish: %w", err)
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
