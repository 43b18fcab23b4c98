package outcomes

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
)

// change is a chain before and after facts at times in [from, to] came, changed or went.
type change struct {
	from, to      time.Time
	before, after []schemas.ContactOutcome
}

// drawChange has other facts in [from, to] before and after, and the same outside.
func drawChange(t *rapid.T) change {
	c := change{from: drawTime(t, "from"), to: drawTime(t, "to")}
	if c.to.Before(c.from) {
		c.from, c.to = c.to, c.from
	}
	inside := func(f schemas.ContactFact) bool { return !f.OccurredAt.Before(c.from) && !f.OccurredAt.After(c.to) }
	reopened := drawReopened(t)
	var before, after []schemas.ContactFact
	for _, f := range drawChain(t, 16) {
		before = append(before, f)
		if !inside(f) {
			after = append(after, f)
			continue
		}
		switch rapid.SampledFrom([]string{"keep", "remove", "retract", "revise"}).Draw(t, "what becomes of it") {
		case "keep":
			after = append(after, f)
		case "retract":
			f.Retracted = !f.Retracted
			after = append(after, f)
		case "revise":
			f.Answered, f.Resolved = !f.Answered, ptr(f.Resolved == nil || !*f.Resolved)
			after = append(after, f)
		}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "new") {
		f := drawContact(t, fmt.Sprintf("n%02d", i))
		if inside(f) {
			after = append(after, f)
		}
	}
	c.before, c.after = Chain(before, reopened, weekRules()), Chain(after, reopened, weekRules())
	return c
}

// missed are rows outside [first, end) of after whose outcome before was another, and rows of before that are gone from outside [from, to].
func (c change) missed(first, end int) []string {
	was := map[string]schemas.ContactOutcome{}
	for _, row := range c.before {
		was[row.Source+row.ID] = row
	}
	var found []string
	for i, row := range c.after {
		old, ok := was[row.Source+row.ID]
		delete(was, row.Source+row.ID)
		if i >= first && i < end {
			continue
		}
		if !ok || cmp.Diff(old, row) != "" {
			found = append(found, fmt.Sprintf("row %d was %q, is %q", i, show(old), show(row)))
		}
	}
	for _, old := range was {
		if old.OccurredAt.Before(c.from) || old.OccurredAt.After(c.to) {
			found = append(found, fmt.Sprintf("gone: %s", show(old)))
		}
	}
	return found
}

func TestNothingChangesOutsideAffected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChange(t)
		first, end := Affected(c.after, c.from, c.to)
		if first < 0 || first > end || end > len(c.after) {
			t.Fatalf("[%d, %d) of %d rows", first, end, len(c.after))
		}
		if missed := c.missed(first, end); missed != nil {
			t.Fatalf("[%d, %d): %q", first, end, missed)
		}
	})
}

// TestANarrowerRangeMissesSomething is the control of the property above: a row less at either side, and it is found.
func TestANarrowerRangeMissesSomething(t *testing.T) {
	changes := rapid.Custom(drawChange)
	var low, high int
	for seed := range 300 {
		c := changes.Example(seed)
		first, end := Affected(c.after, c.from, c.to)
		if first == end {
			continue
		}
		if c.missed(first+1, end) != nil {
			low++
		}
		if c.missed(first, end-1) != nil {
			high++
		}
	}
	if low == 0 || high == 0 {
		t.Errorf("of 300 changes, %d need the first row and %d the last one", low, high)
	}
}

func TestAffected(t *testing.T) {
	// Two episodes, of three and of two, with a dead contact after each one that lives.
	var facts []schemas.ContactFact
	for i, days := range []int{0, 3, 6, 20, 23} {
		facts = append(facts, contact(fmt.Sprint(i), time.Duration(days)*day), contact(fmt.Sprint(i, "dead"), time.Duration(days)*day+hour, retracted))
	}
	rows := Chain(facts, nil, weekRules())
	tests := map[string]struct {
		from, to   time.Duration
		first, end int
	}{
		"before all":                          {-day, -day, 0, 1},
		"at the first":                        {0, 0, 0, 3},
		"after a first":                       {day, day, 0, 3},
		"within an episode":                   {4 * day, 4 * day, 0, 5},
		"after an episode":                    {10 * day, 10 * day, 0, 7},
		"at the beginning of the second":      {20 * day, 20 * day, 0, 9},
		"at a dead one of the second":         {20*day + hour, 20*day + hour, 6, 9},
		"after all":                           {40 * day, 40 * day, 6, 10},
		"across, up to the last but not more": {4 * day, 22 * day, 0, 9},
		"everything":                          {-day, 40 * day, 0, 10},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			first, end := Affected(rows, monday.Add(test.from), monday.Add(test.to))
			if first != test.first || end != test.end {
				t.Errorf("want [%d, %d), got [%d, %d)", test.first, test.end, first, end)
			}
		})
	}
}

func TestAffectedWithoutNeighbours(t *testing.T) {
	if first, end := Affected(nil, monday, monday); first != 0 || end != 0 {
		t.Errorf("of nothing [%d, %d)", first, end)
	}
	rows := Chain([]schemas.ContactFact{contact("a", 0, retracted), contact("b", day), contact("c", 2*day, unanswered)}, nil, weekRules())
	if first, end := Affected(rows, monday.Add(day), monday.Add(day)); first != 1 || end != 2 {
		t.Errorf("[%d, %d), but neither of the contacts beside it is in the chain", first, end)
	}
}
