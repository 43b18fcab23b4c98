package oracle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

func one(t *testing.T, raw ...[]byte) oracle.Case {
	t.Helper()
	r := compute(t, oracle.Options{}, raw...)
	if len(r.Cases) != 1 {
		t.Fatalf("%d cases", len(r.Cases))
	}
	return r.Cases[0]
}

func TestResolvedIsTheLastOneNotFollowedByAReopening(t *testing.T) {
	r := func(id, at string) []byte { return milestone(id, "2026-03-"+at+"T08:00:00Z", "resolved", nil) }
	o := func(id, at string) []byte { return milestone(id, "2026-03-"+at+"T08:00:00Z", "reopened", nil) }
	for name, c := range map[string]struct {
		raw                [][]byte
		at                 string // '' for open
		resolved, reopened bool
	}{
		"one":                    {[][]byte{r("a", "02")}, "02", true, false},
		"two":                    {[][]byte{r("b", "05"), r("a", "02")}, "05", true, false},
		"reopened between":       {[][]byte{r("b", "05"), o("c", "03"), r("a", "02")}, "05", true, true},
		"reopened after":         {[][]byte{r("a", "02"), o("c", "06"), r("b", "05")}, "", true, true},
		"reopened before":        {[][]byte{o("c", "01"), r("a", "02")}, "02", true, false},
		"reopened without":       {[][]byte{o("c", "01")}, "", false, false},
		"same instant, after":    {[][]byte{r("a", "02"), o("c", "02")}, "", true, true},
		"same instant, before":   {[][]byte{r("d", "02"), o("c", "02")}, "02", true, false},
		"reopening is retracted": {[][]byte{r("a", "02"), o("c", "06"), told("milestone c 2026-03-06T08:00:00Z", nil, obj{"revision": 1, "retracted": true})}, "02", true, false},
	} {
		got := one(t, c.raw...)
		at, ok := got.Reached["resolved"]
		if got.WasResolved != c.resolved || got.WasReopened != c.reopened || ok != (c.at != "") || ok && at.Format("02") != c.at {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestACaseIsAsOfItsRequest(t *testing.T) {
	got := one(t,
		milestone("early", "2026-03-01T08:00:00Z", "acknowledged", obj{"customer_id": "x", "attributes": obj{"region": "south"}, "due": obj{"closed": "2026-03-20T00:00:00Z", "arrived": "2026-03-03T00:00:00Z"}}),
		milestone("second", "2026-03-03T08:00:00Z", "requested", obj{"customer_id": "z", "attributes": obj{"region": "east"}, "due": obj{"closed": "2026-03-10T08:00:00.0000019+08:00"}}),
		milestone("first", "2026-03-02T08:00:00Z", "requested", obj{"attributes": obj{"region": "north"}, "labels": obj{"a": "b"}}),
		milestone("r2", "2026-03-02T10:00:00Z", "responded", nil),
		milestone("c", "2026-03-02T08:00:00Z", "closed", nil))
	want := oracle.Case{
		Tenant: "t", CaseID: "k", CustomerID: "x", Labels: map[string]string{"a": "b"},
		Reached: map[string]time.Time{
			"acknowledged": instant("2026-03-01T08:00:00Z"), "requested": instant("2026-03-02T08:00:00Z"),
			"responded": instant("2026-03-02T10:00:00Z"), "closed": instant("2026-03-02T08:00:00Z"),
		},
		Due: map[string]time.Time{"closed": instant("2026-03-10T00:00:00.000001Z"), "arrived": instant("2026-03-03T00:00:00Z")},
		// Acknowledged lies before the request, so the first response is the later one.
		Durations: map[string]oracle.Duration{
			"responded": {Micros: 7_200_000_000}, "first_response": {Micros: 7_200_000_000}, "closed": {Micros: 0},
		},
	}
	want.Attributes.Region = "north"
	requested := instant("2026-03-02T08:00:00Z")
	want.RequestedAt = &requested
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheFirstResponseIsTheEarlierOne(t *testing.T) {
	for ack, want := range map[string]int64{"2026-03-02T09:00:00Z": 3_600_000_000, "2026-03-02T11:00:00Z": 7_200_000_000} {
		got := one(t, milestone("a", ack, "acknowledged", nil), milestone("r", "2026-03-02T10:00:00Z", "responded", nil), milestone("q", "2026-03-02T08:00:00Z", "requested", nil))
		if got.Durations["first_response"].Micros != want {
			t.Errorf("acknowledged %s: %+v", ack, got.Durations)
		}
	}
}

func TestWithoutARequestTheEarliestEventCounts(t *testing.T) {
	r := compute(t, oracle.Options{},
		milestone("b", "2026-03-03T08:00:00Z", "arrived", obj{"attributes": obj{"region": "south"}}),
		milestone("a", "2026-03-02T08:00:00Z", "closed", obj{"attributes": obj{"region": "north"}}))
	if c := r.Cases[0]; c.Attributes.Region != "north" || c.RequestedAt != nil || len(c.Durations) != 0 || len(r.Service) != 0 {
		t.Errorf("%+v, %d rows", c, len(r.Service))
	}
}

func TestMilestoneDays(t *testing.T) {
	opts := oracle.Options{Tenants: map[string]oracle.Tenant{"t": {Working: func(from, to time.Time) time.Duration { return to.Sub(from) / 4 }}}}
	due := func(m, at string) obj { return obj{"due": obj{m: at}} }
	r := compute(t, opts,
		milestone("1", "2026-03-02T08:00:00Z", "requested", due("arrived", "2026-03-02T09:00:00Z")),
		milestone("2", "2026-03-02T09:00:00Z", "arrived", due("resolved", "2026-03-02T09:59:59Z")),
		milestone("3", "2026-03-02T10:00:00Z", "resolved", due("closed", "2026-03-12T00:00:00Z")),
		milestone("4", "2026-03-02T08:00:00.000002Z", "responded", nil),
		told("milestone 5 2026-03-02T20:00:00Z", obj{"case_id": "l", "milestone": "requested", "due": obj{"closed": "2001-09-09T01:46:40Z"}}),
		told("milestone 6 2026-03-02T21:00:00Z", obj{"case_id": "l", "milestone": "resolved"}),
		told("milestone 7 2026-03-02T22:00:00Z", obj{"case_id": "l", "milestone": "reopened"}))
	day := "2026-03-02"
	for name, want := range map[string]map[string]int64{
		"":        {"cases": 2, "reached": 2, "late": 1},
		"arrived": {"cases": 1, "reached": 1, "on_time": 1, "n": 1, "sum": 3_600_000_000, "working_n": 1, "working_sum": 900_000_000, "working_sum_sq": 900_000_000 * 900_000_000},
		"resolved": {
			"cases": 1, "reached": 1, "late": 1, "n": 1, "sum": 7_200_000_000, "working_n": 1, "working_sum": 1_800_000_000,
			"working_sum_sq": 1_800_000_000 * 1_800_000_000,
		},
		"closed":         {"cases": 2},
		"responded":      {"cases": 1, "reached": 1, "n": 1, "sum": 2, "sum_sq": 4, "working_n": 1},
		"first_response": {"cases": 1, "reached": 1, "n": 1, "sum": 2, "sum_sq": 4, "working_n": 1},
		"requested":      nil,
		"reopened":       nil,
	} {
		got := cell(t, r, "milestone_days", "", day, "", name)
		if want["sum"] > 1<<31 {
			// The squares of hours need more than 64 bits.
			delete(got, "sum_sq")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"|closed|1000000000000000", "|closed|1773273600000000"}, cellKeys(r, "milestone_due_days", "", day)); diff != "" {
		t.Error(diff)
	}
	if n := cell(t, r, "milestone_duration_days", "", day, "", "responded", "calendar", "2"); n["n"] != 1 {
		t.Errorf("%v", cellKeys(r, "milestone_duration_days", "", day))
	}
	if n := cell(t, r, "milestone_duration_days", "", day, "", "responded", "working", "0"); n["n"] != 1 {
		t.Errorf("%v", cellKeys(r, "milestone_duration_days", "", day))
	}
}

func TestNumbersAreSortedByValue(t *testing.T) {
	var raw [][]byte
	for i, micros := range []string{"000009", "000010", "000100", "000200"} {
		k := string(rune('a' + i))
		raw = append(raw, told("milestone "+k+"1 2026-03-02T08:00:00Z", obj{"case_id": k, "milestone": "requested"}),
			told("milestone "+k+"2 2026-03-02T08:00:00."+micros+"Z", obj{"case_id": k, "milestone": "arrived"}))
	}
	want := []string{"|arrived|calendar|9", "|arrived|calendar|10", "|arrived|calendar|100", "|arrived|calendar|200"}
	if diff := cmp.Diff(want, cellKeys(compute(t, oracle.Options{}, raw...), "milestone_duration_days", "", "2026-03-02")); diff != "" {
		t.Error(diff)
	}
}
