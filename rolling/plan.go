package rolling

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/tenants"
)

// plan says where each instant of the spans of a query is read: whole days of the tenant from rollups, parts of days from facts. Where a span has more
// of a day than it lacks, the day is added and what it lacks is taken away, which reads less and comes to the same.
type plan struct {
	// slots are the different sets of spans that instants count in. Statements number them from 1; 0 is in none.
	slots   [][]member
	numbers map[string]int
	// pieces are read from facts, in the order of time, none overlapping another.
	pieces []piece
	// days are read from rollups.
	days []whole
}

// member says that a slot is in a span, whether what lies in it can no longer change by time alone, and whether it is taken away.
type member struct {
	span             int
	confirmed, minus bool
}

// piece is from <= time < to in microseconds since 1970. Times are whole microseconds, so that From < time <= To is From+1 <= time < To+1.
type piece struct {
	from, to int64
	slot     int
	// short says that it is to be read from facts alone.
	short bool
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
	// now is when the future begins, of which there are hardly any facts; zero: never.
	now time.Time
	// factsOnly reads nothing from rollups; whole takes nothing away from days of them.
	factsOnly, whole bool
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

	p := plan{numbers: map[string]int{}}
	for i := range max(0, len(edges)-1) {
		from, to := edges[i], edges[i+1]
		members, short := membersOf(all, from, to)
		if len(members) == 0 {
			continue
		}
		n := p.number(members)
		if short {
			p.add(piece{max(from, kept), to, n, true})
			continue
		}
		p.split(t, piece{from, to, n, false}, kept)
	}
	if !r.factsOnly && !r.whole {
		p.complement(t, r, kept)
	}
	return p
}

// number is that of a slot.
func (p *plan) number(members []member) int {
	key := keyOf(members)
	n, ok := p.numbers[key]
	if !ok {
		p.slots = append(p.slots, members)
		n = len(p.slots)
		p.numbers[key] = n
	}
	return n
}

// membersOf are the spans that all of a piece lies in; short if one of them is read from facts alone.
func membersOf(all []bounds, from, to int64) (members []member, short bool) {
	for i, b := range all {
		if b.from <= from && to <= b.to {
			members = append(members, member{span: i, confirmed: to <= b.sealed})
			short = short || b.short
		}
	}
	return members, short
}

func keyOf(members []member) string {
	var b strings.Builder
	for _, m := range members {
		sign := "+"
		if m.minus {
			sign = "-"
		}
		fmt.Fprintf(&b, "%s%d", sign, m.span)
		if m.confirmed {
			b.WriteString("c")
		}
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
		p.add(piece{max(at, kept), run.from, in.slot, false})
		for _, date := range run.dates {
			p.days = append(p.days, whole{date, in.slot})
		}
		at = run.to
	}
	p.add(piece{max(at, kept), in.to, in.slot, false})
}

// add appends a piece of facts if there is anything in it.
func (p *plan) add(n piece) {
	if n.from >= n.to {
		return
	}
	if last := len(p.pieces) - 1; last >= 0 && p.pieces[last].to == n.from && p.pieces[last].slot == n.slot && p.pieces[last].short == n.short {
		p.pieces[last].to = n.to
		return
	}
	p.pieces = append(p.pieces, n)
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
