package sinks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
)

// inserter is what an insert into a table needs and what does not change between inserts.
type inserter[R any] struct {
	blocks    blocks[R]
	statement string
}

func newInserter[R any](t table[R]) inserter[R] {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = "`" + c.name + "`"
	}
	return inserter[R]{
		blocks:    newBlocks(t),
		statement: "INSERT INTO " + t.name + " (" + strings.Join(names, ", ") + ")",
	}
}

// settings of inserts. Rows are stored as they are sent: every reader of these tables takes versions of a key to be in several rows,
// as it has to for those of several inserts, so that to look for them in each insert is work for nothing.
var settings = clickhouse.WithSettings(clickhouse.Settings{"optimize_on_insert": 0})

// insert sends rows as one block. The block is built anew for each attempt: after an error it is not known what of it was sent.
func insert[R any](ctx context.Context, c *ClickHouse, in inserter[R], rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	started := time.Now()
	b := in.blocks.fill(rows)
	if err := send(ctx, c, in, b, started); err != nil {
		return err // the client may still be reading the block, so its memory is not used again
	}
	in.blocks.release(b)
	return nil
}

// send inserts a block.
func send[R any](ctx context.Context, c *ClickHouse, in inserter[R], b *block, started time.Time) (err error) {
	name, size := in.blocks.table.name, b.size()
	defer func() { c.metrics.observe(name, b.rows, size, time.Since(started), err) }()
	ctx, cancel := context.WithTimeout(clickhouse.Context(ctx, settings), c.timeout)
	defer cancel()
	err = c.conn.InsertFormat(ctx, "Native", in.statement, b.reader())
	if errors.Is(err, clickhouse.ErrFormatNativeUnsupported) {
		err = sendNative(ctx, c, in, b)
	}
	if err != nil {
		return fmt.Errorf("insert %d rows into %s, outcome unknown: %w", b.rows, name, err)
	}
	return nil
}

// sendNative sends a block over the native protocol, whose client takes it column by column.
func sendNative[R any](ctx context.Context, c *ClickHouse, in inserter[R], b *block) error {
	// The server is to name types as they are in the block.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"low_cardinality_allow_in_native_format": 0, "optimize_on_insert": 0}))
	batch, err := c.conn.PrepareBatch(ctx, in.statement)
	if err != nil {
		return err
	}
	columns := batch.Columns()
	if len(columns) != len(in.blocks.table.columns) {
		return errors.Join(fmt.Errorf("%d columns, want %d", len(columns), len(in.blocks.table.columns)), batch.Abort())
	}
	values := proto.NewReader(b.values())
	for i, want := range in.blocks.table.columns {
		if got := string(columns[i].Type()); got != want.typ {
			return errors.Join(fmt.Errorf("column %s is %s, want %s", want.name, got, want.typ), batch.Abort())
		}
		if err := columns[i].Decode(values, b.rows); err != nil {
			return errors.Join(fmt.Errorf("column %s: %w", want.name, err), batch.Abort())
		}
	}
	return batch.Send()
}
