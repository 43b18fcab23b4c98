package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// appended is when the examples' records were appended: after all of their times.
var appended = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// compare holds Parse's verdict on a structured event against the oracle's and returns the event, nil if it is refused.
func compare(t *testing.T, value []byte, at time.Time, o Options) *Event {
	t.Helper()
	return compareRecord(t, Record{Value: value, Time: at}, value, o)
}

// compareRecord holds Parse's verdict on a record against the oracle's on the structured event that it amounts to.
func compareRecord(t *testing.T, r Record, structured []byte, o Options) *Event {
	t.Helper()
	e, err := Parse(r, o)
	if err == nil && e == nil {
		t.Fatal("neither event nor error")
	}
	var invalid *InvalidError
	if err != nil && (!errors.As(err, &invalid) || e != nil) {
		t.Fatalf("event %v, error of type %T", e, err)
	}
	if hugeExponent.Match(structured) {
		return e
	}
	want, broken := newOracle().judge(structured, r.Time, o)
	switch {
	case err == nil && len(want) > 0:
		t.Fatalf("taken, but the contract finds %v\n%s", want, structured)
	case err != nil && len(want) == 0:
		t.Fatalf("refused (%v), but the contract finds nothing\n%s", err, structured)
	case err != nil && !broken && !slices.Contains(want[invalid.Field], invalid.Reason):
		t.Fatalf("refused (%v), but the contract finds %v\n%s", err, want, structured)
	}
	if e != nil {
		checkEvent(t, e, structured)
	}
	return e
}

// checkEvent checks what holds for every event that Parse takes.
func checkEvent(t *testing.T, e *Event, value []byte) {
	t.Helper()
	if e.Data == nil || e.Type.Topic() == "" || e.ID == "" || e.Source == "" || e.Tenant == "" || e.Key() == "" {
		t.Fatalf("incomplete event %+v\n%s", e, value)
	}
	for when, due := range dueOf(e) {
		if due.UTC().Year() < 0 || due.UTC().Year() > 9999 {
			t.Skipf("due %s cannot be written as RFC 3339", when)
		}
	}
	for mode, r := range map[string]Record{"structured": {Value: MarshalStructured(e)}, "binary": MarshalBinary(e)} {
		again, err := Parse(r, Options{MaxBytes: 16 << 20})
		if err != nil {
			t.Fatalf("%s: written as %s and refused: %v", mode, r.Value, err)
		}
		again.Unknown = e.Unknown
		if diff := diffEvents(e, again); diff != "" {
			t.Fatalf("%s: read, written and read (-first +second):\n%s", mode, diff)
		}
	}
}

func dueOf(e *Event) map[string]time.Time {
	switch d := e.Data.(type) {
	case *Complaint:
		return d.Due
	case *Milestone:
		return d.Due
	}
	return nil
}

