package oracle

import "time"

// Shift is working time on a day: minutes of the wall clock since midnight, From included and To not. To may lie beyond the midnight
// that ends the day, up to 2880.
type Shift struct{ From, To int }

// WorkingByMinutes is working time as Tenant wants it, by looking at the wall clock of a zone at each minute. shifts are those that begin on a local
// day, which is given as midnight UTC of its date; they do not overlap. Shifts and changes of the zone's clock fall on full minutes.
func WorkingByMinutes(zone *time.Location, shifts func(day time.Time) []Shift) func(from, to time.Time) time.Duration {
	works := func(at time.Time) bool {
		local := at.In(zone)
		year, month, day := local.Date()
		minute := local.Hour()*60 + local.Minute()
		for back := range 2 {
			for _, s := range shifts(time.Date(year, month, day-back, 0, 0, 0, 0, time.UTC)) {
				if m := minute + back*24*60; s.From <= m && m < s.To {
					return true
				}
			}
		}
		return false
	}
	return func(from, to time.Time) time.Duration {
		var sum time.Duration
		for from.Before(to) {
			next := from.Truncate(time.Minute).Add(time.Minute)
			if next.After(to) {
				next = to
			}
			if works(from) {
				sum += next.Sub(from)
			}
			from = next
		}
		return sum
	}
}
