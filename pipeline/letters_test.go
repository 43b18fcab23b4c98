package pipeline_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

func TestPoisonSaysWhyAndWhence(t *testing.T) {
	build := events(t, 0)
	for _, e := range deliveries(t, 0) {
		m := record(e, 41)
		m.Headers = append([]kafka.Header{{Name: "traceparent", Value: []byte("00-a-b-01")}}, m.Headers...)
		b := build([]kafka.Message{m})
		if len(b.Poison) != 1 || len(b.Stale) != 0 || len(b.Facts.Responses) != 0 {
			t.Fatalf("%s: %d poison, %v", e.ID, len(b.Poison), b.Facts)
		}
		p := b.Poison[0]
		if p.Topic != schemas.TopicDeadLetters || string(p.Key) != string(m.Key) || string(p.Value) != string(m.Value) || (p.Value == nil) != (m.Value == nil) {
			t.Errorf("%s: topic, key or value changed", e.ID)
		}
		if diff := gocmp.Diff(m.Headers, p.Headers[:len(m.Headers)]); diff != "" {
			t.Errorf("%s: original headers: %s", e.ID, diff)
		}
		d, err := sinks.ParseDeadLetter(p)
		if err != nil {
			t.Fatal(err)
		}
		if d.Reason != string(e.Refused) || d.Field != e.Field || d.Topic != m.Topic || d.Partition != 2 || d.Offset != 41 || !d.AppendedAt.Equal(appended) {
			t.Errorf("%s: %+v, want %s at %q", e.ID, d, e.Refused, e.Field)
		}
	}
}

func TestTombstoneIsRefusedAndStaysNull(t *testing.T) {
	m := kafka.Message{Topic: schemas.TopicSurveyResponses, Partition: 2, Offset: 9, Key: []byte("k"), Time: appended}
	b := events(t, 0)([]kafka.Message{m})
	if len(b.Poison) != 1 || b.Poison[0].Value != nil || string(b.Poison[0].Key) != "k" {
		t.Fatalf("%+v", b.Poison)
	}
	if got := b.Facts.Consumed; len(got) != 1 || got[0].Verdict != schemas.Rejected || got[0].First != 9 || got[0].Last != 9 {
		t.Fatalf("%+v", got)
	}
}

// TestUnreadRecordsBecomeDeadLetters: records of a batch that is too large to unpack have a verdict like others.
func TestUnreadRecordsBecomeDeadLetters(t *testing.T) {
	msgs := records(deliveries(t, 0), 3)
	msgs[1].Key, msgs[1].Value, msgs[1].Headers, msgs[1].Unread = nil, nil, nil, "a batch of 9 bytes unpacks (zstd) to more than 8"
	b := events(t, 0)(msgs)
	at := slices.IndexFunc(b.Poison, func(m kafka.Message) bool { return len(m.Value) == 0 })
	if at < 0 {
		t.Fatal("the record that was not read is no dead letter")
	}
	b.Poison[at].Time = appended
	letter, err := sinks.ParseDeadLetter(b.Poison[at])
	if err != nil || letter.Reason != string(schemas.TooLarge) || letter.Offset != msgs[1].Offset || !strings.Contains(letter.Detail, "zstd") {
		t.Errorf("%+v, %v", letter, err)
	}
}

func TestDeadLettersAreStoredUnderTheirOrigin(t *testing.T) {
	poison := events(t, 0)(records(deliveries(t, 0), 500)).Poison
	for i := range poison {
		poison[i].Partition, poison[i].Offset, poison[i].Time = 1, int64(i), appended.Add(time.Minute)
	}
	stray := kafka.Message{
		Topic: schemas.TopicDeadLetters, Partition: 1, Offset: int64(len(poison)), Key: []byte("k"), Value: []byte{0xff, 0}, Time: appended.Add(1234567),
		Headers: []kafka.Header{{Name: "who", Value: []byte("knows")}},
	}
	b := pipeline.DeadLetters(append(poison, stray))
	if len(b.Facts.DeadLetters) != len(poison)+1 || len(b.Poison) != 0 || len(b.Stale) != 0 || len(b.Facts.Consumed) != 0 {
		t.Fatalf("%d rows", len(b.Facts.DeadLetters))
	}
	for i, d := range b.Facts.DeadLetters[:len(poison)] {
		if d.Topic != schemas.TopicSurveyResponses || d.Partition != 2 || d.Offset != int64(500+i) || !d.AppendedAt.Equal(appended) {
			t.Errorf("letter %d: %s/%d@%d", i, d.Topic, d.Partition, d.Offset)
		}
	}
	d := b.Facts.DeadLetters[len(poison)]
	if d.Topic != schemas.TopicDeadLetters || d.Partition != 1 || d.Offset != stray.Offset || d.Reason != string(schemas.InvalidFormat) ||
		d.Field != "/headers" || d.Value != "\xff\x00" || d.Headers["who"] != "knows" || !strings.Contains(d.Detail, "not written by rapport") ||
		d.AppendedAt.Nanosecond()%1000 != 0 {
		t.Errorf("%+v", d)
	}
}
