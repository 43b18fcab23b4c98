package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

func TestErrors(t *testing.T) {
	conn := open(t, clickhousetest.Start(t), nil)
	for query, want := range map[string]struct{ code, status int }{
		"SELECT * FROM nope":                      {60, 404},
		"SELECT nope":                             {47, 404},
		"SELEC 1":                                 {62, 400},
		"SELECT 1 SETTINGS nope = 1":              {115, 404},
		"SELECT throwIf(1)":                       {395, 500},
		"SELECT * FROM numbers(10) FORMAT Nope":   {73, 404},
		"INSERT INTO nope SELECT 1":               {60, 404},
		"SELECT 1; SELECT 2":                      {62, 400},
		"SELECT count() FROM nope.nope":           {81, 404},
		"CREATE TABLE x (a Nope) ENGINE = Memory": {50, 404},
	} {
		err := conn.Exec(t.Context(), query)
		var server *clickhouse.Exception
		var status *clickhouse.HTTPError
		if !errors.As(err, &server) || !errors.As(err, &status) {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if int(server.Code) != want.code || status.StatusCode != want.status {
			t.Errorf("%s: code %d, status %d, want %v", query, server.Code, status.StatusCode, want)
		}
	}
	// An error amid a result comes as an error, not as the end.
	rows, err := conn.Query(t.Context(), "SELECT throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000")
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
	}
	var server *clickhouse.Exception
	if !errors.As(err, &server) || server.Code != 395 {
		t.Errorf("error amid a result: %v", err)
	}
}

func TestDefinitions(t *testing.T) {
	conn := open(t, clickhousetest.Start(t), nil)
	run(t, conn,
		"CREATE DATABASE rapport COMMENT 'figures'",
		`CREATE TABLE rapport.facts (id UInt64 COMMENT 'identity', v UInt128, n Int64, at DateTime64(3, 'UTC'), s String DEFAULT 'd')
		 ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMM(at) ORDER BY id COMMENT 'facts; one row each'`,
		"CREATE TABLE rapport.sums (n Int64, total SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY n",
		"CREATE MATERIALIZED VIEW rapport.mv TO rapport.sums AS SELECT n, count() AS total FROM rapport.facts GROUP BY n",
		"CREATE VIEW rapport.above AS SELECT id FROM rapport.facts FINAL WHERE id > {low:UInt64}",
		"INSERT INTO rapport.facts (id, v, n, at) SELECT number, 1, number % 2, '2026-01-01' FROM numbers(10)",
		"INSERT INTO rapport.facts (id, v, n, at) SELECT number, 2, number % 2, '2026-01-01' FROM numbers(5)",
		"ALTER TABLE rapport.facts ADD COLUMN extra Nullable(String) COMMENT 'later'",
		"OPTIMIZE TABLE rapport.sums FINAL",
	)
	for query, want := range map[string]uint64{
		"SELECT count() FROM rapport.facts FINAL":                                                                    10,
		"SELECT count() FROM rapport.facts":                                                                          15,
		"SELECT sum(total) FROM rapport.sums":                                                                        15,
		"SELECT count() FROM rapport.above(low = 6)":                                                                 3,
		"SELECT count() FROM system.tables WHERE database = 'rapport'":                                               4,
		"SELECT count() FROM system.columns WHERE database = 'rapport' AND table = 'facts'":                          6,
		"SELECT countIf(comment = 'identity') FROM system.columns WHERE table = 'facts'":                             1,
		"SELECT countIf(comment = 'facts; one row each') FROM system.tables":                                         1,
		"SELECT countIf(engine = 'Atomic') FROM system.databases WHERE name = 'rapport'":                             1,
		"SELECT toUInt64(count()) FROM (SELECT * FROM system.columns WHERE database = 'rapport' AND table = 'sums')": 2,
		"SELECT countIf(comment = 'figures') FROM system.databases":                                                  1,
		"SELECT countIf(table_name = 'facts') FROM information_schema.tables":                                        1,
	} {
		if got := scan[uint64](t, conn, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	run(t, conn, "DROP TABLE rapport.mv SYNC", "TRUNCATE TABLE rapport.facts", "RENAME TABLE rapport.facts TO rapport.facts2", "DROP DATABASE rapport")
}

func TestConcurrentQueries(t *testing.T) {
	dsn := clickhousetest.Start(t)
	conn := open(t, dsn, func(o *clickhouse.Options) { o.MaxOpenConns, o.MaxIdleConns = 40, 40 })
	run(t, conn, "CREATE TABLE t (w UInt32, i UInt32) ENGINE = MergeTree ORDER BY (w, i)")
	const workers, rounds = 20, 5
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				ctx := clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 1000 + w}))
				if err := conn.Exec(ctx, "INSERT INTO t VALUES (?, ?)", w, i); err != nil {
					t.Error(err)
				}
				var n uint64
				var v string
				if err := conn.QueryRow(ctx, "SELECT count(), any(getSetting('max_block_size')::String) FROM t WHERE w = ?", w).Scan(&n, &v); err != nil {
					t.Error(err)
				}
				if n != uint64(i+1) || v != fmt.Sprint(1000+w) {
					t.Errorf("worker %d saw %d rows of %d and setting %s", w, n, i+1, v)
				}
			}
		})
	}
	wg.Wait()
}

// The driver sends tables along with a query as a form.
func TestExternalTables(t *testing.T) {
	dsn := clickhousetest.Start(t)
	body := "--b\r\nContent-Disposition: form-data; name=\"ext\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n1\n2\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT sum(a) FROM ext\r\n--b--\r\n"
	for _, described := range []string{"ext_structure=a+UInt8", "ext_types=UInt8"} {
		want := body
		if strings.HasPrefix(described, "ext_types") {
			want = strings.Replace(body, "sum(a)", "sum(_1)", 1)
		}
		resp, err := http.Post(dsn+"/?"+described+"&ext_format=TSV", "multipart/form-data; boundary=b", strings.NewReader(want))
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, resp); got != "3\n" {
			t.Errorf("%s: %q", described, got)
		}
	}
}
