package generator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Poison is a kind of record that must be refused.
type Poison struct {
	Name string
	// Reason and Field are the verdict to expect.
	Reason schemas.Reason
	Field  string
	// NoDefaultTenant: refused only where there is no default tenant. NeedsDefinitions: refused by the questionnaire, not by the
	// contract. NeedsTopic: refused for the topic it came on. KafkaOnly: HTTP cannot carry it or says it another way.
	NoDefaultTenant, NeedsDefinitions, NeedsTopic, KafkaOnly bool

	// alter spoils the members of a good response; text, where set, spoils its bytes afterwards.
	alter func(event map[string]any, at time.Time)
	text  func(raw []byte) []byte
}

// Poisons makes one bad record of each kind as if sent at the given instant: well-formed but for the one offence. The
// ids name the kinds.
func (g *Generator) Poisons(at time.Time, kinds ...Poison) []Event {
	out := make([]Event, 0, len(kinds))
	for _, k := range kinds {
		co := g.companies[g.rng.IntN(len(g.companies))]
		g.serial++
		r, _ := g.response(co, g.serial)
		r.Questionnaire, r.Version = "after-sales-10", nil
		g.answer(r, 0.7)
		four := 4
		r.Answers = append([]answer{{Item: "skill", Score: &four}}, without(r.Answers, "skill")...)
		v := envelope{
			typ: schemas.TypeSurveyResponse, tenant: co.tenant, source: "/apps/crm", id: fmt.Sprintf("poison-%s-%d", k.Name, g.serial),
			at: at.UTC().Add(-time.Second).Truncate(time.Millisecond), key: r.CustomerID,
		}
		out = append(out, k.spoil(v.event(0, false, r, time.Second, g.rng), at))
	}
	return out
}

func without(answers []answer, item string) []answer {
	var kept []answer
	for _, a := range answers {
		if a.Item != item {
			kept = append(kept, a)
		}
	}
	return kept
}

func (k Poison) spoil(e Event, at time.Time) Event {
	raw := e.JSON
	if k.alter != nil {
		var m map[string]any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			panic(fmt.Sprintf("generator: its own event cannot be read: %v", err))
		}
		k.alter(m, at)
		altered, err := json.Marshal(m)
		if err != nil {
			panic(fmt.Sprintf("generator: its own event cannot be written: %v", err))
		}
		raw = altered
	}
	if k.text != nil {
		raw = k.text(raw)
	}
	e.JSON = raw
	e.Headers, e.Value = structured(raw)
	e.Refused, e.Field = k.Reason, k.Field
	return e
}

// set alters one member, addressed by object keys and 0 for the first answer; nil takes it away.
func set(value any, path ...string) func(map[string]any, time.Time) {
	return func(event map[string]any, _ time.Time) { put(event, value, path) }
}

// setTime sets the event's time relative to when it is sent.
func setTime(ahead time.Duration) func(map[string]any, time.Time) {
	return func(event map[string]any, at time.Time) {
		event["time"] = at.Add(ahead).UTC().Format(time.RFC3339Nano)
	}
}

func put(m map[string]any, value any, path []string) {
	for _, p := range path[:len(path)-1] {
		switch next := m[p].(type) {
		case map[string]any:
			m = next
		case []any:
			m = next[0].(map[string]any)
		}
	}
	last := path[len(path)-1]
	if value == nil {
		delete(m, last)
		return
	}
	m[last] = value
}

// replaced swaps the first occurrence of a text.
func replaced(old, new string) func([]byte) []byte {
	return func(raw []byte) []byte { return bytes.Replace(raw, []byte(old), []byte(new), 1) }
}

func nested(depth int) any {
	return json.RawMessage(strings.Repeat("[", depth) + strings.Repeat("]", depth))
}
