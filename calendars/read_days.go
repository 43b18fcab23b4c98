package calendars

import (
	"slices"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// placed is a shift, the day it starts on, its place in the file, and its start and end on a scale common to all compared.
type placed struct {
	shift      Shift
	day        string
	at         yamlfile.Value
	start, end int
}

func (r reader) week(v *Version, at yamlfile.Value) {
	if !at.Required(wantWeek) {
		return
	}
	days := make([]string, 7)
	for day := range days {
		days[day] = key(time.Weekday((day + 1) % 7))
	}
	o := at.Object(days...)
	if !slices.ContainsFunc(days, func(day string) bool { return o.Get(day).Exists() }) && at.IsMapping() {
		at.Fail("no working day in it; want %s", wantWeek)
	}
	var all []placed
	for i, day := range days {
		shifts := r.shiftsOf(o.Get(day), day, i*dayMinutes)
		v.Week[(i+1)%7] = sorted(shifts)
		all = append(all, shifts...)
	}
	// Sunday night runs into Monday: the week is followed by its first two days once more.
	for _, s := range all {
		if s.start < 2*dayMinutes {
			s.start, s.end = s.start+7*dayMinutes, s.end+7*dayMinutes
			all = append(all, s)
		}
	}
	refuseOverlaps(all)
}

// shiftsOf reads a list of shifts that start on the day whose midnight is at the given minute.
func (r reader) shiftsOf(at yamlfile.Value, day string, midnight int) []placed {
	var all []placed
	for _, element := range at.List(wantShifts) {
		text, ok := element.Text()
		if !ok {
			element.Required(wantShift)
			continue
		}
		parts := r.shifts.FindStringSubmatch(text)
		var n [5]int
		for i := 1; i < len(parts); i++ {
			n[i], _ = strconv.Atoi(parts[i]) // two digits
		}
		s := Shift{Start: n[1]*60 + n[2], End: n[3]*60 + n[4]}
		if parts == nil || s.End > dayMinutes {
			element.Fail("%.40q; want %s", text, wantShift)
			continue
		}
		if s.End <= s.Start {
			s.End += dayMinutes
		}
		all = append(all, placed{shift: s, day: day, at: element, start: midnight + s.Start, end: midnight + s.End})
	}
	return all
}

func sorted(all []placed) []Shift {
	var shifts []Shift
	for _, s := range all {
		shifts = append(shifts, s.shift)
	}
	slices.SortFunc(shifts, func(a, b Shift) int { return a.Start - b.Start })
	return shifts
}

// refuseOverlaps notes each shift that starts while one before it is still under way.
func refuseOverlaps(all []placed) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b placed) int { return a.start - b.start })
	said := map[yamlfile.Value]bool{}
	var longest placed
	for i, s := range all {
		if i > 0 && s.start < longest.end && !said[s.at] {
			said[s.at] = true
			s.at.Fail("overlaps %s of %s; want shifts that do not overlap", longest.shift, longest.day)
		}
		if i == 0 || s.end > longest.end {
			longest = s
		}
	}
}

func (r reader) holidays(v *Version, at yamlfile.Value) {
	type holiday struct {
		Holiday
		at yamlfile.Value
	}
	var all []holiday
	for _, element := range at.List(wantHolidays) {
		if h, ok := r.holiday(element); ok {
			all = append(all, holiday{h, element})
		}
	}
	slices.SortStableFunc(all, func(a, b holiday) int { return a.From.Compare(b.From) })
	var last time.Time
	for i, h := range all {
		if i > 0 && !h.From.After(last) {
			h.at.Fail("%s is a holiday already; want each date once", h.From.Format(time.DateOnly))
		}
		if i == 0 || h.To.After(last) {
			last = h.To
		}
		v.Holidays = append(v.Holidays, h.Holiday)
	}
}

// holiday reads a date, {date: ..., title: ...} or {from: ..., to: ..., title: ...}.
func (r reader) holiday(at yamlfile.Value) (Holiday, bool) {
	if !at.Required(wantDate) {
		return Holiday{}, false
	}
	if !at.IsMapping() {
		day, ok := at.Date()
		return Holiday{From: day, To: day}, ok
	}
	o := at.Object("date", "from", "to", "title")
	var h Holiday
	if title := o.Get("title"); title.Exists() {
		h.Title = r.text(title)
	}
	if date := o.Get("date"); date.Exists() {
		for _, key := range []string{"from", "to"} {
			if o.Get(key).Exists() {
				o.Get(key).Fail("there is a date as well; want date, or from and to")
			}
		}
		day, ok := date.Date()
		h.From, h.To = day, day
		return h, ok
	}
	from, to := o.Get("from"), o.Get("to")
	if !from.Exists() && !to.Exists() {
		at.Fail("no date in it; want {date: 2025-01-01}, or {from: 2025-01-28, to: 2025-02-04}")
		return h, false
	}
	var starts, ends bool
	from.Required("the first date")
	to.Required("the last date")
	h.From, starts = from.Date()
	h.To, ends = to.Date()
	if starts && ends && h.To.Before(h.From) {
		to.Fail("before from, which is %s; want the last date", h.From.Format(time.DateOnly))
		return h, false
	}
	return h, starts && ends
}

func (r reader) extraDays(v *Version, at yamlfile.Value) {
	o := at.Entries()
	own := map[time.Time][]placed{}
	for _, name := range o.Keys() {
		value := o.Get(name)
		day, err := time.Parse(time.DateOnly, name)
		if err != nil {
			value.Fail("%.40q is no date; want %s", name, wantDate)
			continue
		}
		if v.holiday(day) {
			value.Fail("the date is a holiday too; want one or the other")
		}
		value.Required(wantShifts)
		own[day] = r.shiftsOf(value, name, dayMinutes)
		v.ExtraDays = append(v.ExtraDays, ExtraDay{Date: day, Shifts: sorted(own[day])})
	}
	slices.SortFunc(v.ExtraDays, func(a, b ExtraDay) int { return a.Date.Compare(b.Date) })
	for _, extra := range v.ExtraDays {
		refuseOverlaps(own[extra.Date])
		v.refuseRunningOver(extra, own)
	}
}

// refuseRunningOver notes where an extra day and the days beside it are at work at once. What the day before has is another version's
// where the extra day is the first of this one.
func (v *Version) refuseRunningOver(extra ExtraDay, own map[time.Time][]placed) {
	mine := own[extra.Date]
	if before := extra.Date.AddDate(0, 0, -1); !before.Before(v.ValidFrom) {
		for _, s := range v.Shifts(before) {
			for _, m := range mine {
				if s.End-dayMinutes > m.shift.Start {
					m.at.Fail("overlaps %s of %s; want shifts that do not overlap", s, before.Format(time.DateOnly))
				}
			}
		}
	}
	after := extra.Date.AddDate(0, 0, 1)
	if _, extraToo := own[after]; extraToo {
		return // it is compared with this one in its own turn
	}
	for _, s := range v.Shifts(after) {
		for _, m := range mine {
			if m.shift.End-dayMinutes > s.Start {
				m.at.Fail("overlaps %s of %s; want shifts that do not overlap", s, after.Format(time.DateOnly))
			}
		}
	}
}
