package oracle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

// Worked example 7 of the metric catalogue, in all orders and with every event doubled.
func TestWorkedExample7(t *testing.T) {
	events := [][]byte{
		contact("mon", "2026-03-02T09:00:00Z", nil), contact("thu", "2026-03-05T10:00:00Z", nil), contact("april", "2026-04-06T09:00:00Z", nil),
	}
	for _, o := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		r := compute(t, oracle.Options{}, events[o[0]], events[o[1]], events[o[2]], events[o[2]], events[o[0]], events[o[1]])
		want := map[string]map[string]int64{
			"2026-03-02": {
				"offered": 1, "answered": 1, "contacts": 1, "first_contacts": 1, "fcr_n": 1, "failed_repeat_contact": 1, "flagged": 1,
			},
			"2026-03-05": {"offered": 1, "answered": 1, "contacts": 1},
			"2026-04-06": {
				"offered": 1, "answered": 1, "contacts": 1, "first_contacts": 1, "fcr_n": 1, "resolved_first": 1, "flagged": 1, "no_repeat": 1, "one_touch": 1,
			},
		}
		for day, cells := range want {
			if diff := cmp.Diff(cells, cell(t, r, "contact_days", "", day, "")); diff != "" {
				t.Errorf("order %v, %s: %s", o, day, diff)
			}
		}
		if c := of(t, r, "mon"); c.FCRReason != "repeat_contact" || c.Episode != 2 || *c.Next != 73*3600*1_000_000 ||
			!c.ConfirmedAt.Equal(instant("2026-03-09T09:00:00Z")) || c.Chain != "customer=c&issue=i" {
			t.Errorf("%+v", c)
		}
		if c := of(t, r, "thu"); c.First || c.Later || c.ConfirmedAt != nil || c.FCR != "" {
			t.Errorf("%+v", c)
		}
	}
}

func TestTheEdgeOfTheWindow(t *testing.T) {
	for at, repeat := range map[string]bool{
		"2026-03-09T09:00:00Z":           true,
		"2026-03-09T09:00:00.000000999Z": true, // times are cut to microseconds
		"2026-03-09T09:00:00.000001Z":    false,
	} {
		r := compute(t, oracle.Options{}, contact("a", "2026-03-02T09:00:00Z", nil), contact("b", at, nil))
		if a, b := of(t, r, "a"), of(t, r, "b"); a.Later != repeat || b.First == repeat || (a.FCR == "no") != repeat {
			t.Errorf("%s: %+v, %+v", at, a, b)
		}
	}
	opts := oracle.Options{Tenants: map[string]oracle.Tenant{"t": {WindowDays: 1}}}
	r := compute(t, opts, contact("a", "2026-03-02T09:00:00Z", nil), contact("b", "2026-03-03T09:00:01Z", nil))
	if !of(t, r, "b").First || of(t, r, "a").FCR != "yes" {
		t.Error("a tenant's own window was not taken")
	}
}

func TestARepeatOfARepeat(t *testing.T) {
	// Each within the window of the one before: one episode of three, longer than the window.
	r := compute(t, oracle.Options{}, contact("a", "2026-03-02T09:00:00Z", nil), contact("b", "2026-03-07T09:00:00Z", nil), contact("c", "2026-03-12T09:00:00Z", nil))
	if of(t, r, "a").Episode != 3 || of(t, r, "c").First || !of(t, r, "b").Later || of(t, r, "c").Next != nil {
		t.Errorf("%+v", r.Contacts)
	}
}

func TestTiesOfTimeGoBySourceAndID(t *testing.T) {
	at := "2026-03-02T09:00:00Z"
	r := compute(t, oracle.Options{}, contact("b", at, nil), contact("a", at, nil), told("contact 0 "+at, obj{"customer_id": "c", "issue": "i"}, obj{"source": "/z"}))
	a, b, z := of(t, r, "a"), of(t, r, "b"), of(t, r, "0")
	if !a.First || a.Episode != 3 || *a.Next != 0 || b.First || *b.Next != 0 || z.First || z.Next != nil || z.Later {
		t.Errorf("%+v", r.Contacts)
	}
}

