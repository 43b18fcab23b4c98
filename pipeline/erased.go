package pipeline

import (
	"cmp"
	"context"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// Erased says what was taken out of the store and is not to come back; *erasures.Known is one.
type Erased interface {
	// Event says whether the event was erased, whatever its revision.
	Event(tenant, source, id string) bool
	// Content says whether a refused record without an id, of this key and value, was erased.
	Content(key, value string) bool
	// Record says whether what a refused or late record held was erased, and which tenant its row still shows.
	Record(topic string, partition int32, offset int64) (tenant string, erased bool)
	// Purged says whether the content of a refused record was removed: who published it stays known, for letters are counted by that.
	Purged(topic string, partition int32, offset int64) bool
}

// nothing was erased.
type nothing struct{}

func (nothing) Event(string, string, string) bool { return false }

func (nothing) Content(string, string) bool { return false }

func (nothing) Record(string, int32, int64) (string, bool) { return "", false }

func (nothing) Purged(string, int32, int64) bool { return false }

// Screen builds a batch again without what was erased. It is a step like the others: repeated until it succeeds.
type Screen func(ctx context.Context, msgs []kafka.Message, b Batch) (Batch, error)

// Refused are the dead letters that a batch of events sends to their topic, as rows: what a Screen asks about.
func (b Batch) Refused() []schemas.DeadLetter {
	rows := make([]schemas.DeadLetter, 0, len(b.Poison))
	for i := range b.Poison {
		if d, err := sinks.ParseDeadLetter(b.Poison[i]); err == nil { // rapport made them, a moment ago
			rows = append(rows, d)
		}
	}
	return rows
}

// deadLetter is the record for the dead-letter topic, which has a retention of its own: what was erased or purged must not enter it anew.
func deadLetter(m *kafka.Message, why *schemas.InvalidError, defaultTenant string, erased Erased) kafka.Message {
	letter := sinks.NewDeadLetter(*m, why)
	if _, none := erased.(nothing); none {
		return letter
	}
	_, gone := erased.Record(m.Topic, int32(m.Partition), m.Offset)
	d, err := sinks.ParseDeadLetter(letter)
	if !gone && err == nil {
		gone = named(d, defaultTenant, erased)
	}
	purged := !gone && erased.Purged(m.Topic, int32(m.Partition), m.Offset)
	if !gone && !purged {
		return letter
	}
	blank := kafka.Message{Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Time: m.Time}
	if purged {
		blank.Headers = attributes(d)
	}
	return sinks.NewDeadLetter(blank, &schemas.InvalidError{Reason: why.Reason, Field: why.Field})
}

// attributes are the headers from which ParseDeadLetter reads again what a purged letter is counted by.
func attributes(d schemas.DeadLetter) []schemas.Header {
	headers := []schemas.Header{{Name: "ce_specversion", Value: []byte("1.0")}}
	for _, a := range []struct{ name, value string }{{"ce_tenant", d.Tenant}, {"ce_source", d.Source}, {"ce_id", d.ID}, {"ce_type", d.Type}} {
		if a.value != "" {
			headers = append(headers, schemas.Header{Name: a.name, Value: []byte(a.value)})
		}
	}
	return headers
}

// named says whether a dead letter is of an event that was erased, or, where it has no id, is one that was.
func named(d schemas.DeadLetter, defaultTenant string, erased Erased) bool {
	if d.ID == "" {
		return erased.Content(d.Key, d.Value)
	}
	return erased.Event(cmp.Or(d.Tenant, defaultTenant), d.Source, d.ID)
}

// emptyLetter leaves of a dead letter what it is counted by.
func emptyLetter(d *schemas.DeadLetter) {
	d.Detail, d.Key, d.Value, d.Headers = "", "", "", map[string]string{}
}

// blankLetter leaves of a dead letter what the accounting needs.
func blankLetter(d *schemas.DeadLetter, tenant string) {
	*d = schemas.DeadLetter{
		Topic: d.Topic, Partition: d.Partition, Offset: d.Offset, AppendedAt: d.AppendedAt, Reason: d.Reason, Field: d.Field, Tenant: tenant,
		Headers: map[string]string{},
	}
}

// blankLate leaves of a late fact what the accounting needs.
func blankLate(f *schemas.LateFact, tenant string) {
	*f = schemas.LateFact{
		Topic: f.Topic, Partition: f.Partition, Offset: f.Offset, AppendedAt: f.AppendedAt, Tenant: tenant, Type: f.Type,
		OccurredAt: f.AppendedAt, Headers: map[string]string{},
	}
}
