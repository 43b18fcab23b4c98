package metrics

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestViewsHaveTheseColumns: the views of rolling figures say of their columns what is said here.
func TestViewsHaveTheseColumns(t *testing.T) {
	comment := regexp.MustCompile("(?m)^    `?(\\w+)`? +\\S.* COMMENT '(.*)',?$")
	for view, want := range map[string][]Column{"rolling_metrics": Columns(), "rolling_metrics_history": HistoryColumns()} {
		text, err := os.ReadFile(filepath.Join("..", "store", "sql", "views", view+".sql"))
		if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "true" {
			t.Skip("the views of rolling figures are not here")
		}
		if err != nil {
			t.Fatal(err)
		}
		var columns []Column
		for _, m := range comment.FindAllStringSubmatch(string(text), -1) {
			columns = append(columns, Column{m[1], m[2]})
		}
		if diff := cmp.Diff(want, columns); diff != "" {
			t.Errorf("%s (-want +got):\n%s", view, diff)
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
