package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/schemas"
)

func contains(s, part string) bool { return strings.Contains(strings.ToLower(s), part) }

// poisons makes one record of each kind of refusal, its id naming the kind.
func poisons(t *testing.T, tenant string, skip func(generator.Poison) bool) []generator.Event {
	t.Helper()
	g, err := generator.New(generator.Config{Seed: 11, Tenants: []string{tenant}})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []generator.Poison
	for _, k := range generator.PoisonKinds() {
		if !skip(k) {
			kinds = append(kinds, k)
		}
	}
	return g.Poisons(time.Now(), kinds...)
}

// TestBadEventsOnKafkaBecomeDeadLetters: each refusal is stored with its reason, field and origin, and the good events
// around it are all there.
func TestBadEventsOnKafkaBecomeDeadLetters(t *testing.T) { onEach(t, badEventsOnKafka) }

func badEventsOnKafka(t *testing.T, on broker) {
	s := New(t, rapport, on.settings(t, "DEFAULT_TENANT=")...)
	s.Up()
	bad := poisons(t, "acme", func(generator.Poison) bool { return false })
	events := Generated(t, 6, 300)
	client := s.Client(kgo.ProducerBatchMaxBytes(4 << 20))
	rng := generator.NewRand(3)
	var records []*kgo.Record
	sent := generator.Mix(events, bad, rng)
	for _, e := range sent {
		records = append(records, Record(e))
	}
	// A record without a value is refused as well; the generator has none such.
	records = append(records, &kgo.Record{Topic: schemas.TopicSurveyResponses, Key: []byte("k")})
	s.Publish(client, records...)
	want := Expect(t, events, oracle.Options{})
	s.Equals(want)
	s.accounted(t, len(records), len(bad)+1, want)

	type place struct {
		partition int32
		offset    int64
	}
	type letter struct{ topic, reason, field, value string }
	stored := map[place]letter{}
	rows, err := s.Conn().Query(context.Background(), "SELECT topic, partition, offset, reason, field, value FROM rapport.dead_letters")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var p place
		var l letter
		if err := rows.Scan(&l.topic, &p.partition, &p.offset, &l.reason, &l.field, &l.value); err != nil {
			t.Fatal(err)
		}
		stored[p] = l
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(stored) != len(bad)+1 {
		t.Errorf("%d dead letters, want %d", len(stored), len(bad)+1)
	}
	for i, e := range sent {
		if e.Refused == "" {
			continue
		}
		l := stored[place{records[i].Partition, records[i].Offset}]
		want := letter{schemas.TopicSurveyResponses, string(e.Refused), e.Field, string(e.Value)}
		if l != want {
			t.Errorf("%s: stored as %.200v, want %.200v", e.ID, l, want)
		}
	}
}

// TestBadEventsOverHTTPAreAnswered: each refusal is told to the caller with reason and field, alone and among good events.
func TestBadEventsOverHTTPAreAnswered(t *testing.T) {
	s := New(t, rapport)
	s.Up()
	bad := poisons(t, "default", func(k generator.Poison) bool { return k.KafkaOnly || k.NoDefaultTenant })
	good := Event{ID: "good", Type: string(schemas.TypeSurveyResponse), Time: time.Now(),
		Data: map[string]any{"questionnaire": "rater-5", "customer_id": "c"}}.Structured()
	for _, e := range bad {
		a, err := s.Post("/v1/events", "application/cloudevents+json", e.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != http.StatusBadRequest || len(a.Refused) != 1 || a.Refused[0].Reason != string(e.Refused) || a.Refused[0].Field != e.Field {
			t.Errorf("%s: %d %s, want 400 with %s at %q", e.ID, a.Status, a.Body, e.Refused, e.Field)
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: content type %s", e.ID, a.Header.Get("Content-Type"))
		}
		if bytes.ContainsRune(e.JSON, '\n') {
			continue
		}
		lines := bytes.Join([][]byte{good, e.JSON, good}, []byte("\n"))
		for _, path := range []string{"/v1/events", "/v1/validate"} {
			a, err = s.Post(path, "application/x-ndjson", lines)
			if err != nil {
				t.Fatal(err)
			}
			wantStatus := map[string]int{"/v1/events": 202, "/v1/validate": 200}[path]
			if a.Status != wantStatus || a.Accepted != 2 || len(a.Refused) != 1 || a.Refused[0].Index != 1 || a.Refused[0].Reason != string(e.Refused) {
				t.Errorf("%s among good ones on %s: %d %s", e.ID, path, a.Status, a.Body)
			}
		}
	}
	a, err := s.Post("/v1/events", "application/cloudevents+json", bytes.Replace(good, []byte(`"specversion"`), []byte(`"tenant":"other","specversion"`), 1))
	if err != nil || a.Status != http.StatusBadRequest || len(a.Refused) != 1 || a.Refused[0].Reason != string(schemas.WrongTenant) {
		t.Errorf("another tenant in the body: %v %d %s", err, a.Status, a.Body)
	}
	s.Drained()
	var n uint64
	if err := s.Conn().QueryRow(context.Background(), "SELECT count() FROM rapport.survey_responses").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d responses stored (%v), want the one good event once", n, err)
	}
}

// TestAHarmfulClientHarmsNoOther: a 10 MB body, a broken gzip and clients that never finish are turned away while others publish.
func TestAHarmfulClientHarmsNoOther(t *testing.T) {
	s := New(t, rapport, "INGEST_BODY_TIMEOUT=2s")
	s.Up()
	// Slow clients: headers and half a body, then nothing.
	var slow []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.HTTP, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := fmt.Fprintf(c, "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/cloudevents+json\r\nContent-Length: 1000\r\n\r\n{\"specversion\":"); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 100<<10))
	_ = z.Close()
	broken := packed.Bytes()[:packed.Len()/2]
	for i := range 20 {
		if a, err := s.Post("/v1/events", "application/x-ndjson", make([]byte, 10<<20)); err == nil && a.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("10 MB: %d, want 413 or a closed connection", a.Status)
		}
		if a, err := s.Post("/v1/events", "application/x-ndjson", broken, "Content-Encoding", "gzip"); err != nil || a.Status != http.StatusBadRequest {
			t.Errorf("broken gzip: %v %d, want 400", err, a.Status)
		}
		e := Event{ID: fmt.Sprintf("ok-%d", i), Type: string(schemas.TypeSurveyResponse), Time: time.Now(),
			Data: map[string]any{"questionnaire": "rater-5", "customer_id": "c"}}
		if a, err := s.Post("/v1/events", "application/cloudevents+json", e.Structured()); err != nil || a.Status != http.StatusAccepted {
			t.Errorf("a good client among them: %v %d %s", err, a.Status, a.Body)
		}
	}
	for _, c := range slow {
		if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 64)
		n, err := c.Read(answer)
		if err == nil && !strings.Contains(string(answer[:n]), " 408 ") {
			t.Errorf("a slow client was answered %q, want 408 or a closed connection", answer[:n])
		}
	}
	s.Drained()
	var n uint64
	if err := s.Conn().QueryRow(context.Background(), "SELECT count() FROM rapport.survey_responses WHERE response_id LIKE 'ok-%'").Scan(&n); err != nil || n != 20 {
		t.Errorf("%d of the 20 good events stored (%v)", n, err)
	}
}
