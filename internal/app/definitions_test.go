package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/internal/app"
)

// A tenant may name a shipped calendar or one of the user's own, and no other.
func TestTenantsCalendarMustExist(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"calendars/shop.yaml": "id: shop\nversion: 1\nvalid_from: 2000-01-01\ntitle: {en: Shop}\ntime_zone: UTC\nweek: {monday: [\"08:00-12:00\"]}\n",
		"tenants/a.yaml":      "calendar: shop\n",
		"tenants/b.yaml":      "calendar: five-days\n",
		"tenants/c.yaml":      "min_n: 7\n",
	} {
		write(t, dir, name, text)
	}
	defs, err := app.Config{ConfigDir: dir}.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	if _, known := defs.Calendars.Get("shop"); !known {
		t.Error("no calendar shop")
	}
	write(t, dir, "tenants/d.yaml", "min_n: 7\ncalendar: shops\n")
	_, err = app.Config{ConfigDir: dir}.Definitions()
	want := filepath.ToSlash(dir) + `/tenants/d.yaml:2: calendar: there is no calendar "shops"; there are: around-the-clock, five-days, shop, six-days`
	if err == nil || !strings.HasSuffix(err.Error(), "\n"+want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
