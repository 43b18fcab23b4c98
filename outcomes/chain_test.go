package outcomes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rapport-project/rapport/schemas"
)

const (
	hour = time.Hour
	day  = 24 * hour
)

// monday is when the stories of these tests begin.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func weekRules() Rules { return Rules{Window: 7 * day, ServiceLevel: 20 * time.Second} }

func ptr[T any](v T) *T { return &v }

// contact is a resolved one, answered and inbound, unless changed.
func contact(id string, after time.Duration, changes ...func(*schemas.ContactFact)) schemas.ContactFact {
	at := monday.Add(after)
	f := schemas.ContactFact{
		Identity:   schemas.Identity{Tenant: "acme", Hour: at.Truncate(hour), Source: "/desk", ID: id},
		OccurredAt: at, Chain: "customer=c&issue=i", CustomerID: "c", Issue: "i",
		Direction: "inbound", Answered: true, Resolved: ptr(true),
	}
	for _, change := range changes {
		change(&f)
	}
	return f
}

func unresolved(f *schemas.ContactFact)      { f.Resolved = ptr(false) }
func unknownResolved(f *schemas.ContactFact) { f.Resolved = nil }
func unanswered(f *schemas.ContactFact)      { f.Answered = false }
func outboundContact(f *schemas.ContactFact) { f.Direction = "outbound" }
func retracted(f *schemas.ContactFact)       { f.Retracted = true }
func superseded(f *schemas.ContactFact)      { f.Superseded = true }
func ofCase(id string) func(*schemas.ContactFact) {
	return func(f *schemas.ContactFact) { f.CaseID = id }
}

func fromSource(s string) func(*schemas.ContactFact) {
	return func(f *schemas.ContactFact) { f.Source = s }
}

func waited(d time.Duration) func(*schemas.ContactFact) {
	return func(f *schemas.ContactFact) { f.WaitMicros = ptr(d.Microseconds()) }
}

// show writes an outcome on one line.
func show(row schemas.ContactOutcome) string {
	words := []string{row.ID + ":"}
	add := func(is bool, word string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(word, args...))
		}
	}
	add(!row.Live, "dead")
	add(row.Live && !row.InChain, "out")
	add(row.First, "first(%d)", row.Episode)
	add(!row.First && row.Episode != 0, "EPISODE(%d)", row.Episode)
	add(row.InChain && !row.First, "repeat")
	add(row.Later, "later")
	add(row.FCR != "", "fcr=%s", row.FCR)
	add(row.FCRReason != "", "%s", row.FCRReason)
	add(row.Excluded != "", "excluded=%s", row.Excluded)
	if row.ConfirmedAt != nil {
		if window := row.ConfirmedAt.Sub(row.OccurredAt); !row.First || window != weekRules().Window {
			add(true, "CONFIRMED(%s)", window)
		}
	}
	add(row.First && row.ConfirmedAt == nil, "UNCONFIRMED")
	if row.NextMicros != nil {
		add(true, "next=%s", time.Duration(*row.NextMicros)*time.Microsecond)
	}
	add(row.InServiceLevel, "in_level")
	return strings.Join(words, " ")
}

// eachOrder calls f with all orders of the list.
func eachOrder[T any](list []T, f func([]T)) {
	var walk func(done, rest []T)
	walk = func(done, rest []T) {
		if len(rest) == 0 {
			f(done)
		}
		for i := range rest {
			others := append(append([]T{}, rest[:i]...), rest[i+1:]...)
			walk(append(append([]T{}, done...), rest[i]), others)
		}
	}
	walk(nil, list)
}

