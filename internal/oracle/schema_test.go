package oracle_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/oracle"
)

// The oracle keeps its own list of columns; one that the schema has and the oracle does not know would go unchecked.
func TestEveryStoredColumnIsCompared(t *testing.T) {
	ddl, err := os.ReadFile("../../store/sql/migrations/0002_rollups.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []oracle.Table{oracle.SatisfactionDays(), oracle.DimensionDays()} {
		create := regexp.MustCompile(`(?s)CREATE TABLE[^(]*` + table.Name + `\s*\((.*?)\nENGINE`).FindSubmatch(ddl)
		if create == nil {
			t.Fatalf("no CREATE TABLE of %s", table.Name)
		}
		var stored []string
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
