package outcomes

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
)

// halfTime is a calendar by which every other moment is worked.
type halfTime struct{}

func (halfTime) Working(from, to time.Time) time.Duration { return max(to.Sub(from), 0) / 2 }

// milestone has its name as its region, so that it is seen whose attributes hold.
func milestone(id, name string, after time.Duration, changes ...func(*schemas.MilestoneFact)) schemas.MilestoneFact {
	at := monday.Add(after)
	f := schemas.MilestoneFact{
		Identity:   schemas.Identity{Tenant: "acme", Hour: at.Truncate(hour), Source: "/tickets", ID: id},
		OccurredAt: at, CaseID: "k", Milestone: name,
	}
	f.Region = id
	for _, change := range changes {
		change(&f)
	}
	return f
}

func deadMilestone(f *schemas.MilestoneFact) { f.Retracted = true }

func milestoneOf(customer string) func(*schemas.MilestoneFact) {
	return func(f *schemas.MilestoneFact) { f.CustomerID = customer }
}

func milestoneDue(name string, after time.Duration) func(*schemas.MilestoneFact) {
	return func(f *schemas.MilestoneFact) {
		f.Due.Name, f.At = append(f.Due.Name, name), append(f.At, monday.Add(after))
	}
}

// times are monday and so much after it each.
func times(after ...time.Duration) []time.Time {
	var at []time.Time
	for _, d := range after {
		at = append(at, monday.Add(d))
	}
	return at
}

func micros(d ...time.Duration) []int64 {
	var list []int64
	for _, v := range d {
		list = append(list, v.Microseconds())
	}
	return list
}

func region(name string) schemas.AttributeColumns { return schemas.AttributeColumns{Region: name} }

