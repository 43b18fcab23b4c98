package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// defaultUnpacked is what a batch may unpack to where nothing else is said.
const defaultUnpacked = 64 << 20

const (
	// scanBytes is asked for per fetch.
	scanBytes = 4 << 20
	// scanPatience is how long a scan waits for the next record that the partition is said to have.
	scanPatience = 30 * time.Second
)

// Span is a stretch of offsets of one partition: From is the first, To the one after the last.
type Span struct {
	Topic     string
	Partition int
	From, To  int64
	// Unpacked is how many bytes a compressed batch may unpack to; the records of a larger one are told of, not read. 0 is 64 MiB.
	Unpacked int
}

// GoneError says that a partition no longer has the offset asked for.
type GoneError struct {
	Span
	// First offset that it still has.
	First int64
}

// Error implements error.
func (e *GoneError) Error() string {
	return fmt.Sprintf("kafka: %s/%d has no offset %d any more, it begins at %d", e.Topic, e.Partition, e.From, e.First)
}

// Scan reads the records of a span in order, outside of any group, and calls each with those of one fetch, at most a few MiB. It ends at span.To, with
// the error of each, or with a *GoneError where retention is faster than the reader. Records of transactions that were rolled back are
// left out. Brokers that are away are waited for, for half a minute without a record.
func Scan(ctx context.Context, cfg Config, span Span, each func([]Message) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	socks := newSockets()
	defer socks.close()
	transport, err := cfg.transport(socks, []string{span.Topic})
	if err != nil {
		return err
	}
	defer transport.CloseIdleConnections()
	f := newFetcher(cfg, transport, partitionKey{span.Topic, span.Partition}, 1, scanBytes, cmp.Or(span.Unpacked, defaultUnpacked), &buffers{})
	moved := time.Now()
	for at := span.From; at < span.To; {
		got, err := f.page(ctx, at, 500*time.Millisecond)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, kafkago.OffsetOutOfRange):
			bounds, why := f.bounds(ctx)
			if why != nil {
				return why
			}
			span.From = at
			return &GoneError{Span: span, First: bounds.First}
		case time.Since(moved) > scanPatience && (err != nil || got.next == at):
			return errors.Join(err, fmt.Errorf("kafka: no record of %s/%d at offset %d for %s", span.Topic, span.Partition, at, scanPatience))
		case err != nil:
			sleep(ctx, 250*time.Millisecond)
			continue
		case got.next == at:
			continue
		}
		moved, at = time.Now(), got.next
		if msgs := before(got.messages, span.To); len(msgs) > 0 {
			if err := each(msgs); err != nil {
				return err
			}
			moved = time.Now()
		}
	}
	return nil
}

// before are the messages below an offset.
func before(msgs []Message, to int64) []Message {
	n := len(msgs)
	for n > 0 && msgs[n-1].Offset >= to {
		n--
	}
	return msgs[:n]
}
