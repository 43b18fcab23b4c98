package erasures

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// seek writes the hashes of all that is about a subject, notes how much was found, and has the row say that taking may begin. Until then no hash
// counts and nothing is gone, so that it can be repeated by the subject's name.
func (e *Eraser) seek(ctx context.Context, row *erasure, s Subject) error {
	found, err := e.look(ctx, s)
	if err != nil {
		return err
	}
	args := append(e.about(s), named("erasure", row.ID))
	for _, t := range facts() {
		if err := e.exec(ctx, "keep_events.sql", t.of(s), args...); err != nil {
			return err
		}
		if t.Copy != "" { // copies outlive facts that retention drops
			t.Name = t.Copy
			if err := e.exec(ctx, "keep_events.sql", t.of(s), args...); err != nil {
				return err
			}
		}
		// That it goes on is said again and again, or it would be taken for cut off.
		if err := row.save(ctx, e.o.Conn); err != nil {
			return err
		}
	}
	for _, statement := range []string{"letters.sql", "late.sql"} {
		records, err := e.records(ctx, statement, s)
		if err != nil {
			return err
		}
		if err := e.keepRecords(ctx, s, row.ID, records); err != nil {
			return err
		}
	}
	if s.Customer != "" {
		for _, t := range []table{cases(), complaints()} {
			if err := e.exec(ctx, "keep_named.sql", t, args...); err != nil {
				return err
			}
		}
	}
	if err := row.setReceipt(found); err != nil {
		return err
	}
	row.State = taking
	return row.save(ctx, e.o.Conn)
}

// planned is what an erasure has to do, found once by the hashes that count now, before the first row goes.
func (e *Eraser) planned(ctx context.Context, row *erasure) (work, error) {
	if row.Work != "" {
		return row.work()
	}
	var w work
	var err error
	if row.Scope == ScopeTenant {
		err = e.keepEntities(ctx, row)
	} else {
		w, err = e.plan(ctx, row)
	}
	if err != nil {
		return w, err
	}
	if row.Scope == ScopeCustomer {
		n, err := e.count(ctx, "identities", "identities", nil, row.Tenant)
		if err != nil {
			return w, err
		}
		found, err := row.receipt()
		if err != nil {
			return w, err
		}
		found.Tables = append(found.Tables, Found{Table: "identities", Rows: n})
		if err := row.setReceipt(found); err != nil {
			return w, err
		}
	}
	if err := row.setWork(w); err != nil {
		return w, err
	}
	return w, row.save(ctx, e.o.Conn)
}

// plan finds what the erased events of a tenant touched, while they are there: entities, whose hashes it keeps too, and days.
func (e *Eraser) plan(ctx context.Context, row *erasure) (work, error) {
	var w work
	days := map[schemas.Day]struct{}{}
	for _, t := range facts() {
		family := familyOf(t.Type)
		if family == nil {
			continue // invitations are in no figure
		}
		if err := e.addHours(ctx, "hours.sql", t, row.Tenant, *family, nil, days); err != nil {
			return w, err
		}
	}
	var err error
	if w.Cases, err = e.entities(ctx, cases(), row); err != nil {
		return w, err
	}
	if w.Complaints, err = e.entities(ctx, complaints(), row); err != nil {
		return w, err
	}
	if err := e.keepContacts(ctx, row); err != nil {
		return w, err
	}
	for names := range slices.Chunk(w.Cases, namesChunk) {
		if err := e.addHours(ctx, "hours_of_entities.sql", cases(), row.Tenant, schemas.Cases, names, days); err != nil {
			return w, err
		}
		more, err := e.names(ctx, "chains_of_cases.sql", table{}, row.Tenant, names)
		if err != nil {
			return w, err
		}
		w.Chains = append(w.Chains, more...)
	}
	for names := range slices.Chunk(w.Complaints, namesChunk) {
		for _, statement := range []string{"hours_of_entities.sql", "repeats.sql"} {
			if err := e.addHours(ctx, statement, complaints(), row.Tenant, schemas.Complaints, names, days); err != nil {
				return w, err
			}
		}
	}
	for d := range days {
		w.Days = append(w.Days, d)
	}
	slices.SortFunc(w.Days, func(a, b schemas.Day) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Family, b.Family))
	})
	slices.Sort(w.Chains)
	w.Chains = slices.Compact(w.Chains)
	return w, nil
}