func TestCase(t *testing.T) {
	tests := map[string]struct {
		facts    []schemas.MilestoneFact
		calendar Calendar
		want     schemas.CaseOutcome
	}{
		"a plain one": {
			facts: []schemas.MilestoneFact{
				milestone("a", "requested", 0, milestoneOf("c")), milestone("b", "responded", hour), milestone("c", "arrived", 3*hour), milestone("d", "resolved", 4*hour),
			},
			want: schemas.CaseOutcome{
				Live: true, CustomerID: "c", AttributeColumns: region("a"), RequestedAt: &monday, WasResolved: true,
				Reached: []string{"arrived", "requested", "resolved", "responded"}, ReachedAt: times(3*hour, 0, 4*hour, hour),
				Duration: []string{"arrived", "first_response", "resolved", "responded"}, DurationMicros: micros(3*hour, hour, 4*hour, hour),
				DurationWorking: []*int64{nil, nil, nil, nil},
			},
		},
		"working time": {
			facts: []schemas.MilestoneFact{milestone("a", "requested", 0), milestone("b", "closed", 2*hour), milestone("c", "acknowledged", 0)}, calendar: halfTime{},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), RequestedAt: &monday,
				Reached: []string{"acknowledged", "closed", "requested"}, ReachedAt: times(0, 2*hour, 0),
				Duration: []string{"acknowledged", "closed", "first_response"}, DurationMicros: micros(0, 2*hour, 0),
				DurationWorking: []*int64{ptr(int64(0)), ptr(hour.Microseconds()), ptr(int64(0))},
			},
		},
		"the earliest of each counts, and customer and attributes of the earliest request": {
			facts: []schemas.MilestoneFact{
				milestone("a", "requested", hour, milestoneOf("late")), milestone("b", "requested", 0, milestoneOf("c")),
				milestone("c", "arrived", 3*hour), milestone("d", "arrived", 2*hour),
			},
			want: schemas.CaseOutcome{
				Live: true, CustomerID: "c", AttributeColumns: region("b"), RequestedAt: &monday,
				Reached: []string{"arrived", "requested"}, ReachedAt: times(2*hour, 0),
				Duration: []string{"arrived"}, DurationMicros: micros(2 * hour), DurationWorking: []*int64{nil},
			},
		},
		"what came before the request has no duration": {
			facts: []schemas.MilestoneFact{
				milestone("a", "requested", 0), milestone("b", "acknowledged", -hour, milestoneOf("c")), milestone("c", "responded", hour, milestoneOf("d")),
			},
			want: schemas.CaseOutcome{
				Live: true, CustomerID: "c", AttributeColumns: region("a"), RequestedAt: &monday,
				Reached: []string{"acknowledged", "requested", "responded"}, ReachedAt: times(-hour, 0, hour),
				Duration: []string{"first_response", "responded"}, DurationMicros: micros(hour, hour), DurationWorking: []*int64{nil, nil},
			},
		},
		"responded before acknowledged is the first response": {
			facts: []schemas.MilestoneFact{milestone("a", "requested", 0), milestone("b", "acknowledged", 2*hour), milestone("c", "responded", hour)},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), RequestedAt: &monday,
				Reached: []string{"acknowledged", "requested", "responded"}, ReachedAt: times(2*hour, 0, hour),
				Duration: []string{"acknowledged", "first_response", "responded"}, DurationMicros: micros(2*hour, hour, hour), DurationWorking: []*int64{nil, nil, nil},
			},
		},
		"never requested": {
			facts: []schemas.MilestoneFact{milestone("a", "responded", hour, milestoneOf("c")), milestone("b", "dispatched", 0)},
			want: schemas.CaseOutcome{
				Live: true, CustomerID: "c", AttributeColumns: region("b"), Reached: []string{"dispatched", "responded"}, ReachedAt: times(0, hour),
			},
		},
		"resolved again after it was reopened": {
			facts: []schemas.MilestoneFact{
				milestone("a", "requested", 0), milestone("b", "resolved", hour), milestone("c", "reopened", 2*hour), milestone("d", "resolved", 3*hour),
			},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), RequestedAt: &monday, WasResolved: true, WasReopened: true,
				Reached: []string{"reopened", "requested", "resolved"}, ReachedAt: times(2*hour, 0, 3*hour),
				Duration: []string{"resolved"}, DurationMicros: micros(3 * hour), DurationWorking: []*int64{nil},
			},
		},
		"reopened and open": {
			facts: []schemas.MilestoneFact{milestone("a", "resolved", 0), milestone("b", "resolved", hour), milestone("c", "reopened", 2*hour), milestone("d", "reopened", 3*hour)},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), WasResolved: true, WasReopened: true, Reached: []string{"reopened"}, ReachedAt: times(2 * hour),
			},
		},
		"resolved twice without a reopening: the last": {
			facts: []schemas.MilestoneFact{milestone("a", "resolved", 0), milestone("b", "resolved", hour)},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), WasResolved: true, Reached: []string{"resolved"}, ReachedAt: times(hour),
			},
		},
		"reopened at the instant of resolved, after it by id": {
			facts: []schemas.MilestoneFact{milestone("a", "resolved", 0), milestone("b", "reopened", 0)},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), WasResolved: true, WasReopened: true, Reached: []string{"reopened"}, ReachedAt: times(0),
			},
		},
		"reopened at the instant of resolved, before it by id": {
			facts: []schemas.MilestoneFact{milestone("b", "resolved", 0), milestone("a", "reopened", 0)},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), WasResolved: true, Reached: []string{"reopened", "resolved"}, ReachedAt: times(0, 0),
			},
		},
		"of disagreeing due times that of the latest event": {
			facts: []schemas.MilestoneFact{
				milestone("a", "requested", 0, milestoneDue("arrived", 5*hour), milestoneDue("resolved", 9*hour)),
				milestone("b", "dispatched", 2*hour, milestoneDue("arrived", 4*hour)), milestone("c", "acknowledged", 2*hour, milestoneDue("arrived", 7*hour)),
				milestone("d", "acknowledged", 3*hour, milestoneDue("arrived", 8*hour), deadMilestone),
			},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("a"), RequestedAt: &monday,
				Reached: []string{"acknowledged", "dispatched", "requested"}, ReachedAt: times(2*hour, 2*hour, 0),
				Due:      schemas.Due{Name: []string{"arrived", "resolved"}, At: times(7*hour, 9*hour)},
				Duration: []string{"acknowledged", "dispatched", "first_response"}, DurationMicros: micros(2*hour, 2*hour, 2*hour), DurationWorking: []*int64{nil, nil, nil},
			},
		},
		"the request is retracted": {
			facts: []schemas.MilestoneFact{milestone("a", "requested", 0, deadMilestone, milestoneOf("x")), milestone("b", "requested", hour)},
			want: schemas.CaseOutcome{
				Live: true, AttributeColumns: region("b"), RequestedAt: ptr(monday.Add(hour)), Reached: []string{"requested"}, ReachedAt: times(hour),
			},
		},
		"all dead": {
			facts: []schemas.MilestoneFact{
				milestone("a", "requested", 0, deadMilestone, milestoneOf("c"), milestoneDue("arrived", 0)),
				milestone("b", "resolved", 0, func(f *schemas.MilestoneFact) { f.Superseded = true }),
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.want.Tenant, test.want.CaseID = "acme", "k"
			eachOrder(test.facts, func(facts []schemas.MilestoneFact) {
				given := slices.Clone(facts)
				if diff := cmp.Diff(test.want, Case(facts, Rules{Calendar: test.calendar})); diff != "" {
					t.Fatalf("-want +got:\n%s", diff)
				}
				if diff := cmp.Diff(given, facts); diff != "" {
					t.Fatalf("the facts given were changed:\n%s", diff)
				}
			})
		})
	}
	if diff := cmp.Diff(schemas.CaseOutcome{}, Case(nil, Rules{})); diff != "" {
		t.Errorf("of nothing: %s", diff)
	}
}

