package outcomes

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
)

// complaint has its id as its region, so that it is seen whose attributes hold.
func complaint(id, phase string, after time.Duration, change func(*schemas.ComplaintFact)) schemas.ComplaintFact {
	at := monday.Add(after)
	f := schemas.ComplaintFact{
		Identity:   schemas.Identity{Tenant: "acme", Hour: at.Truncate(hour), Source: "/crm", ID: id},
		OccurredAt: at, ComplaintID: "x", Phase: phase,
	}
	f.Region = id
	if change != nil {
		change(&f)
	}
	return f
}

func subject(customer, issue string, openedAfter ...time.Duration) schemas.ComplaintSubject {
	s := schemas.ComplaintSubject{Tenant: "acme", ComplaintID: "x", CustomerID: customer, Issue: issue, OpenedAt: time.Unix(0, 0).UTC()}
	for _, after := range openedAfter {
		s.Live, s.OpenedAt = true, monday.Add(after)
	}
	return s
}

func TestComplaint(t *testing.T) {
	tests := map[string]struct {
		facts    []schemas.ComplaintFact
		want     schemas.ComplaintOutcome
		subjects []schemas.ComplaintSubject
	}{
		"a plain one": {
			facts: []schemas.ComplaintFact{
				complaint("a", "opened", 0, func(f *schemas.ComplaintFact) {
					f.CustomerID, f.Issue, f.Severity = "c", "i", "major"
					f.Due = schemas.Due{Name: []string{"responded"}, At: times(hour)}
				}),
				complaint("b", "acknowledged", hour, nil),
				complaint("c", "resolved", 5*hour, nil),
				complaint("d", "followed_up", 9*hour, func(f *schemas.ComplaintFact) { f.Handling, f.Timely = "satisfied", ptr(false) }),
			},
			want: schemas.ComplaintOutcome{
				Live: true, CustomerID: "c", Issue: "i", Severity: "major", Handling: "satisfied", Timely: ptr(false), AttributeColumns: region("a"),
				OpenedAt: &monday, WasResolved: true, Due: schemas.Due{Name: []string{"responded"}, At: times(hour)},
				Reached: []string{"acknowledged", "followed_up", "opened", "resolved"}, ReachedAt: times(hour, 9*hour, 0, 5*hour),
				Duration: []string{"first_response", "resolution"}, DurationMicros: micros(hour, 5*hour), DurationWorking: []*int64{ptr((hour / 2).Microseconds()), ptr((5 * hour / 2).Microseconds())},
			},
			subjects: []schemas.ComplaintSubject{subject("c", "i", 0)},
		},
		"each field by the latest event that states it, of any phase or none": {
			facts: []schemas.ComplaintFact{
				complaint("a", "opened", 0, func(f *schemas.ComplaintFact) {
					f.Severity, f.Category, f.Reason, f.CaseID, f.Timely = "general", "old", "r", "k", ptr(true)
				}),
				complaint("c", "", hour, func(f *schemas.ComplaintFact) { f.Severity, f.Dimension, f.CustomerID = "major", "attitude", "c" }),
				complaint("b", "", hour, func(f *schemas.ComplaintFact) { f.Severity, f.Category, f.CustomerID = "general", "new", "b" }),
				complaint("d", "", 2*hour, func(f *schemas.ComplaintFact) { f.Reason, f.Timely, f.Retracted = "dead", ptr(false), true }),
			},
			want: schemas.ComplaintOutcome{
				Live: true, CustomerID: "b", CaseID: "k", Severity: "major", Category: "new", Reason: "r", Dimension: "attitude", Timely: ptr(true),
				AttributeColumns: region("a"), OpenedAt: &monday, Reached: []string{"opened"}, ReachedAt: times(0),
			},
		},
		"never opened": {
			facts: []schemas.ComplaintFact{
				complaint("a", "", 0, func(f *schemas.ComplaintFact) { f.CustomerID, f.Issue = "c", "i" }), complaint("b", "responded", hour, nil),
			},
			want: schemas.ComplaintOutcome{
				Live: true, CustomerID: "c", Issue: "i", AttributeColumns: region("a"), Reached: []string{"responded"}, ReachedAt: times(hour),
			},
			subjects: []schemas.ComplaintSubject{subject("c", "i")},
		},
		"reopened, and what came before it was opened": {
			facts: []schemas.ComplaintFact{
				complaint("a", "responded", -hour, nil), complaint("b", "opened", 0, nil), complaint("c", "resolved", hour, nil), complaint("d", "reopened", 2*hour, nil),
			},
			want: schemas.ComplaintOutcome{
				Live: true, AttributeColumns: region("b"), OpenedAt: &monday, WasResolved: true, WasReopened: true,
				Reached: []string{"opened", "reopened", "responded"}, ReachedAt: times(0, 2*hour, -hour),
			},
		},
		"subjects of the past are there, and dead": {
			facts: []schemas.ComplaintFact{
				complaint("a", "opened", 0, func(f *schemas.ComplaintFact) { f.CustomerID, f.Issue = "c2", "i2" }),
				complaint("b", "acknowledged", hour, func(f *schemas.ComplaintFact) { f.Issue = "i1" }),
				complaint("c", "", hour, func(f *schemas.ComplaintFact) { f.CustomerID, f.Superseded = "c1", true }),
			},
			want: schemas.ComplaintOutcome{
				Live: true, CustomerID: "c2", Issue: "i1", AttributeColumns: region("a"), OpenedAt: &monday,
				Reached: []string{"acknowledged", "opened"}, ReachedAt: times(hour, 0),
				Duration: []string{"first_response"}, DurationMicros: micros(hour), DurationWorking: []*int64{ptr((hour / 2).Microseconds())},
			},
			subjects: []schemas.ComplaintSubject{subject("c1", "i1"), subject("c1", "i2"), subject("c2", "i1", 0), subject("c2", "i2")},
		},
		"all dead": {
			facts: []schemas.ComplaintFact{
				complaint("a", "opened", 0, func(f *schemas.ComplaintFact) {
					f.CustomerID, f.Issue, f.Severity, f.Retracted = "c", "i", "major", true
				}),
			},
			subjects: []schemas.ComplaintSubject{subject("c", "i")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.want.Tenant, test.want.ComplaintID = "acme", "x"
			eachOrder(test.facts, func(facts []schemas.ComplaintFact) {
				given := slices.Clone(facts)
				out, subjects := Complaint(facts, Rules{Calendar: halfTime{}})
				if diff := cmp.Diff(test.want, out); diff != "" {
					t.Fatalf("-want +got:\n%s", diff)
				}
				if diff := cmp.Diff(test.subjects, subjects); diff != "" {
					t.Fatalf("subjects, -want +got:\n%s", diff)
				}
				if diff := cmp.Diff(given, facts); diff != "" {
					t.Fatalf("the facts given were changed:\n%s", diff)
				}
			})
		})
	}
	if out, subjects := Complaint(nil, Rules{}); cmp.Diff(schemas.ComplaintOutcome{}, out) != "" || subjects != nil {
		t.Errorf("of nothing: %+v, %+v", out, subjects)
	}
}

