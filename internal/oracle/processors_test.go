package oracle_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// The tests, unlike the oracle, may look at both sides: what the processors make of each winning event must be what the
// oracle makes of it. A difference here is told per event, where the rollups would only show a sum.
func TestProcessorsScoreAsTheOracleDoes(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 21, Tenants: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	events := g.Events(1500)
	want, err := oracle.Compute(generator.Accepted(events), oracle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	definitions := definitions(t)
	compared := map[oracle.Identity]bool{}
	for _, e := range events {
		parsed, err := schemas.Parse(e.Record(e.Published), schemas.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out processors.Output
		if err := processors.Process(parsed, definitions, &out); err != nil {
			t.Fatalf("%v\n%s", err, e.JSON)
		}
		id := oracle.Identity{Type: string(e.Type), Tenant: e.Tenant, Source: e.Source, ID: e.ID}
		winner := want.Facts[id]
		if winner.Payload != parsed.Payload || winner.Revision != int64(e.Revision) || e.Type != schemas.TypeSurveyResponse || e.Retracted {
			continue
		}
		compared[id] = true
		if diff := cmp.Diff(winner.Score, scoreOf(out.Responses[0])); diff != "" {
			t.Fatalf("%s\n%s", diff, e.JSON)
		}
		if out.Responses[0].QuestionnaireVersion != winner.Version {
			t.Fatalf("version %q, want %q", out.Responses[0].QuestionnaireVersion, winner.Version)
		}
	}
	if len(compared) != want.Surviving() {
		t.Errorf("%d winners compared of %d", len(compared), want.Surviving())
	}
}

func definitions(t *testing.T) *processors.Definitions {
	t.Helper()
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := tenants.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return &processors.Definitions{Questionnaires: catalog, Tenants: settings, DefaultTenant: "default"}
}

func scoreOf(f schemas.SurveyFact) oracle.Score {
	s := oracle.Score{Valid: f.Valid, Index: oracle.Fraction{Num: f.IndexNum, Den: f.IndexDen}, Level: f.Level}
	if f.Valid {
		s.Dimensions = map[string]oracle.Fraction{}
	}
	s.Stated, s.Points = map[string]oracle.Stated{}, map[string]oracle.Point{}
	for i, d := range f.AnswerDimension {
		stated := s.Stated[d]
		if f.AnswerScore[i] != nil && f.AnswerExpectation[i] != nil {
			stated.Gaps = append(stated.Gaps, int64(*f.AnswerScore[i])-int64(*f.AnswerExpectation[i]))
		}
		if f.AnswerScore[i] != nil {
			s.Points[f.AnswerItem[i]] = oracle.Point{Dimension: d, Score: int64(*f.AnswerScore[i]), Reasons: f.AnswerReasons[i]}
		}
		if f.AnswerImportance[i] != nil {
			stated.Importances = append(stated.Importances, int64(*f.AnswerImportance[i]))
		}
		if len(stated.Gaps)+len(stated.Importances) > 0 {
			s.Stated[d] = stated
		}
	}
	for i, d := range f.Dimension {
		s.Dimensions[d] = oracle.Fraction{Num: f.DimensionNum[i], Den: f.DimensionDen[i]}
	}
	return s
}

// The oracle's rows are of exactly the days that processors mark.
func TestTheOraclesDaysAreThoseProcessorsMark(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 22})
	if err != nil {
		t.Fatal(err)
	}
	events := g.Events(400)
	want, err := oracle.Compute(generator.Accepted(events), oracle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	definitions := definitions(t)
	marked, expected := map[schemas.Day]struct{}{}, map[schemas.Day]struct{}{}
	for _, e := range events {
		parsed, err := schemas.Parse(e.Record(time.Time{}), schemas.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out processors.Output
		if err := processors.Process(parsed, definitions, &out); err != nil {
			t.Fatal(err)
		}
		maps.Copy(marked, out.Stale)
	}
	for _, r := range want.Rows() {
		expected[schemas.Day{Tenant: r.Tenant, Date: r.Day}] = struct{}{}
	}
	if diff := cmp.Diff(expected, marked); diff != "" {
		t.Error(diff)
	}
}
