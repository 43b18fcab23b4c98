package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// example is a file of examples/: a structured event, or headers and value of binary mode.
type example struct {
	text    []byte
	Headers map[string]string
	Value   json.RawMessage
}

func (x example) record() Record {
	r := Record{Value: x.text, Time: appended}
	if x.Headers != nil {
		r.Value = x.Value
		for name, value := range x.Headers {
			r.Headers = append(r.Headers, Header{name, []byte(value)})
		}
	}
	return r
}

func (x example) structured() []byte {
	if x.Headers == nil {
		return x.text
	}
	return fromBinary(x.record())
}

// readExamples reads the valid examples by "type/name".
func readExamples(tb testing.TB) map[string]example {
	tb.Helper()
	examples := map[string]example{}
	for _, t := range Types() {
		files := contractGlob(tb, "examples/"+string(t)+"/*.json")
		if len(files) < 4 {
			tb.Fatalf("%d examples of %s", len(files), t)
		}
		for _, file := range files {
			text := contractFile(tb, file)
			x := example{text: text}
			if strings.Contains(file, "/binary") {
				if err := json.Unmarshal(text, &x); err != nil {
					tb.Fatalf("%s: %v", file, err)
				}
			}
			examples[strings.TrimSuffix(strings.TrimPrefix(file, "examples/"), ".json")] = x
		}
	}
	return examples
}