func TestChain(t *testing.T) {
	week := 7 * day
	tests := map[string]struct {
		facts    []schemas.ContactFact
		reopened map[string][]time.Duration
		want     []string
	}{
		"nothing": {},
		"worked example 7": {
			facts: []schemas.ContactFact{contact("mon", 0), contact("thu", 73*hour), contact("next month", 30*day)},
			want:  []string{"mon: first(2) later fcr=no repeat_contact next=73h0m0s", "thu: repeat next=647h0m0s", "next month: first(1) fcr=yes"},
		},
		"a gap of exactly the window is within it": {
			facts: []schemas.ContactFact{contact("a", 0), contact("b", week)},
			want:  []string{"a: first(2) later fcr=no repeat_contact next=168h0m0s", "b: repeat"},
		},
		"a microsecond more is not": {
			facts: []schemas.ContactFact{contact("a", 0), contact("b", week+time.Microsecond)},
			want:  []string{"a: first(1) fcr=yes next=168h0m0.000001s", "b: first(1) fcr=yes"},
		},
		"the window is from contact to contact, so that an episode can be longer": {
			facts: []schemas.ContactFact{contact("a", 0), contact("b", 6*day), contact("c", 12*day)},
			want:  []string{"a: first(3) later fcr=no repeat_contact next=144h0m0s", "b: repeat later next=144h0m0s", "c: repeat"},
		},
		"of two at one time the later by source and id is the repeat": {
			facts: []schemas.ContactFact{contact("y", 0, fromSource("/b")), contact("z", 0, fromSource("/a")), contact("x", 0, fromSource("/b"))},
			want: []string{
				"z: first(3) later fcr=no repeat_contact next=0s", "x: repeat later next=0s", "y: repeat",
			},
		},
		"not resolved comes before repeat contact": {
			facts: []schemas.ContactFact{contact("a", 0, unresolved), contact("b", day)},
			want:  []string{"a: first(2) later fcr=no not_resolved next=24h0m0s", "b: repeat"},
		},
		"repeat contact comes before reopened": {
			facts:    []schemas.ContactFact{contact("a", 0, ofCase("k")), contact("b", day)},
			reopened: map[string][]time.Duration{"k": {hour}},
			want:     []string{"a: first(2) later fcr=no repeat_contact next=24h0m0s", "b: repeat"},
		},
		"a reopening": {
			facts:    []schemas.ContactFact{contact("a", 0, ofCase("k"))},
			reopened: map[string][]time.Duration{"k": {20 * day, 2 * day}, "": {day}},
			want:     []string{"a: first(1) fcr=no reopened"},
		},
		"a reopening at exactly the window": {
			facts:    []schemas.ContactFact{contact("a", 0, ofCase("k"))},
			reopened: map[string][]time.Duration{"k": {week}},
			want:     []string{"a: first(1) fcr=no reopened"},
		},
		"reopenings at the contact itself, before it and beyond the window": {
			facts:    []schemas.ContactFact{contact("a", 0, ofCase("k"))},
			reopened: map[string][]time.Duration{"k": {0, -hour, week + time.Microsecond}},
			want:     []string{"a: first(1) fcr=yes"},
		},
		"a reopening of another case, or of none": {
			facts:    []schemas.ContactFact{contact("a", 0), contact("b", 20*day, ofCase("k"))},
			reopened: map[string][]time.Duration{"": {hour}, "other": {21 * day}},
			want:     []string{"a: first(1) fcr=yes next=480h0m0s", "b: first(1) fcr=yes"},
		},
		"a late contact two buckets back joins two episodes": {
			facts: []schemas.ContactFact{contact("a", 0), contact("c", 12*day), contact("d", 24*day), contact("late", 6*day)},
			want: []string{
				"a: first(3) later fcr=no repeat_contact next=144h0m0s", "late: repeat later next=144h0m0s", "c: repeat next=288h0m0s",
				"d: first(1) fcr=yes",
			},
		},
		"coming back on a new ticket": {
			facts: []schemas.ContactFact{contact("a", 0, ofCase("k1")), contact("b", day, ofCase("k2"))},
			want:  []string{"a: first(2) later fcr=no repeat_contact next=24h0m0s", "b: repeat"},
		},
		"a retracted and a superseded repeat": {
			facts: []schemas.ContactFact{contact("a", 0), contact("b", day, retracted), contact("c", 2*day, superseded)},
			want:  []string{"a: first(1) fcr=yes", "b: dead", "c: dead"},
		},
		"the first one is retracted": {
			facts: []schemas.ContactFact{contact("a", 0, retracted), contact("b", day)},
			want:  []string{"a: dead", "b: first(1) fcr=yes"},
		},
		"all dead": {
			facts: []schemas.ContactFact{contact("a", 0, retracted, waited(0)), contact("b", day, superseded, outboundContact)},
			want:  []string{"a: dead", "b: dead"},
		},
		"unknown resolved": {
			facts: []schemas.ContactFact{contact("a", 0, unknownResolved), contact("b", 20*day, unknownResolved), contact("c", 21*day, unknownResolved)},
			want: []string{
				"a: first(1) excluded=resolved_unknown next=480h0m0s", "b: first(2) later excluded=resolved_unknown next=24h0m0s", "c: repeat",
			},
		},
		"abandoned and outbound are left out": {
			facts: []schemas.ContactFact{
				contact("a", 0), contact("b", hour, unanswered), contact("c", 2*hour, outboundContact), contact("d", 3*hour, outboundContact, unanswered),
			},
			want: []string{"a: first(1) fcr=yes", "b: out excluded=abandoned", "c: out excluded=outbound", "d: out excluded=outbound"},
		},
		"service level": {
			facts: []schemas.ContactFact{
				contact("at it", 0, waited(20*time.Second)), contact("over", day, waited(20*time.Second+time.Microsecond)),
				contact("given up", 2*day, waited(0), unanswered), contact("out", 3*day, waited(0), outboundContact),
			},
			want: []string{
				"at it: first(2) later fcr=no repeat_contact next=24h0m0s in_level", "over: repeat", "given up: out excluded=abandoned",
				"out: out excluded=outbound",
			},
		},
		"no customer, case or issue": {
			facts: []schemas.ContactFact{contact("a", 0, func(f *schemas.ContactFact) {
				f.CustomerID, f.Issue, f.Chain = "", "", "contact=a&source=%2Fdesk"
			})},
			want: []string{"a: first(1) fcr=yes"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			lookup := func(id string) []time.Time {
				var at []time.Time
				for _, after := range test.reopened[id] {
					at = append(at, monday.Add(after))
				}
				return at
			}
			eachOrder(test.facts, func(facts []schemas.ContactFact) {
				given := append([]schemas.ContactFact{}, facts...)
				var got []string
				for _, row := range Chain(facts, lookup, weekRules()) {
					got = append(got, show(row))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Fatalf("-want +got:\n%s", diff)
				}
				if diff := cmp.Diff(given, facts, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("the facts given were changed:\n%s", diff)
				}
			})
		})
	}
}

func TestChainWithoutReopened(t *testing.T) {
	rows := Chain([]schemas.ContactFact{contact("a", 0, ofCase("k"))}, nil, weekRules())
	if got := show(rows[0]); got != "a: first(1) fcr=yes" {
		t.Error(got)
	}
}

// TestChainCarriesTheContact: a row is the fact as it was.
func TestChainCarriesTheContact(t *testing.T) {
	f := contact("a", 0, waited(time.Second), retracted)
	f.Region, f.Labels, f.Revision = "north", map[string]string{"k": "v"}, 3
	if diff := cmp.Diff([]schemas.ContactOutcome{{ContactFact: f}}, Chain([]schemas.ContactFact{f}, nil, weekRules())); diff != "" {
		t.Error(diff)
	}
}
