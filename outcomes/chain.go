package outcomes

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

const inbound = "inbound"

// Values of ContactOutcome's FCR, FCRReason and Excluded beside the empty one.
const (
	fcrYes = "yes"
	fcrNo  = "no"

	reasonNotResolved   = "not_resolved"
	reasonRepeatContact = "repeat_contact"
	reasonReopened      = "reopened"

	excludedOutbound        = "outbound"
	excludedAbandoned       = "abandoned"
	excludedResolvedUnknown = "resolved_unknown"
)

// Chain says what the contacts of one chain come to. It takes all facts of one chain of one tenant, in any order and each key
// (hour, source, id) once, and answers one row for each of them in the order of (occurred_at, source, id). Reopened gives the times, in any
// order, of the live reopened milestones of a case; it is asked only about cases that their outcome hangs on, and may be nil. The facts
// are left as they are.
func Chain(facts []schemas.ContactFact, reopened func(caseID string) []time.Time, r Rules) []schemas.ContactOutcome {
	if len(facts) == 0 {
		return nil
	}
	rows := make([]schemas.ContactOutcome, len(facts))
	for i := range facts {
		rows[i].ContactFact = facts[i]
	}
	ChainInPlace(rows, reopened, r)
	return rows
}

// ChainInPlace is Chain for facts that lie in rows already, with nothing else set: it sorts them and fills in the rest. A row is some hundreds
// of bytes, so that copying it costs more than all that is computed of it.
func ChainInPlace(rows []schemas.ContactOutcome, reopened func(caseID string) []time.Time, r Rules) {
	order(rows)
	members := 0
	for i := range rows {
		describe(&rows[i], r)
		if rows[i].InChain {
			members++
		}
	}
	link(rows, members, r)
	for i := range rows {
		if rows[i].First {
			judge(&rows[i], reopened, r)
		}
	}
}

// order sorts rows where that takes sorting, because most chains come as they lie in the store; and then by their indexes, because rows are large.
func order(rows []schemas.ContactOutcome) {
	sorted := true
	for i := 1; i < len(rows) && sorted; i++ {
		sorted = compareContacts(&rows[i-1].ContactFact, &rows[i].ContactFact) < 0
	}
	if sorted {
		return
	}
	indexes := make([]int32, len(rows))
	for i := range indexes {
		indexes[i] = int32(i)
	}
	slices.SortFunc(indexes, func(a, b int32) int { return compareContacts(&rows[a].ContactFact, &rows[b].ContactFact) })
	given := slices.Clone(rows)
	for i, from := range indexes {
		rows[i] = given[from]
	}
}

// compareContacts is the order of a chain.
func compareContacts(a, b *schemas.ContactFact) int {
	if c := a.OccurredAt.Compare(b.OccurredAt); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.ID, b.ID))
}

// describe fills in what a contact is by itself.
func describe(row *schemas.ContactOutcome, r Rules) {
	row.Live = !row.Retracted && !row.Superseded
	switch {
	case !row.Live:
	case row.Direction != inbound:
		row.Excluded = excludedOutbound
	case !row.Answered:
		row.Excluded = excludedAbandoned
	default:
		row.InChain = true
		row.InServiceLevel = row.WaitMicros != nil && *row.WaitMicros <= r.ServiceLevel.Microseconds()
	}
}

// pointed is what a row points to; those of a chain lie in one slice, which is one allocation for all of them.
type pointed struct {
	confirmed time.Time
	next      int64
}

// link fills in what a contact in chain is by its neighbours; members is how many there are.
func link(rows []schemas.ContactOutcome, members int, r Rules) {
	targets := make([]pointed, members)
	var first, previous *schemas.ContactOutcome
	for i := range rows {
		row := &rows[i]
		if !row.InChain {
			continue
		}
		if previous != nil {
			gap := row.OccurredAt.Sub(previous.OccurredAt)
			previous.Later = gap <= r.Window
			targets[0].next = gap.Microseconds()
			previous.NextMicros = &targets[0].next
			targets = targets[1:]
		}
		if previous == nil || !previous.Later {
			first = row
			row.First = true
			targets[0].confirmed = row.OccurredAt.Add(r.Window)
			row.ConfirmedAt = &targets[0].confirmed
		}
		first.Episode++
		previous = row
	}
}

// judge fills in whether a first contact resolved its issue.
func judge(row *schemas.ContactOutcome, reopened func(string) []time.Time, r Rules) {
	switch {
	case row.Resolved == nil:
		row.Excluded = excludedResolvedUnknown
	case !*row.Resolved:
		row.FCR, row.FCRReason = fcrNo, reasonNotResolved
	case row.Later:
		row.FCR, row.FCRReason = fcrNo, reasonRepeatContact
	case row.CaseID != "" && reopened != nil && anyWithin(reopened(row.CaseID), row.OccurredAt, r.Window):
		row.FCR, row.FCRReason = fcrNo, reasonReopened
	default:
		row.FCR = fcrYes
	}
}

// anyWithin says whether one of the times is after t and at most window after it.
func anyWithin(times []time.Time, t time.Time, window time.Duration) bool {
	return slices.ContainsFunc(times, func(at time.Time) bool { return at.After(t) && at.Sub(t) <= window })
}
