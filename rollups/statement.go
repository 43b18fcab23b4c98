package rollups

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed sql/*.sql
var files embed.FS

// Tables of rollups in database rapport_store. Each is filled by one statement with one scan of the facts.
const (
	SatisfactionDays = "satisfaction_days"
	DimensionDays    = "dimension_days"
)

func tables() []string { return []string{SatisfactionDays, DimensionDays} }

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

// statements are the SQL of one set of cuts, by table.
type statements struct {
	// insert recomputes the marked days.
	insert map[string]string
	// audit lists the rows of the marked days that differ from their facts.
	audit map[string]string
}

func newStatements(cuts []cut) (*statements, error) {
	s := &statements{insert: map[string]string{}, audit: map[string]string{}}
	for _, table := range tables() {
		rows, err := render(strings.TrimSuffix(table, "_days")+".sql", cuts)
		if err != nil {
			return nil, err
		}
		s.insert[table] = "INSERT INTO rapport_store." + table + "\n" + rows + pinnedInsert
		audit, err := render("audit.sql", struct{ Table, Select string }{table, rows})
		if err != nil {
			return nil, err
		}
		s.audit[table] = audit + pinned
	}
	return s, nil
}

// render fills in a statement's template. Only names go in that way; values are parameters of the query.
func render(name string, data any) (string, error) {
	t, err := template.ParseFS(files, "sql/"+name)
	if err != nil {
		return "", fmt.Errorf("rollups: statement: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", fmt.Errorf("rollups: statement %s: %w", name, err)
	}
	return b.String(), nil
}

// plain is a statement without variable parts.
func plain(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		return "missing " + name // unreachable: the files are part of the binary, and a test reads each
	}
	return string(text)
}
