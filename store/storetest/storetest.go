// Package storetest gives tests a ClickHouse with rapport's schema. The TestMain of a package that uses it must begin as
// clickhousetest asks for.
package storetest

import (
	"context"
	"os"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/store"
)

// EnvDSN names a ClickHouse server to test on instead of the embedded one. Its databases rapport and rapport_store are dropped.
const EnvDSN = "RAPPORT_TEST_CLICKHOUSE"

// Start is a connection to an empty, migrated database that goes away with the test.
func Start(t testing.TB) driver.Conn {
	t.Helper()
	conn := Empty(t)
	if err := store.Migrate(context.Background(), conn, zerolog.Nop()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return conn
}

// Empty is a connection to a ClickHouse without rapport's databases.
func Empty(t testing.TB) driver.Conn {
	t.Helper()
	dsn := os.Getenv(EnvDSN)
	if dsn == "" {
		dsn = clickhousetest.Start(t)
	}
	conn, err := store.Open(store.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close the connection to ClickHouse: %v", err)
		}
	})
	Drop(t, conn)
	return conn
}

// Drop removes rapport's databases, so that one engine can serve several tests.
func Drop(t testing.TB, conn driver.Conn) {
	t.Helper()
	for _, database := range []string{"rapport", "rapport_store"} {
		if err := conn.Exec(context.Background(), "DROP DATABASE IF EXISTS "+database+" SYNC"); err != nil {
			t.Fatalf("drop database %s: %v", database, err)
		}
	}
}

// Truncate empties every table but the record of migrations.
func Truncate(t testing.TB, conn driver.Conn) {
	t.Helper()
	ctx := context.Background()
	rows, err := conn.Query(ctx, "SELECT name FROM system.tables WHERE database = 'rapport_store' AND engine LIKE '%MergeTree' AND name != 'migrations'")
	if err != nil {
		t.Fatalf("list tables: %v", err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatalf("list tables: %v", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("list tables: %v", err)
	}
	for _, name := range names {
		if err := conn.Exec(ctx, "TRUNCATE TABLE rapport_store."+name); err != nil {
			t.Fatalf("empty %s: %v", name, err)
		}
	}
}
