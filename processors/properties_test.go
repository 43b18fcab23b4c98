package processors

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
)

// drawEvent makes a valid, a retracted or a refused event.
func drawEvent(t *rapid.T, d *Definitions) *schemas.Event {
	e := &schemas.Event{
		ID: fmt.Sprintf("e-%d", rapid.IntRange(0, 20).Draw(t, "id")), Source: "/generated", Type: schemas.TypeSurveyResponse,
		Tenant:   rapid.SampledFrom([]string{"", "acme", "other"}).Draw(t, "tenant"),
		Revision: rapid.Uint32Range(0, 3).Draw(t, "revision"), Retracted: rapid.Bool().Draw(t, "retracted"), Payload: rapid.Uint64().Draw(t, "payload"),
		Time: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "time")).UTC(),
	}
	if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
		e.Type, e.Data = schemas.TypeSurveyInvitation, &schemas.SurveyInvitation{Questionnaire: "likert-12", Labels: schemas.Labels{"a": "b"}}
		return e
	}
	id := rapid.SampledFrom(append(d.Questionnaires.IDs(), "unknown")).Draw(t, "questionnaire")
	r := &schemas.SurveyResponse{Questionnaire: id, Role: "customer", Attributes: schemas.Attributes{Region: "north"}}
	for _, version := range d.Questionnaires.Versions(id) {
		for _, item := range version.Items {
			if rapid.IntRange(0, 20).Draw(t, "answered") > 0 {
				r.Answers = append(r.Answers, schemas.Answer{Item: item.ID, Score: number(rapid.IntRange(1, 5).Draw(t, "score"))})
			}
		}
	}
	if rapid.IntRange(0, 20).Draw(t, "refused") == 0 && len(r.Answers) > 0 {
		r.Answers[0].Score = number(99)
	}
	e.Data = r
	return e
}

// rows processes the events into one output and answers what is in it as a set.
func rows(d *Definitions, events []*schemas.Event) map[string]bool {
	var out Output
	set := map[string]bool{}
	for _, e := range events {
		if err := Process(e, d, &out); err != nil {
			set[fmt.Sprintf("%s %d: %v", e.ID, e.Payload, err)] = true
		}
	}
	for _, fact := range out.Responses {
		set[show(fact)] = true
	}
	for _, fact := range out.Invitations {
		set[show(fact)] = true
	}
	for day := range out.Stale {
		set[show(day)] = true
	}
	return set
}

// show prints a row with what its pointers point to.
func show(row any) string {
	text := fmt.Sprintf("%T", row)
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		field := v.Field(i)
		if scores, ok := field.Interface().([]*int16); ok {
			for _, score := range scores {
				if score != nil {
					text += fmt.Sprintf(" %d", *score)
				} else {
					text += " -"
				}
			}
			continue
		}
		text += fmt.Sprintf(" %+v", field.Interface())
	}
	return text
}

func TestOrderAndRepetitionChangeNothing(t *testing.T) {
	d := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		var events []*schemas.Event
		for range rapid.IntRange(1, 20).Draw(t, "events") {
			events = append(events, drawEvent(t, d))
		}
		want := rows(d, events)
		shuffled := rapid.Permutation(append(events, events...)).Draw(t, "shuffled")
		if diff := cmp.Diff(want, rows(d, shuffled)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestCheckAgreesWithProcess(t *testing.T) {
	d := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t, d)
		var first, second Output
		err := Process(e, d, &first)
		if diff := cmp.Diff(fmt.Sprint(err), fmt.Sprint(Check(e, d))); diff != "" {
			t.Fatal(diff)
		}
		again := Process(e, d, &second)
		if diff := cmp.Diff(first, second); diff != "" || fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("%v, %v: %s", err, again, diff)
		}
	})
}

func BenchmarkProcess(b *testing.B) {
	d, e := definitions(b), responseEvent()
	var out Output
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := Process(e, d, &out); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 999 {
			out = Output{}
		}
	}
}
