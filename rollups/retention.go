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

// dropExpired drops the months of facts, and the years of what is sorted by entity, all of which are older than retention.
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
		if !expired(m.partition, s.o.Now().Add(-s.o.Retention-retentionMargin)) {
			continue
		}
		// Table and partition are names that the server gave for our own tables; expired has seen that the latter is digits.
		if err := s.o.Conn.Exec(ctx, "ALTER TABLE rapport_store."+m.table+" DROP PARTITION ID '"+m.partition+"'"); err != nil {
			return fmt.Errorf("rollups: drop %s of %s: %w", m.partition, m.table, err)
		}
		s.metrics.dropped.Inc()
		s.o.Log.Info().Str("table", m.table).Str("month", m.partition).Msg("dropped facts past their retention")
	}
	return nil
}

// expired says whether a month, as 202601, or a year, as 2026, ended before the horizon.
func expired(partition string, horizon time.Time) bool {
	var layout string
	months := 1
	switch {
	case regexp.MustCompile(`^\d{6}$`).MatchString(partition):
		layout = "200601"
	case regexp.MustCompile(`^\d{4}$`).MatchString(partition):
		layout, months = "2006", 12
	default:
		return false
	}
	first, err := time.Parse(layout, partition)
	return err == nil && !first.AddDate(0, months, 0).After(horizon)
}