func drawMilestones(t *rapid.T, most int) []schemas.MilestoneFact {
	names := []string{"requested", "acknowledged", "responded", "dispatched", "arrived", "parts_ordered", "parts_arrived", "resolved", "closed", "reopened"}
	facts := make([]schemas.MilestoneFact, rapid.IntRange(1, most).Draw(t, "milestones"))
	for i := range facts {
		f := milestone(fmt.Sprintf("m%02d", i), rapid.SampledFrom(names).Draw(t, "milestone"), time.Duration(rapid.IntRange(0, 8).Draw(t, "at"))*hour)
		f.CustomerID = rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(t, "customer")
		f.Retracted = rapid.IntRange(0, 4).Draw(t, "retracted") == 0
		if rapid.Bool().Draw(t, "due") {
			milestoneDue(rapid.SampledFrom(names).Draw(t, "what is due"), time.Duration(i)*hour)(&f)
		}
		facts[i] = f
	}
	return facts
}

// TestCaseProperties: the order does not matter, dead events do not either, and columns that belong together are as long as each other and sorted.
func TestCaseProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, r := drawMilestones(t, 24), Rules{Calendar: halfTime{}}
		out := Case(facts, r)
		if diff := cmp.Diff(out, Case(rapid.Permutation(facts).Draw(t, "order"), r)); diff != "" {
			t.Fatalf("by order: %s", diff)
		}
		live := slices.DeleteFunc(slices.Clone(facts), func(f schemas.MilestoneFact) bool { return f.Retracted })
		if len(live) > 0 {
			if diff := cmp.Diff(out, Case(live, r)); diff != "" {
				t.Fatalf("by dead events: %s", diff)
			}
		}
		if out.Live != (len(live) > 0) {
			t.Fatalf("live %t of %d live events", out.Live, len(live))
		}
		if len(out.Reached) != len(out.ReachedAt) || len(out.Due.Name) != len(out.At) || len(out.Duration) != len(out.DurationMicros) ||
			len(out.Duration) != len(out.DurationWorking) {
			t.Fatalf("columns differ in length: %+v", out)
		}
		for _, names := range [][]string{out.Reached, out.Due.Name, out.Duration} {
			sorted := slices.Compact(slices.Sorted(slices.Values(names)))
			if diff := cmp.Diff(sorted, names, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("not sorted, or twice: %s", diff)
			}
		}
		open := slices.Contains(out.Reached, "reopened") && out.WasResolved && !slices.Contains(out.Reached, "resolved")
		if open && !out.WasReopened {
			t.Fatalf("resolved, not so now, and never reopened: %+v", out)
		}
	})
}
