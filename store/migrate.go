package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"
)

// Refusals of Migrate. Neither is cured by trying again.
var (
	// ErrNewerSchema says that a newer binary has upgraded the database.
	ErrNewerSchema = errors.New("the database has a newer schema than this binary knows")
	// ErrChangedMigration says that an applied migration was edited, so that what the database holds cannot be known.
	ErrChangedMigration = errors.New("an applied migration has been changed")
)

// Migrate brings the database to the schema of this binary: it creates what is missing, applies each migration once, in order,
// and each view whose file has changed. It may be run by several processes at once and again after any failure, because every
// statement of the files can be repeated.
func Migrate(ctx context.Context, conn driver.Conn, log zerolog.Logger) error {
	files, err := fs.Sub(sqlFiles, "sql")
	if err != nil {
		return err
	}
	known, err := readSchema(files)
	if err != nil {
		return err
	}
	m := migrator{conn: conn, log: log}
	return m.run(ctx, known)
}

type migrator struct {
	conn driver.Conn
	log  zerolog.Logger
}

const (
	kindMigration = "migration"
	kindView      = "view"
)

func (m migrator) run(ctx context.Context, known schema) error {
	if err := m.exec(ctx, known.bootstrap); err != nil {
		return err
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return err
	}
	missing, err := plan(known.migrations, applied)
	if err != nil {
		return err
	}
	for _, f := range missing {
		if err := m.apply(ctx, kindMigration, f); err != nil {
			return err
		}
	}
	for _, f := range known.views {
		if applied[kindView][f.name].checksum == f.checksum {
			continue
		}
		if err := m.apply(ctx, kindView, f); err != nil {
			return err
		}
	}
	return nil
}

// plan says which migrations are still to be applied, or why none may be.
func plan(known []file, applied map[string]map[string]file) ([]file, error) {
	var missing []file
	here := map[string]bool{}
	for _, f := range known {
		here[f.name] = true
		was, done := applied[kindMigration][f.name]
		switch {
		case !done:
			missing = append(missing, f)
		case was.checksum != f.checksum:
			return nil, fmt.Errorf("%w: %s.sql; add a new migration instead of editing one", ErrChangedMigration, f.name)
		}
	}
	for name := range applied[kindMigration] {
		if !here[name] {
			return nil, fmt.Errorf("%w: %s has been applied and is not part of it; use the binary that applied it, or a later one", ErrNewerSchema, name)
		}
	}
	return missing, nil
}

// applied is what the database says has been done, by kind and name.
func (m migrator) applied(ctx context.Context) (map[string]map[string]file, error) {
	rows, err := m.conn.Query(ctx, `SELECT kind, name, version, toString(checksum) FROM rapport_store.migrations FINAL`)
	if err != nil {
		return nil, fmt.Errorf("read which migrations were applied: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]map[string]file{kindMigration: {}, kindView: {}}
	for rows.Next() {
		var kind string
		var f file
		if err := rows.Scan(&kind, &f.name, &f.version, &f.checksum); err != nil {
			return nil, fmt.Errorf("read which migrations were applied: %w", err)
		}
		if out[kind] == nil {
			out[kind] = map[string]file{}
		}
		out[kind][f.name] = f
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read which migrations were applied: %w", err)
	}
	return out, nil
}

// apply runs a file and then records it: a crash between the two repeats the file.
func (m migrator) apply(ctx context.Context, kind string, f file) error {
	started := time.Now()
	if err := m.exec(ctx, f); err != nil {
		return err
	}
	err := m.conn.Exec(ctx, `INSERT INTO rapport_store.migrations (kind, name, version, checksum, applied_at)
		SELECT {kind:String}, {name:String}, {version:UInt32}, {checksum:String}, now64(6, 'UTC')`,
		parameter("kind", kind), parameter("name", f.name), parameter("version", fmt.Sprint(f.version)), parameter("checksum", f.checksum))
	if err != nil {
		return fmt.Errorf("record %s %s: %w", kind, f.name, err)
	}
	m.log.Info().Str("kind", kind).Str("name", f.name).Dur("took", time.Since(started)).Msg("schema file applied")
	return nil
}

func (m migrator) exec(ctx context.Context, f file) error {
	for i, s := range statements(f.sql) {
		if err := m.conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s.sql, statement %d (%s): %w", f.name, i+1, firstLine(s), err)
		}
	}
	return nil
}

func parameter(name, value string) driver.NamedValue {
	return driver.NamedValue{Name: name, Value: value}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
