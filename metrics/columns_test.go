package metrics

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestViewsHaveTheseColumns: the views of rolling figures say of their columns what is said here.
func TestViewsHaveTheseColumns(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "store", "sql", "views", "rolling_metrics*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile("(?m)^    `?(\\w+)`? +\\S.* COMMENT '(.*)',?$")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var columns []Column
		for _, m := range comment.FindAllStringSubmatch(string(text), -1) {
			columns = append(columns, Column{m[1], m[2]})
		}
		if diff := cmp.Diff(Columns(), columns); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestUnitsAreListed(t *testing.T) {
	for _, m := range All() {
		if !slices.Contains(AllUnits(), m.Unit) {
			t.Errorf("unit %q of %s is not listed", m.Unit, m.Name)
		}
	}
}
