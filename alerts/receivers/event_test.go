package receivers

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/rapport-project/rapport/schemas"
)

// alertSchema is the schema of what is published, with those it refers to.
func alertSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"rapport.alert.v1.schema.json", "time.schema.json"} {
		text, err := fs.ReadFile(schemas.Contract(), "json/"+name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("file:///json/"+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("file:///json/rapport.alert.v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, body []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

// TestExamplesAreWhatIsSent: the examples of the contract are the messages themselves, and its schema takes them.
func TestExamplesAreWhatIsSent(t *testing.T) {
	s := alertSchema(t)
	for _, transition := range []string{Firing, Resolved, Corrected} {
		body, err := encode(drop(transition))
		if err != nil {
			t.Fatal(err)
		}
		valid(t, s, body)
		file := filepath.Join("..", "..", "schemas", "examples", schemas.TypeAlert, transition+".json")
		if *update {
			if err := os.WriteFile(file, indented(t, body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(indented(t, body))); diff != "" {
			t.Errorf("%s (-want +got); -update writes it anew:\n%s", file, diff)
		}
	}
}

// TestTheLeastIsValidToo: an alert on a count, without interval, window before, movers or rule's texts; and numbers that JSON cannot say.
func TestTheLeastIsValidToo(t *testing.T) {
	s := alertSchema(t)
	least := Notification{
		ID: "x", Tenant: "t", Alert: "a", Group: "g", Transition: Firing, StartsAt: time.Unix(1772442900, 0), At: time.Unix(1772442900, 0),
		Metric: "volume", Window: "1h", Bound: "drop", Value: ptr(math.NaN()), Low: ptr(math.Inf(-1)), Movers: []Mover{{Cut: "region", Contribution: math.NaN()}},
	}
	body, err := encode(least)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, s, body)
}

func TestSchemaSaysNo(t *testing.T) {
	s := alertSchema(t)
	body, err := encode(drop(Firing))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ was, is string }{
		{`"type":"rapport.alert.v1"`, `"type":"rapport.alert.v2"`}, {`"transition":"firing"`, `"transition":"fired"`}, {`"n":75`, `"n":-1`}, {`"window":"7d"`, `"window":"8d"`},
		{`"starts_at":"2026-03-02T09:15:00Z"`, `"starts_at":"yesterday"`}, {`"threshold":75`, `"threshold":null`}, {`"ends_at":null,`, ``},
	} {
		broken := strings.Replace(string(body), c.was, c.is, 1)
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
		if err != nil || broken == string(body) {
			t.Fatalf("%s: %v", c.was, err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s is taken", c.is)
		}
	}
}

// TestEncodeIsStable: a retry by any process is the same to the byte.
func TestEncodeIsStable(t *testing.T) {
	first, err := encode(drop(Firing))
	if err != nil || !json.Valid(first) {
		t.Fatal(err)
	}
	for range 20 {
		again, err := encode(drop(Firing))
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%v\n%s\n%s", err, first, again)
		}
	}
}
