package questionnaires

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

// configured is a configuration folder with the given questionnaires, name to text.
func configured(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "questionnaires"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "questionnaires", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func day(s string) time.Time {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return at
}

func TestLookup(t *testing.T) {
	second := strings.NewReplacer("version: 1", `version: "2.10"`, "2025-01-31", "2025-06-01").Replace(good)
	catalog, err := Load(Shipped(), configured(t, map[string]string{"b.yaml": good, "a.yml": second, "notes.txt": "not read", ".hidden.yaml": "nor this"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		version, at, want string
	}{
		{"", "1999-01-01", "1"},
		{"", "2025-05-31", "1"},
		{"", "2025-06-01", "2.10"},
		{"", "2030-01-01", "2.10"},
		{"1", "2030-01-01", "1"},
		{"2.10", "1999-01-01", "2.10"},
	} {
		v, invalid := catalog.Lookup("shop-3", test.version, day(test.at))
		if invalid != nil {
			t.Fatal(invalid)
		}
		if v.Version != test.want {
			t.Errorf("version %q at %s is %s, want %s", test.version, test.at, v.Version, test.want)
		}
	}
	_, invalid := catalog.Lookup("shop-4", "", day("2025-01-01"))
	if diff := cmp.Diff(&schemas.InvalidError{Reason: schemas.UnknownQuestionnaire, Field: "/data/questionnaire",
		Detail: `there is no questionnaire "shop-4"; there are: after-sales-10, ecommerce-5, likert-12, rater-5, relationship, servqual-22, shop-3`}, invalid); diff != "" {
		t.Error(diff)
	}
	_, invalid = catalog.Lookup("shop-3", "3", day("2025-01-01"))
	if diff := cmp.Diff(&schemas.InvalidError{Reason: schemas.UnknownVersion, Field: "/data/questionnaire_version",
		Detail: `questionnaire shop-3 has no version "3"; it has: 1, 2.10`}, invalid); diff != "" {
		t.Error(diff)
	}
}

func TestOwnReplacesShipped(t *testing.T) {
	own := strings.Replace(good, "id: shop-3", "id: rater-5", 1)
	catalog, err := Load(Shipped(), configured(t, map[string]string{"mine.yaml": own}))
	if err != nil {
		t.Fatal(err)
	}
	versions := catalog.Versions("rater-5")
	if len(versions) != 1 || versions[0].Title.En != "Shop" {
		t.Errorf("rater-5 is %v, want the user's own alone", versions)
	}
	if diff := cmp.Diff([]string{"after-sales-10", "ecommerce-5", "likert-12", "rater-5", "relationship", "servqual-22"}, catalog.IDs()); diff != "" {
		t.Error(diff)
	}
}

func TestLoadExplainsAllFiles(t *testing.T) {
	dir := configured(t, map[string]string{
		"a.yaml": good,
		"b.yaml": good,
		"c.yaml": strings.Replace(good, "version: 1", "version: 2", 1),
		"d.yaml": strings.Replace(good, "min: 1", "min: x", 1),
	})
	_, err := Load(Shipped(), dir)
	if err == nil {
		t.Fatal("taken")
	}
	folder := filepath.Join(dir, "questionnaires") + "/"
	want := `b.yaml: version: the same as in a.yaml, which is of the same questionnaire; want another
c.yaml: valid_from: the same as in a.yaml, which is of the same questionnaire; want another
c.yaml: valid_from: the same as in b.yaml, which is of the same questionnaire; want another
d.yaml:6: scale.min: found "x"; want a whole number from -1000 to 1000`
	if diff := cmp.Diff(want, strings.ReplaceAll(err.Error(), folder, "")); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFolders(t *testing.T) {
	if _, err := Load(Shipped(), filepath.Join(t.TempDir(), "not-there")); err == nil {
		t.Error("a configuration folder that is not there was taken")
	}
	if _, err := Load(Shipped(), t.TempDir()); err != nil {
		t.Errorf("a configuration folder without questionnaires: %v", err)
	}
	catalog, err := Load(fstest.MapFS{}, "")
	if err != nil || len(catalog.IDs()) != 0 {
		t.Errorf("nothing shipped: %v, %v", catalog, err)
	}
}
