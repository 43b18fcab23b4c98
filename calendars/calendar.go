package calendars

import (
	"slices"
	"sync/atomic"
	"time"
)

// Calendar is a business calendar with all its versions. It may be used by many goroutines at once.
type Calendar struct {
	versions []*Version // by ValidFrom; at least one; all of one id and zone
	years    [lastYear - firstYear + 1]atomic.Pointer[year]
}

// newCalendar takes versions of one id and zone.
func newCalendar(versions []*Version) *Calendar {
	c := &Calendar{versions: slices.Clone(versions)}
	slices.SortFunc(c.versions, func(a, b *Version) int { return a.ValidFrom.Compare(b.ValidFrom) })
	return c
}

// ID is what tenants name it by.
func (c *Calendar) ID() string { return c.versions[0].ID }

// Zone is where its times are read off the clock.
func (c *Calendar) Zone() *time.Location { return c.versions[0].Zone }

// Versions are by the date from which they hold; there is at least one.
func (c *Calendar) Versions() []*Version { return slices.Clone(c.versions) }

// InForce is the version that holds on a date of the calendar's zone, given as midnight UTC: the last whose ValidFrom is not
// after it, or the first of all.
func (c *Calendar) InForce(date time.Time) *Version {
	for _, v := range slices.Backward(c.versions) {
		if !v.ValidFrom.After(date) {
			return v
		}
	}
	return c.versions[0]
}
