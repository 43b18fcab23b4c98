package keeper

import (
	"context"
	"embed"
	"fmt"
	"iter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"

	"github.com/rapport-project/rapport/schemas"
)

//go:embed sql/*.sql
var files embed.FS

func plain(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		return "missing " + name // unreachable: the files are part of the binary, and a test reads each
	}
	return string(text)
}

// caseKey is a case of a tenant.
type caseKey struct{ tenant, id string }

// wanted is the table of entities that a statement asks for: it travels with the query, since so many names are too long for parameters.
func wanted(ctx context.Context, keys iter.Seq2[string, string]) (context.Context, error) {
	t, err := ext.NewTable("wanted", ext.Column("tenant", "String"), ext.Column("key", "String"))
	if err != nil {
		return nil, fmt.Errorf("outcomes: table of entities: %w", err)
	}
	for tenant, key := range keys {
		if err := t.Append(tenant, key); err != nil {
			return nil, fmt.Errorf("outcomes: table of entities: %w", err)
		}
	}
	return clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), nil
}

// keysOf are the (tenant, key) of entities.
func keysOf(entities []schemas.Entity) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, e := range entities {
			if !yield(e.Tenant, e.Key) {
				return
			}
		}
	}
}

// selectWanted reads the rows of a statement about entities.
func selectWanted[R any](ctx context.Context, k *Keeper, statement string, entities []schemas.Entity) ([]R, error) {
	var rows []R
	err := k.about(ctx, keysOf(entities), func(ctx context.Context) error { return k.o.Conn.Select(ctx, &rows, plain(statement)) })
	if err != nil {
		return nil, fmt.Errorf("outcomes: %s of %d entities: %w", statement, len(entities), err)
	}
	return rows, nil
}

// about runs a query that asks for some (tenant, key), within the time of a step.
func (k *Keeper) about(ctx context.Context, keys iter.Seq2[string, string], query func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.StepTimeout)
	defer cancel()
	ctx, err := wanted(ctx, keys)
	if err != nil {
		return err
	}
	return query(ctx)
}

// reopenings are the times at which the cases of contacts were reopened.
func (k *Keeper) reopenings(ctx context.Context, contacts []schemas.ContactOutcome) (map[caseKey][]time.Time, error) {
	cases := map[caseKey][]time.Time{}
	for i := range contacts {
		if c := &contacts[i]; c.CaseID != "" && !c.Retracted && !c.Superseded {
			cases[caseKey{c.Tenant, c.CaseID}] = nil
		}
	}
	if len(cases) == 0 {
		return nil, nil
	}
	err := k.about(ctx, func(yield func(string, string) bool) {
		for c := range cases {
			if !yield(c.tenant, c.id) {
				return
			}
		}
	}, func(ctx context.Context) error {
		return k.rows(ctx, plain("reopened.sql"), func(scan func(...any) error) error {
			var c caseKey
			var at time.Time
			if err := scan(&c.tenant, &c.id, &at); err != nil {
				return err
			}
			cases[c] = append(cases[c], at.UTC())
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("outcomes: reopenings of %d cases: %w", len(cases), err)
	}
	return cases, nil
}

// rows calls row for every row of a query.
func (k *Keeper) rows(ctx context.Context, sql string, row func(scan func(...any) error) error, args ...any) error {
	rows, err := k.o.Conn.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			_ = rows.Close() // the first error is the one to tell
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	return rows.Err()
}

// runs are the stretches of rows that belong together; rows are sorted so that they lie beside each other.
func runs[R any](rows []R, same func(a, b *R) bool) iter.Seq[[]R] {
	return func(yield func([]R) bool) {
		for start := 0; start < len(rows); {
			end := start + 1
			for end < len(rows) && same(&rows[start], &rows[end]) {
				end++
			}
			if !yield(rows[start:end]) {
				return
			}
			start = end
		}
	}
}
