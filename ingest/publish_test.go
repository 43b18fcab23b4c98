package ingest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rs/zerolog"
)

func TestBrokerAway(t *testing.T) {
	var log bytes.Buffer
	h, p := newHandler(t, func(o *Options) { o.Log = zerolog.New(&log) })
	p.reply = func(context.Context, []kafka.Message) error { return errors.New("no broker at 10.1.2.3") }
	body := join("\n", event(t, "a", `data.comment="private"`), event(t, "b", "id="))
	a := post(t, h, "/v1/events", "application/x-ndjson", body)
	if a.status != 503 || a.header.Get("Retry-After") == "" || a.Accepted != 0 || strings.Contains(a.raw, "10.1.2.3") {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if strings.Contains(log.String(), "private") || !strings.Contains(log.String(), "no broker") {
		t.Errorf("the log says %s", log.String())
	}
	if v := post(t, h, "/v1/validate", "application/x-ndjson", body); v.status != 200 {
		t.Errorf("validation needs no broker: %d", v.status)
	}
	p.reply = nil
	if a := post(t, h, "/v1/events", "application/x-ndjson", body); a.status != 202 || a.Accepted != 1 || len(p.messages()) != 1 {
		t.Errorf("sent again: %d %s", a.status, a.raw)
	}
}

func TestBrokerThatDoesNotAnswer(t *testing.T) {
	h, p := newHandler(t, with(func(c *Config) { c.PublishTimeout, c.MaxPublishes = 50*time.Millisecond, 1 }))
	p.reply = func(ctx context.Context, _ []kafka.Message) error { <-ctx.Done(); return ctx.Err() }
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if a := post(t, h, "/v1/events", ceType, event(t, "a")); a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	wg.Wait()
	if len(h.slots) != 0 || h.inFlight.used.Load() != 0 {
		t.Errorf("%d places and %d bytes stay taken", len(h.slots), h.inFlight.used.Load())
	}
}

func TestAcceptedIsToldAfterTheAcknowledgement(t *testing.T) {
	var acknowledged bool
	h, p := newHandler(t)
	p.reply = func(context.Context, []kafka.Message) error { acknowledged = true; return nil }
	if a := post(t, h, "/v1/events", ceType, event(t, "a")); a.status != 202 || !acknowledged {
		t.Errorf("%d, acknowledged %v", a.status, acknowledged)
	}
}

func TestTooLargeForTheBroker(t *testing.T) {
	h, p := newHandler(t)
	p.reply = func(_ context.Context, msgs []kafka.Message) error {
		for i, m := range msgs {
			if len(m.Value) > 1000 {
				return &kafka.TooLargeError{Index: i, Size: len(m.Value), Limit: 1000}
			}
		}
		return nil
	}
	large := `data.comment="` + strings.Repeat("a", 1000) + `"`
	a := post(t, h, "/v1/events", "application/json", array(event(t, "a", large), event(t, "b"), event(t, "c", "id="), event(t, "d", large)))
	if a.status != 202 || a.Accepted != 1 || len(a.Refused) != 3 || len(p.messages()) != 1 {
		t.Fatalf("%d %s, published %d", a.status, a.raw, len(p.messages()))
	}
	for i, want := range []schemas.Reason{schemas.TooLarge, schemas.MissingField, schemas.TooLarge} {
		if a.Refused[i].Reason != want {
			t.Errorf("%+v; want %s", a.Refused[i], want)
		}
	}
	if a := post(t, h, "/v1/events", ceType, event(t, "a", large)); a.status != 400 || len(a.Refused) != 1 {
		t.Errorf("alone: %d %s", a.status, a.raw)
	}
}
