package rolling

import (
	"slices"
	"time"

	"github.com/rapport-project/rapport/tenants"
)

// leastGain is how much less of the facts has to be read for a day to be added and taken away from, microseconds.
const leastGain = int64(time.Hour / time.Microsecond)

// complement replaces, day by day, the longest piece by the day itself less what lies beside the piece in it.
func (p *plan) complement(t tenants.Tenant, r rules, kept int64) {
	if len(p.pieces) == 0 {
		return
	}
	var pieces []piece
	rest := p.pieces
	for _, day := range runs(t, rest[0].from, rest[len(rest)-1].to) {
		var parts []piece
		for len(rest) > 0 && rest[0].from < day.to {
			part := rest[0]
			if part.to > day.to {
				part.to, rest[0].from = day.to, day.to
			} else {
				rest = rest[1:]
			}
			parts = append(parts, part)
		}
		pieces = append(pieces, p.lessen(day, parts, r, kept)...)
	}
	p.pieces = nil
	for _, n := range append(pieces, rest...) {
		p.add(n)
	}
}

// lessen gives what is to be read of a day instead of its parts.
func (p *plan) lessen(day run, parts []piece, r rules, kept int64) []piece {
	gaps := gapsOf(day, parts)
	longest, missing := -1, int64(0)
	for i, n := range parts {
		if !n.short && (longest < 0 || n.to-n.from > parts[longest].to-parts[longest].from) {
			longest = i
		}
	}
	for _, n := range gaps {
		to := n.to
		if !r.now.IsZero() {
			to = min(to, r.now.UnixMicro())
		}
		missing += max(0, to-n.from)
	}
	if longest < 0 || day.from < kept || parts[longest].from < day.from || parts[longest].to-parts[longest].from < missing+leastGain {
		return parts
	}
	all := parts[longest]
	for _, date := range day.dates {
		p.days = append(p.days, whole{date, all.slot})
	}
	var less []member
	for _, m := range p.slots[all.slot-1] {
		less = append(less, member{m.span, m.confirmed, true})
	}
	var read []piece
	for i, n := range append(slices.Clone(parts), gaps...) {
		own := less
		if i == longest {
			continue
		}
		if n.slot > 0 {
			own = cancel(slices.Concat(p.slots[n.slot-1], less))
		}
		if len(own) > 0 {
			n.slot = p.number(own)
			read = append(read, n)
		}
	}
	slices.SortFunc(read, func(a, b piece) int { return int(a.from - b.from) })
	return read
}

// cancel leaves out what is both added and taken away.
func cancel(members []member) []member {
	return slices.DeleteFunc(slices.Clone(members), func(m member) bool {
		m.minus = !m.minus
		return slices.Contains(members, m)
	})
}

// gapsOf are the stretches of a day that are in no part.
func gapsOf(day run, parts []piece) []piece {
	var gaps []piece
	at := day.from
	for _, n := range parts {
		if at < n.from {
			gaps = append(gaps, piece{from: at, to: n.from})
		}
		at = n.to
	}
	if at < day.to {
		gaps = append(gaps, piece{from: at, to: day.to})
	}
	return gaps
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
