package sinks

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// Headers that a dead letter has beside those its record came with.
const (
	HeaderReason    = "rapport_reason"
	HeaderField     = "rapport_field"
	HeaderDetail    = "rapport_detail"
	HeaderTopic     = "rapport_topic"
	HeaderPartition = "rapport_partition"
	HeaderOffset    = "rapport_offset"
	HeaderTime      = "rapport_time" // RFC 3339, when the record was appended to its topic
)

// maxWords bounds what a dead letter adds to its record, in bytes each for field and detail: a record at the topic's size limit
// must still fit into the dead-letter topic, whose limit leaves room for it.
const maxWords = 4096

// NewDeadLetter is the record for the dead-letter topic: key, value and headers as they came, and why and whence in headers.
func NewDeadLetter(m kafka.Message, why *schemas.InvalidError) kafka.Message {
	headers := make([]schemas.Header, 0, len(m.Headers)+7)
	for _, h := range m.Headers {
		// A dead letter that was put back on its topic as it was brings the headers of its first refusal.
		if !ours(h.Name) {
			headers = append(headers, h)
		}
	}
	add := func(name, value string) {
		headers = append(headers, schemas.Header{Name: name, Value: []byte(value)})
	}
	add(HeaderReason, string(why.Reason))
	add(HeaderField, shorten(why.Field))
	add(HeaderDetail, shorten(why.Detail))
	add(HeaderTopic, m.Topic)
	add(HeaderPartition, strconv.Itoa(m.Partition))
	add(HeaderOffset, strconv.FormatInt(m.Offset, 10))
	add(HeaderTime, m.Time.UTC().Format(time.RFC3339Nano))
	return kafka.Message{Topic: schemas.TopicDeadLetters, Key: m.Key, Value: m.Value, Headers: headers}
}

// ParseDeadLetter is the inverse of NewDeadLetter. Tenant, source, id and type are read from the refused record as far as they
// can be. An error means that m was put on the topic by somebody else.
func ParseDeadLetter(m kafka.Message) (schemas.DeadLetter, error) {
	d := schemas.DeadLetter{Key: string(m.Key), Value: string(m.Value), Headers: map[string]string{}}
	why := map[string]string{}
	var original []schemas.Header
	for _, h := range m.Headers {
		if ours(h.Name) {
			why[h.Name] = string(h.Value)
			continue
		}
		original = append(original, h)
		d.Headers[h.Name] = string(h.Value)
	}
	d.Reason, d.Field, d.Detail, d.Topic = why[HeaderReason], why[HeaderField], why[HeaderDetail], why[HeaderTopic]
	if d.Reason == "" || d.Topic == "" {
		return d, fmt.Errorf("record %s/%d@%d is no dead letter: no header %s or %s", m.Topic, m.Partition, m.Offset, HeaderReason, HeaderTopic)
	}
	partition, err := strconv.ParseInt(why[HeaderPartition], 10, 32)
	if err != nil {
		return d, fmt.Errorf("record %s/%d@%d is no dead letter: header %s: %w", m.Topic, m.Partition, m.Offset, HeaderPartition, err)
	}
	d.Partition = int32(partition)
	if d.Offset, err = strconv.ParseInt(why[HeaderOffset], 10, 64); err != nil {
		return d, fmt.Errorf("record %s/%d@%d is no dead letter: header %s: %w", m.Topic, m.Partition, m.Offset, HeaderOffset, err)
	}
	if d.AppendedAt, err = time.Parse(time.RFC3339Nano, why[HeaderTime]); err != nil {
		return d, fmt.Errorf("record %s/%d@%d is no dead letter: header %s: %w", m.Topic, m.Partition, m.Offset, HeaderTime, err)
	}
	d.AppendedAt = d.AppendedAt.UTC()
	d.Tenant, d.Source, d.ID, d.Type = schemas.Peek(schemas.Record{Headers: original, Value: m.Value, Time: d.AppendedAt})
	return d, nil
}

func ours(header string) bool {
	switch header {
	case HeaderReason, HeaderField, HeaderDetail, HeaderTopic, HeaderPartition, HeaderOffset, HeaderTime:
		return true
	}
	return false
}

// shorten cuts s to maxWords bytes, at the start of a character.
func shorten(s string) string {
	if len(s) <= maxWords {
		return s
	}
	cut := maxWords - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.ToValidUTF8(s[:cut], "\uFFFD") + "…"
}
