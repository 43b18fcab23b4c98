package tenants

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func configured(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "tenants"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "tenants", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	settings, err := Load(configured(t, map[string]string{
		"acme.yaml": `time_zone: Asia/Shanghai
cuts: [[product, region], [agent, channel], [region, product]]
calendar: five-days
fcr_window_days: 14
service_level_seconds: 30
min_n: 10
complaint_age_days: 60
attribute_cap: 500
`,
		"plain.yaml": "time_zone: Europe/Berlin\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	acme := settings.For("acme")
	if got := acme.Fingerprint(); got != "zone=Asia/Shanghai;cuts=region,product|channel,agent" {
		t.Errorf("fingerprint %s", got)
	}
	acme.Zone = nil
	if diff := cmp.Diff(Tenant{ID: "acme", Cuts: [][2]string{{"region", "product"}, {"channel", "agent"}}, Calendar: "five-days", FCRWindowDays: 14,
		ServiceLevelSeconds: 30, MinN: 10, ComplaintAgeDays: []int{60}, AttributeCap: 500}, acme); diff != "" {
		t.Error(diff)
	}
	if got := settings.For("plain").Fingerprint(); got != "zone=Europe/Berlin;cuts=" {
		t.Errorf("fingerprint %s", got)
	}
	if got := settings.For("plain").ComplaintAgeDays; !cmp.Equal(got, []int{3, 7, 30}) {
		t.Errorf("ages %v", got)
	}
	other := settings.For("other")
	if other.ID != "other" || other.Fingerprint() != "zone=UTC;cuts=" || other.FCRWindowDays != 7 || other.MinN != 5 || other.ServiceLevelSeconds != 20 {
		t.Errorf("defaults %+v", other)
	}
	if got := settings.Configured(); len(got) != 2 || got[0].ID != "acme" || got[1].ID != "plain" {
		t.Errorf("configured %v", got)
	}
}

func TestCheckCalendars(t *testing.T) {
	settings, err := Load(configured(t, map[string]string{"a.yaml": "calendar: five-days\n", "b.yaml": "min_n: 6\ncalendar: five\n", "c.yaml": "min_n: 7\n"}))
	if err != nil {
		t.Fatal(err)
	}
	problems := settings.CheckCalendars([]string{"five-days", "shop"})
	if len(problems) != 1 || !strings.HasSuffix(problems.Error(), `/tenants/b.yaml:2: calendar: there is no calendar "five"; there are: five-days, shop`) {
		t.Error(problems)
	}
}

func TestLoadWithoutFiles(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		settings, err := Load(dir)
		if err != nil || settings.For("x").Zone != time.UTC {
			t.Errorf("%q: %v", dir, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "not-there")); err == nil {
		t.Error("a configuration folder that is not there was taken")
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"time_zone: Mars/Base\n":               `t.yaml:1: time_zone: "Mars/Base" is no time zone; want a name of the tz database, such as Asia/Shanghai or Europe/Berlin`,
		"time_zone: Local\n":                   `t.yaml:1: time_zone: "Local" is no time zone; want a name of the tz database, such as Asia/Shanghai or Europe/Berlin`,
		"time_zone: ../etc\n":                  `t.yaml:1: time_zone: "../etc" is no time zone; want a name of the tz database, such as Asia/Shanghai or Europe/Berlin`,
		"timezone: UTC\n":                      `t.yaml:1: timezone: unknown key; did you mean time_zone?`,
		"cuts: [region, product]\n":            "t.yaml:1: cuts[0]: found \"region\"; want a pair such as [region, product]\nt.yaml:1: cuts[1]: found \"product\"; want a pair such as [region, product]",
		"cuts:\n  - [region]\n":                `t.yaml:2: cuts[0]: 1 attributes; want a pair such as [region, product]`,
		"cuts:\n  - [region, region]\n":        `t.yaml:2: cuts[0]: the same attribute twice; want a pair such as [region, product]`,
		"cuts:\n  - [region, country]\n":       `t.yaml:2: cuts[0][1]: found "country"; want one of region, org_unit, product, service, channel, segment, agent`,
		"cuts:\n  - ~\n":                       `t.yaml:2: cuts[0]: missing; want a pair such as [region, product]`,
		"fcr_window_days: 31\n":                `t.yaml:1: fcr_window_days: found "31"; want a whole number from 1 to 30`,
		"min_n: 0\nservice_level_seconds: x\n": "t.yaml:1: min_n: found \"0\"; want a whole number from 1 to 1000000\nt.yaml:2: service_level_seconds: found \"x\"; want a whole number from 1 to 86400",
		"complaint_age_days: [7, 3, ~]\n":      "t.yaml:1: complaint_age_days[1]: 3 after 7; want ages that rise\nt.yaml:1: complaint_age_days[2]: missing; want a whole number of days",
		"complaint_age_days: 0\n":              `t.yaml:1: complaint_age_days: found "0"; want a whole number from 1 to 3650`,
		"attribute_cap: 1.5\n":                 `t.yaml:1: attribute_cap: found "1.5"; want a whole number from 1 to 1000000`,
	} {
		_, problems := Check("t.yaml", []byte(text))
		if diff := cmp.Diff(want, problems.Error()); diff != "" {
			t.Errorf("%s%s", text, diff)
		}
	}
	_, err := Load(configured(t, map[string]string{"a.yaml": "min_n: 5\n", "a.yml": "min_n: 6\n"}))
	if err == nil || !strings.HasSuffix(err.Error(), "a second file for tenant a; want one") {
		t.Errorf("two files of one tenant: %v", err)
	}
}

func in(t testing.TB, zone string) Tenant {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return Tenant{Zone: location}
}

func TestBounds(t *testing.T) {
	for _, test := range []struct{ zone, day, from, to string }{
		{"UTC", "2025-03-01", "2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z"},
		{"Asia/Shanghai", "2025-03-01", "2025-02-28T16:00:00Z", "2025-03-01T16:00:00Z"},
		{"Asia/Kathmandu", "2025-03-01", "2025-02-28T18:15:00Z", "2025-03-01T18:15:00Z"},
		{"Europe/Berlin", "2025-03-30", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"}, // 23 hours
		{"Europe/Berlin", "2025-10-26", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"}, // 25 hours
		{"Asia/Beirut", "2025-03-30", "2025-03-29T22:00:00Z", "2025-03-30T21:00:00Z"},   // no midnight
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"Pacific/Kiritimati", "2025-01-01", "2024-12-31T10:00:00Z", "2025-01-01T10:00:00Z"},
		{"Pacific/Pago_Pago", "2025-01-01", "2025-01-01T11:00:00Z", "2025-01-02T11:00:00Z"},
	} {
		from, to := in(t, test.zone).Bounds(test.day)
		if got := from.Format(time.RFC3339) + " " + to.Format(time.RFC3339); got != test.from+" "+test.to {
			t.Errorf("%s in %s: %s, want %s %s", test.day, test.zone, got, test.from, test.to)
		}
	}
	if from, to := in(t, "Pacific/Apia").Bounds("2011-12-30"); !from.Equal(to) {
		t.Errorf("a day left out lasts from %s to %s", from, to)
	}
	for _, day := range []string{"", "2025-02-30", "yesterday", "2025-3-1"} {
		if from, to := in(t, "UTC").Bounds(day); !from.IsZero() || !to.IsZero() {
			t.Errorf("%q lasts from %s to %s", day, from, to)
		}
	}
}

// Every instant lies within the bounds of its day, both ends are tight, and days of zones that never turn clocks back over midnight
// follow each other without gap.
func TestDayAndBoundsAgree(t *testing.T) {
	zones := []string{"UTC", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Asia/Beirut", "America/Sao_Paulo",
		"Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "America/Scoresbysund"}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(rt, "zone")
		tenant := in(t, name)
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(rt, "at"), rapid.Int64Range(0, 999_999_999).Draw(rt, "nanoseconds"))
		if rapid.Bool().Draw(rt, "at a change of the clock") {
			if _, change := at.In(tenant.Zone).ZoneBounds(); !change.IsZero() {
				at = change.Add(time.Duration(rapid.IntRange(-7200, 7200).Draw(rt, "seconds")) * time.Second)
			}
		}
		day := tenant.Day(at)
		from, to := tenant.Bounds(day)
		if at.Before(from) || !at.Before(to) {
			rt.Fatalf("%s is on %s, which lasts from %s to %s", at, day, from, to)
		}
		if tenant.Day(from) != day || tenant.Day(from.Add(-1)) == day {
			rt.Fatalf("%s does not begin at %s", day, from)
		}
		if tenant.Day(to.Add(-1)) != day || tenant.Day(to) == day {
			rt.Fatalf("%s does not end at %s", day, to)
		}
		if name == "America/St_Johns" || name == "America/Scoresbysund" {
			return
		}
		if next, _ := tenant.Bounds(tenant.Day(to)); !next.Equal(to) {
			rt.Fatalf("%s ends at %s, the day after it begins at %s", day, to, next)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("time_zone: Asia/Shanghai\ncuts: [[region, product]]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tenant, _ := Check("t.yaml", text)
		if tenant.Zone == nil || tenant.MinN < 1 {
			t.Fatalf("%+v", tenant)
		}
	})
}

func BenchmarkDay(b *testing.B) {
	tenant, at := in(b, "Europe/Berlin"), time.Unix(1_750_000_000, 0)
	b.ReportAllocs()
	for b.Loop() {
		tenant.Day(at)
	}
}
