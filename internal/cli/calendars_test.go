package cli_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCalendarsCheck(t *testing.T) {
	good, bad := filepath.Join(t.TempDir(), "good.yaml"), filepath.Join(t.TempDir(), "bad.yaml")
	text := "id: shop\nversion: 1\nvalid_from: 2025-01-01\ntitle: {en: Shop}\ntime_zone: Europe/Berlin\n" +
		"week: {monday: [\"08:00-12:00\", \"13:00-17:30\"], friday: [\"22:00-06:00\"]}\nholidays: [{from: 2025-12-24, to: 2025-12-26}]\n"
	for name, text := range map[string]string{good: text, bad: text + "holyday: []\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rapport(t, nil, nil, "calendars", "check", good).is(t, 0,
		[]string{good + ": good: shop 1, from 2025-01-01 on, 16 h 30 min of work in a week of Europe/Berlin, 0 extra days, holidays on 3 days\n"}, nil)
	rapport(t, nil, nil, "calendars", "check", good, bad).is(t, 1, []string{good + ": good", bad + ":8: holyday: unknown key; did you mean holidays?\n"}, nil)
	rapport(t, nil, nil, "calendars", "check", good+"x").is(t, 1, nil, []string{good + "x"})
	rapport(t, nil, nil, "calendars", "check").is(t, 2, nil, []string{"at least one file"})
}
