package pipeline

import (
	"errors"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// Events builds batches of the event topics: each record is parsed and processed, or becomes a dead letter or a late fact.
// It is a pure function of the records and the definitions.
func Events(defs *processors.Definitions, o schemas.Options) Build {
	return func(msgs []kafka.Message) Batch {
		var b Batch
		var out processors.Output
		// Rows are large: a slice that grows by doubling copies them several times over. Most records of this topic are responses.
		if len(msgs) > 0 && msgs[0].Topic == schemas.TopicSurveyResponses {
			out.Responses = make([]schemas.SurveyFact, 0, len(msgs))
		}
		ranges := verdicts{batch: &b.Facts}
		var from deliveries
		for i := range msgs {
			m := &msgs[i]
			ranges.add(m, judge(m, defs, o, &out, &b, &from))
		}
		ranges.flush()
		b.Facts.Deliveries = from.rows
		if len(out.Responses) > 0 { // else the room is not kept
			b.Facts.Responses = out.Responses
		}
		b.Facts.Invitations = out.Invitations
		b.Facts.Contacts, b.Facts.Milestones, b.Facts.Complaints = out.Contacts, out.Milestones, out.Complaints
		b.Stale, b.StaleEntities = out.StaleDays(), out.StaleEntities
		return b
	}
}

// judge gives one record its verdict and puts what it comes to into out or b.
func judge(m *kafka.Message, defs *processors.Definitions, o schemas.Options, out *processors.Output, b *Batch, from *deliveries) schemas.Verdict {
	if m.Unread != "" {
		b.Poison = append(b.Poison, sinks.NewDeadLetter(*m, &schemas.InvalidError{Reason: schemas.TooLarge, Detail: m.Unread + "; it was not read"}))
		return schemas.Rejected
	}
	rec := schemas.Record{Headers: m.Headers, Value: m.Value, Time: m.Time}
	e, err := schemas.Parse(rec, o)
	if err == nil && e.Type.Topic() != m.Topic {
		err = &schemas.InvalidError{Reason: schemas.WrongTopic, Field: "/type", Detail: string(e.Type) + " belongs on " + e.Type.Topic()}
	}
	if err == nil && processors.Late(e, m.Time, defs.SealHorizon) {
		b.Facts.Late = append(b.Facts.Late, lateFact(m, e))
		b.Unknown += e.Unknown
		return schemas.Late
	}
	if err == nil {
		err = processors.Process(e, defs, out)
	}
	if err != nil {
		b.Poison = append(b.Poison, sinks.NewDeadLetter(*m, invalid(err)))
		return schemas.Rejected
	}
	b.Unknown += e.Unknown
	from.add(m, e)
	return schemas.Accepted
}

// invalid keeps the promise of Parse and Process, that every error of theirs is a verdict, even if one of them broke it.
func invalid(err error) *schemas.InvalidError {
	var v *schemas.InvalidError
	if errors.As(err, &v) {
		return v
	}
	return &schemas.InvalidError{Reason: schemas.WrongType, Detail: err.Error()}
}

func lateFact(m *kafka.Message, e *schemas.Event) schemas.LateFact {
	return schemas.LateFact{
		Topic: m.Topic, Partition: int32(m.Partition), Offset: m.Offset, Tenant: e.Tenant, Source: e.Source, ID: e.ID,
		Type: string(e.Type), Revision: e.Revision, OccurredAt: e.Time, AppendedAt: m.Time,
		Key: string(m.Key), Value: string(m.Value), Headers: byName(m.Headers),
	}
}

// verdicts folds the records' verdicts into runs of offsets, which is what the accounting is made of.
type verdicts struct {
	batch *sinks.Batch
	run   schemas.Consumed
	open  bool
}

func (v *verdicts) add(m *kafka.Message, verdict schemas.Verdict) {
	if v.open && v.run.Verdict == verdict && v.run.Last+1 == m.Offset {
		v.run.Last = m.Offset
		return
	}
	v.flush()
	v.run = schemas.Consumed{Topic: m.Topic, Partition: int32(m.Partition), Verdict: verdict, First: m.Offset, Last: m.Offset}
	v.open = true
}

func (v *verdicts) flush() {
	if v.open {
		v.batch.Consumed = append(v.batch.Consumed, v.run)
		v.open = false
	}
}

// DeadLetters builds batches of the dead-letter topic: each record is stored under the place it first came from.
func DeadLetters(msgs []kafka.Message) Batch {
	var b Batch
	for i := range msgs {
		d, err := sinks.ParseDeadLetter(msgs[i])
		if err != nil {
			d = strayDeadLetter(msgs[i], err)
		}
		b.Facts.DeadLetters = append(b.Facts.DeadLetters, d)
	}
	return b
}

// strayDeadLetter keeps what somebody else put on the dead-letter topic, under its own place there.
func strayDeadLetter(m kafka.Message, err error) schemas.DeadLetter {
	return schemas.DeadLetter{
		Topic: m.Topic, Partition: int32(m.Partition), Offset: m.Offset, AppendedAt: m.Time.UTC().Truncate(time.Microsecond),
		Reason: string(schemas.InvalidFormat), Field: "/headers", Detail: "not written by rapport: " + strconv.Quote(err.Error()),
		Key: string(m.Key), Value: string(m.Value), Headers: byName(m.Headers),
	}
}

// byName are headers as a table keeps them: of several with one name, the last.
func byName(headers []kafka.Header) map[string]string {
	out := make(map[string]string, len(headers))
	for _, h := range headers {
		out[h.Name] = string(h.Value)
	}
	return out
}
