package clickhouse_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// open connects clickhouse-go to an engine, optionally after changing the options.
func open(t *testing.T, dsn string, change func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(o)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func run(t *testing.T, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func scan[T any](t *testing.T, conn driver.Conn, query string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestTypes(t *testing.T) {
	conn := open(t, clickhousetest.Start(t), nil)
	run(t, conn, "CREATE DATABASE d", `CREATE TABLE d.t (
		id UInt32, s String, f FixedString(2), l LowCardinality(String), ln LowCardinality(Nullable(String)), n Nullable(Float64),
		a Array(String), al Array(LowCardinality(String)), m Map(LowCardinality(String), Array(UInt8)), tp Tuple(x Int8, y String),
		at DateTime64(3, 'Asia/Tokyo'), dt DateTime('UTC'), d Date, d32 Date32, u UInt128, u256 UInt256, i Int256, dec Decimal(38, 6),
		id2 UUID, b Bool, e Enum8('x' = 1, 'y' = -1), ip IPv4, ip6 IPv6, nst Nested(k String, v UInt8), agg SimpleAggregateFunction(max, UInt64)
	) ENGINE = MergeTree ORDER BY id`)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	null := (*string)(nil)
	row := []any{
		uint32(1), "a;'\"\\\x00\xff", "ab", "low", null, (*float64)(nil), []string{"x", "", ";"}, []string{"p", "q", "p"},
		map[string][]uint8{"k": {1, 2}}, map[string]any{"x": int8(-3), "y": "z"},
		time.Date(2026, 3, 4, 5, 6, 7, 89e6, tokyo), time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), time.Date(1930, 3, 4, 0, 0, 0, 0, time.UTC),
		new(big.Int).Lsh(big.NewInt(7), 100), new(big.Int).Lsh(big.NewInt(7), 200), new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(7), 200)),
		decimal.RequireFromString("123456789.654321"), uuid.MustParse("7d444840-9dc0-11d1-b245-5ffdce74fad2"), true, "y", "10.1.2.3", "2001:db8::1",
		[]string{"k1", "k2"}, []uint8{1, 2}, uint64(1 << 63),
	}
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO d.t")
	if err != nil {
		t.Fatal(err)
	}
	if err := batch.Append(row...); err != nil {
		t.Fatal(err)
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	got := scan[string](t, conn, "SELECT toString(tuple(*)) FROM d.t")
	want := `(1,'a;\'"\\\0` + "\xff" + `','ab','low',NULL,NULL,['x','',';'],['p','q','p'],{'k':[1,2]},(-3,'z'),'2026-03-04 05:06:07.089',` +
		`'2026-03-04 05:06:07','2026-03-04','1930-03-04',` + row[14].(*big.Int).String() + "," + row[15].(*big.Int).String() + "," +
		row[16].(*big.Int).String() + `,123456789.654321,'7d444840-9dc0-11d1-b245-5ffdce74fad2',true,'y','10.1.2.3','2001:db8::1',` +
		`['k1','k2'],[1,2],9223372036854775808)`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	// Reading every column back proves the blocks are written at the driver's revision, also those with few rows or none.
	for _, where := range []string{"1", "0"} {
		rows, err := conn.Query(t.Context(), "SELECT * FROM d.t WHERE "+where)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
			var at time.Time
			var m map[string][]uint8
			var s string
			dest := make([]any, len(rows.Columns()))
			for i, c := range rows.ColumnTypes() {
				dest[i] = newOf(c)
			}
			dest[1], dest[8], dest[10] = &s, &m, &at
			if err := rows.Scan(dest...); err != nil {
				t.Fatal(err)
			}
			if s != row[1] || !at.Equal(row[10].(time.Time)) || !cmp.Equal(m, row[8]) {
				t.Errorf("read %q %v %v", s, at, m)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"1": 1, "0": 0}[where]; n != want {
			t.Errorf("WHERE %s: %d rows", where, n)
		}
	}
}

// odd strings break engines that take data for SQL.
func odd(i int) string {
	return []string{";", "'", "\x00", "\xff\xfe", "a;b'c\"d`\n\t\\", "INSERT INTO t; --", ""}[i%7] + fmt.Sprint(i)
}

func TestBatches(t *testing.T) {
	const n = 100_000
	dsn := clickhousetest.Start(t)
	run(t, open(t, dsn, nil), "CREATE DATABASE d")
	for _, method := range []clickhouse.CompressionMethod{
		clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP,
		clickhouse.CompressionDeflate, clickhouse.CompressionBrotli,
	} {
		t.Run(fmt.Sprint(method), func(t *testing.T) {
			conn := open(t, dsn, func(o *clickhouse.Options) {
				o.Compression = &clickhouse.Compression{Method: method, Level: 3}
				o.Settings = clickhouse.Settings{"enable_http_compression": 1}
				o.Auth.Database = "d"
			})
			run(t, conn, "CREATE OR REPLACE TABLE t (id UInt64, s String, l LowCardinality(String)) ENGINE = MergeTree ORDER BY id")
			batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t (id, s, l)")
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				if err := batch.Append(uint64(i), odd(i), odd(i%7)); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			if parts := scan[uint64](t, conn, "SELECT count() FROM system.parts WHERE active AND database = 'd' AND table = 't'"); parts != 1 {
				t.Errorf("one batch became %d parts", parts)
			}
			rows, err := conn.Query(t.Context(), "SELECT id, s, l FROM t ORDER BY id")
			if err != nil {
				t.Fatal(err)
			}
			i := 0
			for ; rows.Next(); i++ {
				var id uint64
				var s, l string
				if err := rows.Scan(&id, &s, &l); err != nil {
					t.Fatal(err)
				}
				if id != uint64(i) || s != odd(i) || l != odd(i%7) {
					t.Fatalf("row %d is %d %q %q", i, id, s, l)
				}
			}
			if err := rows.Err(); err != nil || i != n {
				t.Fatalf("%d rows, %v", i, err)
			}
		})
	}
}

func TestParametersAndSettings(t *testing.T) {
	conn := open(t, clickhousetest.Start(t), func(o *clickhouse.Options) { o.MaxOpenConns = 1 })
	ctx := clickhouse.Context(t.Context(), clickhouse.WithParameters(clickhouse.Parameters{"s": "it's; \\ 'x'", "n": "5"}))
	var s string
	var n uint8
	if err := conn.QueryRow(ctx, "SELECT {s:String}, {n:UInt8}").Scan(&s, &n); err != nil {
		t.Fatal(err)
	}
	if s != "it's; \\ 'x'" || n != 5 {
		t.Errorf("parameters came as %q, %d", s, n)
	}
	const query = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
	before := scan[string](t, conn, query)
	ctx = clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 1234}))
	var during string
	if err := conn.QueryRow(ctx, query).Scan(&during); err != nil {
		t.Fatal(err)
	}
	if during != "1234" {
		t.Errorf("setting of the query is %s", during)
	}
	run(t, conn, "SET max_block_size = 77", "USE system")
	if after := scan[string](t, conn, query); after != before {
		t.Errorf("setting leaked: %s, was %s", after, before)
	}
	if db := scan[string](t, conn, "SELECT currentDatabase()"); db != "default" {
		t.Errorf("database leaked: %s", db)
	}
	if v := scan[string](t, conn, "SELECT value FROM system.settings WHERE name = 'async_insert'"); v != "0" {
		t.Errorf("async_insert is %s", v)
	}
}
