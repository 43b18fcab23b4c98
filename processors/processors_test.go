package processors

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

var update = flag.Bool("update", false, "write the golden file")

func definitions(t testing.TB) *Definitions {
	t.Helper()
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := tenants.Load("testdata/config")
	if err != nil {
		t.Fatal(err)
	}
	return &Definitions{Questionnaires: catalog, Tenants: settings, DefaultTenant: "default"}
}

func number(x int) *int16 {
	n := int16(x)
	return &n
}

func responseEvent() *schemas.Event {
	r := &schemas.SurveyResponse{Questionnaire: "rater-5", Role: "customer", CustomerID: "c-1"}
	for i, item := range []string{"empathy", "assurance", "tangibles", "reliability", "responsiveness"} {
		r.Answers = append(r.Answers, schemas.Answer{Item: item, Score: number(i + 1)})
	}
	return &schemas.Event{ID: "r-1", Source: "/shop", Type: schemas.TypeSurveyResponse, Tenant: "acme", Payload: 7, Data: r,
		Time: time.Date(2025, 3, 1, 16, 59, 59, 999_000, time.UTC)}
}

func TestRow(t *testing.T) {
	var out Output
	if err := Process(responseEvent(), definitions(t), &out); err != nil {
		t.Fatal(err)
	}
	fact := out.Responses[0]
	if want := time.Date(2025, 3, 1, 16, 0, 0, 0, time.UTC); !fact.Hour.Equal(want) || fact.Hour.Location() != time.UTC {
		t.Errorf("hour %s, want %s", fact.Hour, want)
	}
	if fact.QuestionnaireVersion != "1" || !fact.Valid || fact.IndexNum != 60 || fact.IndexDen != 1 || fact.Level != "neutral" {
		t.Errorf("scored %+v", fact)
	}
	if diff := cmp.Diff([]string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}, fact.AnswerItem); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{80, 40, 60, 20, 100}, fact.DimensionNum); diff != "" {
		t.Error(diff)
	}
	// In Shanghai the next day has begun.
	if diff := cmp.Diff([]schemas.Day{{Tenant: "acme", Date: "2025-03-02"}}, out.StaleDays()); diff != "" {
		t.Error(diff)
	}
}

