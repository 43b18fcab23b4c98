package ingest

import (
	"errors"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/schemas"
)

// TestAnEventIsJudgedAsItsEnvelopeSays: the short way, which reads a good event once, comes to what the long one does.
func TestAnEventIsJudgedAsItsEnvelopeSays(t *testing.T) {
	h, _ := newHandler(t)
	const rest = `"specversion":"1.0","id":"a","source":"/crm","type":"rapport.survey.response.v1","time":"2026-03-02T11:00:00Z","data":{"questionnaire":"q","customer_id":"c","answers":[{"item":"i","score":1}]`
	for what, event := range map[string]string{
		"no tenant":                 `{` + rest + `}}`,
		"tenant":                    `{"tenant":"default",` + rest + `}}`,
		"tenant, escaped":           `{"\u0074enant":"default",` + rest + `}}`,
		"another tenant, escaped":   `{"\u0074enant":"other",` + rest + `}}`,
		"another tenant":            `{"tenant":"other",` + rest + `}}`,
		"empty tenant":              `{"tenant":"",` + rest + `}}`,
		"null tenant":               `{"tenant":null,` + rest + `}}`,
		"null tenant, escaped":      `{"t\u0065nant":null,` + rest + `}}`,
		"tenant twice":              `{"tenant":"default","tenant":"default",` + rest + `}}`,
		"tenant twice, one escaped": `{"tenant":"default","tenan\u0074":"other",` + rest + `}}`,
		"tenant within":             `{` + rest + `,"tenant":"other"}}`,
		"tenant as a value":         `{` + rest + `,"role":"tenant"}}`,
		"escapes":                   `{` + rest + `,"x":"\u00e9\n\"\\u0074enant"}}`,
		"no object":                 `[` + rest + `}]`,
		"broken":                    `{` + rest,
		"no events":                 `{}`,
		"wrong":                     `{` + rest + `},"tenant":"default","time":"yesterday"}`,
	} {
		t.Run(what, func(t *testing.T) { bothWays(t, h, []byte(event), "default") })
	}
}

// bothWays judges an event, and holds what comes of it to the long way.
func bothWays(t *testing.T, h *Handler, in []byte, tenant string) {
	t.Helper()
	var got judged
	g := h.judge(tenant, new(scratch))
	if err := g.event(&got, 3, incoming{value: in}); err != nil {
		t.Fatal(err)
	}
	env, value := readEnvelope(in), in
	if !env.hasTenant {
		value = splice(in, env, tenant)
	}
	event, err := h.validate(new(schemas.Parser), schemas.Record{Value: value, Headers: h.structured, Time: h.now()}, tenant)
	var want *schemas.InvalidError
	if errors.As(err, &want) != (got.refusal != nil) || want != nil && *want != *got.refusal {
		t.Fatalf("refused with %v, want %v", got.refusal, want)
	}
	if got.id != env.id || got.kind != env.kind || got.index != 3 {
		t.Errorf("read %q %q at %d, want %q %q", got.id, got.kind, got.index, env.id, env.kind)
	}
	if want == nil && (string(got.message.Value) != string(value) || string(got.message.Key) != event.Key() || got.message.Topic != event.Type.Topic() || got.unknown != event.Unknown) {
		t.Errorf("publishes %s under %s, want %s under %s", got.message.Value, got.message.Key, value, event.Key())
	}
}

// FuzzShortWay: whatever the event and the tenant, it is judged as by the long way.
func FuzzShortWay(f *testing.F) {
	h, _ := newHandler(f, with(func(c *Config) { c.MaxEventBytes = 300 }))
	for _, change := range []string{"", "tenant=null", `tenant="default"`, `tenant="other"`, `tenant=7`, `data.role="tenant"`, `x="\u0074enant"`, `data.comment="` + strings.Repeat("x", 60) + `"`} {
		for _, tenant := range []string{"default", "", strings.Repeat("ü", 65), "a\"b\\", "\xff"} {
			f.Add(event(f, "a", change), tenant)
		}
	}
	f.Add([]byte(`{"\u0074enant":null}`), "t")
	f.Add([]byte(`{}`), "t")
	f.Add([]byte(`7`), "t")
	f.Fuzz(func(t *testing.T, event []byte, tenant string) { bothWays(t, h, event, tenant) })
}
