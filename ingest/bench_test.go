package ingest

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/internal/kafka"
)

type nowhere struct{}

func (nowhere) Publish(context.Context, ...kafka.Message) error { return nil }

// BenchmarkLines is a request of 500 events in NDJSON, judged and published to nowhere; per event.
func BenchmarkLines(b *testing.B) {
	const n = 500
	feed := events.Ordered(n)
	var body []byte
	for i := range n {
		body = append(append(body, feed.At(i).Value...), '\n')
	}
	h, _ := newHandler(b, func(o *Options) { o.Publisher, o.Now = nowhere{}, time.Now })
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/v1/events", bytes.NewReader(body))
		r.RemoteAddr, r.Host = "127.0.0.1:40000", "127.0.0.1:8080"
		r.Header.Set("Content-Type", "application/x-ndjson")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusAccepted {
			b.Fatalf("status %d", w.Code)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}
