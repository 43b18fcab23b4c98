package calendars

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// Version is one version of a calendar: a file. Once used it is not changed; a change is a new version.
type Version struct {
	ID      string
	Version string
	// ValidFrom is the first local date on which the version holds, as midnight UTC. It holds until the next version's.
	ValidFrom time.Time
	Title     Text
	// Zone is where the shifts' times are read off the clock; it is the same in all versions of a calendar.
	Zone *time.Location
	// Week are the shifts that start on each day, by time.Weekday, in order and without overlap.
	Week [7][]Shift
	// Holidays are in order and without overlap. No shift starts on them.
	Holidays []Holiday
	// ExtraDays have shifts of their own in place of the week's, in order; none is a holiday.
	ExtraDays []ExtraDay
}

// Text is what people read, in English and Chinese.
type Text struct{ En, Zh string }

// Minutes of a day on the clock.
const dayMinutes = 24 * 60

// Shift is a stretch of working time. It belongs to the day on which it starts.
type Shift struct {
	// Start is in minutes after the midnight of its day, 0..1439; End is more than Start by 1 to 1440, so that more than 1440
	// is on the day after.
	Start, End int
}

// String is the shift as a file has it: 22:00-06:00.
func (s Shift) String() string {
	end := s.End
	if end > dayMinutes {
		end -= dayMinutes
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.Start/60, s.Start%60, end/60, end%60)
}

// Holiday is a run of dates, both ends included, as midnights UTC.
type Holiday struct {
	From, To time.Time
	Title    Text // empty where the file has none
}

// ExtraDay is a date whose shifts are not its weekday's.
type ExtraDay struct {
	Date   time.Time // midnight UTC
	Shifts []Shift
}

// Shifts are those that start on a date of the calendar's zone, given as midnight UTC, were the version in force on it.
func (v *Version) Shifts(date time.Time) []Shift {
	if i, found := slices.BinarySearchFunc(v.ExtraDays, date, func(d ExtraDay, at time.Time) int { return d.Date.Compare(at) }); found {
		return v.ExtraDays[i].Shifts
	}
	if v.holiday(date) {
		return nil
	}
	return v.Week[date.Weekday()]
}

func (v *Version) holiday(date time.Time) bool {
	next := sort.Search(len(v.Holidays), func(i int) bool { return v.Holidays[i].From.After(date) })
	return next > 0 && !v.Holidays[next-1].To.Before(date)
}
