package sinks

import (
	"time"
	"unsafe"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// table is how rows of type R become a block: column by column, each one typed slice, because reading a row by reflection
// costs several times as much.
type table[R any] struct {
	name    string
	columns []column[R]
}

// column is one column of a block. Types are those of the table without LowCardinality: the server makes the dictionaries, as
// the client's would hash every value behind an interface.
type column[R any] struct {
	name string
	typ  string
	// add appends the column's values and returns about how many bytes they are.
	add func(to driver.BatchColumn, rows []R) (int, error)
}

// types are the columns for WithColumnNamesAndTypes, which saves the HTTP client a DESCRIBE TABLE for each insert.
func (t table[R]) types() []clickhouse.ColumnNameAndType {
	out := make([]clickhouse.ColumnNameAndType, len(t.columns))
	for i, c := range t.columns {
		out[i] = clickhouse.ColumnNameAndType{Name: c.name, Type: c.typ}
	}
	return out
}

// fill appends all rows to the batch and returns about how many bytes they are.
func (t table[R]) fill(batch driver.Batch, rows []R) (int, error) {
	total := 0
	for i, c := range t.columns {
		n, err := c.add(batch.Column(i), rows)
		if err != nil {
			return total, &columnError{table: t.name, column: c.name, err: err}
		}
		total += n
	}
	return total, nil
}

func text[R any](name string, get func(*R) string) column[R] {
	return column[R]{name: name, typ: "String", add: func(to driver.BatchColumn, rows []R) (int, error) {
		values := make([]string, len(rows))
		size := 0
		for i := range rows {
			values[i] = get(&rows[i])
			size += len(values[i]) + 1
		}
		return size, to.Append(values)
	}}
}

// value is a column of fixed width. T must be what the client appends without conversion to typ.
func value[R, T any](name, typ string, get func(*R) T) column[R] {
	return column[R]{name: name, typ: typ, add: func(to driver.BatchColumn, rows []R) (int, error) {
		values := make([]T, len(rows))
		for i := range rows {
			values[i] = get(&rows[i])
		}
		return width[T]() * len(rows), to.Append(values)
	}}
}

// seconds, milliseconds and micros are times of UTC at the precision of their column.
func seconds[R any](name string, get func(*R) time.Time) column[R] {
	return value(name, "DateTime('UTC')", get)
}

func milliseconds[R any](name string, get func(*R) time.Time) column[R] {
	return value(name, "DateTime64(3, 'UTC')", func(r *R) time.Time { return orEpoch(get(r)) })
}

func micros[R any](name string, get func(*R) time.Time) column[R] {
	return value(name, "DateTime64(6, 'UTC')", get)
}

// orEpoch turns Go's zero time, which lies before what ClickHouse can hold, into 1970.
func orEpoch(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t
}

// list is an array column, appended row by row: only so does the client take []T without reflection.
func list[R, T any](name, typ string, get func(*R) []T) column[R] {
	return column[R]{name: name, typ: "Array(" + typ + ")", add: func(to driver.BatchColumn, rows []R) (int, error) {
		size := 0
		for i := range rows {
			values := get(&rows[i])
			if err := to.AppendRow(values); err != nil {
				return size, err
			}
			size += 8 + width[T]()*len(values)
		}
		return size, nil
	}}
}

func pairs[R any](name string, get func(*R) map[string]string) column[R] {
	return column[R]{name: name, typ: "Map(String, String)", add: func(to driver.BatchColumn, rows []R) (int, error) {
		size := 0
		for i := range rows {
			m := get(&rows[i])
			if err := to.AppendRow(m); err != nil {
				return size, err
			}
			size += 8
			for k, v := range m {
				size += len(k) + len(v) + 2
			}
		}
		return size, nil
	}}
}

func width[T any]() int {
	var v T
	return int(unsafe.Sizeof(v))
}

// columnError names the column that could not be built: a mistake in this package, not in the data.
type columnError struct {
	table, column string
	err           error
}

func (e *columnError) Error() string {
	return "column " + e.column + " of " + e.table + ": " + e.err.Error()
}

func (e *columnError) Unwrap() error { return e.err }
