package erasures

import (
	"context"
	"fmt"
	"slices"

	"github.com/rapport-project/rapport/schemas"
)

// rounds is how often rows are taken away that processes stored meanwhile, before the sweeper is left to it.
const rounds = 5

// finish takes away what the hashes name, has what that touched computed again, and writes the receipt. It needs no name and can be repeated.
func (e *Eraser) finish(ctx context.Context, row *erasure) error {
	w, err := e.planned(ctx, row)
	if err != nil {
		return err
	}
	r, err := row.receipt()
	if err != nil {
		return err
	}
	left := uint64(1)
	for round := 0; left > 0 && round < rounds; round++ {
		if err := e.take(ctx, row, w); err != nil {
			return err
		}
		if left, err = e.left(ctx, row, &r); err != nil {
			return err
		}
	}
	r.ID, r.Tenant, r.Scope, r.Subject, r.BegunAt = row.ID, row.Tenant, row.Scope, row.Subject, row.BegunAt.UTC()
	now := e.o.Now().UTC()
	r.DoneAt = &now
	r.Entities, r.Days = len(w.entities(row.Tenant)), len(w.Days)
	if err := e.held(ctx, &r); err != nil {
		return err
	}
	r.Notes = e.notes(row)
	if err := row.setReceipt(r); err != nil {
		return err
	}
	row.State, row.Work, row.Key = done, "", ""
	if err := row.save(ctx, e.o.Conn); err != nil {
		return err
	}
	// Its rows of before name cases and the key.
	if err := e.o.Conn.Exec(ctx, "OPTIMIZE TABLE rapport_store.erasures FINAL"); err != nil {
		return fmt.Errorf("erasures: merge the erasures: %w", err)
	}
	return nil
}

// take takes rows away in the order that lets nothing be computed from them afterwards: facts; then, when every answer that had read them is
// written, outcomes; then what is left is computed again.
func (e *Eraser) take(ctx context.Context, row *erasure, w work) error {
	for _, t := range append(facts(), copies()...) {
		if err := e.delete(ctx, t.Name, "of_events", t, row.Tenant); err != nil {
			return err
		}
	}
	if err := e.delete(ctx, "identities", "identities", nil, row.Tenant); err != nil {
		return err
	}
	forget := ""
	if row.Scope == ScopeTenant {
		forget = row.Tenant
	}
	if err := e.blank(ctx, row.Tenant, forget); err != nil {
		return err
	}
	if err := row.save(ctx, e.o.Conn); err != nil { // or it would be taken for cut off
		return err
	}
	if err := e.o.Await(ctx, InOutcomes); err != nil {
		return err
	}
	if err := e.takeOutcomes(ctx, row.Tenant, w); err != nil {
		return err
	}
	touched := w.entities(row.Tenant)
	left, err := e.chainsLeft(ctx, row)
	if err != nil {
		return err
	}
	for _, chain := range left {
		touched[schemas.Entity{Tenant: row.Tenant, Kind: schemas.ChainOfContacts, Key: chain}] = schemas.Span{}
	}
	if len(touched) > 0 {
		if err := e.o.MarkEntities(ctx, touched); err != nil {
			return err
		}
		if err := e.o.Await(ctx, InOutcomes); err != nil {
			return err
		}
	}
	if len(w.Days) > 0 {
		if err := e.o.MarkDays(ctx, w.Days); err != nil {
			return err
		}
	}
	if err := e.o.Await(ctx, InFigures); err != nil {
		return err
	}
	return e.takeTenant(ctx, row)
}

// chainsLeft are the chains of erased contacts in which there are others now: whether those were solved is to be judged without the erased.
func (e *Eraser) chainsLeft(ctx context.Context, row *erasure) ([]string, error) {
	if row.Scope == ScopeTenant {
		return nil, nil // everything that is left is computed again
	}
	sql, err := render("chains_left.sql", nil)
	if err != nil {
		return nil, err
	}
	return column[string](unlogged(ctx), e.o.Conn, sql, row.chains()...)
}