func TestAReopeningWithinTheWindow(t *testing.T) {
	for at, fcr := range map[string]string{
		"2026-03-02T09:00:00Z": "yes", "2026-03-02T09:00:00.000001Z": "no", "2026-03-09T09:00:00Z": "no", "2026-03-09T09:00:00.000001Z": "yes",
	} {
		r := compute(t, oracle.Options{}, contact("a", "2026-03-02T09:00:00Z", obj{"case_id": "k"}), milestone("m", at, "reopened", nil))
		c := of(t, r, "a")
		if c.FCR != fcr || (c.FCRReason == "reopened") != (fcr == "no") {
			t.Errorf("reopened %s: %q %q", at, c.FCR, c.FCRReason)
		}
		if fcr == "no" && cell(t, r, "contact_days", "", "2026-03-02", "")["one_touch"] != 1 {
			t.Error("a reopening is nothing to one_touch")
		}
	}
	retraction := told("milestone m 2026-03-03T09:00:00Z", nil, obj{"revision": 1, "retracted": true})
	r := compute(t, oracle.Options{}, contact("a", "2026-03-02T09:00:00Z", obj{"case_id": "k"}), milestone("m", "2026-03-03T09:00:00Z", "reopened", nil), retraction)
	if of(t, r, "a").FCR != "yes" || len(r.Cases) != 0 {
		t.Error("a reopening taken back by an event without keys still counts")
	}
	other := told("milestone m 2026-03-03T09:00:00Z", obj{"case_id": "k", "milestone": "reopened"}, obj{"tenant": "u"})
	if of(t, compute(t, oracle.Options{}, contact("a", "2026-03-02T09:00:00Z", obj{"case_id": "k"}), other), "a").FCR != "yes" {
		t.Error("another tenant's case")
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	r := compute(t, oracle.Options{},
		contact("out", "2026-03-02T08:00:00Z", obj{"direction": "outbound", "answered": false}),
		contact("gone", "2026-03-02T08:30:00Z", obj{"answered": false, "wait_seconds": 3}),
		contact("unknown", "2026-03-02T09:00:00Z", obj{"resolved": nil}),
		contact("no", "2026-03-02T09:00:00Z", obj{"issue": "j", "resolved": false}),
		contact("back", "2026-03-03T09:00:00Z", obj{"issue": "j"}))
	for id, want := range map[string]string{"out": "outbound", "gone": "abandoned", "unknown": "resolved_unknown", "no": "", "back": ""} {
		if c := of(t, r, id); c.Excluded != want {
			t.Errorf("%s: %+v", id, c)
		}
	}
	if c := of(t, r, "unknown"); !c.First || c.FCR != "" || c.ConfirmedAt == nil {
		t.Errorf("%+v", c)
	}
	if c := of(t, r, "no"); c.FCRReason != "not_resolved" || !c.Later {
		t.Errorf("%+v", c)
	}
	want := map[string]int64{
		"offered": 3, "answered": 2, "outbound": 1, "contacts": 2, "first_contacts": 2, "fcr_n": 1, "failed_not_resolved": 1, "resolved_unknown": 1,
		"no_repeat": 1,
	}
	if diff := cmp.Diff(want, cell(t, r, "contact_days", "", "2026-03-02", "")); diff != "" {
		t.Error(diff)
	}
}

func TestChains(t *testing.T) {
	for want, data := range map[string]obj{
		"customer=a%26b&issue=x+y":     {"customer_id": "a&b", "issue": "x y", "case_id": "k"},
		"customer=c":                   {"customer_id": "c", "case_id": "k"},
		"case=k":                       {"issue": "i", "case_id": "k"},
		"contact=n&source=%2Fapp":      {"issue": "i"},
		"customer=%E5%AE%A2&issue=%3D": {"customer_id": "客", "issue": "="},
	} {
		if c := of(t, compute(t, oracle.Options{}, told("contact n 2026-03-02T08:00:00Z", data)), "n"); c.Chain != want {
			t.Errorf("%v: %s", data, c.Chain)
		}
	}
}

func TestSecondsAreRoundedToMicroseconds(t *testing.T) {
	r := compute(t, oracle.Options{},
		contact("a", "2026-03-02T08:00:00Z", obj{"issue": "1", "wait_seconds": 20.0000004, "talk_seconds": 1.5}),
		contact("b", "2026-03-02T08:00:00Z", obj{"issue": "2", "wait_seconds": 20.0000006, "hold_seconds": 0.0000005, "wrap_seconds": 2}),
		contact("c", "2026-03-02T08:00:00Z", obj{"issue": "3"}))
	got := cell(t, r, "contact_days", "", "2026-03-02", "")
	want := map[string]int64{
		"in_service_level": 1, "wait_n": 2, "wait_sum": 40_000_001, "wait_sum_sq": 20_000_000*20_000_000 + 20_000_001*20_000_001,
		"handle_n": 2, "handle_sum": 3_500_001, "handle_sum_sq": 1_500_000*1_500_000 + 2_000_001*2_000_001,
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: got %d, want %d", name, got[name], n)
		}
	}
}

func TestOneContactUnderTwoKeysCountsOnce(t *testing.T) {
	at := "2026-03-02T08:00:00Z"
	here := told("contact a "+at, obj{"customer_id": "c"}, obj{"hash": 5})
	there := told("contact a "+at, obj{"customer_id": "d"}, obj{"hash": 6})
	for _, raw := range [][][]byte{{here, there}, {there, here}} {
		r := compute(t, oracle.Options{}, raw...)
		if len(r.Contacts) != 1 || r.Contacts[0].CustomerID != "d" || r.Counts != (oracle.Counts{Identities: 1, Conflicts: 1, TwoPlaces: 1}) {
			t.Errorf("%+v %+v", r.Contacts, r.Counts)
		}
	}
	// One hash for two contents: the later hour, then the greater chain.
	later := told("contact a 2026-03-02T09:00:00Z", obj{"customer_id": "b"}, obj{"hash": 6})
	same := told("contact a "+at, obj{"customer_id": "e"}, obj{"hash": 6})
	for _, c := range []struct {
		other    []byte
		customer string
	}{{later, "b"}, {same, "e"}} {
		for _, raw := range [][][]byte{{c.other, there}, {there, c.other}} {
			if r := compute(t, oracle.Options{}, raw...); r.Contacts[0].CustomerID != c.customer || r.Counts.TwoPlaces != 1 {
				t.Errorf("%+v %+v", r.Contacts, r.Counts)
			}
		}
	}
	if n := compute(t, oracle.Options{}, here, milestone("a", at, "requested", nil)).CountsByType["rapport.contact.v1"].Identities; n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func TestADayInTheZoneOfTheTenant(t *testing.T) {
	opts := oracle.Options{Tenants: map[string]oracle.Tenant{"t": {Zone: time.FixedZone("", 8*3600), Pairs: [][2]string{{"region", "product"}}}}}
	r := compute(t, opts, contact("a", "2026-03-01T16:00:00Z", obj{"attributes": obj{"region": "north", "product": `p"`}}))
	for cut, value := range map[string]string{"": "", "region": "north", "agent": "", "region,product": `["north","p\""]`} {
		if cell(t, r, "contact_days", cut, "2026-03-02", value)["contacts"] != 1 {
			t.Errorf("cut %q", cut)
		}
	}
}
