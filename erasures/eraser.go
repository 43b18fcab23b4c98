package erasures

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// Stage is how far what is pending is waited for.
type Stage int

// The stages of an event: stored, in outcomes, in figures.
const (
	Stored Stage = iota
	InOutcomes
	InFigures
)

// Options is what an Eraser works with; all but Retention and Now are required.
type Options struct {
	Conn     driver.Conn
	Settings rollups.Settings
	// DefaultTenant owns refused records that name none.
	DefaultTenant string
	// Await waits until a stage has worked off all that it has to do now.
	Await func(ctx context.Context, s Stage) error
	// MarkDays and MarkEntities call days and entities stale, and return when that is durable.
	MarkDays     func(ctx context.Context, days []schemas.Day) error
	MarkEntities func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error
	// MarkAll calls stale every entity of a tenant that has facts.
	MarkAll func(ctx context.Context, tenant string) error
	// Retention says until when topics keep records appended at or before newest; nil: nobody asks.
	Retention func(ctx context.Context, topics []string, newest time.Time) ([]Held, error)
	// Now is the clock of receipts; nil means time.Now.
	Now func() time.Time
}

// Eraser takes customers and tenants out of all that is stored.
type Eraser struct{ o Options }

// New returns an Eraser.
func New(o Options) *Eraser {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Eraser{o}
}

// Erase erases a subject and returns when every figure is what it would be without. An erasure of the subject that was cut off is taken up. Where nothing is
// stored of the subject nothing is written, and the receipt says so. It can be repeated after any error.
func (e *Eraser) Erase(ctx context.Context, s Subject) (Receipt, error) {
	if err := e.settle(ctx); err != nil {
		return Receipt{}, err
	}
	row, err := e.cutOff(ctx, s)
	if err != nil {
		return Receipt{}, err
	}
	if row == nil {
		found, err := e.look(ctx, s)
		if err != nil || found.Nothing() {
			return e.unheardOf(ctx, found, err)
		}
		fresh, err := begin(s, s.scope(), e.o.Now())
		if err != nil {
			return Receipt{}, err
		}
		row = &fresh
		if err := row.save(ctx, e.o.Conn); err != nil {
			return Receipt{}, err
		}
	}
	if row.State == seeking {
		if err := e.seek(ctx, row, s); err != nil {
			return Receipt{}, err
		}
	}
	key := row.Key
	if err := e.finish(ctx, row); err != nil {
		return Receipt{}, err
	}
	r, err := row.receipt()
	r.Key = key
	if s.Customer == "" {
		r.Key = ""
	}
	return r, err
}

// Look says what an erasure of the subject would find; it changes nothing.
func (e *Eraser) Look(ctx context.Context, s Subject) (Receipt, error) {
	if err := e.settle(ctx); err != nil {
		return Receipt{}, err
	}
	r, err := e.look(ctx, s)
	r.DryRun = true
	return e.unheardOf(ctx, r, err)
}

// unheardOf has a receipt of nothing say whether there is the tenant at all: a name that is mistyped looks like an erasure that is done.
func (e *Eraser) unheardOf(ctx context.Context, r Receipt, err error) (Receipt, error) {
	if err != nil || !r.Nothing() {
		return r, err
	}
	for _, t := range e.o.Settings.Configured() {
		if t.ID == r.Tenant {
			return r, nil
		}
	}
	before, err := load(ctx, e.o.Conn, "", "", false)
	for _, row := range before {
		if row.Tenant == r.Tenant {
			return r, err
		}
	}
	if err == nil && r.Scope != ScopeTenant {
		var all Receipt
		all, err = e.look(ctx, Subject{Tenant: r.Tenant})
		r.UnknownTenant = all.Nothing()
		return r, err
	}
	r.UnknownTenant = true
	return r, err
}

// Receipt shows the receipt of an erasure again, without the key. ErrNoErasure says that there is none under this id; one that is under way has no DoneAt.
func (e *Eraser) Receipt(ctx context.Context, id string) (Receipt, error) {
	if id == "" {
		return Receipt{}, ErrNoErasure
	}
	rows, err := load(ctx, e.o.Conn, id, "", false)
	if err != nil {
		return Receipt{}, err
	}
	if len(rows) == 0 {
		return Receipt{}, fmt.Errorf("%s: %w", id, ErrNoErasure)
	}
	r, err := rows[0].receipt()
	r.ID, r.Tenant, r.Scope, r.Subject, r.BegunAt = rows[0].ID, rows[0].Tenant, rows[0].Scope, rows[0].Subject, rows[0].BegunAt.UTC()
	return r, err
}

