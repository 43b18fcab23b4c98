package ingest

import (
	"bytes"
	"net/http"
	"slices"
	"testing"

	"github.com/rapport-project/rapport/schemas"
)

// FuzzHandler sends any body in any format and coding: the handler does not panic, answers with a status it may answer with,
// accounts for every event, and publishes only what the processors will read as the caller's own.
func FuzzHandler(f *testing.F) {
	good := event(f, "a")
	f.Add(uint8(0), uint8(0), good)
	f.Add(uint8(1), uint8(0), array(good, []byte(`{"tenant":null}`), good))
	f.Add(uint8(3), uint8(0), join("\n", good, nil, []byte("{"), good))
	f.Add(uint8(4), uint8(0), []byte(`{"customer_id":"c"}`))
	f.Add(uint8(2), uint8(1), gzipped(f, good))
	f.Add(uint8(2), uint8(2), zstded(f, good))
	f.Add(uint8(2), uint8(1), gzipped(f, good)[:30])
	f.Add(uint8(3), uint8(0), bytes.Repeat([]byte("{}\n"), 501))

	media := []string{ceType, "application/cloudevents-batch+json", "application/json", "application/x-ndjson", "binary"}
	codings := []string{"", "gzip", "zstd"}
	statuses := []int{http.StatusAccepted, http.StatusBadRequest, http.StatusRequestEntityTooLarge}
	f.Fuzz(func(t *testing.T, format, coding uint8, body []byte) {
		h, p := newHandler(t)
		kind := media[int(format)%len(media)]
		var headers []string
		if kind == "binary" {
			kind = "application/json"
			headers = []string{"ce-specversion", "1.0", "ce-id", "x", "ce-source", "/crm", "ce-type", "rapport.contact.v1", "ce-time", "2026-03-02T11:00:00Z"}
		}
		if c := codings[int(coding)%len(codings)]; c != "" {
			headers = append(headers, "Content-Encoding", c)
		}
		checked := post(t, h, "/v1/validate", kind, body, headers...)
		if len(p.messages()) != 0 {
			t.Fatal("validation published")
		}
		a := post(t, h, "/v1/events", kind, body, headers...)
		if !slices.Contains(statuses, a.status) || (checked.status == http.StatusOK) != (a.status == http.StatusAccepted) || checked.Accepted != a.Accepted {
			t.Fatalf("status %d after validation %d: %s", a.status, checked.status, a.raw)
		}
		if len(p.messages()) != a.Accepted {
			t.Fatalf("published %d, told %d", len(p.messages()), a.Accepted)
		}
		if n, ok := eventsIn(kind, body); ok && headers == nil && a.status != http.StatusRequestEntityTooLarge && a.Accepted+len(a.Refused) != n {
			t.Fatalf("of %d events %d were accepted and %d refused", n, a.Accepted, len(a.Refused))
		}
		for i, r := range a.Refused {
			if i > 0 && a.Refused[i-1].Index >= r.Index || r.Reason == "" {
				t.Fatalf("refusals %+v", a.Refused)
			}
		}
		for _, m := range p.messages() {
			e, err := schemas.Parse(schemas.Record{Headers: m.Headers, Value: m.Value, Time: noon}, schemas.Options{})
			if err != nil || e.Tenant != "default" || m.Topic != e.Type.Topic() || string(m.Key) != e.Key() {
				t.Fatalf("published to %s under %q: %+v, %v", m.Topic, m.Key, e, err)
			}
		}
		if h.inFlight.used.Load() != 0 {
			t.Fatalf("%d bytes stay taken", h.inFlight.used.Load())
		}
	})
}

// eventsIn counts the events of a body in a format where that is simple.
func eventsIn(kind string, body []byte) (n int, ok bool) {
	if kind != "application/x-ndjson" {
		return 0, false
	}
	for _, line := range bytes.Split(body, []byte("\n")) {
		if len(bytes.Trim(line, " \t\r")) > 0 {
			n++
		}
	}
	return n, true
}
