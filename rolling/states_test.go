package rolling

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// Every column of a table of rollups is read, under its own name.
func TestReadersReadEveryColumn(t *testing.T) {
	r := newRig(t, fixed{})
	for _, s := range tableStates() {
		reader := readerOf(s)
		if reader == nil {
			t.Errorf("%s: no reader", s)
			continue
		}
		want := []string{"cut_value"}
		for _, c := range append(slices.Clone(reader.keys), reader.measures...) {
			want = append(want, c.name)
		}
		var got []string
		if err := r.conn.QueryRow(t.Context(), "SELECT groupArray(substring(name, 7)) FROM (SELECT name FROM system.columns WHERE database = 'rapport_store' AND table = '"+string(s)+
			"' AND name LIKE 'cells.%' ORDER BY position)").Scan(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
	}
}

func tableStates() []metrics.State {
	return []metrics.State{
		metrics.Surveys, metrics.Dimensions, metrics.Scores, metrics.Reasons, metrics.ContactStates, metrics.Milestones, metrics.Durations, metrics.DueTimes,
		metrics.ComplaintStates, metrics.ComplaintDurations, metrics.ComplaintDueTimes,
	}
}

// An event at the instant itself is in, one at its far end is out, to the microsecond; revisions, retractions and duplicates count as what holds.
func TestEdges(t *testing.T) {
	r := newRig(t, fixed{"acme": in(t, "Asia/Kolkata")})
	at := instant(t, "2026-03-10T06:15:00Z")
	for _, w := range metrics.Windows() {
		for name, when := range map[string]time.Time{"at": at, "after": at.Add(time.Microsecond), "far": at.Add(-w.Length), "in": at.Add(-w.Length + time.Microsecond)} {
			r.rows.Responses = append(r.rows.Responses, response(w.Name+name, when, 8, schemas.AttributeColumns{Region: w.Name}))
		}
	}
	revised := response("revised", at.Add(-36*time.Hour), 3, schemas.AttributeColumns{Region: "revised"})
	newer := response("revised", at.Add(-36*time.Hour), 9, schemas.AttributeColumns{Region: "revised"})
	newer.Revision = 1
	gone := response("gone", at.Add(-30*time.Minute), 9, schemas.AttributeColumns{Region: "revised"})
	retraction := gone
	retraction.Revision, retraction.Retracted = 2, true
	r.rows.Responses = append(r.rows.Responses, newer, revised, newer, retraction, gone)
	r.write()

	spans := []Span{}
	for _, w := range metrics.Windows() {
		spans = append(spans, window(at, w.Length))
	}
	together := r.states(Query{Tenant: "acme", Cuts: []string{"", "region", "agent"}, Rests: []metrics.State{metrics.Surveys, metrics.Dimensions, metrics.Scores}, Spans: spans})
	for i, w := range metrics.Windows() {
		alone := r.states(Query{Tenant: "acme", Cuts: []string{"region"}, Rests: []metrics.State{metrics.Surveys, metrics.Dimensions, metrics.Scores}, Spans: spans[i : i+1]})
		got := together["region"][w.Name][i]
		if diff := cmp.Diff(alone["region"][w.Name][0], got); diff != "" {
			t.Errorf("%s alone and with others: %s", w.Name, diff)
		}
		key := metrics.SurveyKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer"}
		if n := got.Surveys[key].N; n != 2 {
			t.Errorf("%s: %d responses of its own, want those at its near end and just within its far one", w.Name, n)
		}
		if s := got.Surveys[key]; s.IndexSum != 160 || s.IndexSumSq != (metrics.Wide{Lo: 2 * 80 * 80}) || s.IndexDen != 1 {
			t.Errorf("%s: %+v", w.Name, s)
		}
		if n := got.Scores[metrics.ScoreKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer", Dimension: "skill", Item: "skill", Score: 8}]; n != 2 {
			t.Errorf("%s: %d scores of 8", w.Name, n)
		}
		d := got.Dimensions[metrics.DimensionKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer", Dimension: "parts"}]
		if d.N != 2 || d.NumSum != 160 || d.Den != 1 {
			t.Errorf("%s: %+v", w.Name, d)
		}
		// At the instant itself there are five, one for each window; and of the shorter windows both, with the revised one from 36 hours on.
		want := uint64(5 + 1 + i*2)
		if w.Length > 24*time.Hour {
			want++
		}
		if n := together[""][""][i].Surveys[key].N; n != want {
			t.Errorf("%s: %d responses in all, want %d", w.Name, n, want)
		}
		if both := together["agent"][""][i].Surveys[key]; both != together[""][""][i].Surveys[key] {
			t.Errorf("%s: responses without an agent are %+v", w.Name, both)
		}
	}
	if s := together["region"]["revised"][4].Surveys; len(s) != 1 || s[metrics.SurveyKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer"}].IndexSum != 90 {
		t.Errorf("revised: %+v", s)
	}
}

// A day that changes its clock is read whole; what is around it is not.
func TestDaysOfAChangingClock(t *testing.T) {
	r := newRig(t, fixed{"acme": in(t, "Europe/Berlin")})
	at := instant(t, "2026-10-27T11:00:00Z")
	for h := range 10 * 24 {
		r.rows.Responses = append(r.rows.Responses, response(fmt.Sprint(h), at.Add(-time.Duration(h)*time.Hour), 7, schemas.AttributeColumns{}))
	}
	r.write()
	spans := []Span{window(at, 7*24*time.Hour), window(at.Add(-7*24*time.Hour), 7*24*time.Hour)}
	if p := newPlan(in(t, "Europe/Berlin"), spans, rules{}); len(p.days) != 13 {
		t.Errorf("%d days from rollups, want 6 a week and one that a part is taken from", len(p.days))
	}
	got := r.states(Query{Tenant: "acme", Cuts: []string{""}, Rests: []metrics.State{metrics.Surveys}, Spans: spans})
	key := metrics.SurveyKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer"}
	if now, before := got[""][""][0].Surveys[key].N, got[""][""][1].Surveys[key].N; now != 7*24 || before != 3*24 {
		t.Errorf("%d and %d responses", now, before)
	}
}

// Whatever a plan takes from days of rollups, it comes to what facts say; and where the two are not of one moment, facts are asked.
func TestRollupsAndFactsAgree(t *testing.T) {
	acme := in(t, "Asia/Kathmandu")
	acme.FCRWindowDays = 3
	acme.Cuts = [][2]string{{"region", "product"}}
	r := newRig(t, fixed{"acme": acme})
	at := instant(t, "2026-03-10T06:15:00Z")
	r.c.o.Now = func() time.Time { return at }
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 3000 {
		when := at.Add(time.Duration(rng.Int64N(int64(25*24*time.Hour))) - 24*24*time.Hour).Truncate(time.Microsecond)
		a := schemas.AttributeColumns{Region: []string{"", "north", "south"}[rng.IntN(3)], Product: fmt.Sprint(rng.IntN(20)), Agent: fmt.Sprint(rng.IntN(40))}
		f := response(fmt.Sprint(i), when, int16(rng.IntN(10)+1), a)
		f.QuestionnaireVersion, f.Retracted, f.Valid = fmt.Sprint(rng.IntN(200)/199), rng.IntN(20) == 0, rng.IntN(20) > 0
		f.AnswerReasons[0] = []string{"bad_attitude", "bad_attitude"}[:rng.IntN(3)]
		expected := int16(rng.IntN(10))
		f.AnswerExpectation[rng.IntN(5)] = &expected
		c := contact(fmt.Sprint("c", i), fmt.Sprint(rng.IntN(50)), when, a)
		c.First, c.FCR = rng.IntN(2) == 0, []string{"", "yes", "no"}[rng.IntN(3)]
		requested, due := when, when.Add(time.Duration(rng.IntN(100))*time.Hour)
		r.rows.Responses, r.rows.ContactOutcomes = append(r.rows.Responses, f), append(r.rows.ContactOutcomes, c)
		k := schemas.CaseOutcome{Tenant: "acme", CaseID: fmt.Sprint(i), Live: true, AttributeColumns: a, RequestedAt: &requested, Due: schemas.Due{Name: []string{"resolved"}, At: []time.Time{due}}}
		m := schemas.MilestoneFact{Identity: identity(fmt.Sprint("m", i), when), Version: schemas.Version{Payload: 1}, OccurredAt: when, CaseID: k.CaseID, Milestone: "requested"}
		if rng.IntN(2) == 0 {
			k.Reached, k.ReachedAt = []string{"resolved"}, []time.Time{when.Add(time.Hour)}
			k.Duration, k.DurationMicros, k.DurationWorking = []string{"resolution"}, []int64{rng.Int64N(1 << 40)}, []*int64{nil}
		}
		r.rows.CaseOutcomes, r.rows.Milestones = append(r.rows.CaseOutcomes, k), append(r.rows.Milestones, m)
	}
	r.write()
	q := Query{
		Tenant: "acme", Cuts: CutsOf(acme), Rests: tableStates(),
		Spans: []Span{window(at, 7*24*time.Hour), window(at.Add(-7*24*time.Hour), 7*24*time.Hour), window(at.Add(-3*time.Hour), 50*time.Hour), window(at, time.Hour)},
	}
	same := func() {
		t.Helper()
		facts := New(r.c.o)
		facts.factsOnly = true
		want, err := facts.States(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got := r.states(q)
		if p := newPlan(acme, q.Spans, rules{now: at}); len(p.days) < 12 {
			t.Errorf("%d days from rollups", len(p.days))
		}
		if diff := cmp.Diff(filled(want), filled(got)); diff != "" {
			t.Error(diff)
		}
		if got["region"]["north"][0].Overdue["resolved"] == 0 || got[""][""][1].Confirmed.FirstContacts == 0 {
			t.Errorf("nothing is overdue or confirmed: %+v", got[""][""][0])
		}
	}
	same()
	r.exec(`INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept, computed_at)
		SELECT 'acme', arrayJoin(['region', 'product', 'agent', 'channel', 'segment', 'service', 'org_unit']), 20, 2000, 0, 9, 0, [], now64(3)`)
	same()

	// A response that no rollup has yet, in the part of a day that would be taken away.
	late := response("late", at.Add(-7*24*time.Hour+3*time.Hour), 7, schemas.AttributeColumns{Region: "new"})
	if err := sinks.NewClickHouse(r.conn, sinks.Config{}, nil).Write(t.Context(), sinks.Batch{Responses: []schemas.SurveyFact{late}}); err != nil {
		t.Fatal(err)
	}
	key := metrics.SurveyKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer"}
	for i, s := range r.states(q)["region"]["new"] {
		if s != nil && s.Surveys[key].N > 1 {
			t.Errorf("span %d: %d responses where there is one at most", i, s.Surveys[key].N)
		}
	}
}

// filled are the values of which anything is left, spans of which nothing is left as nil.
func filled(all States) States {
	out := States{}
	for cut, values := range all {
		out[cut] = map[string][]*metrics.States{}
		for value, spans := range values {
			left := false
			for i, s := range spans {
				if s != nil && cmp.Equal(*s, metrics.States{}, cmpopts.EquateEmpty()) {
					spans[i] = nil
				}
				left = left || spans[i] != nil
			}
			if left {
				out[cut][value] = spans
			}
		}
	}
	return out
}
