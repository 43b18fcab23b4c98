package ingest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/schemas"
)

// TestRefusals sends each kind of event that the contract refuses: alone, where it is 400, and between good ones, which it
// does not hold up.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		event  []byte
		reason schemas.Reason
		field  string
	}{
		{"no JSON", []byte(`{"id": }`), schemas.NotJSON, ""},
		{"text", []byte(`hello`), schemas.NotJSON, ""},
		{"broken off", []byte(`{"id":"x","source":"/crm"`), schemas.NotJSON, ""},
		{"two values", []byte(`{} {}`), schemas.NotJSON, ""},
		{"no object", []byte(`7`), schemas.WrongType, ""},
		{"not UTF-8", []byte("{\"id\":\"\xff\"}"), schemas.NotUTF8, "/id"},
		{"over 1 MiB", event(t, "x", `data.comment="`+strings.Repeat("a", 1<<20)+`"`), schemas.TooLarge, ""},
		{"nesting over 16", event(t, "x", `data.extra=`+strings.Repeat("[", 15)+strings.Repeat("]", 15)), schemas.TooDeep, ""},
		{"nesting beyond all measure", event(t, "x", `data.extra=`+strings.Repeat("[", 100)+strings.Repeat("]", 100)), schemas.TooDeep, ""},
		{"the same field twice", []byte(`{"id":"x","id":"y"}`), schemas.DuplicateField, "/id"},
		{"two tenants", []byte(`{"tenant":"default","tenant":"default","id":"y"}`), schemas.DuplicateField, "/tenant"},
		{"two tenants, one in disguise", []byte(`{"tenant":"default","\u0074enant":"other","id":"y"}`), schemas.DuplicateField, "/tenant"},
		{"no id", event(t, "x", `id=`), schemas.MissingField, "/id"},
		{"no source", event(t, "x", `source=`), schemas.MissingField, "/source"},
		{"no type", event(t, "x", `type=`), schemas.MissingField, "/type"},
		{"no time", event(t, "x", `time=`), schemas.MissingField, "/time"},
		{"no specversion", event(t, "x", `specversion=`), schemas.MissingField, "/specversion"},
		{"no data", []byte(`{"specversion":"1.0","id":"x","source":"/crm","type":"rapport.contact.v1","time":"2026-03-02T11:00:00Z"}`), schemas.MissingField, "/data"},
		{"no questionnaire", event(t, "x", `data.questionnaire=`), schemas.MissingField, "/data/questionnaire"},
		{"no item", event(t, "x", `data.answers=[{"score":8}]`), schemas.MissingField, "/data/answers/0/item"},
		{"no complaint_id", event(t, "x", `type="rapport.complaint.v1"`, `data={}`), schemas.MissingField, "/data/complaint_id"},
		{"no case_id", event(t, "x", `type="rapport.milestone.v1"`, `data={}`), schemas.MissingField, "/data/case_id"},
		{"mistyped score", event(t, "x", `data.answers=[{"item":"skill","score":"8"}]`), schemas.WrongType, "/data/answers/0/score"},
		{"mistyped revision", event(t, "x", `revision="1"`), schemas.WrongType, "/revision"},
		{"mistyped tenant", event(t, "x", `tenant=7`), schemas.WrongType, "/tenant"},
		{"mistyped label", event(t, "x", `data.labels={"a":1}`), schemas.WrongType, "/data/labels/a"},
		{"unknown role", event(t, "x", `data.role="boss"`), schemas.UnknownValue, "/data/role"},
		{"unknown type", event(t, "x", `type="rapport.survey.response.v9"`), schemas.UnknownType, "/type"},
		{"nps off its scale", event(t, "x", `data.nps=11`), schemas.OutOfRange, "/data/nps"},
		{"ces off its scale", event(t, "x", `data.ces=0`), schemas.OutOfRange, "/data/ces"},
		{"negative revision", event(t, "x", `revision=-1`), schemas.OutOfRange, "/revision"},
		{"not finite", event(t, "x", `type="rapport.contact.v1"`, `data={"wait_seconds":1e999}`), schemas.OutOfRange, "/data/wait_seconds"},
		{"score off its scale", event(t, "x", `data.answers=[{"item":"skill","score":11}]`), schemas.OutOfRange, "/data/answers/0/score"},
		{"unknown questionnaire", event(t, "x", `data.questionnaire="nope"`), schemas.UnknownQuestionnaire, "/data/questionnaire"},
		{"unknown version", event(t, "x", `data.questionnaire_version="77"`), schemas.UnknownVersion, "/data/questionnaire_version"},
		{"an item twice", event(t, "x", `data.answers=[{"item":"skill","score":8},{"item":"skill","score":8}]`), schemas.DuplicateItem, "/data/answers/1/item"},
		{"unknown item", event(t, "x", `data.answers=[{"item":"colour","score":8}]`), schemas.UnknownItem, "/data/answers/0/item"},
		{"time in no format", event(t, "x", `time="yesterday"`), schemas.InvalidFormat, "/time"},
		{"source in no format", event(t, "x", `source="a b"`), schemas.InvalidFormat, "/source"},
		{"over 5 minutes ahead", event(t, "x", `time="2026-03-02T12:05:01Z"`), schemas.FromTheFuture, "/time"},
		{"before 1970", event(t, "x", `time="1969-12-31T23:59:59Z"`), schemas.Before1970, "/time"},
		{"empty tenant", event(t, "x", `tenant=""`), schemas.InvalidFormat, "/tenant"},
		{"another tenant", event(t, "x", `tenant="globex"`), schemas.WrongTenant, "/tenant"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h, p := newHandler(t, with(func(c *Config) { c.MaxBodyBytes = 2 << 20 }))
			wanted := func(a answer, index int) {
				t.Helper()
				if len(a.Refused) != 1 {
					t.Fatalf("status %d, want one refusal: %.500s", a.status, a.raw)
				}
				if got := a.Refused[0]; got.Index != index || got.Reason != tc.reason || tc.field != "" && got.Field != tc.field || got.Detail == "" {
					t.Errorf("got %+v; want %s at %s", got, tc.reason, tc.field)
				}
			}
			for _, path := range []string{"/v1/events", "/v1/validate"} {
				alone := post(t, h, path, ceType, tc.event)
				wanted(alone, 0)
				if alone.status != 400 {
					t.Errorf("alone: status %d", alone.status)
				}
			}
			if len(p.messages()) != 0 {
				t.Errorf("%d messages of a refused event were published", len(p.messages()))
			}

			lines := join("\n", event(t, "a"), tc.event, event(t, "b"))
			among := post(t, h, "/v1/events", "application/x-ndjson", lines)
			wanted(among, 1)
			if among.status != 202 || among.Accepted != 2 || len(p.messages()) != 2 {
				t.Errorf("among good ones: status %d, accepted %d, published %d", among.status, among.Accepted, len(p.messages()))
			}

			// In an array a neighbour that is not JSON leaves nothing to tell apart.
			batch := post(t, h, "/v1/events", "application/cloudevents-batch+json", array(event(t, "a"), tc.event))
			if tc.reason == schemas.NotJSON {
				if batch.status != 400 || !strings.Contains(batch.Type, "broken-array") || len(p.messages()) != 2 {
					t.Errorf("in an array: %d %s", batch.status, batch.raw)
				}
				return
			}
			wanted(batch, 1)
			if batch.status != 202 || batch.Accepted != 1 {
				t.Errorf("in an array: %d %s", batch.status, batch.raw)
			}
		})
	}
}

