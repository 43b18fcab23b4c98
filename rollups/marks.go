package rollups

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// Publisher writes records and returns once all are acknowledged; *kafka.Producer is one.
type Publisher interface {
	Publish(ctx context.Context, msgs ...kafka.Message) error
}

// publishChunk bounds one Publish, so that marking years of days neither times out nor holds much memory.
const publishChunk = 5000

// Mark calls days stale. Marks of one day share a key, so that they share a partition and are ordered.
func Mark(ctx context.Context, p Publisher, days []schemas.Day) error {
	for len(days) > 0 {
		chunk := days[:min(len(days), publishChunk)]
		msgs := make([]kafka.Message, len(chunk))
		for i, d := range chunk {
			value, err := json.Marshal(d)
			if err != nil {
				return fmt.Errorf("rollups: mark: %w", err)
			}
			msgs[i] = kafka.Message{Topic: schemas.TopicStaleDays, Key: keyOf(d), Value: value}
		}
		if err := p.Publish(ctx, msgs...); err != nil {
			return fmt.Errorf("rollups: mark %d days: %w", len(chunk), err)
		}
		days = days[len(chunk):]
	}
	return nil
}

// keyOf is the key of a day's marks. That of surveys names no family: a key that changed would take a day to a partition whose offsets are lower.
func keyOf(d schemas.Day) []byte {
	if d.Family == schemas.Surveys {
		return []byte(d.Tenant + "|" + d.Date)
	}
	return []byte(d.Tenant + "|" + d.Date + "|" + string(d.Family))
}

// ParseMark reads the value of a mark; one that names no family is of surveys. A day that no event can have is an error: recomputing it could only fail, for ever.
func ParseMark(value []byte) (schemas.Day, error) {
	var d schemas.Day
	if err := json.Unmarshal(value, &d); err != nil {
		return schemas.Day{}, fmt.Errorf("mark: %w", err)
	}
	if d.Tenant == "" {
		return schemas.Day{}, errors.New("mark without tenant")
	}
	if _, ok := familyOf(d.Family); !ok {
		return schemas.Day{}, fmt.Errorf("mark of an unknown family %q", d.Family)
	}
	date, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return schemas.Day{}, fmt.Errorf("mark: %w", err)
	}
	// Hours of facts are DateTime: 1970 to 2106 UTC. The day before 1970 is one that began west of Greenwich.
	if date.Year() < 1969 || date.Year() > 2106 {
		return schemas.Day{}, fmt.Errorf("mark of %s, a day that facts cannot have", d.Date)
	}
	return d, nil
}

// newest gathers marks into distinct days, each with the offset of its newest mark; bad gets those that are none.
func newest(msgs []kafka.Message, bad func(kafka.Message, error)) map[schemas.Day]int64 {
	days := make(map[schemas.Day]int64, len(msgs))
	for _, m := range msgs {
		d, err := ParseMark(m.Value)
		if err != nil {
			bad(m, err)
			continue
		}
		// Offsets rise within a fetch, but the rule is the maximum and does not lean on that.
		if have, ok := days[d]; !ok || m.Offset > have {
			days[d] = m.Offset
		}
	}
	return days
}
