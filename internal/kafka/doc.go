// Package kafka is the project's client for Kafka: a producer that waits for every replica, consumer groups whose
// commits belong to the generation that owns a partition, and the few admin calls the roles need.
//
// It is the only package that imports kafka-go. What it promises on top of that library: acks=all always, checksums
// verified on read, what a batch unpacks to bounded, gaps left by retention reported, every call bounded in time, nothing left running after Close.
// Delivery is at least once: after a rebalance, two members may process the same records for a while.
package kafka

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Header is one header of a record, as the event contract defines it.
type Header = schemas.Header

// Message is one record of a topic.
type Message struct {
	// Topic the record is read from or to be written to.
	Topic string
	// Partition the record was read from. Ignored on write: the key decides.
	Partition int
	// Offset of the record in its partition. Ignored on write.
	Offset int64
	// HighWatermark is the partition's end (the offset after the last record) when this record was fetched.
	// HighWatermark-Offset-1 records are behind this one. Ignored on write.
	HighWatermark int64
	// Key chooses the partition; nil spreads at random.
	Key []byte
	// Value is the payload; nil is a null value and stays one.
	Value []byte
	// Headers in the order of the record.
	Headers []Header
	// Time is the record's timestamp in milliseconds, set by whoever created it; zero on write means now.
	Time time.Time
	// Unread says why the record came without its key, value and headers: its batch is larger than
	// GroupOptions.MaxUnpackedBytes, or its producer made it so that nobody can read it.
	// Empty for all others. Ignored on write.
	Unread string
}