func TestRefusedByBinaryMode(t *testing.T) {
	tests := []struct {
		name    string
		headers []string
		data    string
		reason  schemas.Reason
		field   string
	}{
		{"no JSON", nil, `{`, schemas.NotJSON, ""},
		{"no data", nil, ``, schemas.MissingField, "/data"},
		{"two ids", []string{"ce-id", "y"}, `{}`, schemas.DuplicateField, "/id"},
		{"another tenant", []string{"ce-tenant", "globex"}, `{"customer_id":"c"}`, schemas.WrongTenant, "/tenant"},
		{"two tenants", []string{"ce-tenant", "default", "ce-tenant", "globex"}, `{"customer_id":"c"}`, schemas.DuplicateField, "/tenant"},
		{"revision", []string{"ce-revision", "x"}, `{}`, schemas.WrongType, "/revision"},
		{"a field", nil, `{"direction":"sideways"}`, schemas.UnknownValue, "/data/direction"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h, p := newHandler(t)
			headers := append([]string{"ce-specversion", "1.0", "ce-id", "x", "ce-source", "/crm", "ce-type", "rapport.contact.v1", "ce-time", "2026-03-02T11:00:00Z"}, tc.headers...)
			a := post(t, h, "/v1/events", "application/json", []byte(tc.data), headers...)
			if a.status != 400 || len(a.Refused) != 1 || a.Refused[0].Reason != tc.reason || tc.field != "" && a.Refused[0].Field != tc.field {
				t.Errorf("%d %s; want %s at %s", a.status, a.raw, tc.reason, tc.field)
			}
			if len(p.messages()) != 0 {
				t.Error("published")
			}
		})
	}
}

func TestAnswersStaySmall(t *testing.T) {
	h, _ := newHandler(t)
	long := bytes.Repeat([]byte("x"), 400<<10)
	a := post(t, h, "/v1/events", ceType, event(t, string(long), `source="`+string(long)+` "`))
	if a.status != 400 || len(a.raw) > 4<<10 {
		t.Errorf("status %d, %d bytes", a.status, len(a.raw))
	}
}
