package rollups

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

// retentionMargin is how much longer than asked for facts are kept, so that two processes whose clocks differ agree that a
// day is past recomputing before its facts go.
const retentionMargin = 24 * time.Hour

// dropExpired drops the months of facts all of which are older than retention.
func (s *Sweeper) dropExpired(ctx context.Context) error {
	if s.o.Retention <= 0 {
		return nil
	}
	rows, err := s.o.Conn.Query(ctx, plain("partitions.sql"))
	if err != nil {
		return fmt.Errorf("rollups: months of facts: %w", err)
	}
	type month struct{ table, partition string }
	var months []month
	err = each(rows, func() error {
		var m month
		err := rows.Scan(&m.table, &m.partition)
		months = append(months, m)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range months {
		if !expiredMonth(m.partition, s.o.Now().Add(-s.o.Retention-retentionMargin)) {
			continue
		}
		// Table and partition are names that the server gave for our own tables; expiredMonth has seen that the latter is six digits.
		if err := s.o.Conn.Exec(ctx, "ALTER TABLE rapport_store."+m.table+" DROP PARTITION ID '"+m.partition+"'"); err != nil {
			return fmt.Errorf("rollups: drop %s of %s: %w", m.partition, m.table, err)
		}
		s.metrics.dropped.Inc()
		s.o.Log.Info().Str("table", m.table).Str("month", m.partition).Msg("dropped facts past their retention")
	}
	return nil
}

// expiredMonth says whether a month, as 202601, ended before the horizon.
func expiredMonth(partition string, horizon time.Time) bool {
	if !regexp.MustCompile(`^\d{6}$`).MatchString(partition) {
		return false
	}
	first, err := time.Parse("200601", partition)
	return err == nil && !first.AddDate(0, 1, 0).After(horizon)
}
