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
	return EventsWithout(defs, o, nothing{})
}

// EventsWithout is Events where some were erased: their records keep their verdicts, and nothing of what they held.
func EventsWithout(defs *processors.Definitions, o schemas.Options, erased Erased) Build {
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
			ranges.add(m, judge(m, defs, o, erased, &out, &b, &from))
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
func judge(m *kafka.Message, defs *processors.Definitions, o schemas.Options, erased Erased, out *processors.Output, b *Batch, from *deliveries) schemas.Verdict {
	verdict, e, why := verdictOn(m, defs, o, erased, out)
	switch verdict {
	case schemas.Late:
		fact := lateFact(m, e)
		if tenant, at := erased.Record(m.Topic, int32(m.Partition), m.Offset); at || gone(e, defs, erased) {
			blankLate(&fact, tenant)
		}
		b.Facts.Late = append(b.Facts.Late, fact)
	case schemas.Rejected:
		b.Poison = append(b.Poison, deadLetter(m, why, defs.DefaultTenant, erased))
		return verdict
	}
	b.Unknown += e.Unknown
	if verdict == schemas.Accepted && !gone(e, defs, erased) {
		from.add(m, e)
	}
	return verdict
}

// verdictOn puts what an accepted record comes to into out. The event is nil where the record could not be parsed.
func verdictOn(m *kafka.Message, defs *processors.Definitions, o schemas.Options, erased Erased, out *processors.Output) (schemas.Verdict, *schemas.Event, *schemas.InvalidError) {
	if m.Unread != "" {
		return schemas.Rejected, nil, &schemas.InvalidError{Reason: schemas.TooLarge, Detail: m.Unread + "; it was not read"}
	}
	e, err := schemas.Parse(schemas.Record{Headers: m.Headers, Value: m.Value, Time: m.Time}, o)
	if err != nil {
		return schemas.Rejected, nil, invalid(err)
	}
	if e.Type.Topic() != m.Topic {
		return schemas.Rejected, e, &schemas.InvalidError{Reason: schemas.WrongTopic, Field: "/type", Detail: string(e.Type) + " belongs on " + e.Type.Topic()}
	}
	if processors.Late(e, m.Time, defs.SealHorizon) {
		return schemas.Late, e, nil
	}
	take := processors.Process
	if gone(e, defs, erased) {
		take = func(e *schemas.Event, defs *processors.Definitions, _ *processors.Output) error {
			return processors.Check(e, defs)
		}
	}
	if err := take(e, defs, out); err != nil {
		return schemas.Rejected, e, invalid(err)
	}
	return schemas.Accepted, e, nil
}

func gone(e *schemas.Event, defs *processors.Definitions, erased Erased) bool {
	return erased.Event(defs.TenantOf(e), e.Source, e.ID)
}

// Judgement is what Events would make of one record.
type Judgement struct {
	Verdict schemas.Verdict
	// Tenant of the event, as far as it could be read.
	Tenant string
	// Why a rejected record is refused; else nil.
	Why *schemas.InvalidError
}

// Judge says what Events makes of a record, for those who decide by it what to do with the record.
func Judge(m kafka.Message, defs *processors.Definitions, o schemas.Options) Judgement {
	var out processors.Output
	verdict, e, why := verdictOn(&m, defs, o, nothing{}, &out)
	j := Judgement{Verdict: verdict, Why: why}
	if e != nil {
		j.Tenant = e.Tenant
	} else {
		j.Tenant, _, _, _ = schemas.Peek(schemas.Record{Headers: m.Headers, Value: m.Value, Time: m.Time})
	}
	return j
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
func DeadLetters(msgs []kafka.Message) Batch { return DeadLettersWithout("", nothing{})(msgs) }

// DeadLettersWithout is DeadLetters where some were erased: their rows say where and why, and no more. defaultTenant owns those that name none.
func DeadLettersWithout(defaultTenant string, erased Erased) Build {
	return func(msgs []kafka.Message) Batch { return deadLetters(msgs, defaultTenant, erased) }
}

func deadLetters(msgs []kafka.Message, defaultTenant string, erased Erased) Batch {
	var b Batch
	for i := range msgs {
		d, err := sinks.ParseDeadLetter(msgs[i])
		if err != nil {
			d = strayDeadLetter(msgs[i], err)
		}
		if tenant, at := erased.Record(d.Topic, d.Partition, d.Offset); at || named(d, defaultTenant, erased) {
			blankLetter(&d, tenant)
		} else if erased.Purged(d.Topic, d.Partition, d.Offset) {
			emptyLetter(&d)
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
