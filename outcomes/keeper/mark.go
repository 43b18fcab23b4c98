package keeper

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

const (
	// buckets is how many messages a batch of marks of one tenant spreads over at least: marks of one entity share a bucket, a key and so a
	// partition, by which they are ordered; marks of a bucket share a message, which is what makes them cheap.
	buckets = 64
	// marksPerMessage bounds a message.
	marksPerMessage = 500
	// publishChunk bounds one Publish.
	publishChunk = 1000
)

// Publisher writes records and returns once all are acknowledged; *kafka.Producer is one.
type Publisher interface {
	Publish(ctx context.Context, msgs ...kafka.Message) error
}

// message is the value of a record on the topic of stale entities.
type message struct {
	Tenant string `json:"tenant"`
	Marks  []mark `json:"marks"`
}

// mark calls one entity stale between two instants, microseconds since 1970; without them, at all times.
type mark struct {
	Kind schemas.Kind `json:"kind"`
	Key  string       `json:"key"`
	From *int64       `json:"from,omitempty"`
	To   *int64       `json:"to,omitempty"`
}

// Mark calls entities stale, each in a stretch of time; a zero Span is all times. It returns when that is durable.
func Mark(ctx context.Context, p Publisher, entities map[schemas.Entity]schemas.Span) error {
	msgs, err := messages(entities)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(msgs, publishChunk) {
		if err := p.Publish(ctx, chunk...); err != nil {
			return fmt.Errorf("outcomes: mark %d entities: %w", len(entities), err)
		}
	}
	return nil
}

func messages(entities map[schemas.Entity]schemas.Span) ([]kafka.Message, error) {
	type group struct {
		tenant string
		bucket uint32
	}
	groups := map[group][]mark{}
	for e, span := range entities {
		g := group{e.Tenant, bucketOf(e)}
		groups[g] = append(groups[g], newMark(e, span))
	}
	var msgs []kafka.Message
	for g, marks := range groups {
		slices.SortFunc(marks, func(a, b mark) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
		for chunk := range slices.Chunk(marks, marksPerMessage) {
			value, err := json.Marshal(message{g.tenant, chunk})
			if err != nil {
				return nil, fmt.Errorf("outcomes: mark: %w", err)
			}
			msgs = append(msgs, kafka.Message{Topic: schemas.TopicStaleEntities, Key: fmt.Appendf(nil, "%s|%d", g.tenant, g.bucket), Value: value})
		}
	}
	return msgs, nil
}

func bucketOf(e schemas.Entity) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.Kind + "|" + schemas.Kind(e.Key))) // a hash takes everything
	return h.Sum32() % buckets
}

func newMark(e schemas.Entity, span schemas.Span) mark {
	m := mark{Kind: e.Kind, Key: e.Key}
	if !span.From.IsZero() {
		from, to := span.From.UnixMicro(), span.To.UnixMicro()
		m.From, m.To = &from, &to
	}
	return m
}

// stale is what the marks of a batch say of one entity.
type stale struct {
	span   schemas.Span
	always bool  // at all times
	offset int64 // of the newest mark
}

// covers says whether a mark named an instant of the hour.
func (s stale) covers(hour time.Time) bool {
	return !s.span.From.IsZero() && !hour.Before(s.span.From) && !hour.After(s.span.To)
}

// read gathers marks into distinct entities; bad gets records that are no marks.
func read(msgs []kafka.Message, bad func(kafka.Message, error)) map[schemas.Entity]stale {
	entities := map[schemas.Entity]stale{}
	for i := range msgs {
		var m message
		if err := json.Unmarshal(msgs[i].Value, &m); err != nil {
			bad(msgs[i], err)
			continue
		}
		if err := m.check(); err != nil {
			bad(msgs[i], err)
			continue
		}
		for _, one := range m.Marks {
			e := schemas.Entity{Tenant: m.Tenant, Kind: one.Kind, Key: one.Key}
			entities[e] = entities[e].with(one, msgs[i].Offset)
		}
	}
	return entities
}

func (m message) check() error {
	for _, one := range m.Marks {
		switch one.Kind {
		case schemas.ChainOfContacts, schemas.CaseOfWork, schemas.OneComplaint:
		default:
			return fmt.Errorf("mark of an unknown kind %q", one.Kind)
		}
	}
	if m.Tenant == "" {
		return fmt.Errorf("marks without tenant")
	}
	return nil
}

func (s stale) with(m mark, offset int64) stale {
	s.offset = max(s.offset, offset)
	if m.From == nil || m.To == nil {
		s.always = true
		return s
	}
	// Deliveries of one fact agree in the hour, not in the minute: what the one before said of another minute has to be undone too.
	from, to := time.UnixMicro(*m.From).UTC().Truncate(time.Hour), time.UnixMicro(*m.To).UTC().Truncate(time.Hour)
	s.span.Join(schemas.Span{From: from, To: lastOfHour(to)})
	return s
}
