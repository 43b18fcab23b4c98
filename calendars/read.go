package calendars

import (
	"regexp"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

const (
	wantID       = "1 to 64 letters, digits and . _ -, starting with a letter or digit"
	wantTitle    = "text such as {en: Five days}"
	wantZone     = "a name of the tz database, such as Asia/Shanghai or Europe/Berlin"
	wantWeek     = `the shifts of each working day, as {monday: ["08:00-12:00", "13:00-17:30"]}`
	wantShifts   = `a list of shifts such as ["08:00-12:00", "13:00-17:30"]`
	wantShift    = `a shift such as "08:00-12:00"; one that ends at or before its start runs into the next day, and "00:00-24:00" is a whole day`
	wantHolidays = "a list of dates: [2025-01-01, {from: 2025-01-28, to: 2025-02-04, title: {en: Spring Festival}}]"
	wantDate     = "a date such as 2025-01-31"
)

// Check reads one file and answers every mistake in it, or the version that it defines; name is only for messages.
func Check(name string, text []byte) (*Version, yamlfile.Problems) {
	file := yamlfile.Parse(name, text)
	r := reader{
		ids:    regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`),
		shifts: regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])$`),
	}
	version := r.version(file.Root())
	if problems := file.Problems(); len(problems) > 0 {
		return nil, problems
	}
	return version, nil
}

// reader turns the values of a file into a version; what is wrong is noted in the file.
type reader struct{ ids, shifts *regexp.Regexp }

func (r reader) version(root yamlfile.Value) *Version {
	o := root.Object("id", "version", "valid_from", "title", "time_zone", "week", "holidays", "extra_days")
	v := &Version{ID: r.id(o.Get("id")), Version: r.id(o.Get("version")), Title: r.text(o.Get("title"))}
	if at := o.Get("valid_from"); at.Required("the first date on which the version holds, such as 2025-01-31") {
		v.ValidFrom, _ = at.Date()
	}
	if at := o.Get("time_zone"); at.Required(wantZone) {
		v.Zone, _ = at.Zone()
	}
	r.week(v, o.Get("week"))
	r.holidays(v, o.Get("holidays"))
	r.extraDays(v, o.Get("extra_days"))
	return v
}

func (r reader) id(v yamlfile.Value) string {
	if !v.Required(wantID) {
		return ""
	}
	id, ok := v.Text()
	if ok && !r.ids.MatchString(id) {
		v.Fail("%.80q; want %s", id, wantID)
	}
	return id
}

// text reads {en: ..., zh: ...}; English is required, Chinese falls back to it.
func (r reader) text(v yamlfile.Value) Text {
	if !v.Required(wantTitle) {
		return Text{}
	}
	o := v.Object("en", "zh")
	var t Text
	o.Get("en").Required("the English text")
	t.En, _ = o.Get("en").Text()
	t.Zh, _ = o.Get("zh").Text()
	if t.Zh == "" {
		t.Zh = t.En
	}
	return t
}
