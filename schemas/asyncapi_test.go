package schemas

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func asyncAPI(t *testing.T) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal(contractFile(t, "asyncapi.yaml"), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// find follows a JSON pointer; nil where it leads nowhere.
func find(doc any, pointer string) any {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch v := doc.(type) {
		case map[string]any:
			doc = v[token]
		default:
			return nil
		}
	}
	return doc
}

func TestAsyncAPIReferencesResolve(t *testing.T) {
	doc := asyncAPI(t)
	if doc["asyncapi"] != "3.0.0" {
		t.Errorf("version %v", doc["asyncapi"])
	}
	references := 0
	var visit func(base string, root, v any)
	visit = func(base string, root, v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				references++
				file, pointer, _ := strings.Cut(ref, "#")
				target := root
				if file != "" {
					text, err := fs.ReadFile(Contract(), path.Join(base, file))
					if err != nil {
						t.Errorf("%s: %v", ref, err)
						return
					}
					target = nil
					if err := json.Unmarshal(text, &target); err != nil {
						t.Errorf("%s: %v", ref, err)
					}
				}
				if pointer != "" && find(target, pointer) == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, child := range v {
				visit(base, root, child)
			}
		case []any:
			for _, child := range v {
				visit(base, root, child)
			}
		}
	}
	visit(".", doc, doc)
	for _, file := range contractGlob(t, "json/*.schema.json") {
		schema := decode(t, contractFile(t, file))
		visit("json", schema, schema)
	}
	if references < 100 {
		t.Errorf("only %d references", references)
	}
}

func TestAsyncAPIHasTopicsTypesAndKeys(t *testing.T) {
	doc := asyncAPI(t)
	var addresses, want []string
	channels := find(doc, "/channels").(map[string]any)
	byTopic := map[string]any{}
	for name, channel := range channels {
		address := find(channel, "/address").(string)
		addresses = append(addresses, address)
		byTopic[address] = channel
		if find(channel, "/bindings/kafka/topic") != address {
			t.Errorf("%s: binding has another topic", name)
		}
		operations := 0
		for _, operation := range find(doc, "/operations").(map[string]any) {
			if find(operation, "/channel/$ref") == "#/channels/"+name {
				operations++
			}
		}
		if operations != 1 {
			t.Errorf("%s: %d operations", name, operations)
		}
	}
	want = []string{TopicSurveyResponses, TopicComplaints, TopicServiceEvents, TopicDeadLetters, TopicMetrics, TopicAlerts}
	if diff := cmp.Diff(asSet(want), asSet(addresses)); diff != "" {
		t.Errorf("topics (-code +document):\n%s", diff)
	}
	for _, typ := range Types() {
		modes := 0
		for _, ref := range find(byTopic[typ.Topic()], "/messages").(map[string]any) {
			message := find(doc, strings.TrimPrefix(find(ref, "/$ref").(string), "#"))
			if find(message, "/name") != string(typ) {
				continue
			}
			modes++
			if schema := find(message, "/payload/schema/$ref").(string); !strings.HasPrefix(schema, "./json/"+string(typ)+".schema.json") {
				t.Errorf("%s: payload %s", typ, schema)
			}
			key := find(doc, strings.TrimPrefix(find(message, "/bindings/kafka/key/$ref").(string), "#"))
			checkKeys(t, typ, find(key, "/x-first-of").([]any))
		}
		if modes != 2 {
			t.Errorf("%s: %d messages on %s", typ, modes, typ.Topic())
		}
	}
}

// checkKeys holds Event.Key against the document's pointers, on all examples of a type.
func checkKeys(t *testing.T, typ Type, pointers []any) {
	t.Helper()
	for name, x := range readExamples(t) {
		if !strings.HasPrefix(name, string(typ)+"/") {
			continue
		}
		want := ""
		for _, pointer := range pointers {
			if s, ok := find(decode(t, x.structured()), pointer.(string)).(string); ok && want == "" {
				want = s
			}
		}
		if got := mustParse(t, x.record()).Key(); got != want {
			t.Errorf("%s: key %q, the document says %q", name, got, want)
		}
	}
}

func TestAsyncAPIHasReasons(t *testing.T) {
	enum := find(asyncAPI(t), "/components/schemas/deadLetterHeaders/properties/rapport_reason/enum").([]any)
	var want, got []string
	for _, reason := range Reasons() {
		want = append(want, string(reason))
	}
	for _, reason := range enum {
		got = append(got, fmt.Sprint(reason))
	}
	if diff := cmp.Diff(asSet(want), asSet(got)); diff != "" {
		t.Errorf("reasons (-code +document):\n%s", diff)
	}
}

func asSet(all []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range all {
		set[s] = true
	}
	return set
}
