package erasures

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed sql/*.sql
var files embed.FS

// plain is a statement without names to fill in.
func plain(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		return "missing " + name // unreachable: the files are part of the binary, and a test reads each
	}
	return string(text)
}

// render fills names, all from closed lists, into a statement of a file.
func render(name string, data any) (string, error) { return renderPart(name, name, data) }

// renderPart is render for one part that a file defines.
func renderPart(file, part string, data any) (string, error) {
	t, err := template.ParseFS(files, "sql/parts.sql", "sql/"+file)
	if err != nil {
		return "", fmt.Errorf("erasures: %s: %w", file, err)
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, part, data); err != nil {
		return "", fmt.Errorf("erasures: %s: %w", part, err)
	}
	return b.String(), nil
}

// unlogged keeps a server from writing down a statement whose parameters name a customer.
func unlogged(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"log_queries": 0}))
}

// each calls row for every row of a query.
func each(ctx context.Context, conn driver.Conn, sql string, row func(scan func(...any) error) error, args ...any) error {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("erasures: %w", err)
	}
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			_ = rows.Close() // the first error is the one to tell
			return fmt.Errorf("erasures: read row: %w", err)
		}
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("erasures: %w", err)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("erasures: %w", err)
	}
	return nil
}

// column is the one column that a query gives.
func column[T any](ctx context.Context, conn driver.Conn, sql string, args ...any) ([]T, error) {
	var found []T
	err := each(ctx, conn, sql, func(scan func(...any) error) error {
		var v T
		if err := scan(&v); err != nil {
			return err
		}
		found = append(found, v)
		return nil
	}, args...)
	return found, err
}
