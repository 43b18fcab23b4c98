package pipeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/tenants"
)

// gone is what was erased, by id, content and offset.
type gone struct {
	ids, contents map[string]bool
	offsets       map[int64]string
	purged        map[int64]bool
}

func (g gone) Event(_, _, id string) bool { return g.ids[id] }

func (g gone) Content(key, value string) bool { return g.contents[key+" "+value] }

func (g gone) Record(_ string, _ int32, offset int64) (string, bool) {
	tenant, ok := g.offsets[offset]
	return tenant, ok
}

func (g gone) Purged(_ string, _ int32, offset int64) bool { return g.purged[offset] }

func contactRecord(offset int64, id, time string, at time.Time) kafka.Message {
	value := `{"specversion":"1.0","id":"` + id + `","source":"/app","type":"rapport.contact.v1","time":"` + time + `","data":{"customer_id":"` + id + `"}}`
	return kafka.Message{Topic: schemas.TopicServiceEvents, Offset: offset, Key: []byte(id), Value: []byte(value), Time: at,
		Headers: []schemas.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}}}
}

// TestEventsWithout: records of what was erased keep their verdicts; of what they held there is no row, no mark and no dead letter.
func TestEventsWithout(t *testing.T) {
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	defs := &processors.Definitions{Tenants: settings, DefaultTenant: "default", SealHorizon: 24 * time.Hour}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	const recent, old = "2026-03-02T11:00:00Z", "2026-02-01T00:00:00Z"
	msgs := []kafka.Message{
		contactRecord(0, "ann", recent, now), contactRecord(1, "bob", recent, now), contactRecord(2, "ann-late", old, now), contactRecord(3, "bob-late", old, now),
		contactRecord(4, "ann-bad", "yesterday", now), contactRecord(5, "bob-bad", "yesterday", now), contactRecord(6, "place", "tomorrow", now),
		{Topic: schemas.TopicServiceEvents, Offset: 7, Key: []byte("k"), Value: []byte("ann, not JSON"), Time: now},
	}
	erased := gone{
		ids: map[string]bool{"ann": true, "ann-late": true, "ann-bad": true}, contents: map[string]bool{"k ann, not JSON": true}, offsets: map[int64]string{6: "default"},
	}
	parse := schemas.Options{DefaultTenant: "default"}
	all := pipeline.Events(defs, parse)(msgs)
	b := pipeline.EventsWithout(defs, parse, erased)(msgs)
	if diff := cmp.Diff(all.Facts.Consumed, b.Facts.Consumed); diff != "" {
		t.Errorf("the verdicts differ: %s", diff)
	}
	if len(all.Facts.Contacts) != 2 || len(b.Facts.Contacts) != 1 || b.Facts.Contacts[0].ID != "bob" || len(b.StaleEntities) != 1 {
		t.Errorf("contacts %v, marks %v", b.Facts.Contacts, b.StaleEntities)
	}
	if len(b.Facts.Late) != 2 || b.Facts.Late[0].ID != "" || b.Facts.Late[0].Value != "" || b.Facts.Late[1].ID != "bob-late" {
		t.Errorf("late %+v", b.Facts.Late)
	}
	if len(b.Poison) != len(all.Poison) {
		t.Fatalf("%d dead letters, want %d", len(b.Poison), len(all.Poison))
	}
	for i, want := range []string{"", "bob-bad", "", ""} {
		d, err := sinks.ParseDeadLetter(b.Poison[i])
		if err != nil {
			t.Fatal(err)
		}
		if d.ID != want || (want == "") != (d.Value == "" && d.Key == "" && d.Detail == "") || d.Reason == "" || d.Offset != int64(4+i) {
			t.Errorf("dead letter %d: %+v", i, d)
		}
	}
	// The same dead letters as they were, read from their topic.
	rows := pipeline.DeadLettersWithout("default", erased)(all.Poison).Facts.DeadLetters
	for i, want := range []schemas.DeadLetter{{}, {ID: "bob-bad"}, {Tenant: "default"}, {}} {
		if rows[i].ID != want.ID || want.ID == "" && (rows[i].Value != "" || rows[i].Tenant != want.Tenant) || rows[i].Reason == "" {
			t.Errorf("row %d: %+v", i, rows[i])
		}
	}
}

// TestPurgedLetters: a refused record that comes again after its letter was purged goes to the dead-letter topic without what it holds, and is
// still counted by place, reason and who published it, as is a letter that comes again from there.
func TestPurgedLetters(t *testing.T) {
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	defs := &processors.Definitions{Tenants: settings, DefaultTenant: "default"}
	parse := schemas.Options{DefaultTenant: "default"}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	msgs := []kafka.Message{
		contactRecord(0, "bad", "yesterday", now), contactRecord(1, "purged", "yesterday", now),
		{Topic: schemas.TopicServiceEvents, Offset: 2, Key: []byte("k"), Value: []byte("not JSON"), Time: now},
	}
	purged := gone{purged: map[int64]bool{1: true, 2: true}}
	all := pipeline.Events(defs, parse)(msgs)
	b := pipeline.EventsWithout(defs, parse, purged)(msgs)
	if len(b.Poison) != 3 {
		t.Fatalf("%d letters", len(b.Poison))
	}
	rows := b.Refused()
	whole := all.Refused()
	again := pipeline.DeadLettersWithout("default", purged)(all.Poison).Facts.DeadLetters
	if diff := cmp.Diff(whole[0], rows[0]); diff != "" || whole[0].Value == "" {
		t.Errorf("a letter that was not purged changed: %s", diff)
	}
	for i := 1; i < 3; i++ {
		if m := b.Poison[i]; len(m.Key) > 0 || len(m.Value) > 0 || rows[i].Detail != "" {
			t.Errorf("letter %d still says %q %q %q", i, m.Key, m.Value, rows[i].Detail)
		}
		want := whole[i]
		want.Key, want.Value, want.Detail, want.Headers = "", "", "", map[string]string{}
		if diff := cmp.Diff(want, again[i]); diff != "" {
			t.Errorf("letter %d from its topic: %s", i, diff)
		}
		if diff := cmp.Diff(again[i], pipeline.DeadLettersWithout("default", purged)(b.Poison[i : i+1]).Facts.DeadLetters[0]); diff != "" {
			t.Errorf("the row of letter %d is another one: %s", i, diff)
		}
	}
	if whole[1].ID != "purged" || whole[1].Source == "" || whole[1].Type == "" {
		t.Errorf("the letter says too little to show anything: %+v", whole[1])
	}
}
