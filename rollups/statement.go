package rollups

import (
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/rapport-project/rapport/schemas"
)

//go:embed sql/*.sql sql/tables/*.sql
var files embed.FS

// pinned are the settings every statement over facts runs with. The first three keep FINAL exact: duplicates of a key are in one
// partition, and no filter on a column that changes between versions may run before it. Slashes in a pair's JSON stay plain,
// as producers of JSON write them.
const pinned = `
SETTINGS do_not_merge_across_partitions_select_final = 0, optimize_move_to_prewhere_if_final = 0,
    use_skip_indexes_if_final_exact_mode = 1, join_use_nulls = 0, group_by_use_nulls = 0, join_algorithm = 'hash',
    output_format_json_escape_forward_slashes = 0`

// pinnedInsert adds what makes an INSERT synchronous and never silently dropped as a repetition.
const pinnedInsert = pinned + `,
    async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0`

// statements are the SQL of one family and one set of cuts, by table.
type statements struct {
	// insert recomputes the marked days.
	insert map[string]string
	// audit lists the rows of the marked days that differ from their facts.
	audit map[string]string
	// compare counts the rows of the marked days beside that, and explain shows those that differ.
	compare, explain map[string]string
	// digest sums up what the marked days are computed from.
	digest string
	// facts reads what package fold makes the tables of, where the family has such; cuts are the names of the cuts.
	facts string
	cuts  []string
}

func newStatements(f family, cuts []cut) (*statements, error) {
	s := &statements{insert: map[string]string{}, audit: map[string]string{}, compare: map[string]string{}, explain: map[string]string{}}
	for _, name := range f.Tables {
		t, err := newTable(f, name)
		if err != nil {
			return nil, err
		}
		rows, err := renderPart(name, "rows.sql", struct {
			table
			Cuts []cut
		}{t, cuts})
		if err != nil {
			return nil, err
		}
		s.insert[name] = "INSERT INTO rapport_store." + name + "\n" + rows + pinnedInsert
		for file, into := range map[string]map[string]string{"audit.sql": s.audit, "compare.sql": s.compare, "explain.sql": s.explain} {
			sql, err := render(file, struct {
				Table, Select string
				Columns       []string
			}{name, rows, t.Columns()})
			if err != nil {
				return nil, err
			}
			into[name] = sql + pinned
		}
	}
	for _, c := range cuts {
		s.cuts = append(s.cuts, c.Name)
	}
	if f.Name == schemas.Surveys {
		facts, err := factsStatement(f, false)
		if err != nil {
			return nil, err
		}
		s.facts = facts
	}
	digest, err := render("digest.sql", f)
	s.digest = digest + pinned
	return s, err
}

// render fills in a statement's template. Only names go in that way; values are parameters of the query.
func render(name string, data any) (string, error) { return renderPart("", name, data) }

// renderPart fills in a template as the file of a table completes it.
func renderPart(table, name string, data any) (string, error) {
	patterns := []string{"sql/*.sql"}
	if table != "" {
		patterns = append(patterns, "sql/tables/"+table+".sql")
	}
	t, err := template.New(name).Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }}).ParseFS(files, patterns...)
	if err != nil {
		return "", fmt.Errorf("rollups: statement: %w", err)
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("rollups: statement %s of %s: %w", name, table, err)
	}
	return b.String(), nil
}

// ofAllTables is a statement about all tables of rollups.
func ofAllTables(name string) string {
	sql, err := render(name, tables())
	if err != nil {
		return "missing " + name // unreachable: the files are part of the binary, and a test reads each
	}
	return sql
}

// plain is a statement without variable parts.
func plain(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		return "missing " + name // unreachable: the files are part of the binary, and a test reads each
	}
	return string(text)
}
