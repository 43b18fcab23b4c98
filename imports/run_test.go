package imports

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

const contacts = `source: /import/test
time: {zone: UTC}
blanks: ["", "-"]
events:
  - type: rapport.contact.v1
    id: "{id}"
    time: "{at}"
    data: %s
`

// dataOf is the data of the only event of a row with the columns id, at, a and b.
func dataOf(t *testing.T, data, a, b string) (string, result) {
	t.Helper()
	got := importText(t, mapping(t, fmt.Sprintf(contacts, data)), fmt.Sprintf("id,at,a,b\n1,2025-01-01,%q,%q\n", a, b))
	if len(got.events) != 1 {
		return "", got
	}
	_, text, _ := strings.Cut(got.events[0], `"data":`)
	return strings.TrimSuffix(text, "}"), got
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ data, a, b, want string }{
		{`{customer_id: "{a}"}`, " x ", "", `{"customer_id":"x"}`},
		{`{customer_id: "{a}/{b}"}`, "x", "y", `{"customer_id":"x/y"}`},
		{`{customer_id: "{a}/{b}"}`, "x", "-", `{}`},
		{`{customer_id: "{{{a}}}"}`, "x", "", `{"customer_id":"{x}"}`},
		{`{customer_id: {column: a}}`, "ü", "", `{"customer_id":"ü"}`},
		{`{customer_id: {hash: [a, b]}}`, "x", "y", `{"customer_id":"24202ef4827711088024fb8916f2288c"}`},
		{`{customer_id: {hash: [a, b], prefix: c-}}`, "-", "-", `{}`},
		{`{issue: {column: a, default: none}}`, "-", "", `{"issue":"none"}`},
		{`{issue: {column: a, when: {column: b, is: [y, z]}}}`, "x", "y", `{"issue":"x"}`},
		{`{issue: {column: a, when: {column: b, is_not: y}}}`, "x", "y", `{}`},
		{`{issue: {column: a, when: {column: b, present: false}}}`, "x", "", `{"issue":"x"}`},
		{`{answered: false}`, "", "", `{"answered":false}`},
		{`{answered: "{a}"}`, "true", "", `{"answered":true}`},
		{`{answered: {column: a, map: {j: true, n: false, w: null}}}`, "w", "", `{}`},
		{`{answered: {column: a, map: {j: true}, otherwise: blank}}`, "x", "", `{}`},
		{`{issue: {column: a, map: {j: yes}, otherwise: keep}}`, "x", "", `{"issue":"x"}`},
		{`{wait_seconds: "{a}"}`, "12.50", "", `{"wait_seconds":12.5}`},
		{`{wait_seconds: {column: a, unit: milliseconds}}`, "1100", "", `{"wait_seconds":1.1}`},
		{`{wait_seconds: {column: a, unit: minutes}}`, "1.5", "", `{"wait_seconds":90}`},
		{`{wait_seconds: {column: a, unit: hours}}`, "2", "", `{"wait_seconds":7200}`},
		{`{wait_seconds: {column: a, unit: "h:mm:ss"}}`, "0:02:23", "", `{"wait_seconds":143}`},
		{`{wait_seconds: {column: a, unit: "h:mm:ss"}}`, "100:00:00.5", "", `{"wait_seconds":360000.5}`},
		{`{wait_seconds: {column: a, unit: "m:ss"}}`, "90:05", "", `{"wait_seconds":5405}`},
		{`{attributes: {region: "{a}"}, labels: {any name: "{b}"}, issue: i}`, "x", "y", `{"issue":"i","attributes":{"region":"x"},"labels":{"any name":"y"}}`},
		{`{attributes: {region: "{a}"}, labels: {n: "{b}"}}`, "", "y", `{"labels":{"n":"y"}}`},
		{`{labels: {quote: "{a}"}}`, "say \\", "", `{"labels":{"quote":"say \\\\"}}`},
	} {
		got, r := dataOf(t, c.data, c.a, c.b)
		if got != c.want {
			t.Errorf("%s of %q, %q is %s, want %s\n%s", c.data, c.a, c.b, got, c.want, r.refusals())
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ data, a, want string }{
		{`{answered: "{a}"}`, "Y", `column "a" = "Y": wrong_type at /data/answered: "Y" is neither true nor false; a map turns other words into them`},
		{`{answered: {column: a, map: {j: true}}}`, "x", `unknown_value at /data/answered: the map has no word "x"; add it, or say otherwise: keep or blank`},
		{`{direction: "{a}"}`, "up", `unknown_value at /data/direction: "up" is none of inbound, outbound`},
		{`{wait_seconds: "{a}"}`, "-1", `wrong_type at /data/wait_seconds: "-1" is no duration in seconds`},
		{`{wait_seconds: "{a}"}`, "NaN", `is no duration in seconds`},
		{`{wait_seconds: "{a}"}`, "0x10", `is no duration in seconds`},
		{`{wait_seconds: {column: a, unit: "h:mm:ss"}}`, "1:60:00", `is no duration in h:mm:ss`},
		{`{wait_seconds: {column: a, unit: "h:mm:ss"}}`, "1:30", `is no duration in h:mm:ss`},
	} {
		_, r := dataOf(t, c.data, c.a, "")
		if r.Refused != 1 || r.Published != 0 || !strings.HasPrefix(r.refusals(), "-:2: rapport.contact.v1: column \"a\"") || !strings.Contains(r.refusals(), c.want) {
			t.Errorf("%s of %q is %v, refused: %s", c.data, c.a, r.events, r.refusals())
		}
	}
}

