package oracle_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/store/storetest"
)

func TestLoadReadsOutcomesAndServiceRollups(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 8, Tenants: []string{"a", "b"}, Customers: 10})
	if err != nil {
		t.Fatal(err)
	}
	want, err := oracle.Compute(generator.Accepted(g.ServiceEvents(40)), settings())
	if err != nil {
		t.Fatal(err)
	}
	conn := storetest.Start(t)
	types := columnTypes(t, conn)
	for _, table := range oracle.OutcomeTables() {
		outcomes := slices.DeleteFunc(want.Outcomes(), func(o oracle.Outcome) bool { return o.Table != table.Name })
		if len(outcomes) < 5 {
			t.Fatalf("%d rows of %s", len(outcomes), table.Name)
		}
		for chunk := range slices.Chunk(outcomes, 20) {
			putOutcomes(t, conn, types, chunk)
		}
	}
	for _, table := range oracle.Tables() {
		var rows []oracle.Row
		for _, r := range want.Rows() {
			if r.Table == table.Name {
				rows = append(rows, r)
			}
		}
		if len(rows) > 0 {
			put(t, conn, table, rows)
		}
	}
	load := func() []oracle.Outcome {
		t.Helper()
		got, err := oracle.LoadOutcomes(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if ds := oracle.CompareOutcomes(load(), want.Outcomes()); ds != nil {
		t.Error(oracle.Report(ds))
	}
	rows, err := oracle.Load(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if ds := oracle.Compare(rows, want.Rows()); ds != nil || len(want.Service) == 0 {
		t.Error(oracle.Report(ds))
	}

	// A row that is dead and says no more is no outcome; one that still says something is a fault.
	for _, table := range []string{"contact_outcomes", "case_outcomes", "complaint_outcomes", "complaint_subjects"} {
		exec(t, conn, "INSERT INTO rapport_store."+table+" (tenant, live, mark) VALUES ('dead', false, 1)")
	}
	if ds := oracle.CompareOutcomes(load(), want.Outcomes()); ds != nil {
		t.Error(oracle.Report(ds))
	}
	exec(t, conn, "INSERT INTO rapport_store.contact_outcomes (tenant, live, mark, episode) VALUES ('dead', false, 2, 1)")
	exec(t, conn, "INSERT INTO rapport_store.case_outcomes (tenant, live, mark, region) VALUES ('dead', false, 2, 'north')")
	exec(t, conn, "INSERT INTO rapport_store.complaint_outcomes (tenant, live, mark, timely) VALUES ('dead', false, 2, false)")
	exec(t, conn, "INSERT INTO rapport_store.complaint_subjects (tenant, live, mark, opened_at) VALUES ('dead', false, 2, '2026-03-02 00:00:00')")
	var found []string
	for _, d := range oracle.CompareOutcomes(load(), want.Outcomes()) {
		if d.Tenant != "dead" || d.Want != "absent" {
			t.Error(d)
		}
		found = append(found, d.Table)
	}
	if diff := cmp.Diff([]string{"case_outcomes", "complaint_outcomes", "complaint_subjects", "contact_outcomes"}, found); diff != "" {
		t.Error(diff)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := oracle.LoadOutcomes(canceled, conn); err == nil {
		t.Error("a canceled load gave no error")
	}
}

func exec(t *testing.T, conn driver.Conn, sql string) {
	t.Helper()
	if err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%v: %.300s", err, sql)
	}
}

// columnTypes are the types of all columns, by table and column: values are written by them and not by how the oracle reads.
func columnTypes(t *testing.T, conn driver.Conn) map[[2]string]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT table, name, type FROM system.columns WHERE database = 'rapport_store'")
	if err != nil {
		t.Fatal(err)
	}
	types := map[[2]string]string{}
	for rows.Next() {
		var table, name, typ string
		if err := rows.Scan(&table, &name, &typ); err != nil {
			t.Fatal(err)
		}
		types[[2]string{table, name}] = typ
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return types
}

// putOutcomes stores outcomes of one table.
func putOutcomes(t *testing.T, conn driver.Conn, types map[[2]string]string, outcomes []oracle.Outcome) {
	t.Helper()
	columns := slices.Sorted(maps.Keys(outcomes[0].Values))
	var rows []string
	for _, o := range outcomes {
		row := []string{"1"}
		for _, name := range columns {
			row = append(row, literal(types[[2]string{o.Table, name}], o.Values[name]))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	exec(t, conn, fmt.Sprintf("INSERT INTO rapport_store.%s (mark, `%s`) VALUES %s", outcomes[0].Table, strings.Join(columns, "`, `"), strings.Join(rows, ", ")))
}

// literal writes an outcome's texts as a value of a column's type.
func literal(typ string, texts []string) string {
	element := func(text string) string {
		switch {
		case text == "NULL" && strings.Contains(typ, "Nullable"):
			return "NULL"
		case strings.Contains(typ, "DateTime64"):
			return "fromUnixTimestamp64Micro(toInt64(" + text + "), 'UTC')"
		case strings.Contains(typ, "DateTime"):
			return "toDateTime(intDiv(" + text + ", 1000000), 'UTC')"
		case strings.Contains(typ, "Int"), strings.Contains(typ, "Bool"):
			return text
		}
		return quoted(text)
	}
	var elements []string
	for _, text := range texts {
		elements = append(elements, element(text))
	}
	switch {
	case strings.HasPrefix(typ, "Array"):
		return fmt.Sprintf("CAST([%s], %s)", strings.Join(elements, ", "), quoted(typ))
	case strings.HasPrefix(typ, "Map"):
		return fmt.Sprintf("CAST(map(%s), %s)", strings.Join(elements, ", "), quoted(typ))
	case len(elements) == 0:
		return "NULL"
	}
	return elements[0]
}
