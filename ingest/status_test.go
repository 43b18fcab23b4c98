package ingest

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rapport-project/rapport/schemas"
)

func TestRequestsTurnedAway(t *testing.T) {
	good := event(t, "a")
	tests := []struct {
		name, media string
		body        []byte
		headers     []string
		status      int
		problem     string
	}{
		{"empty", ceType, nil, nil, 400, "no-events"},
		{"blank", ceType, []byte(" \n"), nil, 400, "no-events"},
		{"empty array", "application/json", []byte(" [ ] "), nil, 400, "no-events"},
		{"empty batch", "application/cloudevents-batch+json", []byte("[]"), nil, 400, "no-events"},
		{"blank lines", "application/x-ndjson", []byte("\n\r\n  \n"), nil, 400, "no-events"},
		{"empty gzip", ceType, gzipped(t, nil), []string{"Content-Encoding", "gzip"}, 400, "no-events"},
		{"no batch", "application/cloudevents-batch+json", good, nil, 400, "broken-array"},
		{"array broken off", "application/json", array(good, good)[:len(good)+10], nil, 400, "broken-array"},
		{"array not closed", "application/json", []byte("[" + string(good)), nil, 400, "broken-array"},
		{"array and more", "application/json", append(array(good), '1'), nil, 400, "broken-array"},
		{"trailing comma", "application/json", []byte("[" + string(good) + ",]"), nil, 400, "broken-array"},
		{"not gzip", ceType, good, []string{"Content-Encoding", "gzip"}, 400, "broken-body"},
		{"gzip broken off", ceType, gzipped(t, good)[:40], []string{"Content-Encoding", "gzip"}, 400, "broken-body"},
		{"gzip with a wrong sum", ceType, corrupt(gzipped(t, good)), []string{"Content-Encoding", "gzip"}, 400, "broken-body"},
		{"gzip and more", ceType, append(gzipped(t, good), "more"...), []string{"Content-Encoding", "gzip"}, 400, "broken-body"},
		{"not zstd", ceType, good, []string{"Content-Encoding", "zstd"}, 400, "broken-body"},
		{"zstd broken off", ceType, zstded(t, good)[:40], []string{"Content-Encoding", "zstd"}, 400, "broken-body"},
		{"zstd with too wide a window", ceType, []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0, 0, 0}, []string{"Content-Encoding", "zstd"}, 400, "broken-body"},
		{"no content type", "", good, nil, 415, "unsupported-media-type"},
		{"text", "text/plain", good, nil, 415, "unsupported-media-type"},
		{"form", "application/x-www-form-urlencoded", good, nil, 415, "unsupported-media-type"},
		{"broken content type", "application/json; =", good, nil, 415, "unsupported-media-type"},
		{"charset", "application/json; charset=utf-16", good, nil, 415, "unsupported-media-type"},
		{"avro", "application/cloudevents+avro", good, nil, 415, "unsupported-media-type"},
		{"binary mode, not JSON", "application/xml", good, []string{"Ce-Id", "x"}, 415, "unsupported-media-type"},
		{"binary mode, lines", "application/x-ndjson", good, []string{"Ce-Specversion", "1.0"}, 415, "unsupported-media-type"},
		{"brotli", ceType, good, []string{"Content-Encoding", "br"}, 415, "unsupported-content-encoding"},
		{"gzip twice", ceType, good, []string{"Content-Encoding", "gzip, gzip"}, 415, "unsupported-content-encoding"},
		{"gzip twice by two headers", ceType, good, []string{"Content-Encoding", "gzip", "Content-Encoding", "gzip"}, 415, "unsupported-content-encoding"},
		{"501 events", "application/x-ndjson", bytes.Repeat([]byte("{}\n"), 501), nil, 413, "too-many-events"},
		{"501 events in an array", "application/json", []byte("[1" + strings.Repeat(",1", 500) + "]"), nil, 413, "too-many-events"},
		{"body over 1 MiB", ceType, make([]byte, 1<<20+1), nil, 413, "body-too-large"},
		{"gzip bomb", ceType, gzipped(t, make([]byte, 8<<20+1)), []string{"Content-Encoding", "gzip"}, 413, "unpacked-too-large"},
		{"zstd bomb", ceType, zstded(t, make([]byte, 8<<20+1)), []string{"Content-Encoding", "zstd"}, 413, "unpacked-too-large"},
		{"gzip bomb of 1 GiB", ceType, gzipped(t, make([]byte, 1<<30))[:1<<20-1], []string{"Content-Encoding", "gzip"}, 413, "unpacked-too-large"},
		{"by a proxy", ceType, good, []string{"X-Forwarded-For", "203.0.113.7"}, 403, "forbidden"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h, p := newHandler(t)
			for _, path := range []string{"/v1/events", "/v1/validate"} {
				a := post(t, h, path, tc.media, tc.body, tc.headers...)
				if a.status != tc.status || a.Type != "urn:rapport:problem:"+tc.problem {
					t.Errorf("%s: %d %.300s; want %d %s", path, a.status, a.raw, tc.status, tc.problem)
				}
				if tc.status == 415 && a.header.Get("Accept-Post")+a.header.Get("Accept-Encoding") == "" {
					t.Error("the answer does not say what is supported")
				}
			}
			if len(p.messages()) != 0 {
				t.Error("something was published")
			}
			if h.inFlight.used.Load() != 0 {
				t.Errorf("%d bytes stay taken", h.inFlight.used.Load())
			}
		})
	}
}

