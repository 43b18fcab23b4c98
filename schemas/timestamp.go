package schemas

import "time"

// timestamp reads a time.
func (d *decoder) timestamp() time.Time {
	s := d.string()
	if d.err != nil {
		return time.Time{}
	}
	t, ok := parseTime(s)
	if !ok {
		d.fail(InvalidFormat, badTime)
	}
	return t
}

const badTime = "not a time of RFC 3339 with its offset, as in 2026-03-02T08:30:00Z"

// parseTime reads RFC 3339 as its grammar has it, which is both stricter and wider than time.Parse: exactly two digits of
// hour, a point before the fraction, a real day of the month, `t` and `z` in either case, and a leap second at 23:59:60 UTC,
// which is the instant after it. The result is in UTC, cut to microseconds.
func parseTime(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != 't') || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	century, ok0 := twoDigits(s, 0, 99)
	decade, ok1 := twoDigits(s, 2, 99)
	month, ok2 := twoDigits(s, 5, 12)
	day, ok3 := twoDigits(s, 8, 31)
	hour, ok4 := twoDigits(s, 11, 23)
	minute, ok5 := twoDigits(s, 14, 59)
	second, ok6 := twoDigits(s, 17, 60)
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month == 0 || day == 0 {
		return time.Time{}, false
	}
	year := century*100 + decade
	micros, rest, ok := fraction(s[19:])
	if !ok || day > daysIn(year, month) {
		return time.Time{}, false
	}
	offset, ok := offsetMinutes(rest)
	if !ok {
		return time.Time{}, false
	}
	if utc := ((hour*60+minute-offset)%1440 + 1440) % 1440; second == 60 && utc != 23*60+59 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute-offset, second, micros*1000, time.UTC), true
}

// twoDigits reads the number at s[i:i+2], at most limit.
func twoDigits(s string, i, limit int) (int, bool) {
	a, b := s[i]-'0', s[i+1]-'0'
	n := int(a)*10 + int(b)
	return n, a <= 9 && b <= 9 && n <= limit
}

// fraction reads ".123456789" and cuts it to microseconds; it may be absent.
func fraction(s string) (micros int, rest string, ok bool) {
	if s[0] != '.' {
		return 0, s, true
	}
	i, unit := 1, 100_000
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		micros += int(s[i]-'0') * unit
		unit /= 10
	}
	return micros, s[i:], i > 1
}

// offsetMinutes reads "Z" or "+08:00".
func offsetMinutes(s string) (int, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != len("+08:00") || s[3] != ':' || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	hours, ok1 := twoDigits(s, 1, 23)
	minutes, ok2 := twoDigits(s, 4, 59)
	total := hours*60 + minutes
	if s[0] == '-' {
		total = -total
	}
	return total, ok1 && ok2
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
