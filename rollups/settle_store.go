package rollups

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func (s *settler) stored(ctx context.Context, table factTable, ids []twoKeys) ([]storedFact, error) {
	var names []string
	var hours []uint32
	var identities []uint64
	for _, c := range ids {
		for _, d := range c.deliveries {
			names = append(names, c.tenant)
			hours = append(hours, uint32(d.hour.Unix()/3600))
			identities = append(identities, c.hash)
		}
	}
	sql, err := render("facts_of_ids.sql", table)
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, sql+pinned, clickhouse.Named("tenants", names), clickhouse.Named("hours", hours), clickhouse.Named("identities", identities))
	if err != nil {
		return nil, fmt.Errorf("rollups: facts of ids under two hours: %w", err)
	}
	var found []storedFact
	err = each(rows, func() error {
		var f storedFact
		if err := rows.Scan(&f.tenant, &f.hour, &f.source, &f.id, &f.hash, &f.revision, &f.payload, &f.superseded, &f.name, &f.entity); err != nil {
			return err
		}
		f.hour = f.hour.UTC()
		found = append(found, f)
		return nil
	})
	return found, err
}

// supersede writes rows for the losing keys, and nothing else of their content: the winner has what holds.
func (s *settler) supersede(ctx context.Context, table factTable, losers []storedFact) error {
	if len(losers) == 0 {
		return nil
	}
	columns := "tenant, hour, source, id, revision, payload, occurred_at, superseded"
	if table.Entity != "" {
		columns += ", " + table.Entity
	}
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO rapport_store."+table.Name+" ("+columns+")")
	if err != nil {
		return fmt.Errorf("rollups: settle: %w", err)
	}
	for _, f := range losers {
		row := []any{f.tenant, f.hour, f.source, f.id, f.revision, f.payload, f.hour, true}
		if table.Entity != "" {
			row = append(row, f.name)
		}
		if err := batch.Append(row...); err != nil {
			_ = batch.Abort()
			return fmt.Errorf("rollups: settle: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("rollups: settle %d keys: %w", len(losers), err)
	}
	return nil
}
