package alerts

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed sql
var files embed.FS

func statement(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		panic(err) // the name is a constant
	}
	return string(text)
}

// Stored is the Store of evaluators: rapport_store.alert_states.
type Stored struct{ conn driver.Conn }

// NewStored returns the store of a database.
func NewStored(conn driver.Conn) *Stored { return &Stored{conn: conn} }

// States is Store.States.
func (s *Stored) States(ctx context.Context, group string) (map[string]State, error) {
	rows, err := s.conn.Query(ctx, statement("states.sql"), clickhouse.Named("group", group))
	if err != nil {
		return nil, fmt.Errorf("alerts: states of %s: %w", group, err)
	}
	defer func() { _ = rows.Close() }()
	states := map[string]State{}
	for rows.Next() {
		var tenant, text string
		if err := rows.Scan(&tenant, &text); err != nil {
			return nil, fmt.Errorf("alerts: states of %s: %w", group, err)
		}
		var state State
		if err := json.Unmarshal([]byte(text), &state); err != nil {
			return nil, fmt.Errorf("alerts: state of %s for %s: %w", group, tenant, err)
		}
		state.stored = state.At
		states[tenant] = state
	}
	return states, rows.Err()
}

// Groups is Store.Groups.
func (s *Stored) Groups(ctx context.Context) ([]string, error) { return s.column(ctx, "groups.sql") }

// Tenants are those that have events or alerts.
func (s *Stored) Tenants(ctx context.Context) ([]string, error) { return s.column(ctx, "tenants.sql") }

// Gone is Store.Gone. Alerts go before their deliveries: one without deliveries would be sent again.
func (s *Stored) Gone(ctx context.Context, tenant string) (bool, error) {
	var erased bool
	if err := s.conn.QueryRow(ctx, statement("erased.sql"), clickhouse.Named("tenant", tenant)).Scan(&erased); err != nil {
		return false, fmt.Errorf("alerts: is %s erased: %w", tenant, err)
	}
	if !erased {
		return false, nil
	}
	for _, file := range []string{"forget_states.sql", "forget_deliveries.sql"} {
		if err := s.conn.Exec(ctx, statement(file), clickhouse.Named("tenant", tenant)); err != nil {
			return false, fmt.Errorf("alerts: take away what is stored of %s, which was erased: %w", tenant, err)
		}
	}
	return true, nil
}

func (s *Stored) column(ctx context.Context, file string) ([]string, error) {
	rows, err := s.conn.Query(ctx, statement(file))
	if err != nil {
		return nil, fmt.Errorf("alerts: %s: %w", file, err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("alerts: %s: %w", file, err)
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// Save is Store.Save: state and transitions are one row, so that none is there without the other.
func (s *Stored) Save(ctx context.Context, e Evaluation) error {
	state, err := json.Marshal(e.State)
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	transitions := make([]string, len(e.Transitions))
	for i, t := range e.Transitions {
		text, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("alerts: %w", err)
		}
		transitions[i] = string(text)
	}
	// An instant without transitions replaces the one before it; one with some stays.
	var slot int64
	if len(transitions) > 0 {
		slot = e.State.At.UnixMilli()
	}
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO rapport_store.alert_states (tenant, `group`, slot, instant, alive, state, transitions)")
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	defer func() { _ = batch.Abort() }() // after Send it does nothing
	if err := batch.Append(e.Tenant, e.Group, slot, e.State.At, uint32(len(e.State.Alive)), string(state), transitions); err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	return nil
}

// Transitions of (from, to], in order of instants; those of a tenant, or of all.
func (s *Stored) Transitions(ctx context.Context, tenant string, from, to time.Time) ([]Transition, error) {
	rows, err := s.conn.Query(ctx, statement("transitions.sql"), clickhouse.Named("tenant", tenant),
		clickhouse.Named("from", from.UnixMilli()), clickhouse.Named("to", to.UnixMilli()))
	if err != nil {
		return nil, fmt.Errorf("alerts: transitions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Transition
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("alerts: transitions: %w", err)
		}
		var t Transition
		if err := json.Unmarshal([]byte(text), &t); err != nil {
			return nil, fmt.Errorf("alerts: transitions: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}
