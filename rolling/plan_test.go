package rolling

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/tenants"
)

func in(t testing.TB, zone string) tenants.Tenant {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return tenants.Tenant{ID: "acme", Zone: z, FCRWindowDays: 7, MinN: 5}
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

// window is the span of a window before an instant, judged at it.
func window(at time.Time, length time.Duration) Span { return Span{at.Add(-length), at, at} }

// shown are the pieces and days of a plan as text.
func shown(p plan) []string {
	var lines []string
	for _, n := range p.pieces {
		lines = append(lines, time.UnixMicro(n.from).UTC().Format(time.RFC3339Nano)+" "+time.UnixMicro(n.to).UTC().Format(time.RFC3339Nano)+" "+keyOf(p.slots[n.slot-1]))
	}
	for _, d := range p.days {
		lines = append(lines, d.date+" "+keyOf(p.slots[d.slot-1]))
	}
	return lines
}

func TestPlan(t *testing.T) {
	const day = 24 * time.Hour
	utc, half := in(t, "UTC"), in(t, "Asia/Kolkata")
	for name, test := range map[string]struct {
		tenant tenants.Tenant
		spans  []Span
		rules  rules
		want   []string
	}{
		"two days to a midnight leave out the first instant": {
			utc, []Span{window(instant(t, "2026-03-03T00:00:00Z"), 2*day)}, rules{},
			[]string{"2026-03-01T00:00:00Z 2026-03-01T00:00:00.000001Z -0", "2026-03-03T00:00:00Z 2026-03-03T00:00:00.000001Z +0", "2026-03-02 +0", "2026-03-01 +0"},
		},
		"nothing need be taken away": {
			utc, []Span{window(instant(t, "2026-03-03T00:00:00Z"), 2*day)}, rules{whole: true},
			[]string{"2026-03-01T00:00:00.000001Z 2026-03-02T00:00:00Z +0", "2026-03-03T00:00:00Z 2026-03-03T00:00:00.000001Z +0", "2026-03-02 +0"},
		},
		"what is to come of today is next to nothing": {
			utc, []Span{window(instant(t, "2026-03-03T03:00:00Z"), 27*time.Hour)}, rules{now: instant(t, "2026-03-03T03:00:02Z")},
			[]string{"2026-03-02T00:00:00Z 2026-03-02T00:00:00.000001Z -0", "2026-03-03T03:00:00.000001Z 2026-03-04T00:00:00Z -0", "2026-03-02 +0", "2026-03-03 +0"},
		},
		"a day is read from facts": {
			utc, []Span{window(instant(t, "2026-03-03T00:00:00Z"), day)}, rules{},
			[]string{"2026-03-02T00:00:00.000001Z 2026-03-03T00:00:00.000001Z +0"},
		},
		"a day of the tenant is read from rollups": {
			half, []Span{{instant(t, "2026-03-02T18:29:59.999999Z"), instant(t, "2026-03-03T18:29:59.999999Z"), instant(t, "2026-03-03T18:30:00Z")}}, rules{},
			[]string{"2026-03-03 +0"},
		},
		"the window before shares no piece": {
			half, []Span{window(instant(t, "2026-03-05T18:45:00Z"), 2*day), window(instant(t, "2026-03-03T18:45:00Z"), 2*day)}, rules{},
			[]string{
				"2026-03-01T18:30:00Z 2026-03-01T18:45:00.000001Z -1",
				"2026-03-03T18:30:00Z 2026-03-03T18:45:00.000001Z +1-0",
				"2026-03-05T18:30:00Z 2026-03-05T18:45:00.000001Z +0",
				"2026-03-03 +1", "2026-03-05 +0", "2026-03-02 +1", "2026-03-04 +0",
			},
		},
		"what is confirmed is told apart": {
			utc, []Span{window(instant(t, "2026-03-04T12:00:00Z"), 3*day)}, rules{confirmAfter: day},
			[]string{
				"2026-03-01T12:00:00.000001Z 2026-03-02T00:00:00Z +0c",
				"2026-03-03T12:00:00.000001Z 2026-03-04T00:00:00Z +0-0c",
				"2026-03-04T00:00:00Z 2026-03-04T12:00:00.000001Z +0",
				"2026-03-02 +0c", "2026-03-03 +0c",
			},
		},
		"where facts are gone rollups are read": {
			utc, []Span{window(instant(t, "2026-03-04T12:00:00Z"), 3*day)}, rules{kept: instant(t, "2026-03-04T00:00:00Z"), confirmAfter: 36 * time.Hour},
			[]string{"2026-03-04T00:00:00Z 2026-03-04T12:00:00.000001Z +0", "2026-03-02 +0c", "2026-03-03 +0"},
		},
		"nothing": {utc, []Span{window(instant(t, "2026-03-04T12:00:00Z"), 0)}, rules{}, nil},
	} {
		got := shown(newPlan(test.tenant, test.spans, test.rules))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Every instant is read exactly once, for exactly the spans that contain it, whatever zone, change of clocks, overlap or order of spans.
func TestEveryInstantIsReadOnce(t *testing.T) {
	zones := []string{"UTC", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "America/Scoresbysund"}
	rapid.Check(t, func(rt *rapid.T) {
		tenant := in(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		base := time.Unix(rapid.Int64Range(1_000_000_000, 1_900_000_000).Draw(rt, "at"), 0).Truncate(15 * time.Minute)
		if _, change := base.In(tenant.Zone).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(rt, "at a change of the clock") {
			base = change.Truncate(15 * time.Minute)
		}
		var r rules
		if rapid.Bool().Draw(rt, "confirm") {
			r.confirmAfter = time.Duration(rapid.IntRange(1, 9).Draw(rt, "days")) * 24 * time.Hour
		}
		r.factsOnly = rapid.Bool().Draw(rt, "facts only")
		r.whole = rapid.Bool().Draw(rt, "whole days")
		if rapid.Bool().Draw(rt, "now") {
			r.now = base
		}
		var spans []Span
		for range rapid.IntRange(1, 4).Draw(rt, "spans") {
			to := base.Add(time.Duration(rapid.IntRange(-1000, 1000).Draw(rt, "quarters")) * 15 * time.Minute)
			if rapid.Bool().Draw(rt, "at midnight") {
				to, _ = tenant.Bounds(tenant.Day(to))
			}
			length := rapid.SampledFrom([]time.Duration{time.Hour, 24 * time.Hour, 23 * time.Hour, 47 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}).Draw(rt, "length")
			s := window(to, length)
			if rapid.Bool().Draw(rt, "just before") {
				s.From, s.To = s.From.Add(-time.Microsecond), s.To.Add(-time.Microsecond)
			}
			spans = append(spans, s)
		}
		p := newPlan(tenant, spans, r)
		var instants []time.Time
		near := func(at time.Time) {
			instants = append(instants, at, at.Add(-time.Microsecond), at.Add(time.Microsecond))
		}
		for _, s := range spans {
			near(s.From)
			near(s.To)
			near(s.Judged.Add(-r.confirmAfter))
			for at := s.From; !at.After(s.To.Add(24 * time.Hour)); at = at.Add(13 * time.Hour) {
				from, to := tenant.Bounds(tenant.Day(at))
				near(from)
				near(to)
				near(at)
			}
		}
		for _, at := range instants {
			want, got := map[member]int{}, map[member]int{}
			for i, s := range spans {
				if at.After(s.From) && !at.After(s.To) {
					want[member{span: i, confirmed: r.confirmAfter > 0 && !at.After(s.Judged.Add(-r.confirmAfter))}]++
				}
			}
			pieces := 0
			count := func(slot int) {
				for _, m := range p.slots[slot-1] {
					n := 1
					if m.minus {
						n, m.minus = -1, false
					}
					if got[m] += n; got[m] == 0 {
						delete(got, m)
					}
				}
			}
			for _, n := range p.pieces {
				if n.from <= at.UnixMicro() && at.UnixMicro() < n.to {
					count(n.slot)
					pieces++
				}
			}
			for _, d := range p.days {
				if d.date == tenant.Day(at) {
					count(d.slot)
				}
			}
			if pieces > 1 || !maps.Equal(want, got) {
				rt.Fatalf("%s is in %d pieces and counts for %v; want %v\n%v", at.UTC().Format(time.RFC3339Nano), pieces, got, want, shown(p))
			}
		}
		if r.factsOnly && len(p.days) > 0 {
			rt.Fatalf("days from rollups: %v", p.days)
		}
		for _, s := range spans {
			if !r.factsOnly && len(spans) == 1 && s.To.Sub(s.From) >= 7*24*time.Hour && len(p.days) < 4 && r.confirmAfter == 0 {
				rt.Fatalf("%d days from rollups for %s", len(p.days), s.To.Sub(s.From))
			}
		}
	})
}
