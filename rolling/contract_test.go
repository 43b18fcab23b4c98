package rolling

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/rapport-project/rapport/schemas"
)

// TestChangedFollowsTheContract: what is published is what the JSON Schema says, member for member, and so are the examples.
func TestChangedFollowsTheContract(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"time", schemas.TypeMetricChanged} {
		doc := parsed(t, "json/"+name+".schema.json")
		if err := c.AddResource("contract:///json/"+name+".schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("contract:///json/" + schemas.TypeMetricChanged + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	full := figure("csat_top2", "region", "north", 86, 50)
	full.Tenant, full.Window, full.AsOf, full.Low, full.High = "acme", "7d", time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC), some(73.8), some(93)
	gone := Figure{Tenant: "acme", Metric: "csat_top2", Window: "1h", AsOf: full.AsOf, Version: 1}
	for _, f := range []Figure{full, gone} {
		text, err := json.Marshal(changedOf(f, big.NewInt(1)))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	examples, err := fs.Glob(schemas.Contract(), "examples/"+schemas.TypeMetricChanged+"/*.json")
	if err != nil || len(examples) != 2 {
		t.Fatal(examples, err)
	}
	for _, file := range examples {
		if err := schema.Validate(parsed(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	doc := parsed(t, "json/"+schemas.TypeMetricChanged+".schema.json").(map[string]any)
	if diff := cmp.Diff(members(Changed{}), doc["required"]); diff != "" {
		t.Error(diff)
	}
	data := doc["$defs"].(map[string]any)["data"].(map[string]any)
	if diff := cmp.Diff(members(ChangedData{}), data["required"]); diff != "" || len(data["properties"].(map[string]any)) != len(members(ChangedData{})) {
		t.Error(diff)
	}
}

// members are the JSON names of a struct's fields, in order.
func members(of any) (names []any) {
	for i := range reflect.TypeOf(of).NumField() {
		names = append(names, reflect.TypeOf(of).Field(i).Tag.Get("json"))
	}
	return names
}

func parsed(t *testing.T, file string) any {
	t.Helper()
	text, err := fs.ReadFile(schemas.Contract(), file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return doc
}