func TestRetraction(t *testing.T) {
	d := definitions(t)
	for name, edit := range map[string]func(*schemas.Event){
		"without data":          func(e *schemas.Event) { e.Data = nil },
		"keys only":             func(e *schemas.Event) { e.Data = &schemas.SurveyResponse{CustomerID: "c-1"} },
		"unknown questionnaire": func(e *schemas.Event) { e.Data = &schemas.SurveyResponse{Questionnaire: "gone"} },
		"answers":               func(*schemas.Event) {},
		"invitation":            func(e *schemas.Event) { e.Type, e.Data = schemas.TypeSurveyInvitation, &schemas.SurveyInvitation{} },
		"invitation data": func(e *schemas.Event) {
			e.Type, e.Data = schemas.TypeSurveyInvitation, &schemas.SurveyInvitation{Questionnaire: "gone"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := responseEvent()
			e.Retracted, e.Revision = true, 3
			edit(e)
			if err := Check(e, d); err != nil {
				t.Errorf("check: %v", err)
			}
			var out Output
			if err := Process(e, d, &out); err != nil {
				t.Fatal(err)
			}
			if e.Type == schemas.TypeSurveyInvitation {
				if len(out.Invitations) != 1 || !out.Invitations[0].Retracted || out.Invitations[0].Revision != 3 {
					t.Errorf("%+v", out)
				}
				return
			}
			if len(out.Responses) != 1 || len(out.Stale) != 1 {
				t.Fatalf("%+v", out)
			}
			if fact := out.Responses[0]; !fact.Retracted || fact.Revision != 3 || fact.Valid || fact.IndexDen != 0 || fact.AnswerItem != nil {
				t.Errorf("%+v", fact)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	d := definitions(t)
	for name, test := range map[string]struct {
		edit   func(*schemas.Event, *schemas.SurveyResponse)
		reason schemas.Reason
		field  string
	}{
		"questionnaire": {func(_ *schemas.Event, r *schemas.SurveyResponse) { r.Questionnaire = "x" }, schemas.UnknownQuestionnaire, "/data/questionnaire"},
		"version":       {func(_ *schemas.Event, r *schemas.SurveyResponse) { r.QuestionnaireVersion = "9" }, schemas.UnknownVersion, "/data/questionnaire_version"},
		"item":          {func(_ *schemas.Event, r *schemas.SurveyResponse) { r.Answers[2].Item = "x" }, schemas.UnknownItem, "/data/answers/2/item"},
		"score":         {func(_ *schemas.Event, r *schemas.SurveyResponse) { r.Answers[1].Score = number(6) }, schemas.OutOfRange, "/data/answers/1/score"},
		"type":          {func(e *schemas.Event, _ *schemas.SurveyResponse) { e.Type = "x" }, schemas.UnknownType, "/type"},
		"no data":       {func(e *schemas.Event, _ *schemas.SurveyResponse) { e.Data = nil }, schemas.MissingField, "/data"},
		"other data":    {func(e *schemas.Event, _ *schemas.SurveyResponse) { e.Data = &schemas.Contact{} }, schemas.WrongType, "/data"},
		"invitation": {func(e *schemas.Event, _ *schemas.SurveyResponse) {
			e.Type, e.Data = schemas.TypeSurveyInvitation, &schemas.SurveyInvitation{Questionnaire: "x"}
		}, schemas.UnknownQuestionnaire, "/data/questionnaire"},
	} {
		t.Run(name, func(t *testing.T) {
			e := responseEvent()
			test.edit(e, e.Data.(*schemas.SurveyResponse))
			var out Output
			for _, err := range []error{Process(e, d, &out), Check(e, d)} {
				var invalid *schemas.InvalidError
				if !errors.As(err, &invalid) || invalid.Reason != test.reason || invalid.Field != test.field || invalid.Detail == "" {
					t.Errorf("error %v, want %s at %s", err, test.reason, test.field)
				}
			}
			if len(out.Responses)+len(out.Invitations)+len(out.Stale) > 0 {
				t.Errorf("rows of a refused event: %+v", out)
			}
		})
	}
}

func TestTenant(t *testing.T) {
	d := definitions(t)
	e := responseEvent()
	e.Tenant = ""
	var out Output
	if err := Process(e, d, &out); err != nil || out.Responses[0].Tenant != "default" {
		t.Errorf("%v, %+v; want the default tenant", err, out)
	}
	d.DefaultTenant = ""
	var invalid *schemas.InvalidError
	if err := Check(e, d); !errors.As(err, &invalid) || invalid.Reason != schemas.MissingTenant {
		t.Errorf("%v, want %s", err, schemas.MissingTenant)
	}
}

func TestInvitationMarksNoDay(t *testing.T) {
	e := responseEvent()
	e.Type, e.Data = schemas.TypeSurveyInvitation, &schemas.SurveyInvitation{Questionnaire: "rater-5", InvitationID: "i-1"}
	var out Output
	if err := Process(e, definitions(t), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Stale) != 0 || len(out.Invitations) != 1 || out.Invitations[0].InvitationID != "i-1" {
		t.Errorf("%+v", out)
	}
}

func TestServiceEvents(t *testing.T) {
	d, resolved, wait := definitions(t), true, 12.5
	at := time.Date(2025, 3, 1, 16, 59, 59, 999_000, time.UTC)
	var out Output
	for kind, data := range map[schemas.Type]schemas.Data{
		schemas.TypeContact: &schemas.Contact{CustomerID: "c 1", Issue: "pump", CaseID: "k-1", Direction: "inbound", Answered: true, Resolved: &resolved, WaitSeconds: &wait},
		schemas.TypeMilestone: &schemas.Milestone{CaseID: "k-1", Milestone: "requested",
			Due: map[string]time.Time{"resolved": at, "arrived": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}},
		schemas.TypeComplaint: &schemas.Complaint{ComplaintID: "x-1", Phase: "opened"},
	} {
		e := responseEvent()
		e.Type, e.Data = kind, data
		if err := Check(e, d); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if err := Process(e, d, &out); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if len(out.Contacts) != 1 || len(out.Milestones) != 1 || len(out.Complaints) != 1 || len(out.Stale) != 0 {
		t.Fatalf("%+v", out)
	}
	if c := out.Contacts[0]; c.Chain != "customer=c+1&issue=pump" || *c.WaitMicros != 12_500_000 {
		t.Errorf("%+v", c)
	}
	due := schemas.Due{Name: []string{"arrived", "resolved"}, At: []time.Time{time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC), at}}
	if diff := cmp.Diff(due, out.Milestones[0].Due); diff != "" {
		t.Error(diff)
	}
	span := schemas.Span{From: at, To: at}
	if diff := cmp.Diff(map[schemas.Entity]schemas.Span{
		{Tenant: "acme", Kind: schemas.ChainOfContacts, Key: "customer=c+1&issue=pump"}: span,
		{Tenant: "acme", Kind: schemas.CaseOfWork, Key: "k-1"}:                          span,
		{Tenant: "acme", Kind: schemas.OneComplaint, Key: "x-1"}:                        span,
	}, out.StaleEntities); diff != "" {
		t.Error(diff)
	}
}

func TestLongKeysAreRefused(t *testing.T) {
	long := strings.Repeat("k", maxEntityKey+1)
	for field, data := range map[string]schemas.Data{"/data/case_id": &schemas.Milestone{CaseID: long}, "/data/complaint_id": &schemas.Complaint{ComplaintID: long}} {
		e := responseEvent()
		e.Data = data
		if e.Type = schemas.TypeMilestone; field == "/data/complaint_id" {
			e.Type = schemas.TypeComplaint
		}
		for _, err := range []error{Check(e, definitions(t)), Process(e, definitions(t), &Output{})} {
			var invalid *schemas.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != field || invalid.Reason != schemas.OutOfRange {
				t.Errorf("%s: %v", field, err)
			}
		}
	}
}

func TestLate(t *testing.T) {
	e := responseEvent()
	for _, test := range []struct {
		appended time.Duration // after the event
		horizon  time.Duration
		want     bool
	}{
		{1000 * time.Hour, 0, false},
		{time.Hour, time.Hour, false},
		{time.Hour + 1, time.Hour, true},
		{-time.Minute, time.Hour, false},
	} {
		if got := Late(e, e.Time.Add(test.appended), test.horizon); got != test.want {
			t.Errorf("appended %s after, horizon %s: late %t", test.appended, test.horizon, got)
		}
	}
}

// record reads an example: a structured event, or {headers, value} of a binary one.
func record(text []byte) (schemas.Record, error) {
	var binary struct {
		Headers map[string]string `json:"headers"`
		Value   json.RawMessage   `json:"value"`
	}
	if err := json.Unmarshal(text, &binary); err != nil {
		return schemas.Record{}, err
	}
	if len(binary.Headers) == 0 {
		return schemas.Record{Value: text}, nil
	}
	r := schemas.Record{Value: binary.Value}
	for name, value := range binary.Headers {
		r.Headers = append(r.Headers, schemas.Header{Name: name, Value: []byte(value)})
	}
	return r, nil
}

// Each example of the contract becomes the rows, or the verdict, of the golden file.
func TestExamplesGolden(t *testing.T) {
	d := definitions(t)
	golden := map[string]any{}
	all := schemas.Types()
	types := all[:] // what rapport publishes itself has examples too
	err := fs.WalkDir(schemas.Contract(), "examples", func(path string, entry fs.DirEntry, err error) error {
		ofType := func(t schemas.Type) bool { return strings.HasPrefix(path, "examples/"+string(t)+"/") }
		if err != nil || entry.IsDir() || !slices.ContainsFunc(types, ofType) {
			return err
		}
		text, err := fs.ReadFile(schemas.Contract(), path)
		if err != nil {
			return err
		}
		rec, err := record(text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		e, err := schemas.Parse(rec, schemas.Options{DefaultTenant: "default"})
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		e.Payload = 0 // what it is made of is the parser's matter
		var out Output
		if err := Process(e, d, &out); err != nil {
			golden[path] = err.Error() // of a questionnaire that is not shipped
			return nil
		}
		var stale []string
		for e, span := range out.StaleEntities {
			stale = append(stale, fmt.Sprintf("%s %s %s from %s to %s", e.Tenant, e.Kind, e.Key, span.From.Format(time.RFC3339), span.To.Format(time.RFC3339)))
		}
		all := map[string]any{}
		for name, rows := range map[string]any{
			"responses": out.Responses, "invitations": out.Invitations, "contacts": out.Contacts, "milestones": out.Milestones, "complaints": out.Complaints,
			"stale_days": out.StaleDays(), "stale_entities": stale,
		} {
			if reflect.ValueOf(rows).Len() > 0 {
				all[name] = rows
			}
		}
		golden[path] = all
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(golden, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "testdata/examples.golden.json"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./processors -update writes it anew:\n%s", diff)
	}
}