func TestExamplesAreTaken(t *testing.T) {
	for name, x := range readExamples(t) {
		t.Run(name, func(t *testing.T) {
			o := Options{DefaultTenant: "default"}
			e := compareRecord(t, x.record(), x.structured(), o)
			if e == nil {
				_, err := Parse(x.record(), o)
				t.Fatalf("refused: %v", err)
			}
			if want := strings.Split(name, "/")[0]; string(e.Type) != want {
				t.Fatalf("type %s in folder %s", e.Type, want)
			}
			if err := contractSchema(t, string(e.Type)).Validate(decode(t, x.structured())); err != nil {
				t.Fatal(err)
			}
			if x.Headers != nil {
				headers, _ := json.Marshal(x.Headers)
				if err := contractSchema(t, "headers").Validate(decode(t, headers)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestInvalidExamplesAreRefusedAsTheTableSays(t *testing.T) {
	table := map[string]struct{ Reason, Field string }{}
	if err := json.Unmarshal(contractFile(t, "examples/invalid.json"), &table); err != nil {
		t.Fatal(err)
	}
	files := contractGlob(t, "examples/invalid/*.json")
	if len(files) != len(table) {
		t.Errorf("%d files, %d lines in the table", len(files), len(table))
	}
	for name, want := range table {
		t.Run(name, func(t *testing.T) {
			value := contractFile(t, "examples/invalid/"+name)
			compare(t, value, appended, Options{DefaultTenant: "default"})
			_, err := ParseEvent(value, appended, Options{DefaultTenant: "default"})
			var invalid *InvalidError
			if !errors.As(err, &invalid) || string(invalid.Reason) != want.Reason || invalid.Field != want.Field {
				t.Fatalf("got %v, want %s at %q", err, want.Reason, want.Field)
			}
			if !strings.HasPrefix(name, want.Reason) {
				t.Errorf("named %s for %s", name, want.Reason)
			}
		})
	}
}

// TestMutations puts every replacement at every place of every example, every third one in binary mode too.
func TestMutations(t *testing.T) {
	verdicts := map[bool]int{}
	count := 0
	for _, x := range readExamples(t) {
		original := decode(t, x.structured())
		places := placesIn(original)
		for _, place := range places {
			for _, op := range operations {
				replacements := []string{""}
				if op.needsValue {
					replacements = replacementsFor
				}
				for _, replacement := range replacements {
					if count++; testing.Short() && count%7 != 0 {
						continue
					}
					value := op.apply(original, place, replacement)
					verdicts[compare(t, value, appended, Options{DefaultTenant: "default"}) != nil]++
					if count%3 != 0 {
						continue
					}
					if r, ok := toBinary(value); ok {
						compareRecord(t, r, fromBinary(r), Options{})
					}
				}
			}
		}
	}
	if verdicts[true] < 1000 || verdicts[false] < 1000 {
		t.Errorf("the mutations say little: %v", verdicts)
	}
	t.Logf("taken and refused: %v", verdicts)
}

func FuzzParse(f *testing.F) {
	for _, x := range readExamples(f) {
		f.Add(x.structured(), "default")
	}
	for _, file := range contractGlob(f, "examples/invalid/*.json") {
		f.Add(contractFile(f, file), "")
	}
	f.Fuzz(func(t *testing.T, value []byte, tenant string) {
		if !utf8.ValidString(tenant) || utf8.RuneCountInString(tenant) > maxTenant {
			t.Skip("not a setting")
		}
		compare(t, value, appended, Options{DefaultTenant: tenant})
		Peek(Record{Value: value})
	})
}

func FuzzParseBinary(f *testing.F) {
	for _, x := range readExamples(f) {
		if r, ok := toBinary(x.structured()); ok {
			h := map[string]string{}
			for _, header := range r.Headers {
				h[header.Name] = string(header.Value)
			}
			f.Add(h["content-type"], h["ce_id"], h["ce_source"], h["ce_type"], h["ce_time"], h["ce_tenant"], h["ce_revision"], h["ce_retracted"], "ce_x", "", r.Value)
		}
	}
	f.Fuzz(func(t *testing.T, contentType, id, source, typ, at, tenant, revision, retracted, name, extra string, value []byte) {
		if strings.HasPrefix(strings.ToLower(contentType), "application/cloudevents") {
			t.Skip("structured mode")
		}
		r := Record{Value: value, Time: appended, Headers: []Header{{"ce_specversion", []byte("1.0")}}}
		for _, h := range [][2]string{{"content-type", contentType}, {"ce_id", id}, {"ce_source", source}, {"ce_type", typ}, {"ce_time", at},
			{"ce_tenant", tenant}, {"ce_revision", revision}, {"ce_retracted", retracted}, {name, extra}} {
			if h[1] != "" || h[0] == name {
				r.Headers = append(r.Headers, Header{h[0], []byte(h[1])})
			}
		}
		if strings.EqualFold(name, "content-type") {
			t.Skip("the fuzzer's own header is an extension")
		}
		compareRecord(t, r, fromBinary(r), Options{DefaultTenant: "default"})
		Peek(r)
	})
}

// FuzzVerdict changes one place of an example, so that most inputs get past the syntax.
func FuzzVerdict(f *testing.F) {
	var originals []any
	for _, x := range readExamples(f) {
		originals = append(originals, decode(f, x.structured()))
	}
	for i, replacement := range replacementsFor {
		f.Add(uint(i), uint(i*7), uint(i), replacement)
	}
	f.Fuzz(func(t *testing.T, example, place, op uint, replacement string) {
		original := originals[example%uint(len(originals))]
		places := placesIn(original)
		if !json.Valid([]byte(replacement)) {
			quoted, _ := json.Marshal(replacement)
			replacement = string(quoted)
		}
		value := operations[op%uint(len(operations))].apply(original, places[place%uint(len(places))], replacement)
		compare(t, value, appended, Options{DefaultTenant: "default"})
		if r, ok := toBinary(value); ok {
			compareRecord(t, r, fromBinary(r), Options{})
		}
	})
}

var integerHeader = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// fromBinary writes the structured event that a record of binary mode amounts to. A value that is not JSON makes it none.
func fromBinary(r Record) []byte {
	var b bytes.Buffer
	quote := func(s string) { text, _ := json.Marshal(s); b.Write(text) }
	b.WriteByte('{')
	for _, h := range r.Headers {
		name, attribute := strings.CutPrefix(h.Name, "ce_")
		switch {
		case !attribute && !strings.EqualFold(h.Name, "content-type"):
			continue
		case !attribute:
			name = "datacontenttype"
		case name == "data" || name == "data_base64" || name == "datacontenttype":
			name = "x-" + name // no such attribute in binary mode
		}
		if !utf8.Valid(h.Value) || !utf8.ValidString(name) {
			if known := "specversion id source type time tenant revision retracted subject dataschema datacontenttype"; utf8.Valid(h.Value) && !strings.Contains(known, name) {
				continue
			}
			return []byte{0xff}
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		quote(name)
		b.WriteByte(':')
		text := string(h.Value)
		if name == "revision" && integerHeader.MatchString(text) || name == "retracted" && (text == "true" || text == "false") {
			b.WriteString(text)
		} else {
			quote(text)
		}
	}
	if len(r.Value) > 0 {
		if utf8.Valid(r.Value) && !json.Valid(r.Value) {
			return []byte("{")
		}
		b.WriteString(`,"data":`)
		b.Write(r.Value)
	}
	b.WriteByte('}')
	return b.Bytes()
}
