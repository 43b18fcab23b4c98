package outcomes

import (
	"sort"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Affected is the range [first, end) of the rows of Chain whose outcome can differ from what it was before facts at times in [from, to] came,
// changed or went; to is not before from, and rows are of the state after. What changed reaches back to the contact before it, whose
// distance to the next one is another now, and to the first contact of that one's episode, whose length is; and it reaches on to the next contact
// in chain, which may become first or cease to be. Beyond these a contact sees the same neighbours as before.
// A reopened milestone that changes is not covered: it changes first contacts of its case alone, wherever they are.
func Affected(rows []schemas.ContactOutcome, from, to time.Time) (first, end int) {
	first = sort.Search(len(rows), func(i int) bool { return !rows[i].OccurredAt.Before(from) })
	for end = first; end < len(rows) && !rows[end].OccurredAt.After(to); end++ {
	}
	changed := end
	for i := first - 1; i >= 0; i-- {
		if rows[i].First {
			first = i
			break
		}
	}
	for i := changed; i < len(rows); i++ {
		if rows[i].InChain {
			end = i + 1
			break
		}
	}
	return first, end
}
