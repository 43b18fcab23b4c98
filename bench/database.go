package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	embeddedclickhouse "github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/store"
)

// database is a ClickHouse of its own with rapport's schema, over an empty folder: no contender pays for the merges of the one
// before it.
type database struct {
	dsn  string
	conn driver.Conn
}

// withDatabase runs f on a new database and removes it.
func (b *bench) withDatabase(ctx context.Context, f func(context.Context, database) error) (err error) {
	dir := filepath.Join(b.o.dir, "clickhouse")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("own path: %w", err)
	}
	s := embeddedclickhouse.New(embeddedclickhouse.Options{
		Config: embeddedclickhouse.Config{Addr: "127.0.0.1:0"}, Command: []string{exe}, DataDir: dir, Library: b.library, Log: b.log,
	})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	engineCtx, stop := context.WithCancel(context.WithoutCancel(ctx)) // what stops still needs it
	ended := make(chan error, 1)
	go func() {
		ended <- s.Run(engineCtx)
		cancel()
	}()
	defer func() {
		stop()
		if e := <-ended; err == nil && e != nil {
			err = fmt.Errorf("ClickHouse: %w", e)
		}
	}()
	if err := s.Ready(ctx); err != nil {
		return fmt.Errorf("ClickHouse: %w", err)
	}
	b.note(s.PID(), isDatabase)
	conn, err := store.Open(store.Config{DSN: s.DSN()})
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := store.Migrate(ctx, conn, b.log); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return f(ctx, database{dsn: s.DSN(), conn: conn})
}

// number is the one number that a query gives.
func (d database) number(ctx context.Context, query string) (n uint64, err error) {
	if err := d.conn.QueryRow(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", query, err)
	}
	return n, nil
}
