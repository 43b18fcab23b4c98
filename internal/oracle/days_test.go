package oracle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

func TestIdentityIsTenantSourceAndID(t *testing.T) {
	var raw [][]byte
	for _, tenant := range []string{"", "t", "u"} {
		for _, source := range []string{"/a", "/b"} {
			raw = append(raw, write(obj{
				"specversion": "1.0", "id": "r", "source": source, "type": "rapport.survey.response.v1", "time": "2026-03-02T08:30:00Z",
				"tenant": tenant, "data": rater(5),
			}))
		}
	}
	r := compute(t, oracle.Options{DefaultTenant: "t"}, raw...)
	if len(r.Facts) != 4 || overall(t, r, "2026-03-02")["n"] != 2 {
		t.Errorf("%d facts, %v", len(r.Facts), overall(t, r, "2026-03-02"))
	}
}

func TestDaysAreOfTheTenantsZone(t *testing.T) {
	opts := oracle.Options{Tenants: map[string]oracle.Tenant{"t": {Zone: time.FixedZone("", 5*3600+1800)}}}
	r := compute(t, opts,
		event("before", "2026-03-01T18:29:59.999999999Z", 0, 1, rater(5)),
		event("after", "2026-03-02T02:30:00+08:00", 0, 1, rater(4)))
	if overall(t, r, "2026-03-01")["index_sum"] != 100 || overall(t, r, "2026-03-02")["index_sum"] != 80 {
		t.Error("midnight in the zone is 18:30 UTC")
	}
}

func TestCuts(t *testing.T) {
	opts := oracle.Options{Tenants: map[string]oracle.Tenant{"t": {Pairs: [][2]string{{"region", "product"}}}}}
	with := func(score int, region, product, role string) obj {
		d := rater(score)
		d["attributes"] = obj{"region": region, "product": product}
		d["role"] = role
		return d
	}
	r := compute(t, opts,
		event("1", "2026-03-02T08:30:00Z", 0, 1, with(5, "north", `a"/<b>`, "customer")),
		event("2", "2026-03-02T09:30:00Z", 0, 1, with(4, "north", "", "manager")),
		event("3", "2026-03-02T10:30:00Z", 0, 1, rater(3)))
	keys := func(cut string) (keys [][]string) {
		for _, c := range oracle.Find(r.Satisfaction, "t", cut, "2026-03-02").Cells {
			keys = append(keys, []string{c.Key[0], c.Key[3]})
		}
		return keys
	}
	for cut, want := range map[string][][]string{
		"":               {{"", "customer"}, {"", "manager"}},
		"region":         {{"", "customer"}, {"north", "customer"}, {"north", "manager"}},
		"region,product": {{`["",""]`, "customer"}, {`["north",""]`, "manager"}, {`["north","a\"/<b>"]`, "customer"}},
	} {
		if diff := cmp.Diff(want, keys(cut)); diff != "" {
			t.Errorf("cut %q: %s", cut, diff)
		}
	}
	if len(r.Satisfaction) != 9 {
		t.Errorf("%d rows, want overall, seven and a pair", len(r.Satisfaction))
	}
}

func TestAsideQuestions(t *testing.T) {
	with := func(nps, ces, repurchase, resolved any) obj {
		d := rater(5)
		d["nps"], d["ces"], d["repurchase"], d["resolved_first_contact"] = nps, ces, repurchase, resolved
		return d
	}
	var raw [][]byte
	for i, d := range []obj{
		with(10, 7, 5, true), with(9, 2, nil, false), with(8, nil, 1, true), with(7, nil, nil, nil), with(6, nil, nil, nil), with(0, nil, nil, nil),
	} {
		raw = append(raw, event(fmt.Sprint(i), "2026-03-02T08:30:00Z", 0, 1, d))
	}
	r := compute(t, oracle.Options{}, raw...)
	got := overall(t, r, "2026-03-02")
	want := map[string]int64{
		"n": 6, "index_n": 6, "index_den": 1, "index_sum": 600, "index_sum_sq": 60000, "very_satisfied": 6,
		"promoters": 2, "passives": 2, "detractors": 2, "ces_n": 2, "ces_sum": 9, "ces_sum_sq": 53,
		"repurchase_n": 2, "repurchase_sum": 6, "resolved_yes": 2, "resolved_no": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestInvitationsAreFactsButTouchNoDay(t *testing.T) {
	r := compute(t, oracle.Options{}, write(obj{
		"specversion": "1.0", "id": "i", "source": "/app", "type": "rapport.survey.invitation.v1", "time": "2026-03-02T08:30:00Z",
		"tenant": "t", "data": obj{"questionnaire": "rater-5"},
	}))
	if len(r.Rows()) != 0 || r.Surviving() != 0 || len(r.Facts) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestUnusableEventsAreErrors(t *testing.T) {
	at := "2026-03-02T08:30:00Z"
	for name, raw := range map[string][]byte{
		"no json":       []byte("no"),
		"questionnaire": event("r", at, 0, 1, obj{"questionnaire": "horoscope-12"}),
		"item":          event("r", at, 0, 1, obj{"questionnaire": "rater-5", "answers": []obj{{"item": "weather", "score": 3}}}),
		"off the scale": event("r", at, 0, 1, rater(6)),
		"fraction":      event("r", at, 0, 1, obj{"questionnaire": "rater-5", "answers": []obj{{"item": "empathy", "score": 3.5}}}),
	} {
		if _, err := oracle.Compute([][]byte{raw}, oracle.Options{Payload: statedHash}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
