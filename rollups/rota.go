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
	seen     map[part]int64 // highest block looked at
	queue    []schemas.Day  // what is left of the turn
}

// part is a partition of the source of a family.
type part struct {
	family    schemas.Family
	partition string
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
	if err := r.calendar.every(ctx, "", every); err != nil {
		return err
	}
	r.queue = every.sorted()
	slices.SortStableFunc(r.queue, newestFirst)
	return nil
}

func (r *rota) blocks(ctx context.Context) (map[part]int64, error) {
	blocks := map[part]int64{}
	for _, f := range families() {
		sql, err := render("source_parts.sql", f)
		if err != nil {
			return nil, err
		}
		rows, err := r.calendar.conn.Query(ctx, sql)
		if err != nil {
			return nil, fmt.Errorf("rollups: parts of %s: %w", f.Source, err)
		}
		err = each(rows, func() error {
			p := part{family: f.Name}
			var block int64
			err := rows.Scan(&p.partition, &block)
			blocks[p] = block
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return blocks, nil
}

func (r *rota) touched(ctx context.Context, into daySet) error {
	for _, f := range families() {
		partitions, blocks := []string{}, []int64{}
		for p, b := range r.seen {
			if p.family == f.Name {
				partitions, blocks = append(partitions, p.partition), append(blocks, b)
			}
		}
		err := r.calendar.hours(ctx, f, "touched_hours.sql", into, clickhouse.Named("partitions", partitions), clickhouse.Named("blocks", blocks))
		if err != nil {
			return err
		}
	}
	return nil
}
