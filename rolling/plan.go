package rolling

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/tenants"
)

// plan says where each instant of the spans of a query is read: whole days of the tenant from rollups, the rest from facts, all of it once.
type plan struct {
	// slots are the different sets of spans that instants lie in. Statements number them from 1; 0 is in none.
	slots [][]member
	// pieces are read from facts, in the order of time, none touching another of the same slot.
	pieces []piece
	// days are read from rollups.
	days []whole
}

// member says that a slot is in a span, and whether what lies in it can no longer change by time alone.
type member struct {
	span      int
	confirmed bool
}

// piece is from <= time < to in microseconds since 1970. Times are whole microseconds, so that From < time <= To is From+1 <= time < To+1.
type piece struct {
	from, to int64
	slot     int
}

// whole is a day of the tenant, as 2006-01-02.
type whole struct {
	date string
	slot int
}

// rules are what a plan depends on beside tenant and spans.
type rules struct {
	// confirmAfter is how long after a first contact its outcome is final; 0: nothing is told apart by that.
	confirmAfter time.Duration
	// kept is the first instant of which all facts are kept; zero: of all.
	kept time.Time
	// factsOnly reads nothing from rollups.
	factsOnly bool
}

// bounds are a span in the manner of a piece. Up to sealed, what lies in it is confirmed.
type bounds struct {
	from, to, sealed int64
	short            bool
}

// newPlan cuts the spans into pieces. A span of up to 24 hours is read from facts alone, unless it is a day of the tenant from its first microsecond to
// its last. Parts of days from before rules.kept are in no piece, since their facts may be gone: there rollups alone count.
func newPlan(t tenants.Tenant, spans []Span, r rules) plan {
	kept := int64(0)
	if !r.kept.IsZero() {
		kept = r.kept.UnixMicro()
	}
	all := make([]bounds, len(spans))
	var edges []int64
	for i, s := range spans {
		b := bounds{from: s.From.UnixMicro() + 1, to: s.To.UnixMicro() + 1}
		b.short = r.factsOnly || s.To.Sub(s.From) <= 24*time.Hour && !isDay(t, b)
		edges = append(edges, b.from, b.to)
		if r.confirmAfter > 0 {
			at := s.Judged.Add(-r.confirmAfter)
			b.sealed = at.UnixMicro() + 1
			if b.sealed < kept {
				// The day that this falls into can be read whole or not at all.
				b.sealed = first(t, t.Day(at))
			}
			if b.from < b.sealed && b.sealed < b.to {
				edges = append(edges, b.sealed)
			}
		}
		all[i] = b
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)

	var p plan
	numbers := map[string]int{}
	for i := range max(0, len(edges)-1) {
		from, to := edges[i], edges[i+1]
		members, short := membersOf(all, from, to)
		if len(members) == 0 {
			continue
		}
		key := keyOf(members)
		n, ok := numbers[key]
		if !ok {
			p.slots = append(p.slots, members)
			n = len(p.slots)
			numbers[key] = n
		}
		if short {
			p.add(piece{max(from, kept), to, n})
			continue
		}
		p.split(t, piece{from, to, n}, kept)
	}
	return p
}

// membersOf are the spans that all of a piece lies in; short if one of them is read from facts alone.
func membersOf(all []bounds, from, to int64) (members []member, short bool) {
	for i, b := range all {
		if b.from <= from && to <= b.to {
			members = append(members, member{i, to <= b.sealed})
			short = short || b.short
		}
	}
	return members, short
}

func keyOf(members []member) string {
	var b strings.Builder
	for _, m := range members {
		fmt.Fprintf(&b, "%d,%t;", m.span, m.confirmed)
	}
	return b.String()
}

// split takes the whole days out of a piece.
func (p *plan) split(t tenants.Tenant, in piece, kept int64) {
	at := in.from
	for _, run := range runs(t, in.from, in.to) {
		if run.from < in.from || run.to > in.to {
			continue
		}
		p.add(piece{max(at, kept), run.from, in.slot})
		for _, date := range run.dates {
			p.days = append(p.days, whole{date, in.slot})
		}
		at = run.to
	}
	p.add(piece{max(at, kept), in.to, in.slot})
}

// add appends a piece of facts if there is anything in it.
func (p *plan) add(n piece) {
	if n.from >= n.to {
		return
	}
	if last := len(p.pieces) - 1; last >= 0 && p.pieces[last].to == n.from && p.pieces[last].slot == n.slot {
		p.pieces[last].to = n.to
		return
	}
	p.pieces = append(p.pieces, n)
}

// run is a day, or several that overlap where a zone moved its clocks back over midnight: these are read together or not at all.
type run struct {
	dates    []string
	from, to int64
}

// runs are all that have a part in from <= time < to, in order.
func runs(t tenants.Tenant, from, to int64) []run {
	var all []run
	// The day before may reach over midnight into the first.
	date, err := time.Parse(time.DateOnly, t.Day(time.UnixMicro(from)))
	for date = date.AddDate(0, 0, -1); err == nil; date = date.AddDate(0, 0, 1) {
		name := date.Format(time.DateOnly)
		first, end := t.Bounds(name)
		r := run{[]string{name}, first.UnixMicro(), end.UnixMicro()}
		switch last := len(all) - 1; {
		case r.from >= r.to: // left out by the zone
		case last >= 0 && r.from < all[last].to:
			all[last] = run{append(all[last].dates, name), all[last].from, max(all[last].to, r.to)}
		case r.from >= to:
			return all
		default:
			all = append(all, r)
		}
	}
	return all
}

// isDay tells whether a span is one day of the tenant.
func isDay(t tenants.Tenant, b bounds) bool {
	from, to := t.Bounds(t.Day(time.UnixMicro(b.from)))
	return from.UnixMicro() == b.from && to.UnixMicro() == b.to
}

// first is the first microsecond of a day.
func first(t tenants.Tenant, date string) int64 {
	from, _ := t.Bounds(date)
	return from.UnixMicro()
}
