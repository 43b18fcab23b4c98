package imports

import (
	"testing"
	"time"

	"github.com/itchyny/timefmt-go"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ layout, zone, in, want string }{
		{"%Y-%m-%d %H:%M:%S", "UTC", "2021-01-01 9:12:58", "2021-01-01T09:12:58Z"},
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-07-01 01:32:33", "2011-07-01T05:32:33Z"},
		// Clocks go back: 01:30 comes twice, and is the first.
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-11-06 00:59:59", "2011-11-06T04:59:59Z"},
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-11-06 01:30:00", "2011-11-06T05:30:00Z"},
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-11-06 02:00:00", "2011-11-06T07:00:00Z"},
		// Clocks go forward: 02:30 is skipped, and is what was 03:30.
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-03-13 01:59:59", "2011-03-13T06:59:59Z"},
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-03-13 02:30:00", "2011-03-13T07:30:00Z"},
		{"%Y-%m-%d %H:%M:%S", "America/New_York", "2011-03-13 03:30:00", "2011-03-13T07:30:00Z"},
		// A day that Samoa skipped whole, and half an hour at Lord Howe.
		{"%Y-%m-%d %H:%M:%S", "Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T22:00:00Z"},
		{"%Y-%m-%d %H:%M:%S", "Pacific/Apia", "2011-12-31 12:00:00", "2011-12-30T22:00:00Z"},
		{"%Y-%m-%d %H:%M:%S", "Australia/Lord_Howe", "2021-04-04 01:45:00", "2021-04-03T14:45:00Z"},
		{"%d.%m.%Y", "Europe/Vienna", "3.2.2025", "2025-02-02T23:00:00Z"},
		{"%m/%d/%y %I:%M %p", "UTC", "02/03/25 12:05 AM", "2025-02-03T00:05:00Z"},
		{"%e %b %Y", "UTC", " 3 feb 2025", "2025-02-03T00:00:00Z"},
		{"%Y-%m-%dT%H:%M:%S.%f%z", "UTC", "2025-02-03T04:05:06.5+0530", "2025-02-02T22:35:06.5Z"},
		{"%s", "Asia/Seoul", "1738555506", "2025-02-03T04:05:06Z"},
		{"rfc3339", "Asia/Seoul", "2025-02-03T04:05:06.25+09:00", "2025-02-02T19:05:06.25Z"},
		{"%Y-%m-%d", "UTC", "2024-02-29", "2024-02-29T00:00:00Z"},
		{"%Y-%m-%d", "UTC", "2021-02-29", ""},
		{"%Y-%m-%d %H:%M:%S.%f", "UTC", "2021-02-30 10:00:00.1", ""},
		{"%Y-%m-%dT%H:%M:%S%z", "UTC", "2021-04-31T10:00:00+0200", ""},
		{"%Y-%m-%d", "UTC", "2021-01-01 10:00", ""},
		{"%Y-%m-%d", "UTC", "2021-13-01", ""},
		{"%Y-%m-%d %H:%M:%S", "UTC", "2021-01-01 24:00:00", ""},
		{"rfc3339", "UTC", "2021-01-01 10:00:00", ""},
	} {
		got, ok := clock{layouts: []string{c.layout}, zone: zone(t, c.zone)}.parse(c.in)
		text := ""
		if ok {
			text = got.Format(time.RFC3339Nano)
		}
		if text != c.want {
			t.Errorf("%s by %s in %s is %q, want %q", c.in, c.layout, c.zone, text, c.want)
		}
	}
}

func TestLayoutsAreChecked(t *testing.T) {
	for _, good := range append([]string{"%Y-%j", "%G-W%V-%u", "%F %T", "%s", "%m/%d/%y"}, defaultLayouts...) {
		if detail := layoutError(good); detail != "" {
			t.Errorf("%s: %s", good, detail)
		}
	}
	for _, bad := range []string{"%H:%M", "%Y-%m", "%Q", "%Y-%m-%d %Z", "2006-01-02", "%"} {
		if layoutError(bad) == "" {
			t.Errorf("%s is taken for a layout", bad)
		}
	}
}

// Every instant that a clock on the wall tells unmistakably comes back; one that it tells twice comes back as the first.
func TestWallClocks(t *testing.T) {
	const layout = "%Y-%m-%d %H:%M:%S"
	var zones []*time.Location
	for _, name := range []string{"UTC", "America/New_York", "America/St_Johns", "Europe/London", "Asia/Seoul", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca"} {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		c := clock{layouts: []string{layout}, zone: rapid.SampledFrom(zones).Draw(t, "zone")}
		at := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(t, "at"), 0).In(c.zone)
		if _, end := at.ZoneBounds(); !end.IsZero() && rapid.Bool().Draw(t, "near a change") {
			at = end.Add(time.Duration(rapid.Int64Range(-7200, 7200).Draw(t, "seconds")) * time.Second)
		}
		wall := timefmt.Format(at, layout)
		got, ok := c.parse(wall)
		if !ok || timefmt.Format(got.In(c.zone), layout) != wall || got.After(at) {
			t.Fatalf("%s in %s is %s (%t), for %s", wall, c.zone, got, ok, at.UTC())
		}
		if got.Before(at.Add(-3 * time.Hour)) {
			t.Fatalf("%s in %s is %s, hours before %s", wall, c.zone, got, at.UTC())
		}
	})
}
