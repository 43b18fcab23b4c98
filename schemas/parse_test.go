package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const fullResponse = `{"specversion":"1.0","id":"r-1","source":"/crm/surveys","type":"rapport.survey.response.v1","time":"2026-03-02T09:15:00+08:00","tenant":"acme","data":{"questionnaire":"after-sales-10","customer_id":"c-42","attributes":{"region":"north","product":"pump"},"answers":[{"item":"skill","score":8},{"item":"attitude","score":9},{"item":"timeliness","score":8,"reasons":["arrived_late"]},{"item":"parts","score":7},{"item":"overall","score":8}],"nps":9}}`

func BenchmarkParse(b *testing.B) {
	appended := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	structured := Record{Value: []byte(fullResponse), Time: appended}
	e, err := Parse(structured, Options{})
	if err != nil {
		b.Fatal(err)
	}
	binary := MarshalBinary(e)
	binary.Time = appended
	for name, r := range map[string]Record{"structured": structured, "binary": binary} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(r.Value)))
			for b.Loop() {
				if _, err := Parse(r, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func refusal(t *testing.T, r Record, o Options) (Reason, string) {
	t.Helper()
	e, err := Parse(r, o)
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("taken: %+v, error %v", e, err)
	}
	return invalid.Reason, invalid.Field
}

func TestLimits(t *testing.T) {
	padded := func(n int) Record {
		return Record{Value: append([]byte(fullResponse), bytes.Repeat([]byte(" "), n-len(fullResponse))...)}
	}
	if _, err := Parse(padded(DefaultMaxBytes), Options{}); err != nil {
		t.Error(err)
	}
	if reason, _ := refusal(t, padded(DefaultMaxBytes+1), Options{}); reason != TooLarge {
		t.Error(reason)
	}
	if reason, _ := refusal(t, padded(500), Options{MaxBytes: 499}); reason != TooLarge {
		t.Error(reason)
	}
	// The same nesting in either mode: data are one deep in the event.
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	event := func(n int) Record {
		return Record{Value: []byte(`{"specversion":"1.0","id":"a","source":"b","type":"rapport.contact.v1","time":"2026-01-01T00:00:00Z","tenant":"t","data":{"x":` + nested(n) + `}}`)}
	}
	data := func(n int) Record {
		r := MarshalBinary(mustParse(t, event(1)))
		r.Value = []byte(`{"x":` + nested(n) + `}`)
		return r
	}
	for name, record := range map[string]func(int) Record{"structured": event, "binary": data} {
		if _, err := Parse(record(MaxDepth-2), Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		reason, field := refusal(t, record(MaxDepth-1), Options{})
		if reason != TooDeep || field != "/data/x"+strings.Repeat("/0", MaxDepth-2) {
			t.Errorf("%s: %s at %s", name, reason, field)
		}
	}
}

func TestTimeAgainstTheClock(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 15, 0, 0, time.UTC)
	value := []byte(fullResponse)
	for ahead, refused := range map[time.Duration]bool{0: false, 5 * time.Minute: false, 5*time.Minute + time.Millisecond: true, -time.Hour: false} {
		_, err := ParseEvent(value, at.Add(-ahead), Options{})
		var invalid *InvalidError
		if errors.As(err, &invalid) != refused || refused && (invalid.Reason != FromTheFuture || invalid.Field != "/time") {
			t.Errorf("%v ahead: %v", ahead, err)
		}
	}
	if e, err := ParseEvent(value, time.Time{}, Options{}); err != nil || !e.Time.Equal(at) {
		t.Errorf("without append time: %v, %v", e, err)
	}
}

func TestTenant(t *testing.T) {
	without := []byte(strings.Replace(fullResponse, `"tenant":"acme",`, "", 1))
	if e := mustParse(t, Record{Value: without}); e.Tenant != "default" {
		t.Error(e.Tenant)
	}
	if reason, field := refusal(t, Record{Value: without}, Options{}); reason != MissingTenant || field != "/tenant" {
		t.Errorf("%s at %s", reason, field)
	}
	if e := mustParse(t, Record{Value: []byte(fullResponse)}); e.Tenant != "acme" {
		t.Error(e.Tenant)
	}
}

func TestDefaultsAndUnknown(t *testing.T) {
	value := `{"specversion":"1.0","id":"a","source":"b","type":"rapport.%s.v1","time":"2026-01-01T00:00:00Z","more":{"id":1},"data":{"x":[{"y":1}],"attributes":{"z":1},%s}}`
	contact := mustParse(t, Record{Value: fmt.Appendf(nil, value, "contact", `"resolved":null`)})
	if c := contact.Data.(*Contact); c.Direction != "inbound" || !c.Answered || c.Resolved != nil || contact.Unknown != 3 {
		t.Errorf("%+v, unknown %d", c, contact.Unknown)
	}
	response := mustParse(t, Record{Value: fmt.Appendf(nil, value, "survey.response", `"questionnaire":"q","questionnaire_version":2.0,"answers":[{"item":"i","w":1}]`)})
	if r := response.Data.(*SurveyResponse); r.Role != "customer" || r.QuestionnaireVersion != "2" || r.Answers[0].Score != nil || response.Unknown != 4 {
		t.Errorf("%+v, unknown %d", r, response.Unknown)
	}
}

func TestBinaryHeaders(t *testing.T) {
	good := MarshalBinary(mustParse(t, Record{Value: []byte(fullResponse)}))
	with := func(name, value string) Record {
		r := good
		r.Headers = nil
		for _, h := range good.Headers {
			if h.Name != name {
				r.Headers = append(r.Headers, h)
			}
		}
		r.Headers = append(r.Headers, Header{name, []byte(value)})
		return r
	}
	for _, c := range []struct {
		record Record
		reason Reason
		field  string
	}{
		{with("ce_revision", "03"), WrongType, "/revision"},
		{with("ce_revision", "1.0"), WrongType, "/revision"},
		{with("ce_revision", "-1"), OutOfRange, "/revision"},
		{with("ce_revision", "2147483648"), OutOfRange, "/revision"},
		{with("ce_retracted", "True"), WrongType, "/retracted"},
		{with("ce_tenant", ""), InvalidFormat, "/tenant"},
		{with("ce_id", ""), InvalidFormat, "/id"},
		{with("ce_id", "\xff"), NotUTF8, "/id"},
		{with("content-type", "text/csv"), InvalidFormat, "/datacontenttype"},
		{with("Content-Type", "application/json"), DuplicateField, "/datacontenttype"},
		{with("content-type", "application/cloudevents+json"), MissingField, "/specversion"},
		{Record{Headers: append(good.Headers, good.Headers[2]), Value: good.Value}, DuplicateField, "/id"},
		{Record{Headers: good.Headers}, MissingField, "/data"},
		{Record{Headers: good.Headers, Value: []byte("null")}, MissingField, "/data"},
		{Record{Headers: good.Headers, Value: []byte("{} {}")}, NotJSON, ""},
		{Record{Headers: good.Headers, Value: []byte(`{"answers":[{}]}`)}, MissingField, "/data/answers/0/item"},
		{Record{}, NotJSON, ""},
		{Record{Value: []byte("null")}, WrongType, ""},
	} {
		if reason, field := refusal(t, c.record, Options{DefaultTenant: "default"}); reason != c.reason || field != c.field {
			t.Errorf("%v %s: %s at %q, want %s at %q", c.record.Headers, c.record.Value, reason, field, c.reason, c.field)
		}
	}
	for _, r := range []Record{with("ce_traceparent", "00"), with("traceparent", "00"), with("Content-Type-Options", "x")} {
		mustParse(t, r)
	}
}

func TestPeekReadsWhatItCan(t *testing.T) {
	type found struct{ tenant, source, id, typ string }
	full := found{"acme", "/crm/surveys", "r-1", "rapport.survey.response.v1"}
	for name, c := range map[string]struct {
		record Record
		want   found
	}{
		"whole":      {Record{Value: []byte(fullResponse)}, full},
		"cut":        {Record{Value: []byte(fullResponse[:200])}, full},
		"duplicates": {Record{Value: []byte(`{"id":"a","id":"b","type":7,"tenant":"t` + "\xff" + `"}`)}, found{"t\uFFFD", "", "b", ""}},
		"not JSON":   {Record{Value: []byte("hello")}, found{}},
		"empty":      {Record{}, found{}},
		"binary":     {MarshalBinary(mustParse(t, Record{Value: []byte(fullResponse)})), full},
	} {
		var got found
		got.tenant, got.source, got.id, got.typ = Peek(c.record)
		if got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestReadmeHasReasonsAndTakesItsExample keeps the page for producers true.
func TestReadmeHasReasonsAndTakesItsExample(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Refusals")
	var documented, want []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, row[1])
	}
	for _, reason := range Reasons() {
		want = append(want, string(reason))
	}
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("reasons (-code +page):\n%s", diff)
	}
	_, example, _ := strings.Cut(string(page), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	mustParse(t, Record{Value: []byte(example)})
	if JSONSchema(TypeContact) == nil || JSONSchema("rapport.contact.v2") != nil {
		t.Error("JSONSchema")
	}
}
