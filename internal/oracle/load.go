package oracle

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Load reads all rollup tables as stored, in one list that Compare takes beside the expected rows.
func Load(ctx context.Context, conn driver.Conn) ([]Row, error) {
	var all []Row
	for _, t := range Tables() {
		rows, err := loadTable(ctx, conn, t)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", t.Name, err)
		}
		all = append(all, rows...)
	}
	return all, nil
}

// selection reads every measure as text, because the oracle compares values whatever integer type a column has.
func selection(t Table) string {
	columns := []string{"tenant", "cut", "toString(day)"}
	for _, k := range t.Keys {
		columns = append(columns, fmt.Sprintf("arrayMap(x -> toString(x), cells.%s)", k))
	}
	for _, m := range t.Measures {
		columns = append(columns, fmt.Sprintf("arrayMap(x -> toString(x), cells.%s)", m))
	}
	return fmt.Sprintf("SELECT %s FROM rapport_store.%s FINAL ORDER BY tenant, cut, day", strings.Join(columns, ", "), t.Name)
}

func loadTable(ctx context.Context, conn driver.Conn, t Table) (rows []Row, err error) {
	result, err := conn.Query(ctx, selection(t))
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := result.Close(); err == nil {
			err = cerr
		}
	}()
	for result.Next() {
		r := Row{Table: t.Name}
		arrays := make([][]string, len(t.Keys)+len(t.Measures))
		targets := []any{&r.Tenant, &r.Cut, &r.Day}
		for i := range arrays {
			targets = append(targets, &arrays[i])
		}
		if err := result.Scan(targets...); err != nil {
			return nil, err
		}
		if r.Cells, err = cellsOf(t, arrays); err != nil {
			return nil, fmt.Errorf("tenant %q cut %q day %s: %w", r.Tenant, r.Cut, r.Day, err)
		}
		rows = append(rows, r)
	}
	return rows, result.Err()
}

// cellsOf turns parallel arrays, key columns before measures, into cells.
func cellsOf(t Table, arrays [][]string) ([]Cell, error) {
	cells := make([]Cell, 0, len(arrays[0]))
	for i := range arrays[0] {
		key := make([]string, len(t.Keys))
		for k := range key {
			key[k] = arrays[k][i]
		}
		c := newCell(t, key)
		for m := range t.Measures {
			text := arrays[len(t.Keys)+m][i]
			if _, ok := c.values[m].SetString(text, 10); !ok {
				return nil, fmt.Errorf("%s is %q, not an integer", t.Measures[m], text)
			}
		}
		cells = append(cells, *c)
	}
	return cells, nil
}