// What only the contract or the questionnaire can tell is led back to the column too.
func TestVerdictsNameTheColumn(t *testing.T) {
	m := mapping(t, `source: /import/test
time: {zone: UTC}
events:
  - type: rapport.survey.response.v1
    id: "{id}"
    time: "{at}"
    data:
      questionnaire: call-rating
      answers: [{item: none, score: "{b}"}, {item: "{item}", score: "{a}"}]
`)
	got := importText(t, m, "id,at,item,a,b\n,2025-01-01,rating,5,\n2,,rating,5,\n3,2025-01-01,rating,9,\n4,2025-01-01,hope,5,\n5,1969-01-01,rating,5,\n6,2030-01-01,rating,5,\n7,2025-01-01,rating,5,\n8,2025-01-01,rating,4.5,\n9,2025-01-01,rating,5.0,\n10,2025-01-01,rating,,\n")
	want := `-:2: rapport.survey.response.v1: column "id" = "": missing_field at /id: required
-:3: rapport.survey.response.v1: column "at" = "": missing_field at /time: required
-:4: rapport.survey.response.v1: column "a" = "9": out_of_range at /data/answers/0/score: 9 is off the scale of 1 to 5
-:5: rapport.survey.response.v1: column "item" = "hope": unknown_item at /data/answers/0/item:
-:6: rapport.survey.response.v1: column "at" = "1969-01-01": before_1970 at /time:
-:7: rapport.survey.response.v1: column "at" = "2030-01-01": from_the_future at /time:
-:9: rapport.survey.response.v1: column "a" = "4.5": wrong_type at /data/answers/0/score: "4.5" is no whole number`
	lines := strings.Split(strings.TrimSpace(got.refusals()), "\n")
	for i, w := range strings.Split(want, "\n") {
		if i >= len(lines) || !strings.HasPrefix(lines[i], w) {
			t.Errorf("want %s\nin\n%s", w, got.refusals())
		}
	}
	if got.Refused != 7 || got.Published != 3 || got.Rows != 10 || got.Reasons[schemas.MissingField] != 2 {
		t.Errorf("%+v", got.Summary)
	}
}

