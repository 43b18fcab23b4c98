package ingest

import (
	"errors"
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
		t.Run(what, func(t *testing.T) {
			in := []byte(event)
			got, err := h.judge(3, incoming{value: in}, "default")
			if err != nil {
				t.Fatal(err)
			}
			env, value := readEnvelope(in), in
			if !env.hasTenant {
				value = splice(in, env, "default")
			}
			event, err := h.validate(new(schemas.Parser), schemas.Record{Value: value, Headers: h.structured, Time: h.now()}, "default")
			var want *schemas.InvalidError
			if errors.As(err, &want) != (got.refusal != nil) || want != nil && *want != *got.refusal {
				t.Fatalf("refused with %v, want %v", got.refusal, want)
			}
			if got.id != env.id || got.kind != env.kind || got.index != 3 {
				t.Errorf("read %q %q at %d, want %q %q", got.id, got.kind, got.index, env.id, env.kind)
			}
			if want == nil && (string(got.message.Value) != string(value) || string(got.message.Key) != event.Key()) {
				t.Errorf("publishes %s under %s, want %s under %s", got.message.Value, got.message.Key, value, event.Key())
			}
		})
	}
}

// FuzzMayNameTenant: where it says no, there is none.
func FuzzMayNameTenant(f *testing.F) {
	for _, s := range []string{`{"tenant":1}`, `{"\u0074enant":null}`, `{"a":"\u00e9"}`, `{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		if env := readEnvelope(event); !mayNameTenant(event) && (env.hasTenant || env.nullTenant != 0) {
			t.Errorf("%q has a tenant: %+v", event, env)
		}
	})
}
