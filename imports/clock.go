package imports

import (
	"fmt"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
)

// rfc3339 is the one layout that is named and not spelt: the profile of ISO 8601 that carries its own zone.
const rfc3339 = "rfc3339"

// clock reads times: the layouts are tried in their order.
type clock struct {
	layouts []string
	zone    *time.Location
}

// naive says whether times of the layout need a zone to mean an instant.
func naive(layout string) bool {
	return layout != rfc3339 && !strings.Contains(layout, "%z") && !strings.Contains(layout, "%:z") && !strings.Contains(layout, "%s")
}

// layoutError says what is wrong with a layout; "" where nothing is.
func layoutError(layout string) string {
	if layout == rfc3339 {
		return ""
	}
	if strings.Contains(layout, "%Z") {
		return "names of zones such as EST are ambiguous; want %z for an offset, or no zone and time.zone"
	}
	sample := time.Date(2021, 11, 23, 14, 35, 46, 0, time.UTC)
	parsed, err := timefmt.ParseInLocation(timefmt.Format(sample, layout), layout, time.UTC)
	if err != nil {
		return fmt.Sprintf("%v; want strptime letters, such as %%Y-%%m-%%d %%H:%%M:%%S", err)
	}
	if parsed.Year() != sample.Year() || parsed.YearDay() != sample.YearDay() {
		return "the layout does not tell a whole day; want at least year, month and day, such as %Y-%m-%d"
	}
	return ""
}

// parse reads a time by the first layout that fits.
func (c clock) parse(s string) (time.Time, bool) {
	for _, layout := range c.layouts {
		if layout == rfc3339 {
			if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
				return t.UTC(), true
			}
			continue
		}
		t, err := timefmt.ParseInLocation(s, layout, time.UTC)
		if err != nil || !sameDay(t, s, layout) {
			continue
		}
		if naive(layout) {
			t = inZone(t, c.zone)
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}

// sameDay says whether t still is what s says: the parser turns a 30th of February into a 2nd of March. What stands before
// the first fraction or offset is compared, since those have more than one spelling.
func sameDay(t time.Time, s, layout string) bool {
	for _, end := range []string{"%f", "%z", "%:z", "%s"} {
		layout, _, _ = strings.Cut(layout, end)
	}
	if t.Day() > 3 || layout == "" {
		return true // only the first three days can be the overflow of a month before
	}
	return strings.HasPrefix(loose(s), loose(timefmt.Format(t, layout)))
}

// loose is text without what layouts leave open: case, spaces, and zeros before a number.
func loose(s string) string {
	var b strings.Builder
	digits := false
	for i, c := range []byte(strings.ToLower(s)) {
		next := i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9'
		if c == '0' && !digits && next {
			continue
		}
		digits = c >= '0' && c <= '9'
		if c != ' ' {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// inZone is the instant at which clocks of a zone show the wall time that t has in UTC. A wall time that comes twice is its first; one
// that clocks skip is read by the offset before the change, so 02:30 in a gap of an hour is what was 03:30 then.
func inZone(t time.Time, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	at := func(near time.Time) (time.Time, bool) {
		_, offset := near.In(zone).Zone()
		instant := t.Add(-time.Duration(offset) * time.Second)
		_, there := instant.In(zone).Zone()
		return instant, there == offset
	}
	before, ok := at(t.Add(-day))
	if ok {
		return before
	}
	if after, ok := at(t.Add(day)); ok {
		return after
	}
	return before
}
