package tenants

import (
	"slices"
	"strings"
	"time"
)

// Tenant is one tenant's settings, complete: what its file does not say has its default.
type Tenant struct {
	ID string
	// Zone is where the tenant's days begin and end. Default UTC.
	Zone *time.Location
	// Cuts are pairs of attributes beside the seven single ones, without repeats, in the order of Attributes. Default none.
	Cuts [][2]string
	// Calendar names the business calendar, a file of the folder calendars. Default "": no working time is counted.
	Calendar string
	// FCRWindowDays is within how many days a second contact makes the first unresolved, 1..30. Default 7.
	FCRWindowDays int
	// ServiceLevelSeconds is the wait within which a call counts as answered in time. Default 20.
	ServiceLevelSeconds int
	// MinN is the number of observations under which nothing is significant or ranked. Default 5.
	MinN int
	// ComplaintAgeDays are the ages that part open complaints, rising: from 0 to the first, and so on, and from the last up. Default 3, 7, 30.
	ComplaintAgeDays []int
	// AttributeCap is how many values of an attribute are shown before the rest is other. Default 2000.
	AttributeCap int
}

func defaults(id string) Tenant {
	return Tenant{ID: id, Zone: time.UTC, FCRWindowDays: 7, ServiceLevelSeconds: 20, MinN: 5, ComplaintAgeDays: []int{3, 7, 30}, AttributeCap: 2000}
}

// Attributes are the names of the seven attributes that every figure is cut by, in their canonical order.
func Attributes() []string {
	return []string{"region", "org_unit", "product", "service", "channel", "segment", "agent"}
}

// Fingerprint names the settings that stored rollups depend on, the time zone and the cuts: when it changes, all days of
// the tenant are to be computed again.
func (t Tenant) Fingerprint() string {
	names := make([]string, len(t.Cuts))
	for i, cut := range t.Cuts {
		names[i] = cut[0] + "," + cut[1]
	}
	return "zone=" + t.Zone.String() + ";cuts=" + strings.Join(names, "|")
}

// Day is the calendar day of an instant in the tenant's zone, as 2006-01-02.
func (t Tenant) Day(at time.Time) string { return at.In(t.Zone).Format(time.DateOnly) }

// Bounds are the first instant of a day of the tenant's zone and the first instant after it, in UTC: from <= x < to for
// every x with Day(x) == day. It is the narrowest such span; a zone that once moved its clocks back over midnight has
// an hour of the day before in it, so who sums a day asks for the day too. A day that a zone left out is empty: from ==
// to. For what is no date both are the zero time.
func (t Tenant) Bounds(day string) (from, to time.Time) {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, time.Time{}
	}
	from, to = t.edges(date)
	return from.UTC(), to.UTC()
}

// edges looks at every stretch of constant offset near the date for the part of it that lies on the date: offsets are less than a day, and
// changes of the clock are what makes midnight missing or double.
func (t Tenant) edges(date time.Time) (from, to time.Time) {
	const reach = 36 * time.Hour
	found := false
	for at := date.Add(-reach); at.Before(date.Add(reach)); {
		start, end := at.In(t.Zone).ZoneBounds()
		_, offset := at.In(t.Zone).Zone()
		// Were this offset in force for all time, the day would lie between these.
		first := date.Add(-time.Duration(offset) * time.Second)
		after := first.AddDate(0, 0, 1)
		first, after = latest(first, start), earliest(after, end)
		if first.Before(after) {
			if !found {
				from, found = first, true
			}
			to = after
		}
		if end.IsZero() {
			break
		}
		at = end
	}
	if !found {
		missing := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, t.Zone)
		return missing, missing
	}
	return from, to
}

// A zero bound is none.
func latest(a, b time.Time) time.Time {
	if b.IsZero() || a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// pair puts two attributes into canonical order.
func pair(a, b string) [2]string {
	order := Attributes()
	if slices.Index(order, a) > slices.Index(order, b) {
		a, b = b, a
	}
	return [2]string{a, b}
}