// namesChunk bounds the names of one statement, which travel in its address.
const namesChunk = 1000

// keepContacts keeps the hashes of the cases that erased contacts name, and of their chains.
func (e *Eraser) keepContacts(ctx context.Context, row *erasure) error {
	t := table{Name: "contacts_by_chain", Entity: "case_id"}
	if err := e.exec(ctx, "keep_entities.sql", t, named("tenant", row.Tenant), named("kind", "contacts"), named("erasure", row.ID)); err != nil {
		return err
	}
	return e.exec(ctx, "keep_chains.sql", t, row.chains()...)
}

// keepEntities keeps the hashes of all that the erased events of a tenant belong to. Nothing of it is computed again, so no name is needed.
func (e *Eraser) keepEntities(ctx context.Context, row *erasure) error {
	for _, t := range []table{cases(), complaints()} {
		if err := e.exec(ctx, "keep_entities.sql", t, named("tenant", row.Tenant), named("kind", string(t.Kind)), named("erasure", row.ID)); err != nil {
			return err
		}
	}
	return e.keepContacts(ctx, row)
}

func familyOf(t schemas.Type) *schemas.Family {
	var f schemas.Family
	switch t {
	case schemas.TypeSurveyResponse:
		f = schemas.Surveys
	case schemas.TypeContact:
		f = schemas.Contacts
	case schemas.TypeMilestone:
		f = schemas.Cases
	case schemas.TypeComplaint:
		f = schemas.Complaints
	default:
		return nil
	}
	return &f
}

// entities keeps the hashes of the entities that erased events belong to, and returns the names of all that the erasure keeps.
func (e *Eraser) entities(ctx context.Context, t table, row *erasure) ([]string, error) {
	args := []any{named("tenant", row.Tenant), named("kind", string(t.Kind)), named("erasure", row.ID)}
	if err := e.exec(ctx, "keep_entities.sql", t, args...); err != nil {
		return nil, err
	}
	sql, err := render("entities.sql", t)
	if err != nil {
		return nil, err
	}
	names, err := column[string](ctx, e.o.Conn, sql, args...)
	slices.Sort(names)
	return names, err
}

func (e *Eraser) names(ctx context.Context, file string, t table, tenant string, of []string) ([]string, error) {
	sql, err := render(file, t)
	if err != nil {
		return nil, err
	}
	return column[string](ctx, e.o.Conn, sql, named("tenant", tenant), named("names", of))
}

// addHours adds the days that have a part in the hours of a statement.
func (e *Eraser) addHours(ctx context.Context, file string, t table, tenant string, family schemas.Family, of []string, into map[schemas.Day]struct{}) error {
	sql, err := render(file, t)
	if err != nil {
		return err
	}
	hours, err := column[time.Time](ctx, e.o.Conn, sql, named("tenant", tenant), named("names", of))
	settings := e.o.Settings.For(tenant)
	for _, h := range hours {
		for _, at := range []time.Time{h.UTC(), h.UTC().Add(time.Hour - time.Microsecond)} {
			into[schemas.Day{Tenant: tenant, Date: settings.Day(at), Family: family}] = struct{}{}
		}
	}
	return err
}

// count counts the rows of a table that a part of rows.sql names.
func (e *Eraser) count(ctx context.Context, name, part string, data any, tenant string, args ...any) (uint64, error) {
	where, err := renderPart("rows.sql", part, data)
	if err != nil {
		return 0, err
	}
	sql, err := render("count.sql", struct{ Name, Where string }{name, where})
	if err != nil {
		return 0, err
	}
	var n uint64
	if err := e.o.Conn.QueryRow(ctx, sql, append(args, named("tenant", tenant))...).Scan(&n); err != nil {
		return 0, fmt.Errorf("erasures: count %s: %w", name, err)
	}
	return n, nil
}

// entityHash is the hash of a case or complaint, hexadecimal; sql/parts.sql computes the same.
func entityHash(tenant, key string) string {
	sum := sha256.Sum256([]byte(part(tenant) + key))
	return strings.ToUpper(hex.EncodeToString(sum[:16])) // as ClickHouse writes it
}
