package rollups

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/schemas"
)

// Mismatch counts and keeps one finding: something stored under a day differs from its facts with nothing pending. table is where, detail what, in words;
// the log has no detail, which may name a customer: from the table an erasure can take it away.
func (s *Sweeper) Mismatch(ctx context.Context, d schemas.Day, table, detail string) error {
	s.metrics.mismatches.WithLabelValues(table).Inc()
	s.o.Log.Error().Str("tenant", d.Tenant).Str("day", d.Date).Str("rollup", table).
		Msg("what is stored differs from its facts with nothing pending; it is computed again; audit_mismatches says what")
	day, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return fmt.Errorf("rollups: report mismatch: %w", err)
	}
	batch, err := s.o.Conn.PrepareBatch(ctx, "INSERT INTO rapport_store.audit_mismatches (tenant, day, rollup, detail)")
	if err != nil {
		return fmt.Errorf("rollups: report mismatch: %w", err)
	}
	if err := batch.Append(d.Tenant, day, table, detail); err != nil {
		_ = batch.Abort()
		return fmt.Errorf("rollups: report mismatch: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("rollups: report mismatch: %w", err)
	}
	return nil
}

// Noticed is a mismatch that a sweeper counted.
type Noticed struct {
	Tenant, Day, Table, Detail string
}

// Mismatches are those that the sweepers counted at or after an instant, by the clock of the database.
func Mismatches(ctx context.Context, conn driver.Conn, since time.Time) ([]Noticed, error) {
	rows, err := conn.Query(ctx, plain("mismatches.sql"), clickhouse.Named("since", since.UnixMicro()))
	if err != nil {
		return nil, fmt.Errorf("rollups: mismatches: %w", err)
	}
	var found []Noticed
	err = each(rows, func() error {
		var n Noticed
		err := rows.Scan(&n.Tenant, &n.Day, &n.Table, &n.Detail)
		found = append(found, n)
		return err
	})
	return found, err
}
