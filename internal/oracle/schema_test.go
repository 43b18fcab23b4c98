package oracle_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

// The oracle keeps its own list of columns; one that the schema has and the oracle does not know would go unchecked.
func TestEveryStoredColumnIsCompared(t *testing.T) {
	ddl := migrations(t)
	for _, table := range oracle.Tables() {
		create := regexp.MustCompile(`(?s)CREATE TABLE[^(]*\.` + table.Name + `\s*\((.*?)\nENGINE`).FindSubmatch(ddl)
		if create == nil {
			t.Fatalf("no CREATE TABLE of %s", table.Name)
		}
		var stored []string
		for _, alter := range regexp.MustCompile(`(?s)ALTER TABLE rapport_store\.`+table.Name+`\s(.*?);`).FindAllSubmatch(ddl, -1) {
			create[1] = slices.Concat(create[1], alter[1])
		}
		for _, m := range regexp.MustCompile("`cells\\.(\\w+)`").FindAllSubmatch(create[1], -1) {
			stored = append(stored, string(m[1]))
		}
		known := slices.Concat(table.Keys, table.Measures)
		slices.Sort(stored)
		slices.Sort(known)
		if diff := cmp.Diff(stored, known); diff != "" {
			t.Errorf("%s: %s", table.Name, diff)
		}
	}
}

func TestEveryColumnOfOutcomesIsCompared(t *testing.T) {
	ddl := migrations(t)
	for _, table := range oracle.OutcomeTables() {
		create := regexp.MustCompile(`(?s)CREATE TABLE[^(]*\.` + table.Name + `\s*\((.*?)\nENGINE`).FindSubmatch(ddl)
		if create == nil {
			t.Fatalf("no CREATE TABLE of %s", table.Name)
		}
		var stored []string
		for _, m := range regexp.MustCompile("(?m)^ +`?([a-z_.]+)`? +[A-Z]").FindAllSubmatch(create[1], -1) {
			if name := string(m[1]); !slices.Contains([]string{"version", "epoch", "mark"}, name) {
				stored = append(stored, name)
			}
		}
		slices.Sort(stored)
		if diff := cmp.Diff(stored, slices.Sorted(maps.Keys(table.Columns))); diff != "" {
			t.Errorf("%s: %s", table.Name, diff)
		}
	}
}

func migrations(t *testing.T) []byte {
	t.Helper()
	files, err := filepath.Glob("../../store/sql/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}
