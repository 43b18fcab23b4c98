package calendars

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// reach is more than any zone differs from UTC, more than a shift lasts and more than any change of a clock, in days.
const reach = 4

// compute turns the local shifts that touch a year UTC into instants. Shifts that meet, as where a version's last night
// runs into the next version's first day, are counted once.
func (c *Calendar) compute(n int) *year {
	start := time.Date(n, time.January, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(n+1, time.January, 1, 0, 0, 0, 0, time.UTC)
	first, last := start.AddDate(0, 0, -reach), end.AddDate(0, 0, reach)
	local := clockOf(c.Zone(), first.AddDate(0, 0, -reach), last.AddDate(0, 0, reach))
	var spans []span
	for date := first; date.Before(last); date = date.AddDate(0, 0, 1) {
		for _, shift := range c.InForce(date).Shifts(date) {
			midnight := date.Unix()
			s := span{
				start: max(local.shows(midnight+int64(shift.Start)*60)*int64(time.Second), start.UnixNano()),
				end:   min(local.shows(midnight+int64(shift.End)*60)*int64(time.Second), end.UnixNano()),
			}
			if s.start < s.end {
				spans = append(spans, s)
			}
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	y := &year{}
	for _, s := range spans {
		if last := len(y.spans) - 1; last >= 0 && s.start <= y.spans[last].end {
			y.spans[last].end = max(y.spans[last].end, s.end)
			continue
		}
		y.spans = append(y.spans, s)
	}
	y.spans = slices.Clip(y.spans)
	for i := range y.spans {
		y.spans[i].before = y.total
		y.total += time.Duration(y.spans[i].end - y.spans[i].start)
	}
	return y
}

// clock is what the clocks of a zone show over some time: stretches of one offset each, in order and without gap.
type clock []stretch

// stretch is in Unix seconds; the clock shows the instant plus offset.
type stretch struct{ start, end, offset int64 }

// clockOf is right for local times a day or more within from and to.
func clockOf(zone *time.Location, from, to time.Time) clock {
	var c clock
	for at := from; at.Before(to); {
		local := at.In(zone)
		_, offset := local.Zone()
		_, end := local.ZoneBounds()
		s := stretch{start: at.Unix(), end: math.MaxInt64, offset: int64(offset)}
		if !end.IsZero() {
			s.end = end.Unix()
		}
		c = append(c, s)
		if end.IsZero() {
			break
		}
		at = end
	}
	return c
}

// shows is the first instant at which the clock shows a local time or a later one, both in seconds after 1970 began.
func (c clock) shows(local int64) int64 {
	for _, s := range c {
		if at := max(local-s.offset, s.start); at < s.end {
			return at
		}
	}
	return c[len(c)-1].end // not reached by what clockOf is right for
}
