package schemas

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustParse(tb testing.TB, r Record) *Event {
	tb.Helper()
	e, err := Parse(r, Options{DefaultTenant: "default"})
	if err != nil {
		tb.Fatalf("%v in %s", err, r.Value)
	}
	return e
}

// TestPayloadIsOfContent holds the payloads of one event against each other in all the forms that change nothing.
func TestPayloadIsOfContent(t *testing.T) {
	for name, x := range readExamples(t) {
		t.Run(name, func(t *testing.T) {
			e := mustParse(t, x.record())
			doc := decode(t, x.structured())
			keep := operation{write: func(name, old, _ string) string { return name + old }}
			var spaced bytes.Buffer
			if err := json.Indent(&spaced, keep.apply(doc, "", ""), "\t", "  "); err != nil {
				t.Fatal(err)
			}
			event := doc.(map[string]any)
			at, _ := time.Parse(time.RFC3339Nano, event["time"].(string))
			with := func(member string, v any) []byte {
				changed := map[string]any{}
				for name, old := range event {
					changed[name] = old
				}
				changed[member] = v
				text, _ := json.Marshal(changed)
				return text
			}
			forms := map[string][]byte{
				"sorted": keep.apply(doc, "", ""), "white space": spaced.Bytes(), "rewritten": MarshalStructured(e),
				"escaped":        bytes.ReplaceAll(keep.apply(doc, "", ""), []byte(`o`), []byte(`\u006f`)),
				"another offset": with("time", at.In(time.FixedZone("", -9000)).Format(time.RFC3339Nano)),
				"revision":       with("revision", 9), "id": with("id", "other"), "source": with("source", "/other"), "tenant": with("tenant", "other"),
				"subject": with("subject", "other"), "unknown attribute": with("unknown", []int{1}), "content type": with("datacontenttype", "text/x+json"),
			}
			for form, value := range forms {
				again := mustParse(t, Record{Value: value})
				if again.Payload != e.Payload {
					t.Errorf("%s: payload %x, was %x\n%s", form, again.Payload, e.Payload, value)
				}
			}
			if binary := mustParse(t, MarshalBinary(e)); binary.Payload != e.Payload {
				t.Errorf("binary: payload %x, was %x", binary.Payload, e.Payload)
			}
		})
	}
}

// TestPayloadTellsContentsApart changes every known leaf of the full examples; each change must show.
func TestPayloadTellsContentsApart(t *testing.T) {
	sameByContract := map[string]bool{"/specversion": true, "/id": true, "/source": true, "/tenant": true, "/revision": true, "/subject": true,
		"/datacontenttype": true, "/dataschema": true}
	alternatives := []string{`"2026-03-02T01:15:01Z"`, `true`, `false`, `3`, `2`, `"employee"`, `"resolved"`, `"general"`, `"satisfied"`, `"outbound"`, `"x"`}
	for name, x := range readExamples(t) {
		if !strings.HasSuffix(name, "/full") {
			continue
		}
		doc := decode(t, x.structured())
		seen := map[uint64]string{mustParse(t, x.record()).Payload: "the example itself"}
		changes := 0
		for _, place := range placesIn(doc) {
			if sameByContract[place] || place == "" || place == "/type" || place == "/data" {
				continue
			}
			for _, alternative := range alternatives {
				value := operations[0].apply(doc, place, alternative)
				e, err := Parse(Record{Value: value}, Options{})
				if err != nil || bytes.Equal(value, operations[0].apply(doc, "/none", "")) {
					continue
				}
				change := place + " = " + alternative
				if other, ok := seen[e.Payload]; ok && other != change && !sameChange(other, change) {
					t.Errorf("%s: %s has the payload of %s", name, change, other)
				}
				seen[e.Payload] = change
				changes++
			}
		}
		if changes < 15 {
			t.Errorf("%s: only %d changes were taken", name, changes)
		}
	}
}

// sameChange knows the pairs above that mean the same content.
func sameChange(a, b string) bool {
	return a == "the example itself" && strings.HasPrefix(b, "/retracted = false") ||
		a == "the example itself" && strings.HasPrefix(b, "/data/transferred = false")
}

// TestPayloadKeepsBoundaries holds two contents against each other whose strings are the same in a row: only the lengths of
// the lists tell them apart.
func TestPayloadKeepsBoundaries(t *testing.T) {
	with := func(first, second []string) *Event {
		e := mustParse(t, Record{Value: []byte(fullResponse)})
		e.Data.(*SurveyResponse).Answers = []Answer{{Item: "a", Comment: "c", Reasons: first}, {Item: "r", Comment: "s", Reasons: second}}
		return mustParse(t, MarshalBinary(e))
	}
	long := []string{"r", "s", "", "", ""}
	if with(long, nil).Payload == with(nil, long).Payload {
		t.Error("equal payloads of different contents")
	}
}

