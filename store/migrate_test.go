package store

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

// empty is a connection to an engine of the test's own.
func empty(t testing.TB) driver.Conn {
	t.Helper()
	conn, err := Open(Config{DSN: clickhousetest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func migrated(t testing.TB) driver.Conn {
	t.Helper()
	conn := empty(t)
	if err := Migrate(context.Background(), conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	return conn
}

func shipped(t testing.TB) schema {
	t.Helper()
	files, err := fs.Sub(sqlFiles, "sql")
	if err != nil {
		t.Fatal(err)
	}
	s, err := readSchema(files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// records are the rows of the migrations table, older versions of a row included.
func records(t testing.TB, conn driver.Conn) []string {
	t.Helper()
	return column[string](t, conn, "SELECT concat(kind, ' ', name, ' ', checksum, ' ', toString(applied_at)) FROM rapport_store.migrations ORDER BY ALL")
}

func column[T any](t testing.TB, conn driver.Conn, query string) []T {
	t.Helper()
	rows, err := conn.Query(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func TestMigrate(t *testing.T) {
	ctx := context.Background()
	conn := empty(t)
	known := shipped(t)
	m := migrator{conn: conn, log: zerolog.Nop()}

	t.Run("upgrade keeps what was there", func(t *testing.T) {
		old := known
		old.migrations, old.views = known.migrations[:1], nil
		if err := m.run(ctx, old); err != nil {
			t.Fatal(err)
		}
		if err := conn.Exec(ctx, "INSERT INTO rapport_store.consumed (topic, partition, verdict, first, last) VALUES ('t', 0, 'accepted', 1, 2)"); err != nil {
			t.Fatal(err)
		}
		first := records(t, conn)
		if err := Migrate(ctx, conn, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
		all := records(t, conn)
		if len(first) != 1 || len(all) != len(known.migrations)+len(known.views) {
			t.Errorf("applied %d files, then %d; want 1, then %d", len(first), len(all), len(known.migrations)+len(known.views))
		}
		if !slices.Contains(all, first[0]) {
			t.Errorf("the first migration was applied again: %s is not among %s", first[0], all)
		}
		if got := column[uint64](t, conn, "SELECT count() FROM rapport_store.consumed"); got[0] != 1 {
			t.Errorf("%d rows after the upgrade, want 1", got[0])
		}
	})
	t.Run("a second run changes nothing", func(t *testing.T) {
		before := records(t, conn)
		if err := Migrate(ctx, conn, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, records(t, conn)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("every file can be repeated", func(t *testing.T) {
		for _, f := range append(append([]file{known.bootstrap}, known.migrations...), known.views...) {
			if err := m.exec(ctx, f); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("an older binary refuses", func(t *testing.T) {
		old := known
		last := len(known.migrations) - 1
		old.migrations = known.migrations[:last]
		if err := m.run(ctx, old); !errors.Is(err, ErrNewerSchema) || !strings.Contains(err.Error(), known.migrations[last].name) {
			t.Errorf("got %v, want %v and the name of the migration", err, ErrNewerSchema)
		}
	})
	t.Run("a changed migration is refused", func(t *testing.T) {
		changed := known
		changed.migrations = append([]file(nil), known.migrations...)
		changed.migrations[0].checksum = strings.Repeat("0", 64)
		if err := m.run(ctx, changed); !errors.Is(err, ErrChangedMigration) {
			t.Errorf("got %v, want %v", err, ErrChangedMigration)
		}
	})
	t.Run("a changed view is replaced", func(t *testing.T) {
		changed := known
		changed.views = append([]file(nil), known.views...)
		i := slices.IndexFunc(known.views, func(f file) bool { return f.name == "00_survey_facts_by_day" })
		changed.views[i] = file{name: known.views[i].name, sql: "CREATE OR REPLACE VIEW rapport_store.survey_facts_by_day (one UInt8 COMMENT 'x') AS SELECT 1 AS one COMMENT 'y'", checksum: strings.Repeat("1", 64)}
		if err := m.run(ctx, changed); err != nil {
			t.Fatal(err)
		}
		if got := column[string](t, conn, "SELECT name FROM system.columns WHERE database = 'rapport_store' AND table = 'survey_facts_by_day'"); !cmp.Equal(got, []string{"one"}) {
			t.Errorf("columns %v, want those of the changed file", got)
		}
		if err := Migrate(ctx, conn, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
		if got := column[string](t, conn, "SELECT name FROM system.columns WHERE database = 'rapport_store' AND table = 'survey_facts_by_day'"); len(got) < 2 {
			t.Errorf("columns %v, want those of the shipped file", got)
		}
	})
	t.Run("a broken migration names itself and can be repaired", func(t *testing.T) {
		broken := known
		broken.migrations = append(append([]file(nil), known.migrations...), file{name: "9999_broken", version: 9999, sql: "CREATE TABLE IF NOT EXISTS rapport_store.half (x UInt8) ENGINE = MergeTree ORDER BY x; NONSENSE", checksum: "b"})
		if err := m.run(ctx, broken); err == nil || !strings.Contains(err.Error(), "9999_broken.sql, statement 2 (NONSENSE)") {
			t.Fatalf("got %v, want the file and the statement", err)
		}
		if err := Migrate(ctx, conn, zerolog.Nop()); err != nil {
			t.Errorf("a migration that failed was recorded: %v", err)
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	conn := empty(t)
	var g errgroup.Group
	for range 4 {
		g.Go(func() error { return Migrate(context.Background(), conn, zerolog.Nop()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(context.Background(), conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
}

func TestReadSchema(t *testing.T) {
	for name, tc := range map[string]struct {
		files []string
		want  string
	}{
		"no number":    {[]string{"migrations/facts.sql"}, "want a name as 0001_what.sql"},
		"zero":         {[]string{"migrations/0000_facts.sql"}, "want a name as 0001_what.sql"},
		"twice":        {[]string{"migrations/0001_a.sql", "migrations/001_b.sql"}, "have the same number"},
		"no bootstrap": {nil, "bootstrap.sql"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			if tc.files != nil {
				files["bootstrap.sql"] = &fstest.MapFile{}
			}
			for _, f := range tc.files {
				files[f] = &fstest.MapFile{}
			}
			if _, err := readSchema(files); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, dsn := range []string{"", "localhost:9000", "ftp://secret:word@host", "http://user:secret@ho st:8123"} {
		if _, err := Options(Config{DSN: dsn}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want an error without the password", dsn, err)
		}
	}
	for _, dsn := range []string{"http://localhost:8123", "https://u:p@host:8443/db?compress=lz4", "clickhouse://u:p@a:9000,b:9000/db?async_insert=1"} {
		opt, err := Options(Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if opt.Settings["async_insert"] != 0 || opt.ReadTimeout == 0 || opt.MaxOpenConns != 10 {
			t.Errorf("%q: settings %v, %v, %d connections", dsn, opt.Settings, opt.ReadTimeout, opt.MaxOpenConns)
		}
	}
}
