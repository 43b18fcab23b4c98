package erasures

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// rounds is how often rows are taken away that processes stored meanwhile, before the sweeper is left to it.
const rounds = 5

// finish takes away what the hashes name, has what that touched computed again, and writes the receipt. It needs no name and can be repeated.
func (e *Eraser) finish(ctx context.Context, row *erasure) error {
	w, err := row.work()
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
	if err := row.save(ctx, e.o.Conn, e.o.Now()); err != nil {
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
	if err := e.o.Await(ctx, InOutcomes); err != nil {
		return err
	}
	if err := e.takeOutcomes(ctx, row.Tenant, w); err != nil {
		return err
	}
	if len(w.entities(row.Tenant)) > 0 {
		if err := e.o.MarkEntities(ctx, w.entities(row.Tenant)); err != nil {
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

// takeTenant takes away all rows of a tenant that was erased, if no fact of it is left. Facts that came since count, and with them what the tenant's
// figures are made of is computed again.
func (e *Eraser) takeTenant(ctx context.Context, row *erasure) error {
	if row.Scope != ScopeTenant {
		erased, err := e.erasedTenant(ctx, row.Tenant)
		if err != nil || !erased {
			return err
		}
	}
	facts, err := e.factsOf(ctx, row.Tenant)
	if err != nil {
		return err
	}
	if facts > 0 {
		if row.Scope != ScopeTenant {
			return nil // what was touched has been computed again
		}
		return e.again(ctx, row.Tenant)
	}
	tables, err := e.tenantTables(ctx)
	if err != nil {
		return err
	}
	for _, t := range e.without(tables, row.Tenant) {
		n, err := e.countWhere(ctx, t.Name, "true", row.Tenant)
		if err != nil {
			return err
		}
		if n > 0 {
			if err := e.deleteWhere(ctx, t.Name, "true", row.Tenant); err != nil {
				return err
			}
		}
	}
	return nil
}

// again has everything of a tenant computed again from the facts that it has.
func (e *Eraser) again(ctx context.Context, tenant string) error {
	if err := e.o.MarkAll(ctx, tenant); err != nil {
		return err
	}
	if err := e.o.Await(ctx, InOutcomes); err != nil {
		return err
	}
	days, err := rollups.AllDays(ctx, e.o.Conn, e.o.Settings, tenant)
	if err != nil {
		return err
	}
	if err := e.o.MarkDays(ctx, days); err != nil {
		return err
	}
	return e.o.Await(ctx, InFigures)
}

// erasedTenant says whether all of a tenant was erased at some time.
func (e *Eraser) erasedTenant(ctx context.Context, tenant string) (bool, error) {
	rows, err := load(ctx, e.o.Conn, "", "", false)
	for _, r := range rows {
		if r.Tenant == tenant && r.Scope == ScopeTenant && r.State != seeking {
			return true, err
		}
	}
	return false, err
}

func (e *Eraser) factsOf(ctx context.Context, tenant string) (n uint64, err error) {
	for _, t := range facts() {
		more, err := e.countWhere(ctx, t.Name, "true", tenant)
		if err != nil {
			return 0, err
		}
		n += more
	}
	return n, nil
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

// held asks until when Kafka holds raw events of what was found.
func (e *Eraser) held(ctx context.Context, r *Receipt) error {
	if e.o.Retention == nil {
		return nil
	}
	topics := topicsOf(*r)
	if len(topics) == 0 {
		return nil
	}
	all, err := e.o.Retention(ctx, topics)
	if err != nil {
		return errors.Join(err, errors.New("all is erased; run the command again for the receipt"))
	}
	r.Kafka = nil
	for _, h := range all {
		r.Kafka = append(r.Kafka, heldUntil(h, r.BegunAt))
	}
	return nil
}

// topicsOf are the topics that may hold what was found.
func topicsOf(r Receipt) []string {
	rows := map[string]uint64{}
	for _, t := range r.Tables {
		rows[t.Table] = t.Rows
	}
	var topics []string
	add := func(topic string, when bool) {
		if when && topic != "" && !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	for _, t := range facts() {
		add(t.Type.Topic(), rows[t.Name] > 0)
	}
	for _, l := range append(slices.Clone(r.LateFacts), r.DeadLetters...) {
		add(l.Topic, true)
	}
	add(schemas.TopicDeadLetters, len(r.DeadLetters) > 0)
	// Marks name chains, and so customers.
	add(schemas.TopicStaleEntities, rows["contact_facts"] > 0)
	return topics
}

func (e *Eraser) notes(row *erasure) []string {
	notes := []string{"Backups of ClickHouse and Kafka, and copies that others made of topics and views, are the operator's to deal with."}
	if row.Scope == ScopeTenant {
		for _, t := range e.o.Settings.Configured() {
			if t.ID == row.Tenant {
				notes = append(notes, "The tenant has a settings file: remove it and restart, and its settings go from the store with the next erasure of the tenant.")
			}
		}
	}
	return notes
}
