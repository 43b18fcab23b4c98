package rollups

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/schemas"
)

// rota says which days a round of the sweeper compares: those with facts that came since the last round, the newest first, and
// by turns all others.
type rota struct {
	calendar calendar
	limit    int
	seen     map[string]int64 // highest block of facts looked at, by partition of the table
	queue    []schemas.Day    // what is left of the turn
}

func (r *rota) next(ctx context.Context) (daySet, error) {
	blocks, err := r.blocks(ctx)
	if err != nil {
		return nil, err
	}
	days := daySet{}
	// The first round leaves all days to the turn: to it, every fact is new.
	if r.seen != nil {
		if err := r.touched(ctx, days); err != nil {
			return nil, err
		}
	}
	r.seen = blocks
	recent := days.sorted()
	slices.SortStableFunc(recent, newestFirst)
	for _, d := range recent[min(len(recent), r.limit):] {
		delete(days, d)
	}
	if len(r.queue) == 0 {
		if err := r.refill(ctx); err != nil {
			return nil, err
		}
	}
	n := min(len(r.queue), r.limit)
	days.add(r.queue[:n]...)
	r.queue = r.queue[n:]
	return days, nil
}

func newestFirst(a, b schemas.Day) int { return cmp.Compare(b.Date, a.Date) }

// refill starts a turn through all days that have facts or rows, the newest first.
func (r *rota) refill(ctx context.Context) error {
	every := daySet{}
	if err := r.calendar.withFacts(ctx, "", every); err != nil {
		return err
	}
	if err := r.calendar.withRows(ctx, "", every); err != nil {
		return err
	}
	r.queue = every.sorted()
	slices.SortStableFunc(r.queue, newestFirst)
	return nil
}

func (r *rota) blocks(ctx context.Context) (map[string]int64, error) {
	rows, err := r.calendar.conn.Query(ctx, plain("fact_parts.sql"))
	if err != nil {
		return nil, fmt.Errorf("rollups: parts of facts: %w", err)
	}
	blocks := map[string]int64{}
	err = each(rows, func() error {
		var partition string
		var block int64
		err := rows.Scan(&partition, &block)
		blocks[partition] = block
		return err
	})
	return blocks, err
}

func (r *rota) touched(ctx context.Context, into daySet) error {
	partitions, blocks := make([]string, 0, len(r.seen)), make([]int64, 0, len(r.seen))
	for p, b := range r.seen {
		partitions, blocks = append(partitions, p), append(blocks, b)
	}
	return r.calendar.hours(ctx, plain("touched_hours.sql"), into, clickhouse.Named("partitions", partitions), clickhouse.Named("blocks", blocks))
}