func corrupt(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-5] ^= 1
	return b
}

func TestCredentials(t *testing.T) {
	tests := []struct {
		name    string
		body    []byte
		headers []string
		status  int
		reason  schemas.Reason
	}{
		{"none", event(t, "a"), nil, 401, ""},
		{"wrong", event(t, "a"), []string{"X-API-Key", "nope"}, 401, ""},
		{"read alone", event(t, "a"), []string{"X-API-Key", "reader-key"}, 403, ""},
		{"good", event(t, "a"), []string{"X-API-Key", "acme-key"}, 202, ""},
		{"the next one", event(t, "a"), []string{"Authorization", "Bearer acme-next"}, 202, ""},
		{"own tenant in the body", event(t, "a", `tenant="acme"`), []string{"X-API-Key", "acme-key"}, 202, ""},
		{"another tenant in the body", event(t, "a", `tenant="acme"`), []string{"X-API-Key", "globex-key"}, 400, schemas.WrongTenant},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h, p := newHandler(t, withKeys(t))
			a := post(t, h, "/v1/events", ceType, tc.body, tc.headers...)
			if a.status != tc.status || tc.reason != "" && (len(a.Refused) != 1 || a.Refused[0].Reason != tc.reason || a.Refused[0].Field != "/tenant") {
				t.Fatalf("%d %s", a.status, a.raw)
			}
			if tc.status == 401 && a.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
			if tc.status != 202 {
				if len(p.messages()) != 0 {
					t.Error("published")
				}
				return
			}
			e, err := schemas.ParseEvent(p.messages()[0].Value, noon, schemas.Options{})
			if err != nil || e.Tenant != "acme" {
				t.Errorf("published for tenant %q, %v", e.Tenant, err)
			}
		})
	}
}

func TestWrongKeysAreToldNothing(t *testing.T) {
	h, _ := newHandler(t, withKeys(t))
	none := post(t, h, "/v1/events", ceType, nil)
	wrong := post(t, h, "/v1/events", "text/plain", nil, "X-API-Key", "acme-kez")
	if none.raw != wrong.raw {
		t.Errorf("the answers differ:\n%s%s", none.raw, wrong.raw)
	}
}

