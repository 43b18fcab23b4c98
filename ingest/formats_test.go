package ingest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

func gzipped(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, body []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	return z.EncodeAll(body, nil)
}

func headerMap(m kafka.Message) map[string]string {
	out := make(map[string]string)
	for _, h := range m.Headers {
		out[h.Name] = string(h.Value)
	}
	return out
}

func TestStructuredMessage(t *testing.T) {
	tests := []struct{ name, body, value, key, topic string }{
		{"tenant is put first, the rest as it came",
			`{ "specversion":"1.0", "id":"r1","source":"/crm","type":"rapport.survey.response.v1","time":"2026-03-02T11:00:00Z","data":{"questionnaire":"after-sales-10","customer_id":"c-7"}} `,
			`{"tenant":"default", "specversion":"1.0", "id":"r1","source":"/crm","type":"rapport.survey.response.v1","time":"2026-03-02T11:00:00Z","data":{"questionnaire":"after-sales-10","customer_id":"c-7"}} `,
			"c-7", schemas.TopicSurveyResponses},
		{"the same tenant is left alone",
			`{"specversion":"1.0","id":"r1","source":"/crm","type":"rapport.survey.invitation.v1","time":"2026-03-02T11:00:00Z","tenant":"default","data":{"questionnaire":"after-sales-10"}}`,
			`{"specversion":"1.0","id":"r1","source":"/crm","type":"rapport.survey.invitation.v1","time":"2026-03-02T11:00:00Z","tenant":"default","data":{"questionnaire":"after-sales-10"}}`,
			"r1", schemas.TopicSurveyResponses},
		{"a null tenant is none",
			`{"specversion":"1.0","id":"r1","source":"/crm","type":"rapport.complaint.v1","time":"2026-03-02T11:00:00Z","tenant": null ,"data":{"complaint_id":"k-1"}}`,
			`{"specversion":"1.0","id":"r1","source":"/crm","type":"rapport.complaint.v1","time":"2026-03-02T11:00:00Z","tenant": "default" ,"data":{"complaint_id":"k-1"}}`,
			"k-1", schemas.TopicComplaints},
		{"a tenant elsewhere is not the tenant",
			`{"specversion":"1.0","id":"r1","source":"/crm","type":"rapport.contact.v1","time":"2026-03-02T11:00:00Z","data":{"tenant":"x","case_id":"k"}}`,
			`{"tenant":"default","specversion":"1.0","id":"r1","source":"/crm","type":"rapport.contact.v1","time":"2026-03-02T11:00:00Z","data":{"tenant":"x","case_id":"k"}}`,
			"k", schemas.TopicServiceEvents},
	}
	for _, tc := range tests {
		for _, media := range []string{ceType, "application/json", "application/json; charset=UTF-8", "application/x-ndjson"} {
			t.Run(tc.name+", "+media, func(t *testing.T) {
				h, p := newHandler(t)
				if a := post(t, h, "/v1/events", media, []byte(tc.body)); a.status != http.StatusAccepted || a.Accepted != 1 || a.raw != `{"accepted":1,"refused":[]}`+"\n" {
					t.Fatalf("%d %s", a.status, a.raw)
				}
				m := p.messages()[0]
				got := kafka.Message{Topic: m.Topic, Key: m.Key, Value: bytes.TrimSpace(m.Value), Headers: m.Headers}
				want := kafka.Message{Topic: tc.topic, Key: []byte(tc.key), Value: bytes.TrimSpace([]byte(tc.value)),
					Headers: []kafka.Header{{Name: "content-type", Value: []byte(ceType)}}}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestBinaryMessage(t *testing.T) {
	h, p := newHandler(t)
	data := `{ "questionnaire":"after-sales-10", "customer_id":"c-7" }`
	a := post(t, h, "/v1/events", "application/json", []byte(data),
		"ce-specversion", "1.0", "ce-id", `"r%20\"1\""`, "ce-source", "/crm", "ce-type", "rapport.survey.response.v1",
		"ce-time", "2026-03-02T11:00:00Z", "ce-revision", "2", "ce-subject", "Euro%20%E2%82%AC", "X-Other", "not an attribute")
	if a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	m := p.messages()[0]
	want := map[string]string{"content-type": "application/json", "ce_specversion": "1.0", "ce_id": `r "1"`, "ce_source": "/crm",
		"ce_type": "rapport.survey.response.v1", "ce_time": "2026-03-02T11:00:00Z", "ce_revision": "2", "ce_subject": "Euro \u20ac", "ce_tenant": "default"}
	if diff := cmp.Diff(want, headerMap(m)); diff != "" {
		t.Error(diff)
	}
	if string(m.Value) != data || string(m.Key) != "c-7" || m.Topic != schemas.TopicSurveyResponses {
		t.Errorf("got value %s, key %s, topic %s", m.Value, m.Key, m.Topic)
	}
	// What the processors make of it is what the same event is in structured mode.
	binary, err := schemas.Parse(schemas.Record{Headers: m.Headers, Value: m.Value, Time: noon}, schemas.Options{})
	if err != nil || binary.Tenant != "default" || binary.ID != `r "1"` || binary.Revision != 2 {
		t.Errorf("%+v, %v", binary, err)
	}

	retracted := []string{"ce-specversion", "1.0", "ce-id", "r", "ce-source", "/crm", "ce-type", "rapport.survey.response.v1",
		"ce-time", "2026-03-02T11:00:00Z", "ce-revision", "3", "ce-retracted", "true", "ce-tenant", "default"}
	if a := post(t, h, "/v1/events", "", nil, retracted...); a.status != http.StatusAccepted || len(p.messages()) != 2 {
		t.Errorf("a retraction without data: %d %s", a.status, a.raw)
	}
}

func TestManyEvents(t *testing.T) {
	tests := []struct {
		name, media string
		body        []byte
		accepted    int
		refused     []int
	}{
		{"batch", "application/cloudevents-batch+json", array(event(t, "a"), event(t, "b")), 2, nil},
		{"array as JSON", "application/json", array(event(t, "a"), event(t, "b", "id=")), 1, []int{1}},
		{"array as one event", ceType, []byte(" \n" + string(array(event(t, "a"), []byte("7"), event(t, "c")))), 2, []int{1}},
		{"lines with a bad one", "application/x-ndjson", join("\r\n", event(t, "a"), nil, []byte("{bad"), []byte("  \t"), event(t, "b")), 2, []int{1}},
		{"lines with an array", "application/x-ndjson", join("\n", event(t, "a"), array(event(t, "b")), event(t, "c"), nil), 2, []int{1}},
		{"as many as allowed", "application/x-ndjson", bytes.Repeat(append(event(t, "a"), '\n'), 500), 500, nil},
	}
	codings := map[string]func(testing.TB, []byte) []byte{
		"": func(_ testing.TB, b []byte) []byte { return b }, "identity": func(_ testing.TB, b []byte) []byte { return b },
		"gzip": gzipped, "X-GZIP": gzipped, "zstd": zstded,
	}
	for _, tc := range tests {
		for coding, encode := range codings {
			t.Run(tc.name+" "+coding, func(t *testing.T) {
				h, p := newHandler(t)
				var headers []string
				if coding != "" {
					headers = []string{"Content-Encoding", coding}
				}
				a := post(t, h, "/v1/events", tc.media, encode(t, tc.body), headers...)
				var refused []int
				for _, r := range a.Refused {
					refused = append(refused, r.Index)
				}
				if a.status != http.StatusAccepted || a.Accepted != tc.accepted || len(p.messages()) != tc.accepted || !cmp.Equal(refused, tc.refused) {
					t.Errorf("%d, published %d: %.500s", a.status, len(p.messages()), a.raw)
				}
				if h.inFlight.used.Load() != 0 {
					t.Errorf("%d bytes stay taken", h.inFlight.used.Load())
				}
			})
		}
	}
}

func TestRefusedNamesTheEvent(t *testing.T) {
	h, _ := newHandler(t)
	a := post(t, h, "/v1/events", "application/x-ndjson", join("\n", event(t, "a"), event(t, "b-\u00e9", `data.nps=11`)))
	if want := `"id":"b-` + "\u00e9" + `","reason":"out_of_range","field":"/data/nps"`; !strings.Contains(a.raw, want) {
		t.Errorf("got %s", a.raw)
	}
}

func TestValidatePublishesNothing(t *testing.T) {
	h, p := newHandler(t)
	body := join("\n", event(t, "a"), event(t, "b", "id="))
	a := post(t, h, "/v1/validate", "application/x-ndjson", body)
	if a.status != http.StatusOK || a.Accepted != 1 || len(a.Refused) != 1 || len(p.messages()) != 0 {
		t.Errorf("%d %s, published %d", a.status, a.raw, len(p.messages()))
	}
	if b := post(t, h, "/v1/events", "application/x-ndjson", body); b.raw != a.raw {
		t.Errorf("the answers differ:\n%s%s", a.raw, b.raw)
	}
}
