package docs

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/store"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// viewColumns are the columns of the views of database rapport, by view.
func viewColumns(t *testing.T) map[string][]string {
	t.Helper()
	views := map[string][]string{}
	for _, name := range tree(t) {
		if !strings.HasPrefix(name, "store/sql/views/") {
			continue
		}
		text := read(t, name)
		for _, view := range found(`(?m)^CREATE OR REPLACE VIEW rapport\.(\w+)$`, text) {
			views[view] = found("(?m)^    `?(\\w+)`? +\\S.* COMMENT '", text)
		}
	}
	return views
}

// TestViewsAreDescribed: views.md has a section for every view, and its tables name columns that the view has.
func TestViewsAreDescribed(t *testing.T) {
	views := viewColumns(t)
	var names, sections []string
	for view := range views {
		names = append(names, view)
	}
	for _, section := range strings.Split(read(t, "docs/views.md"), "\n## ")[1:] {
		heading := found("^`(\\w+)`\n", section)
		if len(heading) == 0 {
			continue
		}
		sections = append(sections, heading[0])
		named := 0
		for _, row := range found("(?m)^\\| (`[^|]*) \\|", section) {
			for _, column := range found("`([^`]+)`", row) {
				named++
				if !slices.Contains(views[heading[0]], column) {
					t.Errorf("docs/views.md: %s has no column %s; it has %s", heading[0], column, views[heading[0]])
				}
			}
		}
		if named == 0 {
			t.Errorf("docs/views.md names no column of %s", heading[0])
		}
	}
	slices.Sort(names)
	slices.Sort(sections)
	if diff := cmp.Diff(names, sections); diff != "" {
		t.Errorf("views (-) and sections of docs/views.md (+) differ:\n%s", diff)
	}
}

// TestQueriesRun: the queries that pages show are accepted by the schema of this tree.
func TestQueriesRun(t *testing.T) {
	ctx := context.Background()
	conn, err := store.Open(store.Config{DSN: clickhousetest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := store.Migrate(ctx, conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sql\n(.*?)```")
	ran := 0
	for name, text := range pages(t) {
		for _, block := range blocks.FindAllStringSubmatch(text, -1) {
			ran++
			if err := conn.Exec(ctx, block[1]); err != nil {
				t.Errorf("%s: %v\n%s", name, err, block[1])
			}
		}
	}
	if ran == 0 {
		t.Error("no page has a query")
	}
}
