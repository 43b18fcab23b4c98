package outcomes

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

func BenchmarkChain(b *testing.B) {
	for _, n := range []int{1, 3, 100} {
		facts := make([]schemas.ContactFact, n)
		for i := range facts {
			facts[i] = contact(fmt.Sprintf("c%03d", i), time.Duration(i)*3*day+time.Duration(i%3)*2*day, ofCase("k"), waited(time.Second))
		}
		slices.SortFunc(facts, func(a, b schemas.ContactFact) int { return compareContacts(&a, &b) })
		reversed := slices.Clone(facts)
		slices.Reverse(reversed)
		reopened := func(string) []time.Time { return nil }
		for name, given := range map[string][]schemas.ContactFact{"sorted": facts, "reversed": reversed} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					Chain(given, reopened, weekRules())
				}
			})
		}
	}
}

func BenchmarkAffected(b *testing.B) {
	facts := make([]schemas.ContactFact, 100)
	for i := range facts {
		facts[i] = contact(fmt.Sprintf("c%03d", i), time.Duration(i)*5*day)
	}
	rows := Chain(facts, nil, weekRules())
	b.ReportAllocs()
	for b.Loop() {
		Affected(rows, monday.Add(250*day), monday.Add(250*day))
	}
}

func BenchmarkCase(b *testing.B) {
	facts := []schemas.MilestoneFact{
		milestone("a", "requested", 0, milestoneDue("arrived", 4*hour)), milestone("b", "acknowledged", hour), milestone("c", "dispatched", 2*hour),
		milestone("d", "arrived", 3*hour), milestone("e", "resolved", 5*hour), milestone("f", "closed", 6*hour),
	}
	b.ReportAllocs()
	for b.Loop() {
		Case(facts, Rules{Calendar: halfTime{}})
	}
}

func BenchmarkComplaint(b *testing.B) {
	facts := []schemas.ComplaintFact{
		complaint("a", "opened", 0, func(f *schemas.ComplaintFact) { f.CustomerID, f.Issue = "c", "i" }),
		complaint("b", "responded", hour, nil), complaint("c", "resolved", 2*hour, nil),
	}
	b.ReportAllocs()
	for b.Loop() {
		Complaint(facts, Rules{})
	}
}

func BenchmarkDurationBucket(b *testing.B) {
	b.ReportAllocs()
	for v := int64(1); b.Loop(); v = v*3 + 1 {
		DurationBucket(v)
	}
}
