package rollups

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/schemas"
)

// load reads the epochs in force: of each tenant the highest, and of equal ones, raised by two processes at once, the same
// one for everybody.
func (e *Epochs) load(ctx context.Context) (map[string]epoch, error) {
	rows, err := e.o.Conn.Query(ctx, plain("epochs.sql"))
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

// save writes an epoch, and beside it the time zone for the views that show days of facts.
func (e *Epochs) save(ctx context.Context, tenant string, row epoch) error {
	marked := 0
	if row.marked {
		marked = 1
	}
	args := []any{
		clickhouse.Named("tenant", tenant), clickhouse.Named("epoch", row.number),
		clickhouse.Named("fingerprint", row.fingerprint), clickhouse.Named("marked", marked),
		clickhouse.Named("zone", e.o.Settings.For(tenant).Zone.String()),
	}
	const sql = `INSERT INTO rapport_store.epochs SELECT {tenant:String}, {epoch:UInt64}, {fingerprint:String}, {marked:UInt8}` + pinnedInsert
	if err := e.o.Conn.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("rollups: save epoch of %q: %w", tenant, err)
	}
	if tenant == all {
		return nil
	}
	const zone = `INSERT INTO rapport_store.tenants (tenant, time_zone, epoch) SELECT {tenant:String}, {zone:String}, {epoch:UInt64}` + pinnedInsert
	if err := e.o.Conn.Exec(ctx, zone, args...); err != nil {
		return fmt.Errorf("rollups: save time zone of %q: %w", tenant, err)
	}
	return nil
}

// topicRenewed says whether the marks topic was made anew: rows of the epochs in force answer offsets that it does not have, or
// the group has committed beyond its end. New marks would start at 0 and lose against rows that are there.
func (e *Epochs) topicRenewed(ctx context.Context, rows map[string]epoch) (bool, error) {
	answered, err := e.answered(ctx, rows)
	if err != nil {
		return false, err
	}
	committed, err := e.o.Positions.Committed(ctx, e.o.Group, []string{schemas.TopicStaleDays})
	if err != nil {
		return false, fmt.Errorf("rollups: committed marks: %w", err)
	}
	// The ends are read last: whatever was answered or committed before was below them.
	ranges, err := e.o.Positions.Offsets(ctx, schemas.TopicStaleDays)
	if err != nil {
		return false, fmt.Errorf("rollups: offsets of the marks topic: %w", err)
	}
	var end int64
	for p, r := range ranges {
		end = max(end, r.End)
		if committed[schemas.TopicStaleDays][p] > r.End {
			return true, nil
		}
	}
	return answered > uint64(end), nil
}

// answered is the highest mark, as offset + 1, that a row of the epochs in force answers.
func (e *Epochs) answered(ctx context.Context, epochs map[string]epoch) (uint64, error) {
	rows, err := e.o.Conn.Query(ctx, plain("answered.sql"))
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
