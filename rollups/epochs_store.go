package rollups

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// load reads the epochs in force: of each tenant the highest, and of equal ones, raised by two processes at once, the same
// one for everybody.
func (e *Epochs) load(ctx context.Context) (map[string]epoch, error) {
	sql, err := render("epochs.sql", e.f.Table)
	if err != nil {
		return nil, err
	}
	rows, err := e.o.Conn.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("rollups: epochs: %w", err)
	}
	found := map[string]epoch{}
	err = each(rows, func() error {
		var tenant string
		var row epoch
		var marked uint8
		if err := rows.Scan(&tenant, &row.number, &row.fingerprint, &marked); err != nil {
			return err
		}
		row.marked = marked == 1
		found[tenant] = row
		return nil
	})
	return found, err
}

// save writes an epoch.
func (e *Epochs) save(ctx context.Context, tenant string, row epoch) error {
	marked := 0
	if row.marked {
		marked = 1
	}
	args := []any{
		clickhouse.Named("tenant", tenant), clickhouse.Named("epoch", row.number),
		clickhouse.Named("fingerprint", row.fingerprint), clickhouse.Named("marked", marked),
	}
	sql := "INSERT INTO rapport_store." + e.f.Table + " SELECT {tenant:String}, {epoch:UInt64}, {fingerprint:String}, {marked:UInt8}" + pinnedInsert
	if err := e.o.Conn.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("rollups: save epoch of %q: %w", tenant, err)
	}
	if tenant == all || e.f.Saved == nil {
		return nil
	}
	t := e.o.Settings.For(tenant)
	t.ID = tenant
	return e.f.Saved(ctx, t, row.number)
}

// topicRenewed says whether the marks topic was made anew: rows of the epochs in force answer offsets that it does not have, or
// the group has committed beyond its end. New marks would start at 0 and lose against rows that are there.
func (e *Epochs) topicRenewed(ctx context.Context, rows map[string]epoch) (bool, error) {
	answered, err := e.answered(ctx, rows)
	if err != nil {
		return false, err
	}
	committed, err := e.o.Positions.Committed(ctx, e.o.Group, []string{e.f.Topic})
	if err != nil {
		return false, fmt.Errorf("rollups: committed marks: %w", err)
	}
	// The ends are read last: whatever was answered or committed before was below them.
	ranges, err := e.o.Positions.Offsets(ctx, e.f.Topic)
	if err != nil {
		return false, fmt.Errorf("rollups: offsets of the marks topic: %w", err)
	}
	var end int64
	for p, r := range ranges {
		end = max(end, r.End)
		if committed[e.f.Topic][p] > r.End {
			return true, nil
		}
	}
	return answered > uint64(end), nil
}

// answered is the highest mark, as offset + 1, that a row of the epochs in force answers.
func (e *Epochs) answered(ctx context.Context, epochs map[string]epoch) (uint64, error) {
	rows, err := e.o.Conn.Query(ctx, e.f.Answered)
	if err != nil {
		return 0, fmt.Errorf("rollups: versions of rows: %w", err)
	}
	var highest uint64
	err = each(rows, func() error {
		var tenant, version string
		if err := rows.Scan(&tenant, &version); err != nil {
			return err
		}
		n, ok := new(big.Int).SetString(version, 10)
		if !ok {
			return fmt.Errorf("version %q is no number", version)
		}
		if new(big.Int).Rsh(n, 64).Uint64() >= epochs[all].number+epochs[tenant].number {
			low := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0)))
			highest = max(highest, low.Uint64())
		}
		return nil
	})
	return highest, err
}