// TestRoundTrip writes and reads generated events in both modes.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := generateEvent(t)
		first, err := Parse(Record{Value: MarshalStructured(e)}, Options{})
		if err != nil {
			t.Fatalf("%v in %s", err, MarshalStructured(e))
		}
		e.Payload = first.Payload
		if diff := diffEvents(e, first); diff != "" {
			t.Fatalf("structured (-written +read):\n%s", diff)
		}
		second, err := Parse(MarshalBinary(e), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := diffEvents(e, second); diff != "" {
			t.Fatalf("binary (-written +read):\n%s", diff)
		}
	})
}

func generateEvent(t *rapid.T) *Event {
	text := rapid.String()
	key := rapid.StringN(1, 12, -1)
	at := rapid.Custom(func(t *rapid.T) time.Time { return time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "micros")).UTC() })
	labels := rapid.MapOfN(text, text, 0, 3).Draw(t, "labels")
	e := &Event{ID: key.Draw(t, "id"), Source: "/s", Type: rapid.SampledFrom(allTypes()).Draw(t, "type"), Time: at.Draw(t, "time"),
		Tenant: key.Draw(t, "tenant"), Revision: rapid.Uint32Range(0, 1<<31-1).Draw(t, "revision"), Retracted: rapid.Bool().Draw(t, "retracted")}
	attributes := Attributes{Region: text.Draw(t, "region"), OrgUnit: text.Draw(t, "org_unit"), Agent: text.Draw(t, "agent")}
	var kept Labels
	if len(labels) > 0 {
		kept = labels
	}
	flag := rapid.Ptr(rapid.Bool(), true)
	seconds := rapid.Ptr(rapid.Float64Range(0, 31622400), true)
	due := func(names ...string) map[string]time.Time {
		m := rapid.MapOfN(rapid.SampledFrom(names), at, 0, 2).Draw(t, "due")
		if len(m) == 0 {
			return nil
		}
		return m
	}
	switch e.Type {
	case TypeSurveyResponse:
		score := rapid.Ptr(rapid.Int16(), true)
		e.Data = &SurveyResponse{Attributes: attributes, Labels: kept, Questionnaire: key.Draw(t, "questionnaire"), QuestionnaireVersion: text.Draw(t, "version"),
			CustomerID: text.Draw(t, "customer"), Role: rapid.SampledFrom([]string{"customer", "manager"}).Draw(t, "role"), Comment: text.Draw(t, "comment"),
			NPS: rapid.Ptr(rapid.Int8Range(0, 10), true).Draw(t, "nps"), CES: rapid.Ptr(rapid.Int8Range(1, 7), true).Draw(t, "ces"),
			Repurchase: rapid.Ptr(rapid.Int8Range(1, 5), true).Draw(t, "repurchase"), ResolvedFirstContact: flag.Draw(t, "resolved")}
		for range rapid.IntRange(0, 3).Draw(t, "answers") {
			a := Answer{Item: key.Draw(t, "item"), Score: score.Draw(t, "score"), Expectation: score.Draw(t, "expectation"), Importance: score.Draw(t, "importance"), Comment: text.Draw(t, "comment")}
			for range rapid.IntRange(0, 2).Draw(t, "reasons") {
				a.Reasons = append(a.Reasons, text.Draw(t, "reason"))
			}
			e.Data.(*SurveyResponse).Answers = append(e.Data.(*SurveyResponse).Answers, a)
		}
	case TypeSurveyInvitation:
		e.Data = &SurveyInvitation{Attributes: attributes, Labels: kept, Questionnaire: text.Draw(t, "questionnaire"), InvitationID: text.Draw(t, "invitation")}
	case TypeComplaint:
		e.Data = &Complaint{Attributes: attributes, Labels: kept, ComplaintID: key.Draw(t, "complaint"), Phase: "opened", Issue: text.Draw(t, "issue"),
			Due: due("opened", "resolved", "closed"), Timely: flag.Draw(t, "timely")}
	case TypeContact:
		e.Data = &Contact{Attributes: attributes, Labels: kept, CustomerID: text.Draw(t, "customer"), Direction: "outbound", Answered: rapid.Bool().Draw(t, "answered"),
			Resolved: flag.Draw(t, "resolved"), WaitSeconds: seconds.Draw(t, "wait"), HoldSeconds: seconds.Draw(t, "hold"), Transferred: rapid.Bool().Draw(t, "transferred")}
	case TypeMilestone:
		e.Data = &Milestone{Attributes: attributes, Labels: kept, CaseID: key.Draw(t, "case"), Milestone: "arrived", Due: due("arrived", "parts_ordered")}
	}
	return e
}

func allTypes() []Type {
	types := Types()
	return types[:]
}
