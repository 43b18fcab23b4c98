package deadletters

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// pageLetters are read, judged, published and noted at once: memory stays bounded, and what a kill leaves half done is at most so many.
const pageLetters = 1000

// RequeueOptions is what Requeue works with. Judge and Publish are required.
type RequeueOptions struct {
	Filter
	// Again takes letters that were requeued or accepted before, too.
	Again bool
	// DryRun judges and publishes nothing.
	DryRun bool
	// Value, where it is not nil, replaces that of the one letter that the filter means.
	Value []byte
	// Judge is the verdict on a record under the definitions in force, with the reason where it is rejected.
	Judge func(kafka.Message) (schemas.Verdict, *schemas.InvalidError)
	// Publish returns nil once every message is acknowledged.
	Publish func(context.Context, []kafka.Message) error
	// Now is the clock that a record is judged by; nil means time.Now.
	Now func() time.Time
	// Progress is told after each part how many letters were looked at since the last call. It may be nil.
	Progress func(letters int)
	// Explain is how many refusals are kept in words.
	Explain int
}

// Refusal is a letter that would be refused again.
type Refusal struct {
	Place Place `json:"place"`
	// Reason, Field and Detail are those of now.
	Reason string `json:"reason"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Requeuing is what a Requeue came to.
type Requeuing struct {
	// Published letters, or those that would be, by topic; Late ones are among them: they are kept aside as late facts.
	Published map[string]int `json:"published"`
	Late      int            `json:"late"`
	// Refused letters by the reason of now, and the first of them in words.
	Refused  map[string]int `json:"refused"`
	Refusals []Refusal      `json:"refusals"`
	// Skipped letters by their state: what is done is not done again unless it is asked for.
	Skipped map[State]int `json:"skipped"`
}

// Total of published letters.
func (r Requeuing) Total() int { return sum(r.Published) }

// Refusing is how many letters would be refused again.
func (r Requeuing) Refusing() int { return sum(r.Refused) }

func sum[K comparable](counts map[K]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// Requeue judges letters again and publishes those that pass to their topics, with the key and headers that they came with. A letter counts as requeued after
// its record is acknowledged, so that a crash in between requeues it once more: the same id, which changes nothing. After an error the
// result says what was done before it.
func (s *Store) Requeue(ctx context.Context, o RequeueOptions) (Requeuing, error) {
	result := Requeuing{Published: map[string]int{}, Refused: map[string]int{}, Skipped: map[State]int{}}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.State = cmp.Or(o.State, Any)
	// Letters of what is published here are not for this run: a process with older definitions would refuse it again, without end.
	if begun := o.Now(); o.Until.IsZero() || o.Until.After(begun) {
		o.Until = begun
	}
	for after := beginning(); ; {
		letters, err := s.Page(ctx, o.Filter, after, pageLetters)
		if err != nil {
			return result, err
		}
		if len(letters) == 0 {
			return result, nil
		}
		after = letters[len(letters)-1].Place
		if err := s.requeue(ctx, o, letters, &result); err != nil {
			return result, err
		}
		if o.Progress != nil {
			o.Progress(len(letters))
		}
	}
}

func (s *Store) requeue(ctx context.Context, o RequeueOptions, letters []Letter, result *Requeuing) error {
	var msgs []kafka.Message
	var places []Place
	late := 0
	for i := range letters {
		l := &letters[i]
		if l.State == Purged || l.State != Open && !o.Again {
			result.Skipped[l.State]++
			continue
		}
		m := l.message()
		if o.Value != nil {
			m.Value = o.Value
		}
		m.Time = o.Now()
		verdict, why := o.verdict(m)
		if why != nil {
			result.Refused[string(why.Reason)]++
			if len(result.Refusals) < o.Explain {
				result.Refusals = append(result.Refusals, Refusal{l.Place, string(why.Reason), why.Field, why.Detail})
			}
			continue
		}
		if verdict == schemas.Late {
			late++
		}
		msgs, places = append(msgs, m), append(places, l.Place)
	}
	if !o.DryRun && len(msgs) > 0 {
		if err := o.Publish(ctx, msgs); err != nil {
			return fmt.Errorf("dead letters: publish %d again: %w", len(msgs), err)
		}
		if err := s.SetState(ctx, Requeued, places); err != nil {
			return fmt.Errorf("%w; the records are published: requeueing them once more changes nothing", err)
		}
	}
	for _, p := range places {
		result.Published[p.Topic]++
	}
	result.Late += late
	return nil
}

// verdict refuses what never was an event, beside what Judge refuses.
func (o RequeueOptions) verdict(m kafka.Message) (schemas.Verdict, *schemas.InvalidError) {
	for _, t := range schemas.Types() {
		if t.Topic() == m.Topic {
			return o.Judge(m)
		}
	}
	return schemas.Rejected, &schemas.InvalidError{Reason: schemas.WrongTopic, Detail: m.Topic + " is no topic of events"}
}