// TestComplaintProperties: the order does not matter, and of the subjects, each once, one is live exactly if the complaint is booked and has both.
func TestComplaintProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string, of ...string) string { return rapid.SampledFrom(append(of, "")).Draw(t, label) }
		facts := make([]schemas.ComplaintFact, rapid.IntRange(1, 24).Draw(t, "events"))
		for i := range facts {
			phase := some("phase", "opened", "acknowledged", "responded", "resolved", "closed", "reopened", "followed_up")
			facts[i] = complaint(fmt.Sprintf("p%02d", i), phase, time.Duration(rapid.IntRange(0, 8).Draw(t, "at"))*hour, func(f *schemas.ComplaintFact) {
				f.CustomerID, f.Issue, f.Severity = some("customer", "c1", "c2"), some("issue", "i1", "i2", "i3"), some("severity", "general", "major")
				f.Timely = rapid.SampledFrom([]*bool{nil, ptr(true), ptr(false)}).Draw(t, "timely")
				f.Retracted = rapid.IntRange(0, 4).Draw(t, "retracted") == 0
			})
		}
		r := Rules{Calendar: halfTime{}}
		out, subjects := Complaint(facts, r)
		again, subjectsAgain := Complaint(rapid.Permutation(facts).Draw(t, "order"), r)
		if diff := cmp.Diff(out, again) + cmp.Diff(subjects, subjectsAgain); diff != "" {
			t.Fatal(diff)
		}
		var live []schemas.ComplaintSubject
		for i, s := range subjects {
			if i > 0 && subjects[i-1].CustomerID+subjects[i-1].Issue >= s.CustomerID+s.Issue {
				t.Fatalf("not sorted, or twice: %+v", subjects)
			}
			if s.Live {
				live = append(live, s)
			}
		}
		switch booked := out.OpenedAt != nil && out.CustomerID != "" && out.Issue != ""; {
		case !booked && live != nil, booked && len(live) != 1:
			t.Fatalf("of %+v live are %+v", out, live)
		case booked && (live[0].CustomerID != out.CustomerID || live[0].Issue != out.Issue || !live[0].OpenedAt.Equal(*out.OpenedAt)):
			t.Fatalf("%+v is live of %+v", live[0], out)
		}
	})
}