// settle waits until nothing is pending: what is on its way would be found by nobody.
func (e *Eraser) settle(ctx context.Context) error {
	for _, stage := range []Stage{Stored, InOutcomes, InFigures} {
		if err := e.o.Await(ctx, stage); err != nil {
			return err
		}
	}
	return nil
}

// cutOff is the erasure of the subject that has begun and is not done; nil where there is none.
func (e *Eraser) cutOff(ctx context.Context, s Subject) (*erasure, error) {
	rows, err := load(ctx, e.o.Conn, "", "", true)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		if r.Tenant == s.Tenant && r.Scope == s.scope() && (s.Customer == "" || r.Subject == subjectHash(r.Key, s.Customer)) {
			return r, nil
		}
	}
	return nil, nil
}

// look counts what is stored of a subject.
func (e *Eraser) look(ctx context.Context, s Subject) (Receipt, error) {
	r := Receipt{Tenant: s.Tenant, Scope: s.scope(), BegunAt: e.o.Now().UTC().Truncate(time.Millisecond)}
	tables := aboutCustomers()
	if s.Customer == "" {
		more, err := e.tenantTables(ctx)
		if err != nil {
			return r, err
		}
		known := map[string]bool{}
		for _, t := range tables {
			known[t.Name] = true
		}
		for _, t := range more {
			if !known[t.Name] {
				tables = append(tables, t)
			}
		}
		tables = e.without(tables, s.Tenant)
	}
	for _, t := range tables {
		sql, err := render("look.sql", t.of(s))
		if err != nil {
			return r, err
		}
		f := Found{Table: t.Name}
		if err := e.o.Conn.QueryRow(unlogged(ctx), sql, e.about(s)...).Scan(&f.Rows, &f.Events); err != nil {
			return r, fmt.Errorf("erasures: look into %s: %w", t.Name, err)
		}
		if t.Type != "" {
			r.Events += f.Events
		}
		r.Tables = append(r.Tables, f)
	}
	letters, err := e.records(ctx, "letters.sql", s)
	if err != nil {
		return r, err
	}
	late, err := e.records(ctx, "late.sql", s)
	r.DeadLetters, r.LateFacts = lettersOf(letters), lettersOf(late)
	return r, err
}

// tenantTables are all tables with rows of tenants.
func (e *Eraser) tenantTables(ctx context.Context) ([]table, error) {
	names, err := column[string](ctx, e.o.Conn, plain("tenant_tables.sql"))
	tables := make([]table, len(names))
	for i, name := range names {
		tables[i] = table{Name: name}
	}
	return tables, err
}

// without leaves out the tables that are made of the tenant's settings file, where it has one: they hold no event, and the next start
// would write them again.
func (e *Eraser) without(tables []table, tenant string) []table {
	for _, t := range e.o.Settings.Configured() {
		if t.ID != tenant {
			continue
		}
		var left []table
		for _, t := range tables {
			if t.Name != "tenants" && t.Name != "epochs" && t.Name != "outcome_epochs" {
				left = append(left, t)
			}
		}
		return left
	}
	return tables
}

// about are the parameters of a statement about a subject.
func (e *Eraser) about(s Subject) []any {
	args := []any{named("tenant", s.Tenant)}
	if s.Customer != "" {
		args = append(args, named("customer", s.Customer), named("chain", s.chain()))
	}
	return args
}

// exec runs a statement that is about a tenant.
func (e *Eraser) exec(ctx context.Context, file string, t table, args ...any) error {
	sql, err := render(file, t)
	if err != nil {
		return err
	}
	if err := e.o.Conn.Exec(unlogged(ctx), sql, args...); err != nil {
		return fmt.Errorf("erasures: %s for %s: %w", file, t.Name, err)
	}
	return nil
}

func lettersOf(records []record) []Letter {
	var all []Letter
	for _, r := range records {
		all = append(all, Letter{r.topic, r.partition, r.offset, r.appended})
	}
	return all
}

func named(name string, value any) any { return clickhouse.Named(name, value) }
