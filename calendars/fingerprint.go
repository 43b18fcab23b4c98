package calendars

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Definition is all that working time depends on, in the keys of a calendar file: what differs in titles, in the order of
// shifts and holidays, or in how a run of shifts or holidays is split up, reads the same here.
func (v *Version) Definition() string {
	var b strings.Builder
	fmt.Fprintf(&b, "valid_from: %s\ntime_zone: %s\nweek:\n", v.ValidFrom.Format(time.DateOnly), v.Zone)
	for day := range 7 {
		weekday := time.Weekday((day + 1) % 7) // from Monday on
		if shifts := v.Week[weekday]; len(shifts) > 0 {
			fmt.Fprintf(&b, "  %s: [%s]\n", key(weekday), joined(shifts))
		}
	}
	b.WriteString("holidays:\n")
	for i := 0; i < len(v.Holidays); i++ {
		from, to := v.Holidays[i].From, v.Holidays[i].To
		for i+1 < len(v.Holidays) && v.Holidays[i+1].From.Equal(to.AddDate(0, 0, 1)) {
			i++
			to = v.Holidays[i].To
		}
		fmt.Fprintf(&b, "  - {from: %s, to: %s}\n", from.Format(time.DateOnly), to.Format(time.DateOnly))
	}
	b.WriteString("extra_days:\n")
	for _, day := range v.ExtraDays {
		fmt.Fprintf(&b, "  %s: [%s]\n", day.Date.Format(time.DateOnly), joined(day.Shifts))
	}
	return b.String()
}

// Fingerprint is the SHA-256 of Definition, in hexadecimal: 64 characters.
func (v *Version) Fingerprint() string { return sum(v.Definition()) }

// Fingerprint names all that Working depends on but for the zone's own history: when it changes, whatever was counted by the
// calendar is to be counted again. It is the SHA-256 of the definitions of all versions, in hexadecimal: 64 characters.
func (c *Calendar) Fingerprint() string {
	var b strings.Builder
	for _, v := range c.versions {
		b.WriteString(v.Definition())
	}
	return sum(b.String())
}

func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}

// joined writes shifts that touch as one.
func joined(shifts []Shift) string {
	var parts []string
	for i := 0; i < len(shifts); i++ {
		s := shifts[i]
		// Longer than a day no shift can be written.
		for i+1 < len(shifts) && shifts[i+1].Start == s.End && shifts[i+1].End-s.Start <= dayMinutes {
			i++
			s.End = shifts[i].End
		}
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}

// key is a weekday's key in a file.
func key(day time.Weekday) string { return strings.ToLower(day.String()) }