func TestFilesAreRead(t *testing.T) {
	two := []string{"1 x", "2 ü,\ny"}
	plain := "id,at,a,b\n1,2025-01-01,x,\n2,2025-01-01,\"ü,\ny\",\n"
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return b.String()
	}
	utf16 := encoded(t, "utf-16le", plain)
	for _, c := range []struct{ name, file, text string }{
		{"plain", "{}", plain},
		{"byte order mark", "{}", "\ufeff" + plain},
		{"CRLF, quoted line ends kept", "{}", strings.ReplaceAll(plain, "\n", "\r\n")},
		{"no end of line", "{}", strings.TrimSuffix(plain, "\n")},
		{"gzip", "{}", zip(plain)},
		{"gzip of two parts", "{}", zip(plain[:20]) + zip(plain[20:])},
		{"separator", `{separator: ";"}`, strings.ReplaceAll(strings.ReplaceAll(plain, ",", ";"), "ü;", "ü,")},
		{"tab", `{separator: tab}`, strings.ReplaceAll(strings.ReplaceAll(plain, ",", "\t"), "ü\t", "ü,")},
		{"windows-1252", `{encoding: windows-1252}`, encoded(t, "windows-1252", plain)},
		{"utf-16", `{encoding: utf-16le}`, utf16},
		{"utf-16 by its mark", `{}`, "\xff\xfe" + utf16},
		{"spaces in the header", "{}", strings.Replace(plain, "id,at", " id , at", 1)},
		{"no header", "{columns: [id, at, a, b]}", strings.SplitN(plain, "\n", 2)[1]},
		{"columns in other order", "{}", "b,a,extra,at,id\n,x,?,2025-01-01,1\n,\"ü,\ny\",?,2025-01-01,2\n"},
		{"ndjson", "{format: ndjson}", `{"id":1,"at":"2025-01-01","a":"x","b":null}` + "\n\n" + `{"id":"2","at":"2025-01-01","a":"ü,\ny","more":[1]}`},
		{"ndjson, packed, with a mark", "{format: ndjson}", zip("\ufeff" + `{"id":1,"at":"2025-01-01","a":"x"}` + "\r\n" + `{"id":2,"at":"2025-01-01","a":"ü,\ny"}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mapping(t, "file: "+c.file+"\n"+fmt.Sprintf(contacts, `{issue: "{a}", case_id: "{b}"}`))
			got := importText(t, m, c.text)
			var have []string
			for _, e := range got.parsed(t) {
				have = append(have, e.ID+" "+e.Data.(*schemas.Contact).Issue)
			}
			if diff := cmp.Diff(two, have); diff != "" || got.Refused != 0 || got.Rows != 2 {
				t.Errorf("%s\n%s", diff, got.refusals())
			}
		})
	}
}

func TestRowsThatCannotBeRead(t *testing.T) {
	for _, c := range []struct{ name, file, text, refusals string }{
		{"fields", "{}", "id,at,a\n1,2025-01-01\n2,2025-01-01,x\n", "-:2: invalid_format: the row has 2 fields and the header 3\n"},
		{"bare quote", "{}", "id,at,a\n1,2025-01-01,x\"y\n2,2025-01-01,x\n", "-:2: invalid_format: the row cannot be read: bare \" in non-quoted-field; a cell with quotes in it stands in quotes, with each of them doubled\n"},
		{"not utf-8", "{}", "id,at,a\n1,2025-01-01,\xfc\n2,2025-01-01,x\n", "-:2: column \"a\": not_utf8: the file is not UTF-8 here; say file.encoding, such as windows-1252 or gb18030\n"},
		{"not big5", "{encoding: big5}", "id,at,a\n1,2025-01-01,\xff\n2,2025-01-01,x\n", "-:2: column \"a\": not_utf8: there are bytes that are nothing in big5\n"},
		{"not json", "{format: ndjson}", "{\"id\":1\n{\"id\":2,\"at\":\"2025-01-01\",\"a\":\"x\"}\n", "-:1: not_json: the line is no JSON object: unexpected EOF\n"},
		{"json twice", "{format: ndjson}", "{} {}\n{\"id\":2,\"at\":\"2025-01-01\",\"a\":\"x\"}\n", "-:1: not_json: the line is no JSON object: more than one value\n"},
		{"json not utf-8", "{format: ndjson}", "{\"a\":\"\xff\"}\n{\"id\":2,\"at\":\"2025-01-01\",\"a\":\"x\"}\n", "-:1: not_utf8: the line is not UTF-8; say file.encoding, such as windows-1252 or gb18030\n"},
		{"nested", "{format: ndjson}", "{\"id\":1,\"at\":\"2025-01-01\",\"a\":{}}\n{\"id\":2,\"at\":\"2025-01-01\",\"a\":\"x\"}\n", "-:1: column \"a\": wrong_type: an object or a list; want text, a number or a boolean\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := importText(t, mapping(t, "file: "+c.file+"\n"+fmt.Sprintf(contacts, `{issue: "{a}"}`)), c.text)
			if diff := cmp.Diff(c.refusals, got.refusals()); diff != "" || got.Published != 1 || got.Rows != 2 {
				t.Errorf("%s\n%v", diff, got.events)
			}
		})
	}
}

func TestNestedNamesAndAliases(t *testing.T) {
	text := "file: {format: ndjson}\naliases: {customer.id: [who]}\n" + fmt.Sprintf(contacts, `{customer_id: "{customer.id}"}`)
	for _, line := range []string{`{"id":1,"at":"2025-01-01","customer":{"id":"c"}}`, `{"id":1,"at":"2025-01-01","customer.id":"c"}`, `{"id":1,"at":"2025-01-01","who":"c"}`} {
		if got := importText(t, mapping(t, text), line); len(got.events) != 1 || !strings.Contains(got.events[0], `"customer_id":"c"`) {
			t.Errorf("%s: %v %s", line, got.events, got.refusals())
		}
	}
	m := mapping(t, "aliases: {a: [alpha]}\n"+fmt.Sprintf(contacts, `{issue: "{a}"}`))
	if got := importText(t, m, "id,at,alpha\n1,2025-01-01,x\n"); got.Published != 1 {
		t.Error(got.refusals())
	}
	got := importFiles(t, Options{Mapping: m, Files: []string{"-"}, Stdin: strings.NewReader("id,at,alpha,a\n")})
	if got.err == nil || !strings.Contains(got.err.Error(), `columns "alpha" and "a" are both there`) {
		t.Error(got.err)
	}
}

// Faults of a whole file end the import, with what came before them published.
func TestFilesThatCannotBeRead(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = fmt.Fprint(z, "id,at,a\n")
	for i := range 10000 {
		_, _ = fmt.Fprintf(z, "%d,2025-01-01,%x\n", i, i*7919)
	}
	_ = z.Close()
	for _, c := range []struct {
		name, text, want string
		published        bool
	}{
		{"empty", "", "the file is empty", false},
		{"columns", "id,when\n1,2025-01-01\n", "m.yaml:7: events[0].time: there is no column \"at\" in -\nm.yaml:8: events[0].data.issue: there is no column \"a\" in -\nthe columns are: \"id\", \"when\"", false},
		{"separator", "id;at;a\n", "the columns are: \"id;at;a\"\nthere is no other: if they are not separated by ',', say file.separator", false},
		{"header in another encoding", "id,at,a,\xb5\xd8\n", "-: the header is not UTF-8: \"\\xb5\\xd8\"; say file.encoding", false},
		{"twice", "id,at,a,a\n", "columns \"a\" and \"a\" are both there", false},
		{"cut off", packed.String()[:packed.Len()/2], "unexpected EOF", true},
		{"open quote", "id,at,a\n1,2025-01-01,x\n2,2025-01-01,\"" + strings.Repeat("long\n", maxRecordBytes/4), "the row after line 2 has over 4 MiB: a quote there may lack its other half", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := importFiles(t, Options{Mapping: mapping(t, fmt.Sprintf(contacts, `{issue: "{a}"}`)), Files: []string{"-"}, Stdin: strings.NewReader(c.text)})
			if got.err == nil || !strings.Contains(got.err.Error(), c.want) || c.published != (got.Published > 0) || got.Published != len(got.events) {
				t.Errorf("%v, %d published", got.err, got.Published)
			}
		})
	}
	got := importFiles(t, Options{Mapping: mapping(t, fmt.Sprintf(contacts, `{}`)), Files: []string{filepath.Join(t.TempDir(), "nowhere.csv")}})
	if !errors.Is(got.err, os.ErrNotExist) {
		t.Error(got.err)
	}
}

// Nothing counts as published that the broker has not acknowledged.
func TestOnlyTheAcknowledgedIsPublished(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,at,a\n")
	for i := range 2*batchEvents + 5 {
		fmt.Fprintf(&b, "%d,2025-01-01,x\n", i)
	}
	calls := 0
	s, err := Run(t.Context(), Options{
		Mapping: mapping(t, fmt.Sprintf(contacts, `{issue: "{a}"}`)), Files: []string{"-"}, Stdin: strings.NewReader(b.String()), Judge: judge(t),
		Publish: func(_ context.Context, msgs []kafka.Message) error {
			if calls++; calls == 2 {
				return errBroker
			}
			for _, m := range msgs {
				if m.Topic != schemas.TopicServiceEvents || len(m.Key) == 0 || string(m.Headers[0].Value) != "application/cloudevents+json" {
					t.Fatalf("%+v", m)
				}
			}
			return nil
		},
	})
	if !errors.Is(err, errBroker) || s.Published != batchEvents || calls != 2 {
		t.Errorf("%v, %d published in %d calls", err, s.Published, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := Run(ctx, Options{Mapping: mapping(t, fmt.Sprintf(contacts, `{}`)), Files: []string{"-"}, Stdin: strings.NewReader(b.String()), Judge: judge(t)}); !errors.Is(err, context.Canceled) || s.Rows != 0 {
		t.Errorf("%v, %d rows", err, s.Rows)
	}
}
