package keeper

import (
	"cmp"
	"context"
	"fmt"
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

// Mark calls entities stale, each in a stretch of time; a zero Span is all times. It returns when that is durable.
func Mark(ctx context.Context, p Publisher, entities map[schemas.Entity]schemas.Span) error {
	for chunk := range slices.Chunk(messages(entities), publishChunk) {
		if err := p.Publish(ctx, chunk...); err != nil {
			return fmt.Errorf("outcomes: mark %d entities: %w", len(entities), err)
		}
	}
	return nil
}

func messages(entities map[schemas.Entity]schemas.Span) []kafka.Message {
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
		slices.SortFunc(marks, func(a, b mark) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key)) })
		for chunk := range slices.Chunk(marks, marksPerMessage) {
			key := fmt.Appendf(nil, "%s|%d", g.tenant, g.bucket)
			msgs = append(msgs, kafka.Message{Topic: schemas.TopicStaleEntities, Key: key, Value: encode(g.tenant, chunk)})
		}
	}
	return msgs
}

// bucketOf is FNV-1a of kind and key, written out because hash/fnv takes bytes.
func bucketOf(e schemas.Entity) uint32 {
	h := uint32(2166136261)
	for _, part := range [...]string{string(e.Kind), "|", e.Key} {
		for i := range len(part) {
			h = (h ^ uint32(part[i])) * 16777619
		}
	}
	return h % buckets
}

// stale is what the marks of a batch say of one entity.
type stale struct {
	span   schemas.Span
	always bool  // at all times
	offset int64 // of the newest mark
	epoch  uint64
}

// covers says whether a mark named an instant of the hour.
func (s stale) covers(hour time.Time) bool {
	return !s.span.From.IsZero() && !hour.Before(s.span.From) && !hour.After(s.span.To)
}

// read gathers marks into distinct entities; bad gets records that are no marks.
func read(msgs []kafka.Message, bad func(kafka.Message, error)) map[schemas.Entity]stale {
	entities := map[schemas.Entity]stale{}
	for i := range msgs {
		tenant, marks, err := decode(msgs[i].Value)
		if err != nil {
			bad(msgs[i], err)
			continue
		}
		for _, one := range marks {
			e := schemas.Entity{Tenant: tenant, Kind: one.kind, Key: one.key}
			entities[e] = entities[e].with(one, msgs[i].Offset)
		}
	}
	return entities
}

func (s stale) with(m mark, offset int64) stale {
	s.offset = max(s.offset, offset)
	if m.always {
		s.always = true
		return s
	}
	s.span.Join(schemas.Span{From: time.Unix(m.from*secondsPerHour, 0).UTC(), To: lastOfHour(time.Unix(m.to*secondsPerHour, 0).UTC())})
	return s
}
