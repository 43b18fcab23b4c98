package pipeline

import (
	"errors"
	"runtime"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// Events builds batches of the event topics: each record is parsed and processed, or becomes a dead letter or a late fact.
// It is a pure function of the records and the definitions. What is in a batch may be part of the records' bytes, which have to stay as they are.
func Events(defs *processors.Definitions, o schemas.Options) Build {
	return EventsWithout(defs, o, nothing{})
}

// EventsWithout is Events where some were erased: their records keep their verdicts, and nothing of what they held.
func EventsWithout(defs *processors.Definitions, o schemas.Options, erased Erased) Build {
	return func(msgs []kafka.Message) Batch { return newBench(defs, o, erased).batch(msgs) }
}

// LendEvents is Events in memory that is used again, batch after batch. As many benches are kept as batches are built at once; not by a sync.Pool, which is
// emptied whenever garbage is collected. Small batches have benches of their own, which would otherwise become large ones all.
func LendEvents(defs *processors.Definitions, o schemas.Options) Lend {
	return LendBlocks(defs, o, nil)
}

// LendBlocks is LendEvents for the sink whose block of survey facts begin makes: they go into it a few at a time, instead of being rows of the batch.
func LendBlocks(defs *processors.Definitions, o schemas.Options, begin func(rows int) *sinks.ResponseBlock) Lend {
	large, small := make(chan *bench, runtime.GOMAXPROCS(0)), make(chan *bench, smallSlots*runtime.GOMAXPROCS(0))
	return func(msgs []kafka.Message) (Batch, func()) {
		free := large
		if len(msgs) < firstEvents && bytesOf(msgs) < firstBytes {
			free = small
		}
		var w *bench
		select {
		case w = <-free:
		default:
			w = newBench(defs, o, nothing{})
			w.begin = begin
		}
		b := w.batch(msgs)
		block := b.Facts.ResponseBlock
		return b, func() {
			block.Release()
			w.clear()
			select {
			case free <- w:
			default:
			}
		}
	}
}

// bench is where batches are made, one after the other.
type bench struct {
	defs   *processors.Definitions
	o      schemas.Options
	erased Erased
	// begin makes a block for survey facts; nil where they are kept as rows.
	begin func(rows int) *sinks.ResponseBlock
	// parser, out and from are used again for the next batch.
	parser schemas.Parser
	out    processors.Output
	from   deliveries
}

func newBench(defs *processors.Definitions, o schemas.Options, erased Erased) *bench {
	return &bench{defs: defs, o: o, erased: erased, out: processors.Output{Room: &processors.Room{}}}
}

// clear takes back all that batches were made of.
func (w *bench) clear() {
	w.parser.Forget()
	w.out.Clear()
	w.from.clear()
}

func (w *bench) batch(msgs []kafka.Message) Batch {
	var b Batch
	out := &w.out
	if w.begin != nil && msgs[0].Topic == schemas.TopicSurveyResponses {
		b.Facts.ResponseBlock = w.begin(len(msgs))
	}
	some := w.room(b.Facts.ResponseBlock, msgs)
	ranges := verdicts{batch: &b.Facts}
	for i := range msgs {
		m := &msgs[i]
		ranges.add(m, w.judge(m, &b))
		if block := b.Facts.ResponseBlock; block != nil && len(out.Responses) >= some {
			block.Add(out.Responses)
			out.ClearResponses()
		}
	}
	ranges.flush()
	b.Facts.Deliveries = filled(w.from.rows)
	if block := b.Facts.ResponseBlock; block != nil {
		block.Add(out.Responses)
		out.ClearResponses()
	} else if len(out.Responses) > 0 { // else the room is not kept
		b.Facts.Responses = out.Responses
	}
	b.Facts.Invitations = filled(out.Invitations)
	b.Facts.Contacts, b.Facts.Milestones, b.Facts.Complaints = filled(out.Contacts), filled(out.Milestones), filled(out.Complaints)
	b.Stale, b.StaleEntities = out.StaleDays(), out.StaleEntities
	return b
}

// room makes room for the survey facts of records, of which some are kept at once. Rows are large: a slice that grows by doubling copies them several
// times over. Most records of this topic are responses.
func (w *bench) room(block *sinks.ResponseBlock, msgs []kafka.Message) (some int) {
	if msgs[0].Topic != schemas.TopicSurveyResponses {
		return 0
	}
	some = len(msgs)
	if block != nil {
		some = min(some, block.Some())
	}
	if some > cap(w.out.Responses) {
		w.out.Responses = make([]schemas.SurveyFact, 0, some)
	}
	return some
}

// filled is nil for rows of which there are none, whatever room there is for them.
func filled[T any](rows []T) []T {
	if len(rows) == 0 {
		return nil
	}
	return rows
}

// judge gives one record its verdict and puts what it comes to into w.out or b.
func (w *bench) judge(m *kafka.Message, b *Batch) schemas.Verdict {
	verdict, e, why := w.verdictOn(m)
	switch verdict {
	case schemas.Late:
		fact := lateFact(m, e)
		if tenant, at := w.erased.Record(m.Topic, int32(m.Partition), m.Offset); at || w.gone(e) {
			blankLate(&fact, tenant)
		}
		b.Facts.Late = append(b.Facts.Late, fact)
	case schemas.Rejected:
		b.Poison = append(b.Poison, deadLetter(m, why, w.defs.DefaultTenant, w.erased))
		return verdict
	}
	b.Unknown += e.Unknown
	if verdict == schemas.Accepted && !w.gone(e) {
		w.from.add(m, e)
	}
	return verdict
}

// verdictOn puts what an accepted record comes to into w.out. The event is nil where the record could not be parsed, and valid until the next call.
func (w *bench) verdictOn(m *kafka.Message) (schemas.Verdict, *schemas.Event, *schemas.InvalidError) {
	if m.Unread != "" {
		return schemas.Rejected, nil, &schemas.InvalidError{Reason: schemas.TooLarge, Detail: m.Unread + "; it was not read"}
	}
	e, err := w.parser.Parse(schemas.Record{Headers: m.Headers, Value: m.Value, Time: m.Time}, w.o)
	if err != nil {
		return schemas.Rejected, nil, invalid(err)
	}
	if e.Type.Topic() != m.Topic {
		return schemas.Rejected, e, &schemas.InvalidError{Reason: schemas.WrongTopic, Field: "/type", Detail: string(e.Type) + " belongs on " + e.Type.Topic()}
	}
	if processors.Late(e, m.Time, w.defs.SealHorizon) {
		return schemas.Late, e, nil
	}
	if w.gone(e) {
		err = processors.Check(e, w.defs)
	} else {
		err = processors.Process(e, w.defs, &w.out)
	}
	if err != nil {
		return schemas.Rejected, e, invalid(err)
	}
	return schemas.Accepted, e, nil
}

func (w *bench) gone(e *schemas.Event) bool {
	return w.erased.Event(w.defs.TenantOf(e), e.Source, e.ID)
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
	verdict, e, why := newBench(defs, o, nothing{}).verdictOn(&m)
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
