package oracle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

func TestAComplaintStatedBySeveralEvents(t *testing.T) {
	yes := true
	opened := instant("2026-03-02T08:00:00Z")
	events := [][]byte{
		phase("3", "2026-03-04T08:00:00Z", "followed_up", obj{"handling": "satisfied", "reason": "late", "customer_id": "d"}),
		phase("1", "2026-03-02T08:00:00Z", "opened", obj{
			"customer_id": "c", "issue": "old", "severity": "general", "category": "service", "reason": "rude",
			"due": obj{"responded": "2026-03-02T09:00:00Z", "resolved": "2026-03-03T08:00:00Z", "closed": "2026-03-09T00:00:00Z"},
		}),
		phase("2", "2026-03-03T08:00:01Z", "resolved", obj{"attributes": obj{"region": "south"}, "timely": false, "case_id": "k"}),
		phase("5", "2026-03-01T08:00:00Z", "", obj{"customer_id": "e", "dimension": "skill", "attributes": obj{"region": "east"}}),
		phase("4", "2026-03-05T08:00:00Z", "", obj{"severity": "major", "issue": "new", "timely": true}),
		phase("6", "2026-03-02T09:00:00Z", "responded", obj{"timely": nil}),
	}
	r := compute(t, oracle.Options{}, events...)
	want := oracle.Complaint{
		Tenant: "t", ComplaintID: "p", CustomerID: "c", CaseID: "k", Issue: "new", Severity: "major", Category: "service", Reason: "late",
		Dimension: "skill", Handling: "satisfied", Timely: &yes, OpenedAt: &opened, WasResolved: true,
		Reached: map[string]time.Time{
			"opened": opened, "responded": instant("2026-03-02T09:00:00Z"), "resolved": instant("2026-03-03T08:00:01Z"), "followed_up": instant("2026-03-04T08:00:00Z"),
		},
		Due: map[string]time.Time{
			"responded": instant("2026-03-02T09:00:00Z"), "resolved": instant("2026-03-03T08:00:00Z"), "closed": instant("2026-03-09T00:00:00Z"),
		},
		Durations: map[string]oracle.Duration{"first_response": {Micros: 3_600_000_000}, "resolution": {Micros: 86_401_000_000}},
	}
	if diff := cmp.Diff([]oracle.Complaint{want}, r.Complaints); diff != "" {
		t.Error(diff)
	}
	got := cell(t, r, "complaint_days", "", "2026-03-02", "", "major", "service", "late")
	delete(got, "response_sum_sq")
	delete(got, "resolution_sum_sq") // more than 64 bits
	cells := map[string]int64{
		"opened": 1, "timely_yes": 1, "resolved": 1, "handling_satisfied": 1, "on_time": 1, "late": 1,
		"response_n": 1, "response_sum": 3_600_000_000, "resolution_n": 1, "resolution_sum": 86_401_000_000,
	}
	if diff := cmp.Diff(cells, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"|closed|1773014400000000"}, cellKeys(r, "complaint_due_days", "", "2026-03-02")); diff != "" {
		t.Error(diff)
	}
	if n := len(cellKeys(r, "complaint_duration_days", "", "2026-03-02")); n != 2 {
		t.Errorf("%d buckets", n)
	}
}

func TestAComplaintReopened(t *testing.T) {
	r := compute(t, oracle.Options{},
		phase("1", "2026-03-02T08:00:00Z", "opened", nil), phase("2", "2026-03-03T08:00:00Z", "resolved", nil), phase("3", "2026-03-04T08:00:00Z", "reopened", nil))
	c := r.Complaints[0]
	if _, ok := c.Reached["resolved"]; ok || !c.WasResolved || !c.WasReopened || len(c.Durations) != 0 {
		t.Errorf("%+v", c)
	}
	if got := cell(t, r, "complaint_days", "", "2026-03-02", ""); got["resolved"] != 1 || got["reopened"] != 1 || got["resolution_n"] != 0 {
		t.Errorf("%v", got)
	}
}

func TestAComplaintNeverOpenedIsInNoFigure(t *testing.T) {
	r := compute(t, oracle.Options{}, phase("1", "2026-03-02T08:00:00Z", "resolved", obj{"customer_id": "c", "issue": "i"}))
	if len(r.Complaints) != 1 || len(r.Service) != 0 || len(r.Outcomes()) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestRepeatComplaints(t *testing.T) {
	opened := func(id, at string, data obj) []byte {
		d := obj{"complaint_id": id, "phase": "opened", "customer_id": "c", "issue": "i"}
		for name, v := range data {
			d[name] = v
		}
		return told("complaint "+id+" "+at, d)
	}
	base := opened("m", "2026-03-02T08:00:00Z", nil)
	for name, c := range map[string]struct {
		raw    []byte
		repeat []string
	}{
		"exactly 30 days":      {opened("n", "2026-04-01T08:00:00Z", nil), []string{"n"}},
		"a microsecond more":   {opened("n", "2026-04-01T08:00:00.000001Z", nil), nil},
		"one instant, greater": {opened("n", "2026-03-02T08:00:00Z", nil), []string{"n"}},
		"one instant, smaller": {opened("a", "2026-03-02T08:00:00Z", nil), []string{"m"}},
		"another issue":        {opened("n", "2026-03-05T08:00:00Z", obj{"issue": "j"}), nil},
		"another customer":     {opened("n", "2026-03-05T08:00:00Z", obj{"customer_id": "d"}), nil},
		"no customer":          {opened("n", "2026-03-05T08:00:00Z", obj{"customer_id": ""}), nil},
		"never opened":         {opened("n", "2026-03-05T08:00:00Z", obj{"phase": "closed"}), nil},
		"before, never opened": {opened("a", "2026-03-01T08:00:00Z", obj{"phase": "closed"}), nil},
		"of another tenant":    {told("complaint n 2026-03-05T08:00:00Z", obj{"complaint_id": "n", "phase": "opened", "customer_id": "c", "issue": "i"}, obj{"tenant": "u"}), nil},
		"before it":            {opened("n", "2026-02-20T08:00:00Z", nil), []string{"m"}},
	} {
		r := compute(t, oracle.Options{}, base, c.raw)
		var repeat []string
		for _, x := range r.Complaints {
			if x.Repeat {
				repeat = append(repeat, x.ComplaintID)
			}
		}
		if diff := cmp.Diff(c.repeat, repeat); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
