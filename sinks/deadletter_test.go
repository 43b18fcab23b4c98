package sinks_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

func TestDeadLetter(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)
	m := kafka.Message{
		Topic: schemas.TopicSurveyResponses, Partition: 3, Offset: 1 << 40, Key: []byte("k\xff"), Value: []byte(`{"id":"7","source":"/app","type":"x","tenant":"t","data":`),
		Headers: []schemas.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}}, Time: at,
	}
	out := sinks.NewDeadLetter(m, &schemas.InvalidError{Reason: schemas.NotJSON, Field: "/data", Detail: "unexpected end"})
	if out.Topic != schemas.TopicDeadLetters || string(out.Key) != "k\xff" || string(out.Value) != string(m.Value) || !out.Time.IsZero() {
		t.Errorf("got %+v, want key and value as they came", out)
	}
	var headers []string
	for _, h := range out.Headers {
		headers = append(headers, h.Name+"="+string(h.Value))
	}
	want := []string{"content-type=application/cloudevents+json", "rapport_reason=not_json", "rapport_field=/data", "rapport_detail=unexpected end",
		"rapport_topic=rapport.survey-responses", "rapport_partition=3", "rapport_offset=1099511627776", "rapport_time=2026-03-01T12:00:00.123Z"}
	if diff := cmp.Diff(want, headers); diff != "" {
		t.Error(diff)
	}
	got, err := sinks.ParseDeadLetter(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schemas.DeadLetter{
		Topic: m.Topic, Partition: 3, Offset: 1 << 40, AppendedAt: at, Reason: "not_json", Field: "/data", Detail: "unexpected end",
		Tenant: "t", Source: "/app", ID: "7", Type: "x", Key: "k\xff", Value: string(m.Value), Headers: map[string]string{"content-type": "application/cloudevents+json"},
	}, got); diff != "" {
		t.Error(diff)
	}
}

// A dead letter that is put back and refused again says where it was refused last, and does not grow.
func TestDeadLetterAgain(t *testing.T) {
	why := &schemas.InvalidError{Reason: schemas.NotJSON}
	first := sinks.NewDeadLetter(kafka.Message{Topic: "a", Offset: 1}, why)
	first.Topic, first.Offset = "b", 2
	second := sinks.NewDeadLetter(first, why)
	got, err := sinks.ParseDeadLetter(second)
	if err != nil || got.Topic != "b" || got.Offset != 2 || len(second.Headers) != len(first.Headers) {
		t.Errorf("got %+v with %d headers (%v), want origin b@2 and %d headers", got, len(second.Headers), err, len(first.Headers))
	}
}

func TestDeadLetterWordsAreBounded(t *testing.T) {
	long := strings.Repeat("满", 5000)
	got, err := sinks.ParseDeadLetter(sinks.NewDeadLetter(kafka.Message{Topic: "a"}, &schemas.InvalidError{Reason: schemas.NotJSON, Field: "/" + long, Detail: long}))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{got.Field, got.Detail} {
		if len(s) > 4096 || len(s) < 4000 || !utf8.ValidString(s) || !strings.HasSuffix(s, "满…") {
			t.Errorf("%d bytes, ends in %q", len(s), s[len(s)-9:])
		}
	}
}

func TestParseDeadLetterRefuses(t *testing.T) {
	good := sinks.NewDeadLetter(kafka.Message{Topic: "a"}, &schemas.InvalidError{Reason: schemas.NotJSON})
	for _, name := range []string{sinks.HeaderReason, sinks.HeaderTopic, sinks.HeaderPartition, sinks.HeaderOffset, sinks.HeaderTime} {
		bad := good
		bad.Headers = append([]schemas.Header(nil), good.Headers...)
		for i := range bad.Headers {
			if bad.Headers[i].Name == name {
				bad.Headers[i].Value = nil
			}
		}
		if _, err := sinks.ParseDeadLetter(bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v, want an error that names it", name, err)
		}
	}
}

func TestDeadLetterRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kafka.Message{
			Topic: rapid.StringMatching(`[a-z.\-]{1,20}`).Draw(t, "topic"), Partition: rapid.IntRange(0, 1<<20).Draw(t, "partition"), Offset: rapid.Int64Min(0).Draw(t, "offset"),
			Key: rapid.SliceOf(rapid.Byte()).Draw(t, "key"), Value: rapid.SliceOf(rapid.Byte()).Draw(t, "value"),
			Time: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "time")),
		}
		d, err := sinks.ParseDeadLetter(sinks.NewDeadLetter(m, &schemas.InvalidError{Reason: schemas.NotUTF8, Detail: rapid.String().Draw(t, "detail")}))
		if err != nil {
			t.Fatal(err)
		}
		if d.Topic != m.Topic || int(d.Partition) != m.Partition || d.Offset != m.Offset || d.Key != string(m.Key) || d.Value != string(m.Value) || !d.AppendedAt.Equal(m.Time) {
			t.Errorf("got %+v of %+v", d, m)
		}
	})
}