func contractFile(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := fs.ReadFile(Contract(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func contractGlob(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := fs.Glob(Contract(), pattern)
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func decode(tb testing.TB, text []byte) any {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return doc
}

func diffEvents(a, b *Event) string { return cmp.Diff(a, b) }

// placesIn lists the JSON pointers of all values in a document, the whole one first.
func placesIn(doc any) []string {
	places := []string{""}
	inside := func(name string, v any) {
		for _, p := range placesIn(v) {
			places = append(places, pointerTo(name)+p)
		}
	}
	switch v := doc.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			inside(name, v[name])
		}
	case []any:
		for i := range v {
			inside(fmt.Sprint(i), v[i])
		}
	}
	return places
}

// operation is a way to change a document at a place.
type operation struct {
	needsValue bool
	// write writes a member (name is quoted and has its colon) or an element (no name) that is at the place.
	write func(name, old, replacement string) string
}

var operations = []operation{
	{true, func(name, _, replacement string) string { return name + replacement }},
	{false, func(_, _, _ string) string { return "" }},
	{false, func(name, old, _ string) string { return name + old + "," + name + old }},
	{false, func(name, old, _ string) string { return strings.Replace(name, `"`, `"x`, 1) + old }},
	{false, func(name, old, _ string) string { return " " + name + "\n\t" + old + ` , "more" : [{"deep":[[]]}]` }},
	{false, func(name, old, _ string) string {
		return name + strings.Repeat("[", 13) + old + strings.Repeat("]", 13)
	}},
	{false, func(name, old, _ string) string { return name + `{"~/":` + old + `}` }},
}

// apply writes the document with the operation done at the place.
func (op operation) apply(doc any, place, replacement string) []byte {
	return []byte(op.render(doc, "", place, "", replacement))
}

func (op operation) render(v any, at, place, name, replacement string) string {
	var text string
	var parts []string
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for n := range v {
			names = append(names, n)
		}
		slices.Sort(names) // data before type: the harder order
		for _, n := range names {
			quoted, _ := json.Marshal(n)
			part := op.render(v[n], at+pointerTo(n), place, string(quoted)+":", replacement)
			if part != "" {
				parts = append(parts, part)
			}
		}
		text = "{" + strings.Join(parts, ",") + "}"
	case []any:
		for i := range v {
			if part := op.render(v[i], at+"/"+fmt.Sprint(i), place, "", replacement); part != "" {
				parts = append(parts, part)
			}
		}
		text = "[" + strings.Join(parts, ",") + "]"
	default:
		b, _ := json.Marshal(v)
		text = string(b)
	}
	if at != place {
		return name + text
	}
	return op.write(name, text, replacement)
}

// replacementsFor holds values that are right somewhere and wrong elsewhere.
var replacementsFor = []string{
	`null`, `true`, `false`, `0`, `-0`, `-0.0`, `1`, `5`, `7`, `8`, `10`, `11`, `-1`, `8.0`, `80e-1`, `0.8E+1`, `8.5`, `0.1`, `1e2`, `-1e-400`, `1e-400`, `1e309`,
	`8.000000000000000000001`, `32767`, `32768`, `-32769`, `2147483647`, `2147483648`, `99999999999999999999`, `1e300`, `1.797693134862315e308`, `1.797693134862314e308`, `31622400`, `31622400.5`,
	`""`, `"x"`, `"8"`, `"1.0"`, `"0.3"`, `"true"`, `"\u0000"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\u0041"`, `"a b"`, `"%zz"`, `"%41"`, `"a#b?c"`, `"\u00e9"`,
	`"customer"`, `"employee"`, `"mystery_shopper"`, `"resolved"`, `"major"`, `"outbound"`, `"Inbound"`,
	`"rapport.survey.response.v1"`, `"rapport.survey.invitation.v1"`, `"rapport.complaint.v1"`, `"rapport.contact.v1"`, `"rapport.milestone.v1"`, `"rapport.contact.v2"`,
	`"application/json"`, `"APPLICATION/JSON ; charset=utf-8"`, `"application/vnd.x+json"`, `"application/+json"`, `"application/json2"`, `"text/json"`, `"application/jsonjson;+json"`, `"/+json"`,
	`"2026-03-02T08:30:00Z"`, `"2026-03-02t08:30:00z"`, `"2026-03-02T08:30:00.1234567890123+23:59"`, `"2026-03-02T12:05:00Z"`, `"2026-03-02T12:05:00.0000009Z"`, `"2026-03-02T12:05:00.000001Z"`,
	`"2026-03-02T08:30:00"`, `"2026-03-02T08:30Z"`, `"2026-03-02T08:30:00.Z"`, `"2026-03-02T08:30:00,5Z"`, `"2026-03-02T24:00:00Z"`, `"2026-03-02T08:60:00Z"`, `"2026-03-02T8:30:00Z"`,
	`"2026-03-02T08:30:00+24:00"`, `"2026-03-02T08:30:00+0800"`, `"2026-02-29T00:00:00Z"`, `"2024-02-29T00:00:00Z"`, `"2026-13-01T00:00:00Z"`, `"2026-00-01T00:00:00Z"`, `"2026-04-31T00:00:00Z"`,
	`"2016-12-31T23:59:60Z"`, `"2016-12-31T23:59:60.5Z"`, `"2017-01-01T07:59:60+08:00"`, `"2016-12-31T22:59:60Z"`, `"2016-12-31T23:59:61Z"`, `"2016-12-31T15:59:60-08:00"`,
	`"1970-01-01T00:00:00Z"`, `"1969-12-31T23:59:59.9999999Z"`, `"1970-01-01T00:30:00+01:00"`, `"1969-12-31T23:30:00-01:00"`, `"0000-01-01T00:00:00Z"`, `"9999-12-31T23:59:59Z"`,
	`[]`, `{}`, `[null]`, `[""]`, `[1]`, `[{}]`, `[[]]`, `[{"item":"a"},{"item":"a"}]`, `[{"item":""}]`, `[{"item":"a","score":null,"reasons":["b"]}]`, `{"a":1}`, `{"a":"b"}`, `{"a/b~c":null}`,
	`{"region":"x","agent":null}`, `{"resolved":"2026-03-02T08:30:00Z"}`, `{"opened":null}`, `{"left":"2026-03-02T08:30:00Z"}`, `{"questionnaire":"x"}`, `{"case_id":"x"}`, `{"complaint_id":"x"}`,
	`"` + strings.Repeat("\u00fc", 128) + `"`, `"` + strings.Repeat("\u00fc", 129) + `"`,
}

// toBinary writes a structured event as a record of binary mode, if its attributes can be.
func toBinary(value []byte) (Record, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil || members["id"] == nil {
		return Record{}, false
	}
	r := Record{Time: appended, Headers: []Header{{"traceparent", []byte("00-4bf9-00f0-01")}}}
	for name, raw := range members {
		switch {
		case name == "data":
			r.Value = raw
			continue
		case raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
			return Record{}, false
		case raw[0] == '"':
			var s string
			_ = json.Unmarshal(raw, &s)
			raw = []byte(s)
		}
		if name == "datacontenttype" {
			r.Headers = append(r.Headers, Header{"content-type", raw})
		} else {
			r.Headers = append(r.Headers, Header{"ce_" + name, raw})
		}
	}
	return r, true
}
