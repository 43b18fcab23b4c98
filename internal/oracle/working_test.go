package oracle_test

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/oracle"
)

func TestWorkingByMinutes(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	// Nights that begin on Saturdays, and Monday mornings.
	working := oracle.WorkingByMinutes(zone, func(day time.Time) []oracle.Shift {
		switch day.Weekday() {
		case time.Saturday:
			return []oracle.Shift{{22 * 60, 30 * 60}}
		case time.Monday:
			return []oracle.Shift{{9 * 60, 12 * 60}}
		}
		return nil
	})
	for _, test := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-03-02T09:00:00-05:00", "2026-03-02T12:00:00-05:00", 3 * time.Hour},
		{"2026-03-02T11:59:59.999999-05:00", "2026-03-03T12:00:00-05:00", time.Microsecond},
		{"2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00", 7 * time.Hour}, // clocks go forward
		{"2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00", 9 * time.Hour}, // and back
		{"2026-03-14T23:30:15-04:00", "2026-03-14T23:30:45.5-04:00", 30*time.Second + 500*time.Millisecond},
		{"2026-03-02T12:00:00-05:00", "2026-03-02T09:00:00-05:00", 0},
	} {
		from, err := time.Parse(time.RFC3339Nano, test.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := time.Parse(time.RFC3339Nano, test.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := working(from, to); got != test.want {
			t.Errorf("%s to %s: %s, want %s", test.from, test.to, got, test.want)
		}
	}
}
