package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/schemas"
)

// The tenants of generated events: one without settings, one in a zone of three quarters of an hour, one with daylight saving and a calendar.
const (
	plain     = "default"
	kathmandu = "kathmandu"
	newYork   = "new-york"
)

// share of stories about service, about ten events each, so that there are about as many events of service as of surveys.
const serviceShare = 0.1

// configFiles are the tenants' files, and a calendar of nights over the change to summer time.
func configFiles() map[string]string {
	return map[string]string{
		"tenants/kathmandu.yaml": "time_zone: Asia/Kathmandu\ncuts:\n  - [region, product]\nfcr_window_days: 3\nservice_level_seconds: 30\n",
		"tenants/new-york.yaml":  "time_zone: America/New_York\ncuts:\n  - [region, product]\ncalendar: shop\n",
		"calendars/shop.yaml": `{id: shop, version: 1, valid_from: 2000-01-01, title: {en: Shop, zh: 商店}, time_zone: America/New_York, holidays: [2026-03-03],
			week: {monday: ["09:00-12:00", "13:00-17:30"], tuesday: ["09:00-12:00"], saturday: ["22:00-06:00"]}}`,
	}
}

// options are what the oracle must know of configFiles.
func options(t testing.TB) oracle.Options {
	t.Helper()
	pairs := [][2]string{{"region", "product"}}
	return oracle.Options{DefaultTenant: plain, Tenants: map[string]oracle.Tenant{
		kathmandu: {Zone: zone(t, "Asia/Kathmandu"), Pairs: pairs, WindowDays: 3, ServiceLevelSeconds: 30},
		newYork:   {Zone: zone(t, "America/New_York"), Pairs: pairs, Working: oracle.WorkingByMinutes(zone(t, "America/New_York"), shopShifts)},
	}}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// shopShifts are those of the calendar in configFiles.
func shopShifts(day time.Time) []oracle.Shift {
	switch {
	case day.Format(time.DateOnly) == "2026-03-03":
		return nil
	case day.Weekday() == time.Monday:
		return []oracle.Shift{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 17*60 + 30}}
	case day.Weekday() == time.Tuesday:
		return []oracle.Shift{{From: 9 * 60, To: 12 * 60}}
	case day.Weekday() == time.Saturday:
		return []oracle.Shift{{From: 22 * 60, To: 30 * 60}}
	}
	return nil
}

// folder writes files and returns the setting that names their folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "CONFIG_DIR=" + dir
}

// Settings writes the tenants' files and returns the setting that names their folder, with what the oracle must know.
func Settings(t testing.TB) (string, oracle.Options) {
	t.Helper()
	return folder(t, configFiles()), options(t)
}

// with is files with some replaced or added.
func with(files, more map[string]string) map[string]string {
	all := maps.Clone(files)
	maps.Copy(all, more)
	return all
}

// Generated tells n stories of three tenants, surveys and service, over the American change to summer time.
func Generated(t testing.TB, seed uint64, n int) []generator.Event {
	return GeneratedWith(t, seed, n, nil)
}

// GeneratedWith is Generated with rates of what is unusual; nil is the generator's own.
func GeneratedWith(t testing.TB, seed uint64, n int, rates *generator.Rates) []generator.Event {
	t.Helper()
	return Storyteller(t, seed, rates).Events(n)
}

// Storyteller tells such stories, with new ids each time it is asked.
func Storyteller(t testing.TB, seed uint64, rates *generator.Rates) *generator.Generator {
	t.Helper()
	return storyteller(t, generator.Config{Seed: seed, Tenants: []string{plain, kathmandu, newYork}, Service: serviceShare, Rates: rates})
}

// Poison makes one bad record of each kind of refusal that a system with a default tenant knows, but for the one that is large.
func Poison(t testing.TB, seed uint64) []generator.Event {
	t.Helper()
	g, err := generator.New(generator.Config{Seed: seed, Tenants: []string{plain}})
	if err != nil {
		t.Fatal(err)
	}
	kinds := slices.DeleteFunc(generator.PoisonKinds(), func(p generator.Poison) bool { return p.NoDefaultTenant || p.Name == "too-large" })
	return g.Poisons(time.Now(), kinds...)
}

// generate tells n stories over the American change to summer time, and long enough that events come weeks late.
func generate(t testing.TB, c generator.Config, n int) []generator.Event {
	t.Helper()
	return storyteller(t, c).Events(n)
}

func storyteller(t testing.TB, c generator.Config) *generator.Generator {
	t.Helper()
	c.From, c.To = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 22, 0, 0, 0, 0, time.UTC)
	g, err := generator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Expect is what the oracle makes of the events.
func Expect(t testing.TB, events []generator.Event, o oracle.Options) oracle.Result {
	t.Helper()
	want, err := oracle.Compute(generator.Accepted(events), o)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// withoutKeys is whether an event takes back another one of service without naming what it belonged to, which only the sweeper can settle.
func withoutKeys(e generator.Event) bool {
	return e.Retracted && e.Topic != schemas.TopicSurveyResponses && !strings.Contains(string(e.JSON), `"data"`)
}

// secondShopShifts are those of a calendar of which a second version holds from March on.
func secondShopShifts(day time.Time) []oracle.Shift {
	switch {
	case day.Format(time.DateOnly) < "2026-03-01":
		return shopShifts(day)
	case day.Weekday() == time.Saturday:
		return []oracle.Shift{{From: 22 * 60, To: 30 * 60}}
	case day.Weekday() == time.Sunday:
		return []oracle.Shift{{From: 9 * 60, To: 17 * 60}}
	}
	return nil
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
