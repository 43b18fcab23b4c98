package calendars

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// oddZones have changes of the clock by an hour, half an hour and a day, at midnight and near it, north and south.
var oddZones = []string{"UTC", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Asia/Beirut", "America/Sao_Paulo",
	"Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "America/Scoresbysund", "Pacific/Kiritimati"}

// drawShifts are shifts of one day, in order, that run over midnight at most to latest minutes after it.
func drawShifts(t *rapid.T, earliest, latest int) string {
	var shifts []string
	at := earliest
	for range rapid.IntRange(0, 12).Draw(t, "shifts") {
		start := at + rapid.IntRange(0, 200).Draw(t, "pause")
		end := start + rapid.IntRange(1, 200).Draw(t, "length")
		if start >= dayMinutes || end > dayMinutes+latest || end-start > dayMinutes {
			break
		}
		shifts = append(shifts, fmt.Sprintf("%q", Shift{start, end}))
		at = end
	}
	return "[" + strings.Join(shifts, ", ") + "]"
}

// drawCalendar makes one or two versions around a date by way of their files.
func drawCalendar(t *rapid.T, zone string, around time.Time) *Calendar {
	// What may run over midnight, and what the next day leaves free: clocks are moved early in the day.
	margin := rapid.SampledFrom([]int{0, 300}).Draw(t, "margin")
	near := func(label string) string {
		return around.AddDate(0, 0, rapid.IntRange(-4, 4).Draw(t, label)).Format(time.DateOnly)
	}
	version := func(name, from string) string {
		text := later(name, from, file(zone, "week:", `  wednesday: ["08:00-12:00"]`))
		for _, day := range []string{"monday", "tuesday", "thursday", "friday", "saturday", "sunday"} {
			if shifts := drawShifts(t, margin, margin); shifts != "[]" {
				text += "  " + day + ": " + shifts + "\n"
			}
		}
		holiday, extra := near("holiday"), near("extra day")
		if rapid.Bool().Draw(t, "has holiday") {
			text += "holidays: [" + holiday + "]\n"
		}
		if shifts := drawShifts(t, margin, margin); shifts != "[]" && extra != holiday {
			text += "extra_days: {" + extra + ": " + shifts + "}\n"
		}
		return text
	}
	texts := []string{version("1", "1980-01-01")}
	if rapid.Bool().Draw(t, "two versions") {
		texts = append(texts, version("2", near("valid_from")))
	}
	versions := make([]*Version, len(texts))
	for i, text := range texts {
		v, problems := Check("any.yaml", []byte(text))
		if len(problems) > 0 {
			t.Fatalf("%v\n%s", problems, text)
		}
		versions[i] = v
	}
	return newCalendar(versions)
}

// byMinute walks through the time minute by minute with the rule in other words: the clock's hand, which stands still while the clock is
// behind what it has shown already, is within a shift or not.
func byMinute(c *Calendar, from, to time.Time) time.Duration {
	wall := func(at time.Time) time.Time {
		l := at.In(c.Zone())
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
	}
	// A day and more before the start is enough for any hour shown twice to have been seen.
	var hand time.Time
	var sum time.Duration
	for at := from.Add(-48 * time.Hour); at.Before(to); at = at.Add(time.Minute) {
		if w := wall(at); w.After(hand) {
			hand = w
		}
		if at.Before(from) {
			continue
		}
		date := time.Date(hand.Year(), hand.Month(), hand.Day(), 0, 0, 0, 0, time.UTC)
		minute := hand.Hour()*60 + hand.Minute()
		working := false
		for _, s := range c.InForce(date).Shifts(date) {
			working = working || s.Start <= minute && minute < s.End
		}
		before := date.AddDate(0, 0, -1)
		for _, s := range c.InForce(before).Shifts(before) {
			working = working || s.Start <= minute+dayMinutes && minute+dayMinutes < s.End
		}
		if working {
			sum += time.Minute
		}
	}
	return sum
}

// drawInstant is a minute in the years of modern zones, often near a change of the clock or of the year.
func drawInstant(t *rapid.T, zone *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(5_300_000, 34_000_000).Draw(t, "minute")*60, 0).UTC()
	switch rapid.SampledFrom([]string{"anywhere", "change", "change", "year"}).Draw(t, "near") {
	case "change":
		if _, change := at.In(zone).ZoneBounds(); !change.IsZero() {
			// Zone files have changes to the same offset, within a minute.
			at = change.UTC().Truncate(time.Minute).Add(time.Duration(rapid.IntRange(-3000, 500).Draw(t, "off")) * time.Minute)
		}
	case "year":
		at = time.Date(at.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(-3000, 500).Draw(t, "off")) * time.Minute)
	}
	return at
}

func TestWorkingEqualsMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(oddZones).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		from := drawInstant(t, zone)
		c := drawCalendar(t, name, from.Truncate(24*time.Hour))
		to := from.Add(time.Duration(rapid.IntRange(0, 6000).Draw(t, "minutes")) * time.Minute)
		if got, want := c.Working(from, to), byMinute(c, from, to); got != want {
			t.Fatalf("%s to %s: %s, want %s", from.In(zone), to.In(zone), got, want)
		}
	})
}

func TestWorkingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(oddZones).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		a := drawInstant(t, zone).Add(time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "nanoseconds")))
		c := drawCalendar(t, name, a.Truncate(24*time.Hour))
		span := rapid.Int64Range(0, int64(4*366*24*time.Hour))
		b := a.Add(time.Duration(span.Draw(t, "first part")))
		end := b.Add(time.Duration(span.Draw(t, "second part")))
		first, second, whole := c.Working(a, b), c.Working(b, end), c.Working(a, end)
		if first+second != whole {
			t.Fatalf("%s + %s is not %s", first, second, whole)
		}
		if first < 0 || first > b.Sub(a) || second < 0 || second > end.Sub(b) {
			t.Fatalf("%s of %s, %s of %s", first, b.Sub(a), second, end.Sub(b))
		}
	})
}
