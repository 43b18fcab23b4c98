package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// differ holds Parse, and a Parser that has read other events before, against the parser by tokens: the same verdict, event, reason, field and words.
func differ(t testing.TB, p *Parser, r Record, o Options) {
	t.Helper()
	before := bytes.Clone(r.Value)
	want, refused := parseByTokens(r, o)
	for name, parse := range map[string]func(Record, Options) (*Event, error){"Parse": Parse, "Parser": p.Parse} {
		got, err := parse(r, o)
		var found *InvalidError
		if err != nil && !errors.As(err, &found) {
			t.Fatalf("%s: an error of type %T", name, err)
		}
		switch {
		case (refused == nil) != (found == nil):
			t.Fatalf("%s: %v, by tokens %v\n%q", name, err, refused, r.Value)
		case refused != nil:
			// In which words a text is no JSON, the library says differently of a value and of its tokens.
			if found.Reason != refused.Reason || found.Field != refused.Field || found.Reason != NotJSON && found.Reason != NotUTF8 && found.Detail != refused.Detail {
				t.Fatalf("%s: %v, by tokens %v\n%q", name, found, refused, r.Value)
			}
			continue
		}
		if want.Payload != got.Payload || want.Unknown != got.Unknown {
			t.Fatalf("%s: payload %x and %d unknown, by tokens %x and %d\n%q", name, got.Payload, got.Unknown, want.Payload, want.Unknown, r.Value)
		}
		if diff := diffEvents(want, got); diff != "" {
			t.Fatalf("%s (-by tokens):\n%s\n%q", name, diff, r.Value)
		}
	}
	if !bytes.Equal(before, r.Value) {
		t.Fatal("the record was changed")
	}
}

// spoilt are texts that an event becomes by one change of its bytes each.
func spoilt(value []byte, each func([]byte)) {
	pieces := []string{"", "\"", "\\", "\\u", "\\ud83d", "\\ud83d\\ude00", "\\u0061", "\xff", "\xc3", "é", "\x00", "\n", "{", "}", "[", "]", ",", ":", "0", "-", "1e", ".", "null", "true", " "}
	for at := range len(value) + 1 {
		each(value[:at])
		for _, piece := range pieces {
			each(append(append(bytes.Clone(value[:at]), piece...), value[at:]...))
			if at < len(value) {
				each(append(append(bytes.Clone(value[:at]), piece...), value[at+1:]...))
			}
		}
	}
}

// everySpoilt of the spoilt texts is tried, which leaves out no place and no kind of change: all of them take a minute and a half.
const everySpoilt = 31

func TestTheSameAsByTokens(t *testing.T) {
	var p Parser
	n := 0
	for _, x := range readExamples(t) {
		for _, r := range []Record{x.record(), {Value: x.structured(), Time: appended}} {
			differ(t, &p, r, Options{DefaultTenant: "default"})
			whole := r.Value
			spoilt(whole, func(value []byte) {
				if n++; n%everySpoilt != 0 {
					return
				}
				r.Value = value
				differ(t, &p, r, Options{DefaultTenant: "default"})
			})
		}
	}
	t.Logf("%d texts", n)
}

