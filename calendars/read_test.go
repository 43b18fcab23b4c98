package calendars

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// good is a file without mistakes, one line for each field.
const good = `id: shop
version: 1
valid_from: 2025-01-31
title: {en: Shop}
time_zone: Europe/Berlin
week:
  monday: ["08:00-12:00", "13:00-17:30"]
  friday: ["22:00-06:00"]
  sunday: ["12:00-24:00"]
holidays: [2025-06-02, {from: 2025-12-24, to: 2025-12-26, title: {en: Christmas}}]
extra_days:
  2025-06-01: ["08:00-12:00"]
`

func TestGoodFile(t *testing.T) {
	v, problems := Check("shop.yaml", []byte(good))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	date := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for day, want := range map[string][]Shift{
		"2025-05-30": {{22 * 60, 30 * 60}}, // Friday, until 6 on Saturday
		"2025-05-31": nil,
		"2025-06-01": {{8 * 60, 12 * 60}}, // an extra day in place of Sunday's shift
		"2025-06-02": nil,                 // a holiday on Monday
		"2025-06-08": {{12 * 60, 24 * 60}},
		"2025-06-09": {{8 * 60, 12 * 60}, {13 * 60, 17*60 + 30}},
		"2025-12-25": nil,
		"2025-12-26": nil, // Friday
		"2026-01-02": {{22 * 60, 30 * 60}},
	} {
		if diff := cmp.Diff(want, v.Shifts(date(day))); diff != "" {
			t.Errorf("%s: %s", day, diff)
		}
	}
	if want := (Text{"Christmas", "Christmas"}); v.Holidays[1].Title != want {
		t.Errorf("title %v", v.Holidays[1].Title)
	}
}

// Ends of shifts are easily written in other ways that mean the same.
func TestShiftsAreReadAlike(t *testing.T) {
	for written, want := range map[string]string{
		`"00:00-24:00"`: "00:00-24:00", `"00:00-00:00"`: "00:00-24:00", `"22:00-00:00"`: "22:00-24:00", `"08:00-08:00"`: "08:00-08:00", "08:00-12:00": "08:00-12:00",
	} {
		v, problems := Check("f.yaml", []byte(strings.Replace(good, `"12:00-24:00"`, written, 1)))
		if len(problems) > 0 {
			t.Errorf("%s: %v", written, problems)
		} else if got := v.Week[time.Sunday][0].String(); got != want {
			t.Errorf("%s is %s, want %s", written, got, want)
		}
	}
}

