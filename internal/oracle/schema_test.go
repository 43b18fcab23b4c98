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
	var ddl []byte
	for _, name := range []string{"0002_rollups.sql", "0003_dimension_gaps.sql"} {
		text, err := os.ReadFile("../../store/sql/migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		ddl = append(ddl, text...)
	}
	for _, table := range []oracle.Table{oracle.SatisfactionDays(), oracle.DimensionDays()} {
		create := regexp.MustCompile(`(?s)CREATE TABLE[^(]*` + table.Name + `\s*\((.*?)\nENGINE`).FindSubmatch(ddl)
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
