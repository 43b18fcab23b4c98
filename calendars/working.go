package calendars

import (
	"sort"
	"time"
)

// Years for which working time is counted: those of events, which ClickHouse's DateTime bounds.
const (
	firstYear = 1970
	lastYear  = 2106
)

// Working is the working time in from <= t < to; 0 where to is not after from. It is exact, grows with to, and adds up:
// Working(a, b) + Working(b, c) == Working(a, c). There is no working time before 1970 and after 2106 UTC.
func (c *Calendar) Working(from, to time.Time) time.Duration {
	from, to = within(from), within(to)
	if !from.Before(to) {
		return 0
	}
	first, last := from.Year(), to.Year()
	if first == last {
		y := c.year(first)
		return y.until(to) - y.until(from)
	}
	y := c.year(first)
	sum := y.total - y.until(from)
	for between := first + 1; between < last; between++ {
		sum += c.year(between).total
	}
	return sum + c.year(last).until(to)
}

// within is the nearest instant for which working time is counted, in UTC.
func within(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < firstYear {
		return time.Date(firstYear, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	if t.Year() > lastYear {
		return time.Date(lastYear+1, time.January, 1, 0, 0, 0, -1, time.UTC)
	}
	return t
}

// year is the working time of one year UTC.
type year struct {
	spans []span // in order; none is empty, none touches another
	total time.Duration
}

// span is one stretch of working time, in Unix nanoseconds, and how much of the year's lies before it.
type span struct {
	start, end int64
	before     time.Duration
}

// until is the working time of the year before t, which is in it.
func (y *year) until(t time.Time) time.Duration {
	at := t.UnixNano()
	next := sort.Search(len(y.spans), func(i int) bool { return y.spans[i].start > at })
	if next == 0 {
		return 0
	}
	s := y.spans[next-1]
	return s.before + time.Duration(min(at, s.end)-s.start)
}

// year is computed when it is first asked for. Two that do so at once compute the same.
func (c *Calendar) year(n int) *year {
	at := &c.years[n-firstYear]
	if y := at.Load(); y != nil {
		return y
	}
	y := c.compute(n)
	at.Store(y)
	return y
}