// mistakes are edits of the good file, text to text, and the messages they lead to.
var mistakes = []struct{ name, from, to, want string }{
	{"typo in a key", "holidays:", "holiday:", `
f.yaml:10: holiday: unknown key; did you mean holidays?`},
	{"unknown key", "title: {en: Shop}", "title: {en: Shop}\ncolour: red", `
f.yaml:5: colour: unknown key; want id, version, valid_from, title, time_zone, week, holidays, extra_days`},
	{"no id", "id: shop\n", "", `
f.yaml:1: id: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"bad id", "id: shop", "id: the shop", `
f.yaml:1: id: "the shop"; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"no version", "version: 1\n", "", `
f.yaml:1: version: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"no date", "valid_from: 2025-01-31\n", "", `
f.yaml:1: valid_from: missing; want the first date on which the version holds, such as 2025-01-31`},
	{"title is plain", "title: {en: Shop}", "title: Shop", `
f.yaml:4: title: found "Shop"; want a mapping (key: value)`},
	{"title without English", "title: {en: Shop}", "title: {zh: 店}", `
f.yaml:4: title.en: missing; want the English text`},
	{"no zone", "time_zone: Europe/Berlin\n", "", `
f.yaml:1: time_zone: missing; want a name of the tz database, such as Asia/Shanghai or Europe/Berlin`},
	{"the machine's zone", "Europe/Berlin", "Local", `
f.yaml:5: time_zone: "Local" is no time zone; want a name of the tz database, such as Asia/Shanghai or Europe/Berlin`},
	{"no week", "week:\n  monday: [\"08:00-12:00\", \"13:00-17:30\"]\n  friday: [\"22:00-06:00\"]\n  sunday: [\"12:00-24:00\"]\n", "", `
f.yaml:1: week: missing; want the shifts of each working day, as {monday: ["08:00-12:00", "13:00-17:30"]}`},
	{"an empty week", "week:\n  monday: [\"08:00-12:00\", \"13:00-17:30\"]\n  friday: [\"22:00-06:00\"]\n  sunday: [\"12:00-24:00\"]\n", "week: {monday: }\n", `
f.yaml:6: week: no working day in it; want the shifts of each working day, as {monday: ["08:00-12:00", "13:00-17:30"]}`},
	{"a day's name", "friday:", "fryday:", `
f.yaml:8: week.fryday: unknown key; did you mean friday?`},
	{"a plain shift", `["22:00-06:00"]`, `"22:00-06:00"`, `
f.yaml:8: week.friday: found "22:00-06:00"; want a list of shifts such as ["08:00-12:00", "13:00-17:30"]`},
	{"no shifts", `["22:00-06:00"]`, `[]`, `
f.yaml:8: week.friday: found an empty list; want a list of shifts such as ["08:00-12:00", "13:00-17:30"]`},
	{"an empty shift", `["22:00-06:00"]`, `[~]`, `
f.yaml:8: week.friday[0]: missing; want a shift such as "08:00-12:00"; one that ends at or before its start runs into the next day, and "00:00-24:00" is a whole day`},
	{"a short hour", "22:00-06:00", "22:00-6:00", `
f.yaml:8: week.friday[0]: "22:00-6:00"; want a shift such as "08:00-12:00"; one that ends at or before its start runs into the next day, and "00:00-24:00" is a whole day`},
	{"after midnight", "12:00-24:00", "12:00-24:30", `
f.yaml:9: week.sunday[0]: "12:00-24:30"; want a shift such as "08:00-12:00"; one that ends at or before its start runs into the next day, and "00:00-24:00" is a whole day`},
	{"a start at 24", "22:00-06:00", "24:00-06:00", `
f.yaml:8: week.friday[0]: "24:00-06:00"; want a shift such as "08:00-12:00"; one that ends at or before its start runs into the next day, and "00:00-24:00" is a whole day`},
	{"overlap in a day", `"13:00-17:30"`, `"11:59-17:30"`, `
f.yaml:7: week.monday[1]: overlaps 08:00-12:00 of monday; want shifts that do not overlap`},
	{"overlap over midnight", "friday: [\"22:00-06:00\"]", "friday: [\"22:00-06:00\"]\n  saturday: [\"07:00-08:00\", \"05:59-06:30\"]", `
f.yaml:9: week.saturday[1]: overlaps 22:00-06:00 of friday; want shifts that do not overlap`},
	{"overlap from Sunday to Monday", "12:00-24:00", "12:00-08:01", `
f.yaml:7: week.monday[0]: overlaps 12:00-08:01 of sunday; want shifts that do not overlap`},
	{"a holiday that is none", "2025-06-02", "Whitsun", `
f.yaml:10: holidays[0]: found "Whitsun"; want a date such as 2025-01-31`},
	{"a holiday twice", "2025-06-02", "2025-12-26", `
f.yaml:10: holidays[0]: 2025-12-26 is a holiday already; want each date once`},
	{"a holiday backwards", "to: 2025-12-26", "to: 2025-12-23", `
f.yaml:10: holidays[1].to: before from, which is 2025-12-24; want the last date`},
	{"a holiday without end", ", to: 2025-12-26", "", `
f.yaml:10: holidays[1].to: missing; want the last date`},
	{"a holiday without date", "from: 2025-12-24, to: 2025-12-26, ", "", `
f.yaml:10: holidays[1]: no date in it; want {date: 2025-01-01}, or {from: 2025-01-28, to: 2025-02-04}`},
	{"a holiday of both kinds", "from: 2025-12-24, to: 2025-12-26, ", "date: 2025-12-24, to: 2025-12-26, ", `
f.yaml:10: holidays[1].to: there is a date as well; want date, or from and to`},
	{"an extra day that is none", "  2025-06-01:", "  sunday:", `
f.yaml:12: extra_days.sunday: "sunday" is no date; want a date such as 2025-01-31`},
	{"an extra day on a holiday", "  2025-06-01:", "  2025-06-02:", `
f.yaml:12: extra_days.2025-06-02: the date is a holiday too; want one or the other`},
	{"an extra day without shifts", `2025-06-01: ["08:00-12:00"]`, "2025-06-01:", `
f.yaml:12: extra_days.2025-06-01: missing; want a list of shifts such as ["08:00-12:00", "13:00-17:30"]`},
	{"an extra day with overlap", `2025-06-01: ["08:00-12:00"]`, `2025-06-01: ["08:00-12:00", "09:00-10:00"]`, `
f.yaml:12: extra_days.2025-06-01[1]: overlaps 08:00-12:00 of 2025-06-01; want shifts that do not overlap`},
	{"an extra day in the night before", `2025-06-01: ["08:00-12:00"]`, `2025-05-31: ["05:00-12:00"]`, `
f.yaml:12: extra_days.2025-05-31[0]: overlaps 22:00-06:00 of 2025-05-30; want shifts that do not overlap`},
	{"an extra day into the next morning", `2025-06-01: ["08:00-12:00"]`, `2025-06-08: ["20:00-08:30"]`, `
f.yaml:12: extra_days.2025-06-08[0]: overlaps 08:00-12:00 of 2025-06-09; want shifts that do not overlap`},
	{"two extra days", `2025-06-01: ["08:00-12:00"]`, "2025-06-03: [\"20:00-08:30\"]\n  2025-06-04: [\"08:00-09:00\"]", `
f.yaml:13: extra_days.2025-06-04[0]: overlaps 20:00-08:30 of 2025-06-03; want shifts that do not overlap`},
}

func TestMistakes(t *testing.T) {
	for _, test := range mistakes {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(good, test.from, test.to, 1)
			if text == good {
				t.Fatalf("%q is not in the good file", test.from)
			}
			_, problems := Check("f.yaml", []byte(text))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), problems.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An extra day may be the first of a version: what ran into it is another version's and counted once.
func TestExtraDayIsTheFirst(t *testing.T) {
	text := strings.NewReplacer("2025-01-31", "2025-05-31", `2025-06-01: ["08:00-12:00"]`, `2025-05-31: ["05:00-12:00"]`).Replace(good)
	if _, problems := Check("f.yaml", []byte(text)); len(problems) > 0 {
		t.Error(problems)
	}
}

// What is taken has a zone and days in order, and working time can be counted by it.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(good))
	for _, test := range mistakes {
		f.Add([]byte(strings.Replace(good, test.from, test.to, 1)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, problems := Check("f.yaml", text)
		if (v == nil) != (len(problems) > 0) {
			t.Fatalf("%v and %v", v, problems)
		}
		if v == nil {
			return
		}
		c := newCalendar([]*Version{v})
		from := v.ValidFrom.AddDate(0, 0, -3)
		mid, to := from.Add(50*time.Hour), from.AddDate(0, 0, 14)
		whole := c.Working(from, to)
		if whole < 0 || whole > to.Sub(from) || c.Working(from, mid)+c.Working(mid, to) != whole {
			t.Fatalf("%s of %s", whole, to.Sub(from))
		}
		if c.Fingerprint() == "" || v.Title.En == "" || v.Title.Zh == "" {
			t.Fatalf("%+v", v)
		}
	})
}