func TestOtherMachinesNeedKeys(t *testing.T) {
	h, _ := newHandler(t)
	for _, path := range []string{"/v1/events", "/v1/schemas"} {
		method := http.MethodPost
		if path == "/v1/schemas" {
			method = http.MethodGet
		}
		r := httptest.NewRequest(method, path, nil)
		r.RemoteAddr, r.Host = "203.0.113.7:1", "localhost"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if a := read(t, w.Code, w.Header(), w.Body.Bytes()); a.status != 403 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestRate(t *testing.T) {
	now := noon
	h, p := newHandler(t, withKeys(t), with(func(c *Config) { c.EventsPerSecond, c.MaxEvents = 2, 4 }), func(o *Options) { o.Now = func() time.Time { return now } })
	four := bytes.Repeat(append(event(t, "a"), '\n'), 4)
	send := func(key string) answer {
		return post(t, h, "/v1/events", "application/x-ndjson", four, "X-API-Key", key)
	}
	if a := send("acme-key"); a.status != 202 {
		t.Fatalf("the burst: %d %s", a.status, a.raw)
	}
	now = now.Add(500 * time.Millisecond)
	if a := send("acme-next"); a.status != 429 || a.header.Get("Retry-After") != "2" {
		t.Errorf("over the rate: %d, Retry-After %q; want 2 (1.5 s rounded up)", a.status, a.header.Get("Retry-After"))
	}
	if a := send("globex-key"); a.status != 202 {
		t.Errorf("another tenant: %d", a.status)
	}
	now = now.Add(1500 * time.Millisecond)
	if a := send("acme-key"); a.status != 202 {
		t.Errorf("after waiting as told: %d", a.status)
	}
	if len(p.messages()) != 12 {
		t.Errorf("published %d", len(p.messages()))
	}
}

func TestRoutes(t *testing.T) {
	h, _ := newHandler(t)
	tests := []struct {
		method, path string
		status       int
		contains     string
	}{
		{"GET", "/v1/events", 405, "Use POST."},
		{"PUT", "/v1/validate", 405, "Use POST."},
		{"POST", "/v1/schemas", 405, "Use GET."},
		{"GET", "/v1/nothing", 404, "not-found"},
		{"GET", "/v1/schemas", 200, `{"type":"rapport.contact.v1","topic":"rapport.service-events","schema":"/v1/schemas/rapport.contact.v1"}`},
		{"GET", "/v1/schemas/rapport.contact.v1", 200, `"$ref": "envelope.schema.json"`},
		{"GET", "/v1/schemas/envelope.schema.json", 200, `"$schema"`},
		{"GET", "/v1/schemas/..%2Fasyncapi.yaml", 404, "not-found"},
		{"GET", "/v1/schemas/nothing", 404, "not-found"},
	}
	for _, tc := range tests {
		r := httptest.NewRequest(tc.method, tc.path, nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.contains) {
			t.Errorf("%s %s: %d %s; want %d with %s", tc.method, tc.path, w.Code, w.Body, tc.status, tc.contains)
		}
		if tc.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", tc.method, tc.path)
		}
	}
}

func TestAFaultIsNotTheEvents(t *testing.T) {
	h, p := newHandler(t, func(o *Options) {
		o.Checker = CheckerFunc(func(*schemas.Event) error { return errors.New("definitions cannot be read") })
	})
	a := post(t, h, "/v1/events", ceType, event(t, "a"))
	if a.status != 503 || a.header.Get("Retry-After") == "" || strings.Contains(a.raw, "definitions") || len(p.messages()) != 0 {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	h, _ := newHandler(t, func(o *Options) { o.Registerer = reg })
	post(t, h, "/v1/events", "application/x-ndjson", join("\n", event(t, "a", `data.colour="red"`), event(t, "b", `type="made.up"`), []byte("{")))
	post(t, h, "/v1/validate", "application/x-ndjson", join("\n", event(t, "a"), event(t, "b", "id=")))
	post(t, h, "/v1/events", "text/plain", nil)
	want := `
# HELP rapport_ingest_accepted_events_total Events that the broker acknowledged, by type.
# TYPE rapport_ingest_accepted_events_total counter
rapport_ingest_accepted_events_total{type="rapport.survey.response.v1"} 1
# HELP rapport_ingest_in_flight_bytes Bytes of bodies and events that requests hold in memory.
# TYPE rapport_ingest_in_flight_bytes gauge
rapport_ingest_in_flight_bytes 0
# HELP rapport_ingest_refused_events_total Events refused by /v1/events, by reason and type.
# TYPE rapport_ingest_refused_events_total counter
rapport_ingest_refused_events_total{reason="not_json",type="unknown"} 1
rapport_ingest_refused_events_total{reason="unknown_type",type="unknown"} 1
# HELP rapport_ingest_requests_total Requests answered, by route and status.
# TYPE rapport_ingest_requests_total counter
rapport_ingest_requests_total{route="/v1/events",status="202"} 1
rapport_ingest_requests_total{route="/v1/events",status="415"} 1
rapport_ingest_requests_total{route="/v1/validate",status="200"} 1
# HELP rapport_ingest_unknown_fields_total Fields of accepted events that the contract does not know, by type.
# TYPE rapport_ingest_unknown_fields_total counter
rapport_ingest_unknown_fields_total{type="rapport.survey.response.v1"} 1
# HELP rapport_ingest_validated_events_total Events judged by /v1/validate, by verdict.
# TYPE rapport_ingest_validated_events_total counter
rapport_ingest_validated_events_total{verdict="accepted"} 1
rapport_ingest_validated_events_total{verdict="refused"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "rapport_ingest_accepted_events_total", "rapport_ingest_in_flight_bytes", "rapport_ingest_refused_events_total",
		"rapport_ingest_requests_total", "rapport_ingest_unknown_fields_total", "rapport_ingest_validated_events_total"); err != nil {
		t.Error(err)
	}
}
