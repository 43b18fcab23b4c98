package deadletters

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed sql/*.sql
var files embed.FS

// statementTimeout bounds a statement; a purge rewrites parts and has more.
const (
	statementTimeout = 2 * time.Minute
	purgeTimeout     = 30 * time.Minute
)

// Filter says which letters are meant. An empty field does not restrict.
type Filter struct {
	Tenant, Topic, Reason, Source string
	// Since and Until bound Letter.Time: Since <= time < Until.
	Since, Until time.Time
	// State of the letters; empty means Open.
	State State
	// Places, where there are any, are the only ones meant.
	Places []Place
}

// Store is the letters in ClickHouse.
type Store struct {
	conn          driver.Conn
	defaultTenant string
}

// NewStore returns the letters behind conn, which store.Open made.
func NewStore(conn driver.Conn) *Store { return &Store{conn: conn} }

// Defaulting is the same letters where those that name no tenant are a tenant's, as filters see it.
func (s *Store) Defaulting(tenant string) *Store { return &Store{s.conn, tenant} }

// Newest are the newest letters of a filter, at most limit.
func (s *Store) Newest(ctx context.Context, f Filter, limit int) ([]Letter, error) {
	return s.letters(ctx, "newest.sql", f, named("limit", uint64(limit)))
}

// Page are the next letters of a filter after a place, in the order of places, at most limit.
func (s *Store) Page(ctx context.Context, f Filter, after Place, limit int) ([]Letter, error) {
	return s.letters(ctx, "page.sql", f, named("after_topic", after.Topic), named("after_partition", after.Partition),
		named("after_offset", after.Offset), named("limit", uint64(limit)))
}

// beginning is before every place.
func beginning() Place { return Place{Partition: -1, Offset: -1} }

func (s *Store) letters(ctx context.Context, statement string, f Filter, args ...any) ([]Letter, error) {
	var found []Letter
	err := s.query(ctx, statement, f, args, func(rows driver.Rows) error {
		var l Letter
		var state string
		err := rows.Scan(&l.Place.Topic, &l.Place.Partition, &l.Place.Offset, &l.AppendedAt, &l.ReceivedAt, &l.Reason, &l.Field, &l.Detail,
			&l.Tenant, &l.Source, &l.ID, &l.Type, &state, &l.RequeuedAt, &l.Key, &l.Value, &l.Headers)
		l.State = State(state)
		found = append(found, l)
		return err
	})
	return found, err
}

// Count is how many letters share a reason, a source and a state, and the times of the first and the last.
type Count struct {
	Reason string    `json:"reason"`
	Source string    `json:"source"`
	State  State     `json:"state"`
	N      uint64    `json:"n"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// Counts are the letters of a filter by reason, source and state, most first.
func (s *Store) Counts(ctx context.Context, f Filter) ([]Count, error) {
	var found []Count
	err := s.query(ctx, "count.sql", f, nil, func(rows driver.Rows) error {
		var c Count
		var state string
		err := rows.Scan(&c.Reason, &c.Source, &state, &c.N, &c.First, &c.Last)
		c.State = State(state)
		found = append(found, c)
		return err
	})
	return found, err
}

// SetState notes that something was done with letters.
func (s *Store) SetState(ctx context.Context, state State, places []Place) error {
	if len(places) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO rapport_store.record_states (topic, partition, offset, state)")
	if err != nil {
		return fmt.Errorf("dead letters: note that %d are %s: %w", len(places), state, err)
	}
	for _, p := range places {
		if err := batch.Append(p.Topic, p.Partition, p.Offset, string(state)); err != nil {
			return fmt.Errorf("dead letters: note that %d are %s: %w", len(places), state, errors.Join(err, batch.Abort()))
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("dead letters: note that %d are %s: %w", len(places), state, err)
	}
	return nil
}

// query runs a statement about the letters of a filter.
func (s *Store) query(ctx context.Context, statement string, f Filter, args []any, row func(driver.Rows) error) error {
	if f.State == "" {
		f.State = Open
	}
	if f.Until.IsZero() {
		f.Until = time.UnixMilli(math.MaxInt64 / 1_000_000) // the last one that a time of ClickHouse can hold in nanoseconds
	}
	since := int64(0)
	if !f.Since.IsZero() {
		since = f.Since.UnixMilli()
	}
	unnamed := uint8(0)
	if f.Tenant != "" && f.Tenant == s.defaultTenant {
		unnamed = 1
	}
	picked := uint8(0)
	if f.Places != nil {
		picked = 1
	}
	args = append(args, named("tenant", f.Tenant), named("unnamed", unnamed), named("topic", f.Topic), named("reason", f.Reason), named("source", f.Source), named("state", string(f.State)),
		named("since", since), named("until", f.Until.UnixMilli()), named("picked", picked))
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	ctx, err := withPicked(ctx, f.Places)
	if err != nil {
		return err
	}
	sql, err := render(statement)
	if err != nil {
		return err
	}
	return s.each(ctx, sql, args, row)
}

func (s *Store) each(ctx context.Context, sql string, args []any, row func(driver.Rows) error) error {
	rows, err := s.conn.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("dead letters: %w", errors.Join(err, rows.Close()))
		}
	}
	if err := errors.Join(rows.Close(), rows.Err()); err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	return nil
}

// withPicked sends places along with a query, as a table: so many would be too long for a parameter.
func withPicked(ctx context.Context, places []Place) (context.Context, error) {
	t, err := ext.NewTable("picked", ext.Column("topic", "String"), ext.Column("partition", "Int32"), ext.Column("offset", "Int64"))
	for i := 0; err == nil && i < len(places); i++ {
		err = t.Append(places[i].Topic, places[i].Partition, places[i].Offset)
	}
	if err != nil {
		return nil, fmt.Errorf("dead letters: table of places: %w", err)
	}
	return clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), nil
}

func render(statement string) (string, error) {
	t, err := template.ParseFS(files, "sql/*.sql")
	if err != nil {
		return "", fmt.Errorf("dead letters: statement: %w", err)
	}
	var sql strings.Builder
	if err := t.ExecuteTemplate(&sql, statement, nil); err != nil {
		return "", fmt.Errorf("dead letters: statement %s: %w", statement, err)
	}
	return sql.String(), nil
}

func named(name string, value any) any { return clickhouse.Named(name, value) }
