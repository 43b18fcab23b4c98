package calendars

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// made is the calendar of the given files' texts, which are of one id.
func made(t testing.TB, texts ...string) *Calendar {
	t.Helper()
	files := fstest.MapFS{}
	for i, text := range texts {
		files[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	catalog, err := Load(files, "")
	if err != nil {
		t.Fatal(err)
	}
	c, known := catalog.Get("test")
	if !known {
		t.Fatal("no calendar test")
	}
	return c
}

// file is a version: what is not given is 1, valid from 2000-01-01.
func file(zone string, lines ...string) string {
	return "id: test\nversion: 1\nvalid_from: 2000-01-01\ntitle: {en: Test}\ntime_zone: " + zone + "\n" + strings.Join(lines, "\n") + "\n"
}

func later(version, from, text string) string {
	return strings.NewReplacer("version: 1\n", "version: "+version+"\n", "2000-01-01", from).Replace(text)
}

const (
	office = `week: {monday: ["09:00-12:00", "13:00-18:00"], tuesday: ["09:00-12:00", "13:00-18:00"], wednesday: ["09:00-12:00", "13:00-18:00"],
  thursday: ["09:00-12:00", "13:00-18:00"], friday: ["09:00-12:00", "13:00-18:00"]}`
	saturdayNight = `week: {saturday: ["22:00-06:00"]}`
	weekNights    = `week: {monday: ["22:00-06:00"], tuesday: ["22:00-06:00"], friday: ["22:00-06:00"]}`
	spring        = `holidays: [2025-01-01, {from: 2025-01-28, to: 2025-02-04, title: {en: Spring Festival, zh: 春节}}]`
	makeUp        = `extra_days: {2025-01-26: ["09:00-12:00", "13:00-18:00"], 2025-02-08: ["09:00-12:00", "13:00-18:00"]}`
)

func sunday(shifts string) string { return "week: {sunday: [" + shifts + "]}" }

// Every figure here was worked out by hand; local times carry no offset where they have only one meaning.
func TestWorkingByHand(t *testing.T) {
	mornings := `week: {monday: ["08:00-12:00"], tuesday: ["08:00-12:00"], wednesday: ["08:00-12:00"], thursday: ["08:00-12:00"]}`
	days := strings.ReplaceAll(mornings, "08:00-12:00", "08:00-16:00")
	for _, test := range []struct {
		name     string
		calendar []string
		from, to string
		want     string
	}{
		{"within a shift", []string{file("Asia/Shanghai", office)}, "2025-03-03 09:30", "2025-03-03 10:45", "1h15m"},
		{"over lunch", []string{file("Asia/Shanghai", office)}, "2025-03-03 11:00", "2025-03-03 14:00", "2h"},
		{"all at lunch", []string{file("Asia/Shanghai", office)}, "2025-03-03 12:00", "2025-03-03 13:00", "0s"},
		{"over a weekend: 1 h on Friday, 1 h on Monday", []string{file("Asia/Shanghai", office)}, "2025-03-07 17:00", "2025-03-10 10:00", "2h"},
		{"a week", []string{file("Asia/Shanghai", office)}, "2025-03-03 00:00", "2025-03-10 00:00", "40h"},
		{"backwards", []string{file("Asia/Shanghai", office)}, "2025-03-04 00:00", "2025-03-03 00:00", "0s"},

		{"Berlin springs forward over a weekend", []string{file("Europe/Berlin", office)}, "2025-03-28 17:00", "2025-03-31 10:00", "2h"},
		{"Berlin falls back over a weekend", []string{file("Europe/Berlin", office)}, "2025-10-24 17:00", "2025-10-27 10:00", "2h"},
		{"New York springs forward over a weekend", []string{file("America/New_York", office)}, "2025-03-07 17:00", "2025-03-10 10:00", "2h"},
		{"New York falls back over a weekend", []string{file("America/New_York", office)}, "2025-10-31 17:00", "2025-11-03 10:00", "2h"},
		{"an ordinary night", []string{file("Europe/Berlin", saturdayNight)}, "2025-03-22 12:00", "2025-03-23 12:00", "8h"},
		{"Berlin's short night", []string{file("Europe/Berlin", saturdayNight)}, "2025-03-29 12:00", "2025-03-30 12:00", "7h"},
		{"Berlin's long night", []string{file("Europe/Berlin", saturdayNight)}, "2025-10-25 12:00", "2025-10-26 12:00", "9h"},
		{"New York's short night", []string{file("America/New_York", saturdayNight)}, "2025-03-08 12:00", "2025-03-09 12:00", "7h"},
		{"New York's long night", []string{file("America/New_York", saturdayNight)}, "2025-11-01 12:00", "2025-11-02 12:00", "9h"},
		{"Lord Howe's long night, half an hour", []string{file("Australia/Lord_Howe", saturdayNight)}, "2025-04-05 12:00", "2025-04-06 12:00", "8h30m"},
		{"Lord Howe's short night, half an hour", []string{file("Australia/Lord_Howe", saturdayNight)}, "2025-10-04 12:00", "2025-10-05 12:00", "7h30m"},
		{"a case that ends in the night that springs forward: 22-24, 0-2, 3-4", []string{file("Europe/Berlin", saturdayNight)}, "2025-03-29 12:00", "2025-03-30 04:00", "5h"},
		{"a case that ends in the night that falls back: 22-24, 0-3, 2-3, 3-4", []string{file("Europe/Berlin", saturdayNight)}, "2025-10-25 12:00", "2025-10-26 04:00", "7h"},

		{"a start left out is the change: 3-5", []string{file("Europe/Berlin", sunday(`"02:30-05:00"`))}, "2025-03-30 00:00", "2025-03-30 12:00", "2h"},
		{"an end left out is the change: 1-2", []string{file("Europe/Berlin", sunday(`"01:00-02:30"`))}, "2025-03-30 00:00", "2025-03-30 12:00", "1h"},
		{"both left out", []string{file("Europe/Berlin", sunday(`"02:10-02:50"`))}, "2025-03-30 00:00", "2025-03-30 12:00", "0s"},
		{"the hour there is twice", []string{file("Europe/Berlin", sunday(`"02:00-03:00"`))}, "2025-10-26 00:00", "2025-10-26 12:00", "2h"},
		{"an end there is twice is the first", []string{file("Europe/Berlin", sunday(`"00:00-02:30"`))}, "2025-10-26 00:00", "2025-10-26 12:00", "2h30m"},
		{"a start there is twice is the first: 2:30-3, 2-3, 3-4", []string{file("Europe/Berlin", sunday(`"02:30-04:00"`))}, "2025-10-26 00:00", "2025-10-26 12:00", "2h30m"},
		{"a day left out", []string{file("Pacific/Apia", `week: {thursday: ["09:00-17:00"], friday: ["09:00-17:00"], saturday: ["09:00-17:00"]}`)}, "2011-12-29 00:00", "2012-01-01 00:00", "16h"},
		{"around the clock in Berlin, 23 h", []string{file("Europe/Berlin", sunday(`"00:00-24:00"`))}, "2025-03-29 00:00", "2025-04-01 00:00", "23h"},

		// Monday 27 January and from Wednesday 5 February on; Sunday 26 January and Saturday 8 February are made up for.
		{"Spring Festival", []string{file("Asia/Shanghai", office, spring)}, "2025-01-27 09:00", "2025-02-05 18:00", "16h"},
		{"with its make-up days", []string{file("Asia/Shanghai", office, spring, makeUp)}, "2025-01-25 00:00", "2025-02-09 00:00", "48h"},
		{"a case opened and closed on a holiday", []string{file("Asia/Shanghai", office, spring)}, "2025-01-01 10:00", "2025-01-01 16:00", "0s"},
		{"a half day", []string{file("Asia/Shanghai", office, `extra_days: {2025-12-24: ["09:00-12:00"]}`)}, "2025-12-23 17:00", "2025-12-25 10:00", "5h"},

		{"a night shift over midnight", []string{file("Europe/Berlin", weekNights)}, "2025-06-02 23:30", "2025-06-03 01:00", "1h30m"},
		{"two nights", []string{file("Europe/Berlin", weekNights)}, "2025-06-02 12:00", "2025-06-04 05:00", "15h"},
		{"Friday's night lasts into Saturday, which has none", []string{file("Europe/Berlin", weekNights)}, "2025-06-07 00:00", "2025-06-09 00:00", "6h"},
		{"a holiday takes out the night that starts on it, not the one that ends on it", []string{file("Europe/Berlin", weekNights, "holidays: [2025-06-03]")},
			"2025-06-02 12:00", "2025-06-04 12:00", "8h"},
		{"a night over New Year in Shanghai, which is all in the old year UTC", []string{file("Asia/Shanghai", `week: {wednesday: ["22:00-06:00"]}`)},
			"2025-12-31 00:00", "2026-01-02 00:00", "8h"},
		{"a night from one year to the next", []string{file("UTC", `week: {tuesday: ["22:00-06:00"]}`)}, "2024-12-31 00:00", "2025-01-02 00:00", "8h"},

		// Monday 10-12, Tuesday 8-12, Wednesday 8-16, Thursday 8-9.
		{"a version that starts in the middle of a case", []string{file("Europe/Berlin", mornings), later("2", "2025-07-02", file("Europe/Berlin", days))},
			"2025-06-30 10:00", "2025-07-03 09:00", "15h"},
		{"before it the old one holds", []string{file("Europe/Berlin", mornings), later("2", "2025-07-02", file("Europe/Berlin", days))},
			"2025-06-23 00:00", "2025-06-30 00:00", "16h"},
		{"the first holds before its date too", []string{file("Europe/Berlin", mornings)}, "1999-12-27 00:00", "1999-12-28 00:00", "4h"},
		// Monday night is the old one's and lasts until 6, the new one's day starts at 5: 22-24, 0-5, 5-9 and no hour twice.
		{"an old night and a new morning overlap", []string{file("UTC", `week: {monday: ["22:00-06:00"]}`), later("2", "2025-06-03", file("UTC", `week: {tuesday: ["05:00-09:00"]}`))},
			"2025-06-02 00:00", "2025-06-04 00:00", "11h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := made(t, test.calendar...)
			local := func(s string) time.Time {
				at, err := time.ParseInLocation("2006-01-02 15:04", s, c.Zone())
				if err != nil {
					t.Fatal(err)
				}
				return at
			}
			want, err := time.ParseDuration(test.want)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Working(local(test.from), local(test.to)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestWorkingIsExactToTheNanosecond(t *testing.T) {
	c := made(t, file("UTC", office))
	nine := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	if got := c.Working(nine.Add(-1), nine.Add(1)); got != 1 {
		t.Errorf("%d ns, want 1", got)
	}
	if got := c.Working(nine.Add(3*time.Hour-1), nine.Add(3*time.Hour+5)); got != 1 {
		t.Errorf("%d ns, want 1", got)
	}
}

func TestWorkingBeyondAllYears(t *testing.T) {
	c := made(t, file("Pacific/Kiritimati", strings.ReplaceAll(`week: {monday: [x], tuesday: [x], wednesday: [x], thursday: [x], friday: [x], saturday: [x], sunday: [x]}`, "x", `"00:00-24:00"`)))
	first, after := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2107, 1, 1, 0, 0, 0, 0, time.UTC)
	all := after.Sub(first) - 1
	for _, test := range []struct {
		from, to time.Time
		want     time.Duration
	}{
		{time.Time{}, first, 0},
		{time.Time{}, first.Add(7), 7},
		{time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), all},
		{after, after.AddDate(1, 0, 0), 0},
	} {
		if got := c.Working(test.from, test.to); got != test.want {
			t.Errorf("%s to %s: %s, want %s", test.from, test.to, got, test.want)
		}
	}
}

// Years are computed when first asked for, by whoever asks.
func TestWorkingAtOnce(t *testing.T) {
	c := made(t, file("Europe/Berlin", office))
	from, to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	want := made(t, file("Europe/Berlin", office)).Working(from, to)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got := c.Working(from, to); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
	wait.Wait()
}

func BenchmarkWorkingThreeYears(b *testing.B) {
	c := made(b, file("Europe/Berlin", office, spring, makeUp))
	from := time.Date(2023, 2, 3, 4, 5, 6, 7, time.UTC)
	to := from.AddDate(3, 0, 0)
	b.ReportAllocs()
	for b.Loop() {
		c.Working(from, to)
	}
}

func BenchmarkFirstUseOfAYear(b *testing.B) {
	c := made(b, file("Europe/Berlin", office, spring, makeUp))
	b.ReportAllocs()
	for b.Loop() {
		c.compute(2025)
	}
}
