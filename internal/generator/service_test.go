package generator_test

import (
	"bytes"
	"io/fs"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

func eventSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	files, err := fs.Glob(schemas.Contract(), "json/*.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(schemas.Contract(), file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("contract:///"+file, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("contract:///json/event.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestServiceEventsFollowTheContractInBothModes(t *testing.T) {
	cfg := generator.Config{Seed: 1, Tenants: []string{"a", "default"}, Customers: 20}
	events := newGenerator(t, cfg).ServiceEvents(400)
	if !reflect.DeepEqual(events, newGenerator(t, cfg).ServiceEvents(400)) {
		t.Error("the same seed gave other events")
	}
	schema := eventSchema(t)
	binary := generator.Binary(events, 1, generator.NewRand(2))
	for i, e := range events {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(e.JSON))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Fatalf("%v\n%s", err, e.JSON)
		}
		p := parse(t, e, e.Published)
		if p.ID != e.ID || p.Source != e.Source || p.Tenant != e.Tenant || p.Type != e.Type || p.Revision != e.Revision ||
			p.Retracted != e.Retracted || !p.Time.Equal(e.Time.Truncate(time.Microsecond)) {
			t.Fatalf("event %+v parsed as %+v", e, p)
		}
		if !e.Retracted && p.Key() != e.Key {
			t.Errorf("key %q, the contract asks for %q", e.Key, p.Key())
		}
		if e.Topic != e.Type.Topic() {
			t.Errorf("topic %q of %s", e.Topic, e.Type)
		}
		if diff := cmp.Diff(p, parse(t, binary[i], e.Published)); diff != "" {
			t.Fatalf("binary:\n%s\n%s", diff, e.JSON)
		}
	}
}

// What the oracle and the system are held against each other on must be in the stream, or their agreement says nothing.
func TestEveryOddityOfServiceHappens(t *testing.T) {
	events := newGenerator(t, generator.Config{Seed: 3, Customers: 30}).ServiceEvents(2000)
	const window = 7 * 24 * time.Hour
	n := map[string]int{}
	type identity struct {
		typ    schemas.Type
		source string
		id     string
	}
	keys := map[identity]map[string]bool{}
	note := func(name string, is bool) {
		if is {
			n[name]++
		}
	}
	contacts := map[string][]time.Time{}
	for _, e := range events {
		p := parse(t, e, e.Published)
		note("retracted "+string(e.Type), e.Retracted)
		note("revised "+string(e.Type), e.Revision > 0 && !e.Retracted)
		if e.Retracted {
			note("retraction without keys", p.Key() == e.ID && e.Key != e.ID)
			continue
		}
		var key string
		switch d := p.Data.(type) {
		case *schemas.Contact:
			key = d.CustomerID + "\x00" + d.Issue + "\x00" + d.CaseID
			note("abandoned", !d.Answered)
			note("outbound", d.Direction == "outbound")
			note("unknown resolved", d.Resolved == nil)
			note("no customer", d.CustomerID == "")
			note("no customer and no case", d.CustomerID+d.CaseID == "")
			note("no issue", d.Issue == "")
			if d.CustomerID != "" && e.Revision == 0 {
				chain := d.CustomerID + "\x00" + d.Issue
				for _, at := range contacts[chain] {
					distance := p.Time.Sub(at).Abs()
					note("tie", distance == 0)
					note("exactly the window", distance == window)
					note("just beyond the window", distance == window+time.Microsecond)
					note("within the window", distance > 0 && distance < window)
				}
				contacts[chain] = append(contacts[chain], p.Time)
			}
		case *schemas.Milestone:
			key = d.CaseID
			note("no milestone", d.Milestone == "")
			for _, due := range d.Due {
				note("due", true)
				note("due long ago", due.Year() < 2000)
				note("due in time to come", due.Year() > 2090)
			}
		case *schemas.Complaint:
			key = d.ComplaintID
			note("no phase", d.Phase == "")
			note("handling", d.Handling != "")
			note("timely", d.Timely != nil)
			note("due of a complaint", len(d.Due) > 0)
		}
		id := identity{e.Type, e.Source, e.ID}
		if keys[id] == nil {
			keys[id] = map[string]bool{}
		}
		keys[id][key] = true
	}
	for id, under := range keys {
		note("other keys "+string(id.typ), len(under) > 1)
	}
	wanted := []string{
		"retraction without keys", "abandoned", "outbound", "unknown resolved", "no customer", "no customer and no case", "no issue", "tie",
		"exactly the window", "just beyond the window", "within the window", "no milestone", "due", "due long ago", "due in time to come",
		"no phase", "handling", "timely", "due of a complaint",
	}
	for _, typ := range []schemas.Type{schemas.TypeContact, schemas.TypeMilestone, schemas.TypeComplaint} {
		wanted = append(wanted, "retracted "+string(typ), "revised "+string(typ), "other keys "+string(typ))
	}
	for _, name := range wanted {
		if n[name] < 10 {
			t.Errorf("%s: %d in 2000 stories", name, n[name])
		}
	}
	t.Logf("%d events: %v", len(events), n)
}

func TestServiceIsAShareOfStories(t *testing.T) {
	cfg := generator.Config{Seed: 5, Service: 0.5, Rates: &generator.Rates{}}
	n := map[schemas.Type]int{}
	for _, e := range newGenerator(t, cfg).Events(400) {
		n[e.Type]++
		if e.Published.Before(e.Time) {
			t.Fatalf("published %s, time %s", e.Published, e.Time)
		}
	}
	for _, typ := range []schemas.Type{schemas.TypeSurveyResponse, schemas.TypeContact, schemas.TypeMilestone, schemas.TypeComplaint} {
		if n[typ] < 50 {
			t.Errorf("%d of %s", n[typ], typ)
		}
	}
}
