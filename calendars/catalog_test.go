package calendars

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func TestShippedGolden(t *testing.T) {
	catalog, err := Load(Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"around-the-clock", "five-days", "six-days"}, catalog.IDs()); diff != "" {
		t.Fatal(diff)
	}
	for _, id := range catalog.IDs() {
		c, _ := catalog.Get(id)
		var got string
		for _, v := range c.Versions() {
			if v.Title.En == v.Title.Zh {
				t.Errorf("%s has no Chinese title", id)
			}
			got += "# " + v.ID + " " + v.Version + ": " + v.Title.En + "; " + v.Title.Zh + "\n" + v.Definition()
		}
		path := filepath.Join("testdata", id+".golden.yaml")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
		}
	}
}

// configured is a configuration folder with the given calendars, name to text.
func configured(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "calendars"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "calendars", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOwnAddAndReplace(t *testing.T) {
	own := strings.Replace(good, "id: shop", "id: five-days", 1)
	catalog, err := Load(Shipped(), configured(t, map[string]string{
		"mine.yaml": own, "b.yml": later("2", "2026-01-01", strings.Replace(good, "2025-01-31", "2000-01-01", 1)), "a.yaml": good,
		"notes.txt": "not read", ".hidden.yaml": "nor this"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"around-the-clock", "five-days", "shop", "six-days"}, catalog.IDs()); diff != "" {
		t.Error(diff)
	}
	five, _ := catalog.Get("five-days")
	if versions := five.Versions(); len(versions) != 1 || versions[0].Title.En != "Shop" || five.Zone().String() != "Europe/Berlin" {
		t.Errorf("five-days is %v, want the user's own alone", versions)
	}
	shop, _ := catalog.Get("shop")
	for at, want := range map[string]string{"2020-01-01": "1", "2025-12-31": "1", "2026-01-01": "2", "2030-01-01": "2"} {
		date, err := time.Parse(time.DateOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := shop.InForce(date).Version; got != want {
			t.Errorf("on %s version %s is in force, want %s", at, got, want)
		}
	}
	if _, known := catalog.Get("none"); known {
		t.Error("there is a calendar none")
	}
}

func TestLoadExplainsAllFiles(t *testing.T) {
	dir := configured(t, map[string]string{
		"a.yaml": good,
		"b.yaml": good,
		"c.yaml": strings.Replace(good, "version: 1", "version: 2", 1),
		"d.yaml": later("3", "2026-01-01", strings.NewReplacer("2025-01-31", "2000-01-01", "Berlin", "Vienna").Replace(good)),
		"e.yaml": strings.Replace(good, "22:00", "22", 1),
	})
	_, err := Load(Shipped(), dir)
	if err == nil {
		t.Fatal("taken")
	}
	folder := filepath.Join(dir, "calendars") + "/"
	const zone = "d.yaml: time_zone: another than in %.yaml, which is of the same calendar; want Europe/Berlin, or an id of its own for a calendar of another place\n"
	want := "b.yaml: version: the same as in a.yaml, which is of the same calendar; want another\n" +
		"c.yaml: valid_from: the same as in a.yaml, which is of the same calendar; want another\n" +
		"c.yaml: valid_from: the same as in b.yaml, which is of the same calendar; want another\n" +
		strings.ReplaceAll(zone, "%", "a") + strings.ReplaceAll(zone, "%", "b") + strings.ReplaceAll(zone, "%", "c") +
		`e.yaml:8: week.friday[0]: "22-06:00"; want ` + wantShift
	if diff := cmp.Diff(want, strings.ReplaceAll(err.Error(), folder, "")); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFolders(t *testing.T) {
	if _, err := Load(Shipped(), filepath.Join(t.TempDir(), "not-there")); err == nil {
		t.Error("a configuration folder that is not there was taken")
	}
	if _, err := Load(Shipped(), t.TempDir()); err != nil {
		t.Errorf("a configuration folder without calendars: %v", err)
	}
	catalog, err := Load(fstest.MapFS{}, "")
	if err != nil || len(catalog.IDs()) != 0 {
		t.Errorf("nothing shipped: %v, %v", catalog, err)
	}
}
