package sinks

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// FuzzDeadLetter: whatever record is refused for whatever reason, its dead letter says where it came from, why, and what it was.
func FuzzDeadLetter(f *testing.F) {
	f.Add("t", int32(3), int64(9), int64(1_750_000_000_000), []byte("k"), []byte("{}"), "ce_id", []byte("x"), "/data", "wrong")
	f.Add("t", int32(0), int64(0), int64(0), []byte(nil), []byte(nil), HeaderTopic, []byte("elsewhere"), "", "")
	f.Fuzz(func(t *testing.T, topic string, partition int32, offset, millis int64, key, value []byte, name string, header []byte, field, detail string) {
		at := time.UnixMilli(millis).UTC()
		if topic == "" || at.Year() < 0 || at.Year() > 9999 {
			t.Skip("no topic, or no time that RFC 3339 has")
		}
		m := kafka.Message{Topic: topic, Partition: int(partition), Offset: offset, Time: at, Key: key, Value: value, Headers: []kafka.Header{{Name: name, Value: header}}}
		letter := NewDeadLetter(m, &schemas.InvalidError{Reason: schemas.OutOfRange, Field: field, Detail: detail})
		d, err := ParseDeadLetter(letter)
		if err != nil {
			t.Fatal(err)
		}
		if d.Topic != topic || d.Partition != partition || d.Offset != offset || !d.AppendedAt.Equal(at) || d.Key != string(key) || d.Value != string(value) {
			t.Errorf("%+v is not of %+v", d, m)
		}
		if d.Reason != string(schemas.OutOfRange) || len(d.Field) > maxWords || len(d.Detail) > maxWords || len(field) <= maxWords && d.Field != field {
			t.Errorf("reason %q, field %q, detail %q", d.Reason, d.Field, d.Detail)
		}
		if got, ok := d.Headers[name]; !ours(name) && (!ok || got != string(header)) || ours(name) && ok {
			t.Errorf("headers %q", d.Headers)
		}
	})
}

// FuzzParseDeadLetter: headers that anybody may have written are an error or a dead letter that is written again as it is.
func FuzzParseDeadLetter(f *testing.F) {
	f.Add("out_of_range", "t", "3", "9", "2026-03-02T11:00:00Z", []byte("{}"))
	f.Add("x", "t", "-1", "-9", "2026-03-02T11:00:00.000000001+01:00", []byte(nil))
	f.Add("", "", "x", "99999999999999999999", "yesterday", []byte("{"))
	f.Fuzz(func(t *testing.T, reason, topic, partition, offset, at string, value []byte) {
		m := kafka.Message{Topic: schemas.TopicDeadLetters, Value: value}
		for name, text := range map[string]string{HeaderReason: reason, HeaderTopic: topic, HeaderPartition: partition, HeaderOffset: offset, HeaderTime: at} {
			m.Headers = append(m.Headers, kafka.Header{Name: name, Value: []byte(text)})
		}
		d, err := ParseDeadLetter(m)
		if err != nil {
			return
		}
		again, err := ParseDeadLetter(NewDeadLetter(kafka.Message{
			Topic: d.Topic, Partition: int(d.Partition), Offset: d.Offset, Time: d.AppendedAt, Value: value,
		}, &schemas.InvalidError{Reason: schemas.Reason(d.Reason)}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Error(diff)
		}
	})
}