// TestTheSameAtTheEdges has what single changes of bytes do not come to.
func TestTheSameAtTheEdges(t *testing.T) {
	var p Parser
	const event = `{"specversion":"1.0","id":"a","source":"b","type":"rapport.contact.v1","time":"2026-01-01T00:00:00Z","tenant":"t",%s}`
	members := func(n int, name func(int) string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%q:%d,", name(i), i)
		}
		return b.String() + `"last":0`
	}
	numbered := func(i int) string { return fmt.Sprint("n", i) }
	twice := func(i int) string { return fmt.Sprint("n", i%400) }
	var values []string
	for _, depth := range []int{13, 14, 15, 16, 17, 9997, 9998, 9999, 10000, 10001, 10002} {
		for _, pair := range []string{"[]", "{}"} {
			open, inner := pair[:1], ""
			if pair == "{}" {
				open, inner = `{"x":`, "1"
			}
			nested := strings.Repeat(open, depth) + inner + strings.Repeat(pair[1:], depth)
			values = append(values, fmt.Sprintf(event, `"data":`+nested), fmt.Sprintf(event, `"x":`+nested),
				`{"data":`+nested+`,`+fmt.Sprintf(event, `"x":1`)[1:], nested)
		}
	}
	for _, n := range []int{0, 1, 31, 32, 33, 34, 100, 400, 401, 1000} {
		values = append(values, fmt.Sprintf(event, `"x":{`+members(n, numbered)+`},"data":{}`), fmt.Sprintf(event, members(n, twice)+`,"data":{}`),
			fmt.Sprintf(event, `"data":{"labels":{`+strings.ReplaceAll(members(n, twice), ":", `:""+`)+`}}`))
	}
	for _, data := range []string{
		`{"a":1,"\u0061":2}`, `{"":1,"":2}`, `{"\ud83d\ude00":1,"😀":2}`, `{"a/b":{"c~d":[1,{"e":1,"e":2}]}}`, `{"case_id":1,"case_id":"x"}`,
		`{"attributes":{"region":"\ud800"}}`, `{"attributes":{"region":"\uDC00\uD800"}}`, `{"labels":{"a":"\/\b\f\n\r\t\"\\"}}`, `{"labels":null}`,
		`{"wait_seconds":-0.0}`, `{"wait_seconds":1e400}`, `{"wait_seconds":-1e-400}`, `{"wait_seconds":01}`, `{"wait_seconds":1.}`, `{"answered":truex}`,
		`{"answered":"true"}`, `{"resolved":nul}`, `{"wait_seconds":+1}`, `{"due":{"x" 1}}`, `{"answered":true,}`, `[]`, `"x"`, `nulL`, ``,
	} {
		values = append(values, fmt.Sprintf(event, `"data":`+data), `{"data":`+data+`,`+fmt.Sprintf(event, `"x":1`)[1:], fmt.Sprintf(event, `"x":`+data),
			strings.Replace(fmt.Sprintf(event, `"data":`+data), "contact", "milestone", 1), data, data+data, data+" "+data)
	}
	for _, value := range values {
		differ(t, &p, Record{Value: []byte(value), Time: appended}, Options{})
	}
}

func FuzzTokens(f *testing.F) {
	for _, x := range readExamples(f) {
		f.Add(x.structured(), true)
		r := x.record()
		f.Add(r.Value, r.Headers == nil)
	}
	for _, file := range contractGlob(f, "examples/invalid/*.json") {
		f.Add(contractFile(f, file), true)
	}
	types := Types()
	var p Parser
	f.Fuzz(func(t *testing.T, value []byte, structured bool) {
		r := Record{Value: value, Time: appended}
		if structured {
			differ(t, &p, r, Options{DefaultTenant: "default"})
			return
		}
		for _, typ := range types {
			r.Headers = []Header{{"ce_specversion", []byte("1.0")}, {"ce_id", []byte("1")}, {"ce_source", []byte("s")}, {"ce_time", []byte("2026-01-01T00:00:00Z")}, {"ce_type", []byte(typ)}}
			differ(t, &p, r, Options{DefaultTenant: "default"})
		}
	})
}

// TestParserCopiesNothing: its strings are the record's bytes, but for the tenant, which outlives the record.
func TestParserCopiesNothing(t *testing.T) {
	var p Parser
	value := []byte(fullResponse)
	e, err := p.Parse(Record{Value: value}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	within := func(s string) bool {
		at := uintptr(unsafe.Pointer(unsafe.StringData(s)))
		first := uintptr(unsafe.Pointer(&value[0]))
		return at >= first && at < first+uintptr(len(value))
	}
	if !within(e.ID) || !within(e.Data.(*SurveyResponse).Answers[0].Item) {
		t.Error("the event's strings are copies")
	}
	if within(e.Tenant) {
		t.Error("the tenant holds the record")
	}
	if e, err = Parse(Record{Value: value}, Options{}); err != nil || within(e.ID) {
		t.Errorf("Parse shares the caller's bytes: %v", err)
	}
}
