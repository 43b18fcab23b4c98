package ingest

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	embedded "github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestThroughKafka publishes to a broker, takes the broker away and brings it back: what was claimed is there, in both modes
// readable by a client that is not ours, and what was not acknowledged was not claimed.
func TestThroughKafka(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	broker := embedded.New(embedded.Options{DataDir: dir})
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	address := broker.Addr()
	cfg := kafka.Config{Brokers: []string{address}, ClientID: "ingest-test"}
	if err := kafka.NewAdmin(cfg).EnsureTopics(ctx, []kafka.TopicSpec{{Name: schemas.TopicSurveyResponses, Partitions: 3}, {Name: schemas.TopicServiceEvents, Partitions: 3}}); err != nil {
		t.Fatal(err)
	}
	producer := kafka.NewProducer(cfg, kafka.ProducerOptions{MaxMessageBytes: 2 << 20})
	t.Cleanup(func() { _ = producer.Close() })
	h, _ := newHandler(t, func(o *Options) { o.Publisher = producer; o.Now = time.Now; o.Config.PublishTimeout = 5 * time.Second })

	claimed := make(map[string]bool)
	send := func(n int) (status int) {
		var lines [][]byte
		for i := range 10 {
			lines = append(lines, event(t, fmt.Sprintf("%d-%d", n, i)))
		}
		a := post(t, h, "/v1/events", "application/x-ndjson", bytes.Join(append(lines, []byte("{")), []byte("\n")))
		if a.status == 202 {
			for i := range a.Accepted {
				claimed[fmt.Sprintf("%d-%d", n, i)] = true
			}
		}
		return a.status
	}
	if status := send(0); status != 202 {
		t.Fatalf("with a broker: %d", status)
	}
	if a := post(t, h, "/v1/events", "application/json", []byte(`{"customer_id":"c-7"}`), "ce-specversion", "1.0", "ce-id", "binary", "ce-source", "/crm",
		"ce-type", "rapport.contact.v1", "ce-time", "2026-03-02T11:00:00Z"); a.status != 202 {
		t.Fatalf("binary mode: %d %s", a.status, a.raw)
	}
	claimed["binary"] = true

	if err := broker.Close(); err != nil {
		t.Fatal(err)
	}
	if status := send(1); status != 503 {
		t.Errorf("without a broker: %d", status)
	}
	broker = embedded.New(embedded.Options{DataDir: dir, Addr: address})
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	eventually(t, "events are taken again", func() bool { return send(1) == 202 })

	for id, e := range consumed(ctx, t, address, claimed) {
		if e.Tenant != "default" {
			t.Errorf("%s is %q's", id, e.Tenant)
		}
	}
	if len(claimed) != 21 {
		t.Errorf("claimed %d", len(claimed))
	}
}

// consumed reads with franz-go until every claimed event has been seen.
func consumed(ctx context.Context, t *testing.T, address string, claimed map[string]bool) map[string]*schemas.Event {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumeTopics(schemas.TopicSurveyResponses, schemas.TopicServiceEvents))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	seen := make(map[string]*schemas.Event)
	for missing := len(claimed); missing > 0; {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%d of the events that were claimed are missing", missing)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			record := schemas.Record{Value: r.Value, Time: r.Timestamp}
			for _, header := range r.Headers {
				record.Headers = append(record.Headers, schemas.Header{Name: header.Key, Value: header.Value})
			}
			e, err := schemas.Parse(record, schemas.Options{})
			if err != nil {
				t.Errorf("published, and not readable: %v", err)
				return
			}
			if claimed[e.ID] && seen[e.ID] == nil {
				missing--
			}
			seen[e.ID] = e
		})
	}
	return seen
}
