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

// drawTime is in twelve weeks of half windows, on the mark or a microsecond beside it, so that ties and gaps of exactly the window are common.
func drawTime(t *rapid.T, label string) time.Time {
	half := time.Duration(rapid.IntRange(0, 24).Draw(t, label)) * 84 * hour
	beside := rapid.SampledFrom([]time.Duration{0, 0, 0, -time.Microsecond, time.Microsecond}).Draw(t, label+" beside")
	return monday.Add(half + beside)
}

func drawContact(t *rapid.T, id string) schemas.ContactFact {
	f := contact(id, drawTime(t, "at").Sub(monday))
	f.Source = rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "source")
	f.CaseID = rapid.SampledFrom([]string{"", "k1", "k2"}).Draw(t, "case")
	f.Resolved = rapid.SampledFrom([]*bool{ptr(true), ptr(true), ptr(false), nil}).Draw(t, "resolved")
	f.WaitMicros = rapid.SampledFrom([]*int64{nil, ptr(int64(20_000_000)), ptr(int64(20_000_001))}).Draw(t, "wait")
	f.Answered = rapid.IntRange(0, 5).Draw(t, "answered") > 0
	f.Retracted = rapid.IntRange(0, 5).Draw(t, "retracted") == 0
	f.Superseded = rapid.IntRange(0, 9).Draw(t, "superseded") == 0
	if rapid.IntRange(0, 5).Draw(t, "outbound") == 0 {
		f.Direction = "outbound"
	}
	return f
}

func drawChain(t *rapid.T, most int) []schemas.ContactFact {
	facts := make([]schemas.ContactFact, rapid.IntRange(0, most).Draw(t, "contacts"))
	for i := range facts {
		facts[i] = drawContact(t, fmt.Sprintf("c%02d", i))
	}
	return facts
}

func drawReopened(t *rapid.T) func(string) []time.Time {
	times := map[string][]time.Time{}
	for range rapid.IntRange(0, 6).Draw(t, "reopenings") {
		id := rapid.SampledFrom([]string{"k1", "k2"}).Draw(t, "reopened case")
		times[id] = append(times[id], drawTime(t, "reopened"))
	}
	return func(id string) []time.Time { return times[id] }
}

func TestOrderOfContactsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, reopened := drawChain(t, 30), drawReopened(t)
		want := Chain(slices.Clone(facts), reopened, weekRules())
		got := Chain(rapid.Permutation(facts).Draw(t, "order"), reopened, weekRules())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestChainIsItsDefinition holds each contact against all others, as metrics are worded.
func TestChainIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, reopened, r := drawChain(t, 30), drawReopened(t), weekRules()
		rows := Chain(facts, reopened, r)
		if len(rows) != len(facts) {
			t.Fatalf("%d rows of %d facts", len(rows), len(facts))
		}
		for i, row := range rows {
			if i > 0 && compareContacts(&rows[i-1].ContactFact, &row.ContactFact) >= 0 {
				t.Fatalf("%s and %s are not in order", rows[i-1].ID, row.ID)
			}
			if want := defined(rows, i, reopened, r); show(want) != show(row) {
				t.Fatalf("want %s, got %s", show(want), show(row))
			}
		}
	})
}

// defined is the outcome of contact i, by looking at all others of a sorted chain; of the rows it reads the facts alone.
func defined(rows []schemas.ContactOutcome, i int, reopened func(string) []time.Time, r Rules) schemas.ContactOutcome {
	member := func(f schemas.ContactFact) bool {
		return !f.Retracted && !f.Superseded && f.Answered && f.Direction == "inbound"
	}
	isFirst := func(i int) bool {
		for j := range i {
			if member(rows[j].ContactFact) && rows[i].OccurredAt.Sub(rows[j].OccurredAt) <= r.Window {
				return false
			}
		}
		return member(rows[i].ContactFact)
	}
	f := rows[i].ContactFact
	out := schemas.ContactOutcome{ContactFact: f, Live: !f.Retracted && !f.Superseded, InChain: member(f), First: isFirst(i)}
	if out.Live && f.Direction == "outbound" {
		out.Excluded = "outbound"
	} else if out.Live && !f.Answered {
		out.Excluded = "abandoned"
	}
	if !out.InChain {
		return out
	}
	out.InServiceLevel = f.WaitMicros != nil && time.Duration(*f.WaitMicros)*time.Microsecond <= r.ServiceLevel
	for j := i + 1; j < len(rows); j++ {
		if member(rows[j].ContactFact) {
			gap := rows[j].OccurredAt.Sub(f.OccurredAt)
			out.Later = out.Later || gap <= r.Window
			if out.NextMicros == nil {
				out.NextMicros = ptr(gap.Microseconds())
			}
		}
	}
	if !out.First {
		return out
	}
	out.ConfirmedAt = ptr(f.OccurredAt.Add(r.Window))
	out.Episode = 1
	for j := i + 1; j < len(rows) && !isFirst(j); j++ {
		if member(rows[j].ContactFact) {
			out.Episode++
		}
	}
	cameBack := f.CaseID != "" && slices.ContainsFunc(reopened(f.CaseID), func(at time.Time) bool {
		return at.After(f.OccurredAt) && !at.After(f.OccurredAt.Add(r.Window))
	})
	switch {
	case f.Resolved == nil:
		out.Excluded = "resolved_unknown"
	case !*f.Resolved:
		out.FCR, out.FCRReason = "no", "not_resolved"
	case out.Later:
		out.FCR, out.FCRReason = "no", "repeat_contact"
	case cameBack:
		out.FCR, out.FCRReason = "no", "reopened"
	default:
		out.FCR = "yes"
	}
	return out
}

func TestEpisodesAddUpToContacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		episodes, members := 0, 0
		for _, row := range Chain(drawChain(t, 30), drawReopened(t), weekRules()) {
			episodes += int(row.Episode)
			if row.InChain {
				members++
			}
		}
		if episodes != members {
			t.Fatalf("episodes of %d contacts, of which %d are in the chain", episodes, members)
		}
	})
}

// TestAContactOutOfReachChangesNothing: one more than the window from all others changes none of them, but how far the one before it is from the next.
func TestAContactOutOfReachChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, reopened := drawChain(t, 20), drawReopened(t)
		// One half of the chain moves away, so that there is room in its middle, too.
		cut := drawTime(t, "cut")
		for i := range facts {
			if facts[i].OccurredAt.After(cut) {
				facts[i].OccurredAt = facts[i].OccurredAt.Add(30 * day)
			}
		}
		before := Chain(slices.Clone(facts), reopened, weekRules())
		far := contact("far", cut.Add(15*day).Sub(monday))
		after := Chain(append(slices.Clone(facts), far), reopened, weekRules())
		at := slices.IndexFunc(after, func(row schemas.ContactOutcome) bool { return row.ID == "far" })
		if row := after[at]; !row.First || row.Episode != 1 || row.FCR != "yes" {
			t.Fatalf("%s", show(row))
		}
		after = slices.Delete(after, at, at+1)
		for i := at - 1; i >= 0; i-- {
			if after[i].InChain {
				before[i].NextMicros, after[i].NextMicros = nil, nil
				break
			}
		}
		if diff := cmp.Diff(before, after, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}
