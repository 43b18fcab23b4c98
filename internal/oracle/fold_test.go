package oracle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

func TestRevisionMovesTheFigure(t *testing.T) {
	at := "2026-03-02T08:30:00Z"
	first, third := event("r", at, 0, 9, rater(2)), event("r", at, 2, 1, rater(5))
	for _, order := range [][][]byte{{first, third}, {third, first}} {
		r := compute(t, oracle.Options{}, order...)
		want := map[string]int64{"n": 1, "index_n": 1, "index_den": 1, "index_sum": 100, "index_sum_sq": 10000, "very_satisfied": 1}
		if diff := cmp.Diff(want, overall(t, r, "2026-03-02")); diff != "" {
			t.Error(diff)
		}
		if want := (oracle.Counts{Identities: 1, Revisions: 1}); r.Counts != want {
			t.Errorf("%+v", r.Counts)
		}
	}
}

func TestRetractionLeavesEmptyRows(t *testing.T) {
	at := "2026-03-02T08:30:00Z"
	r := compute(t, oracle.Options{}, retraction("r", at, 1), event("r", at, 0, 9, rater(2)))
	if len(r.Rows()) != 4*8 || len(r.Scores) != 8 || len(oracle.NotEmpty(r.Rows())) != 0 {
		t.Errorf("%d rows, %d of scores, %d of all not empty; want one for each cut of four tables, all empty",
			len(r.Rows()), len(r.Scores), len(oracle.NotEmpty(r.Rows())))
	}
	if r.Surviving() != 0 || len(r.Facts) != 1 {
		t.Errorf("%d survive of %d", r.Surviving(), len(r.Facts))
	}
	// A higher revision brings it back.
	r = compute(t, oracle.Options{}, retraction("r", at, 1), event("r", at, 2, 9, rater(3)), event("r", at, 0, 9, rater(2)))
	if got := overall(t, r, "2026-03-02")["index_sum"]; got != 60 {
		t.Errorf("index sum %d", got)
	}
}

func TestConflictIsSettledByPayload(t *testing.T) {
	at := "2026-03-02T08:30:00Z"
	low, high := event("r", at, 1, 5, rater(4)), event("r", at, 1, 1<<63, rater(1))
	for _, order := range [][][]byte{{low, high}, {high, low}} {
		r := compute(t, oracle.Options{}, order...)
		if got := overall(t, r, "2026-03-02"); got["index_sum"] != 20 || got["n"] != 1 {
			t.Errorf("%v", got)
		}
		if want := (oracle.Counts{Identities: 1, Conflicts: 1}); r.Counts != want {
			t.Errorf("%+v", r.Counts)
		}
	}
}

func TestOneIDUnderTwoTimesCountsOnce(t *testing.T) {
	here, there := event("r", "2026-03-02T08:30:00Z", 0, 7, rater(5)), event("r", "2026-03-01T23:10:00Z", 0, 8, rater(4))
	for _, order := range [][][]byte{{here, there}, {there, here}} {
		r := compute(t, oracle.Options{}, order...)
		if got := overall(t, r, "2026-03-01"); got["index_sum"] != 80 {
			t.Errorf("the winner's day: %v", got)
		}
		if got := overall(t, r, "2026-03-02"); got != nil {
			t.Errorf("the loser's day: %v", got)
		}
		if r.Counts.TwoHours != 1 || r.Counts.Conflicts != 1 {
			t.Errorf("%+v", r.Counts)
		}
	}
	// A revision wins over a payload, whatever the hours.
	r := compute(t, oracle.Options{}, here, there, event("r", "2026-03-02T08:30:00Z", 1, 0, rater(1)))
	if got := overall(t, r, "2026-03-02"); got["index_sum"] != 20 || overall(t, r, "2026-03-01") != nil {
		t.Errorf("%v", got)
	}
}