// blank empties erased records, and findings that may name a customer of the tenant; forget is a tenant that was erased altogether.
func (e *Eraser) blank(ctx context.Context, tenant, forget string) error {
	for _, statement := range []string{"blank_letters.sql", "blank_late.sql", "blank_findings.sql"} {
		if err := e.o.Conn.Exec(ctx, plain(statement), named("forget", forget), named("tenant", tenant)); err != nil {
			return fmt.Errorf("erasures: %s: %w", statement, err)
		}
	}
	return nil
}

// takeOutcomes takes outcomes away: of erased events, of the entities that are to be computed again, and of those of which no fact is left.
func (e *Eraser) takeOutcomes(ctx context.Context, tenant string, w work) error {
	if err := e.delete(ctx, outcomesOfEvents().Name, "of_events", outcomesOfEvents(), tenant); err != nil {
		return err
	}
	for _, t := range outcomesOfEntities() {
		keys := w.Cases
		if t.Kind == schemas.OneComplaint {
			keys = w.Complaints
		}
		for chunk := range slices.Chunk(keys, namesChunk) {
			hashes := make([]string, len(chunk))
			for i, key := range chunk {
				hashes[i] = entityHash(tenant, key)
			}
			if err := e.delete(ctx, t.Name, "of_entities", t.Entity, tenant, named("hashes", hashes)); err != nil {
				return err
			}
		}
		if err := e.delete(ctx, t.Name, "orphans", t, tenant); err != nil {
			return err
		}
	}
	return e.delete(ctx, chains().Name, "chains", nil, tenant)
}

// left counts what is there of the erased events, into the receipt too.
func (e *Eraser) left(ctx context.Context, row *erasure, r *Receipt) (total uint64, err error) {
	counts := map[string]uint64{}
	for _, t := range ofEvents() {
		if counts[t.Name], err = e.count(ctx, t.Name, "of_events", t, row.Tenant); err != nil {
			return 0, err
		}
		total += counts[t.Name]
	}
	for _, t := range outcomesOfEntities() {
		if counts[t.Name], err = e.count(ctx, t.Name, "orphans", t, row.Tenant); err != nil {
			return 0, err
		}
	}
	if counts["identities"], err = e.count(ctx, "identities", "identities", nil, row.Tenant); err != nil {
		return 0, err
	}
	for i := range r.Tables {
		r.Tables[i].Left = counts[r.Tables[i].Table]
	}
	return total, nil
}

// delete takes away the rows of a table that a part of rows.sql names, if there are any: a mutation is dearer than a look.
func (e *Eraser) delete(ctx context.Context, name, part string, data any, tenant string, args ...any) error {
	n, err := e.count(ctx, name, part, data, tenant, args...)
	if err != nil || n == 0 {
		return err
	}
	where, err := renderPart("rows.sql", part, data)
	if err != nil {
		return err
	}
	return e.deleteWhere(ctx, name, where, tenant, args...)
}

func (e *Eraser) deleteWhere(ctx context.Context, name, where, tenant string, args ...any) error {
	sql, err := render("take.sql", struct{ Name, Where string }{name, where})
	if err != nil {
		return err
	}
	if err := e.o.Conn.Exec(ctx, sql, append(args, named("tenant", tenant))...); err != nil {
		return fmt.Errorf("erasures: take away of %s: %w", name, err)
	}
	return nil
}

func (e *Eraser) countWhere(ctx context.Context, name, where, tenant string) (n uint64, err error) {
	sql, err := render("count.sql", struct{ Name, Where string }{name, where})
	if err != nil {
		return 0, err
	}
	if err := e.o.Conn.QueryRow(ctx, sql, named("tenant", tenant)).Scan(&n); err != nil {
		return 0, fmt.Errorf("erasures: count %s: %w", name, err)
	}
	return n, nil
}
