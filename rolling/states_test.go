package rolling

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/schemas"
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
	if p := newPlan(in(t, "Europe/Berlin"), spans, rules{}); len(p.days) != 12 {
		t.Errorf("%d days from rollups, want 6 a week", len(p.days))
	}
	got := r.states(Query{Tenant: "acme", Cuts: []string{""}, Rests: []metrics.State{metrics.Surveys}, Spans: spans})
	key := metrics.SurveyKey{Questionnaire: "after-sales-10", Version: "1", Role: "customer"}
	if now, before := got[""][""][0].Surveys[key].N, got[""][""][1].Surveys[key].N; now != 7*24 || before != 3*24 {
		t.Errorf("%d and %d responses", now, before)
	}
}
