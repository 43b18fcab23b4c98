package ingest

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rapport-project/rapport/schemas"
	"pgregory.net/rapid"
)

// object draws a JSON object of any content without a member `tenant`, or with it as null, in any white space.
func object(t *rapid.T) []byte {
	members := rapid.MapOfN(rapid.String(), rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Float64Range(-1e6, 1e6), func(f float64) any { return f }),
		rapid.Map(rapid.MapOf(rapid.SampledFrom([]string{"tenant", "a", "}"}), rapid.Bool()), func(m map[string]bool) any { return m }),
		rapid.Just(any(nil)),
	), 0, 5).Draw(t, "members")
	delete(members, "tenant")
	if rapid.Bool().Draw(t, "null tenant") {
		members["tenant"] = nil
	}
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "indented") {
		value := jsontext.Value(text)
		if err := value.Indent(); err != nil {
			t.Fatal(err)
		}
		text = value
	}
	space := rapid.SampledFrom([]string{"", " ", "\r\n\t "})
	return []byte(space.Draw(t, "before") + string(text) + space.Draw(t, "after"))
}

func TestSpliceAddsTheTenantAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := object(t)
		tenant := rapid.StringN(1, 20, -1).Draw(t, "tenant")
		env := readEnvelope(before)
		if env.hasTenant {
			t.Fatalf("%s is said to have a tenant", before)
		}
		var want, got map[string]any
		if err := json.Unmarshal(before, &want); err != nil {
			t.Fatal(err)
		}
		want["tenant"] = tenant
		after := splice(before, env, tenant)
		if !jsontext.Value(after).IsValid() {
			t.Fatalf("not JSON, or a name twice: %s", after)
		}
		if err := json.Unmarshal(after, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s became %s (%v)", before, after, err)
		}
		if env := readEnvelope(after); !env.hasTenant {
			t.Fatalf("%s has no tenant", after)
		}
	})
}

func TestSplicedEventIsTheSameEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tenant := rapid.StringN(1, 64, -1).Draw(t, "tenant")
		comment, _ := json.Marshal(rapid.String().Draw(t, "comment"))
		text := []byte(`{"specversion":"1.0","id":"a","source":"/crm","type":"rapport.survey.response.v1","time":"2026-03-02T11:00:00Z",` +
			`"data":{"questionnaire":"after-sales-10","comment":` + string(comment) + `}}`)
		want, err := schemas.ParseEvent(text, noon, schemas.Options{DefaultTenant: tenant})
		if err != nil {
			t.Fatal(err)
		}
		got, err := schemas.ParseEvent(splice(text, readEnvelope(text), tenant), noon, schemas.Options{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	})
}

func TestSpliceEdges(t *testing.T) {
	tests := []struct{ before, tenant, after string }{
		{`{}`, `t`, `{"tenant":"t"}`},
		{"{ \n}", `t`, "{\"tenant\":\"t\" \n}"},
		{` {"a":1}`, `a"b\`, ` {"tenant":"a\"b\\","a":1}`},
		{`{"a":{"tenant":"x"}}`, `t`, `{"tenant":"t","a":{"tenant":"x"}}`},
		{`{"a":1,"tenant" : null}`, `t`, `{"a":1,"tenant" : "t"}`},
		{`7`, `t`, `7`},
	}
	for _, tc := range tests {
		if got := splice([]byte(tc.before), readEnvelope([]byte(tc.before)), tc.tenant); string(got) != tc.after {
			t.Errorf("%s became %s; want %s", tc.before, got, tc.after)
		}
	}
}
