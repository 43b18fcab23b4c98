package deadletters_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// deliver writes letters as the pipeline of the dead-letter topic does when Kafka delivers them again.
func (s shelf) deliver(found []schemas.DeadLetter) {
	s.t.Helper()
	var msgs []kafka.Message
	for _, d := range found {
		m := kafka.Message{Topic: d.Topic, Partition: int(d.Partition), Offset: d.Offset, Time: d.AppendedAt, Key: []byte(d.Key), Value: []byte(d.Value)}
		for name, value := range d.Headers {
			m.Headers = append(m.Headers, kafka.Header{Name: name, Value: []byte(value)})
		}
		msgs = append(msgs, sinks.NewDeadLetter(m, &schemas.InvalidError{Reason: schemas.Reason(d.Reason), Field: d.Field, Detail: d.Detail}))
	}
	known, err := erasures.Finder{Conn: s.conn, DefaultTenant: "default"}.Find(s.t.Context(), sinks.Batch{DeadLetters: found})
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(s.sink, pipeline.DeadLettersWithout("default", known)(msgs).Facts.DeadLetters)
}

func TestPurge(t *testing.T) {
	s := newShelf(t)
	at := time.Now().Add(-48 * time.Hour).Truncate(time.Millisecond)
	all := letters(schemas.TopicSurveyResponses, 20, at)
	s.write(s.sink, all)
	calm := func(context.Context) error { return nil }
	filter := deadletters.Filter{Reason: "not_json"}
	p, err := s.Purge(t.Context(), filter, true, calm)
	if err != nil || p.Letters != 4 || s.states()[deadletters.Purged] != 0 {
		t.Fatalf("a dry run: %+v %v", p, err)
	}
	stuck := errors.New("stuck")
	if _, err := s.Purge(t.Context(), filter, false, func(context.Context) error { return stuck }); !errors.Is(err, stuck) {
		t.Fatal(err)
	}
	shown := "SELECT count() FROM rapport.dead_letters WHERE state = 'purged' AND value = '' AND key = '' AND detail = '' AND empty(headers) AND reason = 'not_json'"
	if n := s.number(shown); n != 4 {
		t.Errorf("%d are shown empty before they are removed, want 4", n)
	}
	if p, err = s.Purge(t.Context(), filter, false, calm); err != nil || p.Letters != 0 {
		t.Fatalf("%+v %v: the second run ends the first", p, err)
	}
	held := "SELECT count() FROM rapport_store.dead_letters WHERE reason = 'not_json' AND (value != '' OR key != '' OR detail != '' OR notEmpty(headers))"
	if n := s.number(held); n != 0 {
		t.Errorf("%d rows still hold something", n)
	}
	if n := s.number("SELECT count() FROM rapport.dead_letters"); n != 20 {
		t.Errorf("%d letters are counted, want all 20", n)
	}
	s.deliver(all)
	if n := s.number(held); n != 0 {
		t.Errorf("a redelivery brought %d back", n)
	}
	if n := s.number("SELECT count() FROM rapport.dead_letters WHERE state = 'open' AND value != '' AND key != ''"); n != 16 {
		t.Errorf("%d of the others are whole, want 16", n)
	}
	// The control: without the screen they come back to the table, are still shown empty, and the next purge removes them.
	s.write(s.sink, all)
	if n := s.number(held); n != 4 {
		t.Errorf("the screen is not what kept them out: %d", n)
	}
	if n := s.number(shown); n != 4 {
		t.Errorf("%d are shown empty, want 4", n)
	}
	if _, err = s.Purge(t.Context(), filter, false, calm); err != nil || s.number(held) != 0 {
		t.Errorf("%v, %d rows hold something", err, s.number(held))
	}
}
