package calendars

import (
	"regexp"
	"strings"
	"testing"
)

func TestFingerprintIsOfWhatCounts(t *testing.T) {
	fingerprint := func(text string) string {
		v, problems := Check("f.yaml", []byte(text))
		if len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, text)
		}
		return v.Fingerprint()
	}
	was := fingerprint(good)
	if !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(was) {
		t.Fatalf("%q is no SHA-256", was)
	}
	for _, test := range []struct {
		from, to string
		changed  bool
	}{
		{"{en: Shop}", "{en: Store, zh: 店}", false},
		{", title: {en: Christmas}", "", false},
		{"version: 1", "version: 2", false},
		{"id: shop", "id: store", false},
		{`["08:00-12:00", "13:00-17:30"]`, `["13:00-17:30", "08:00-12:00"]`, false},
		{`["08:00-12:00", "13`, `["08:00-10:00", "10:00-12:00", "13`, false},
		{`"22:00-06:00"`, `"22:00-24:00"`, true},
		{"{from: 2025-12-24, to: 2025-12-26, title: {en: Christmas}}", "2025-12-26, {date: 2025-12-25}, 2025-12-24", false},
		{"2025-06-02, ", "", true},
		{"to: 2025-12-26", "to: 2025-12-27", true},
		{"  2025-06-01:", "  2025-06-08:", true},
		{"Europe/Berlin", "Europe/Vienna", true},
		{"2025-01-31", "2025-02-01", true},
		{"13:00-17:30", "13:00-17:31", true},
		{"  friday:", "  saturday:", true},
	} {
		text := strings.Replace(good, test.from, test.to, 1)
		if text == good {
			t.Fatalf("%q is not in the file", test.from)
		}
		if changed := fingerprint(text) != was; changed != test.changed {
			t.Errorf("%q to %q: changed is %t, want %t", test.from, test.to, changed, test.changed)
		}
	}
}

// More than 24 hours is more than one shift can say, so that touching shifts stay two.
func TestLongRunsStayApart(t *testing.T) {
	if got, want := joined([]Shift{{0, 600}, {600, 1439}, {1439, 2000}}), "00:00-23:59, 23:59-09:20"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestFingerprintOfCalendar(t *testing.T) {
	first := file("UTC", office)
	was := made(t, first).Fingerprint()
	second := later("2", "2026-01-01", file("UTC", office, "holidays: [2026-01-01]"))
	with := made(t, first, second).Fingerprint()
	if with == was {
		t.Error("a version more changes nothing")
	}
	if made(t, second, first).Fingerprint() != with {
		t.Error("the order of files counts")
	}
	if made(t, first, later("2", "2026-01-02", file("UTC", office, "holidays: [2026-01-01]"))).Fingerprint() == with {
		t.Error("the date from which a version holds does not count")
	}
}
