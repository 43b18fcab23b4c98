package rollups

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/rapport-project/rapport/schemas"
)

// Difference is a rollup row that is not what its facts give.
type Difference struct {
	// Table is one of the tables of rollups.
	Table string
	schemas.Day
	// Cut of the row.
	Cut string
	// Detail is what differs, in words, where Explain was asked.
	Detail string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: tenant %q, day %s, cut %q", d.Table, d.Tenant, d.Date, d.Cut)
}

// Differences compares the stored rows of some days with their facts, to the bit. While marks are pending, a difference is
// nothing to worry about.
func (r *Recomputer) Differences(ctx context.Context, days []schemas.Day) ([]Difference, error) {
	groups, err := r.group(slices.Clone(days))
	if err != nil {
		return nil, err
	}
	var found []Difference
	for _, g := range groups {
		for _, table := range g.family.Tables {
			more, err := r.differencesOf(ctx, g, table)
			if err != nil {
				return nil, fmt.Errorf("rollups: compare %d days of %s with facts: %w", len(g.spans), table, err)
			}
			found = append(found, more...)
		}
	}
	return found, nil
}

func (r *Recomputer) differencesOf(ctx context.Context, g dayGroup, table string) ([]Difference, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.StepTimeout)
	defer cancel()
	rows, err := r.o.Conn.Query(ctx, g.sql.audit[table], g.parameters(nil)...)
	if err != nil {
		return nil, err
	}
	var found []Difference
	err = each(rows, func() error {
		d := Difference{Table: table, Day: schemas.Day{Family: g.family.Name}}
		if err := rows.Scan(&d.Tenant, &d.Cut, &d.Date); err != nil {
			return err
		}
		found = append(found, d)
		return nil
	})
	return found, err
}

// digest is a number for each of the days that changes with any of its facts; days without facts are left out.
func (r *Recomputer) digest(ctx context.Context, days []schemas.Day) (map[schemas.Day]uint64, error) {
	groups, err := r.group(slices.Clone(days))
	if err != nil {
		return nil, err
	}
	sums := make(map[schemas.Day]uint64, len(days))
	for _, g := range groups {
		rows, err := r.o.Conn.Query(ctx, g.sql.digest, g.parameters(nil)...)
		if err != nil {
			return nil, fmt.Errorf("rollups: digest of %d days: %w", len(g.spans), err)
		}
		err = each(rows, func() error {
			d := schemas.Day{Family: g.family.Name}
			var sum uint64
			err := rows.Scan(&d.Tenant, &d.Date, &sum)
			sums[d] = sum
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// Verify compares every stored row with the facts: all days that have facts or rows, except those that retention touched. Rows of
// cuts that a tenant no longer has are differences unless they are empty.
func (r *Recomputer) Verify(ctx context.Context) ([]Difference, error) {
	c := calendar{r.o.Conn, r.o.Settings}
	days := daySet{}
	if err := c.every(ctx, "", days); err != nil {
		return nil, err
	}
	found, err := r.Differences(ctx, days.sorted())
	if err != nil {
		return nil, err
	}
	extra, err := r.droppedCuts(ctx)
	return append(found, extra...), err
}

// droppedCuts are rows with figures under a cut that their tenant does not have.
func (r *Recomputer) droppedCuts(ctx context.Context) ([]Difference, error) {
	rows, err := r.o.Conn.Query(ctx, ofAllTables("rows_with_figures.sql"))
	if err != nil {
		return nil, fmt.Errorf("rollups: stored cuts: %w", err)
	}
	var found []Difference
	err = each(rows, func() error {
		var d Difference
		if err := rows.Scan(&d.Table, &d.Tenant, &d.Cut, &d.Date); err != nil {
			return err
		}
		for _, table := range tables() {
			if table.Name == d.Table {
				d.Family = table.family.Name
			}
		}
		t := r.o.Settings.For(d.Tenant)
		cuts, err := cutsOf(t.Cuts)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(cuts, func(c cut) bool { return c.Name == d.Cut })
		if !known && !r.expired(t, d.Date) {
			found = append(found, d)
		}
		return nil
	})
	return found, err
}

// tenantsOf are the tenants of days, each once.
func tenantsOf(days iter.Seq[schemas.Day]) []string {
	seen := map[string]bool{}
	var names []string
	for d := range days {
		if !seen[d.Tenant] {
			seen[d.Tenant] = true
			names = append(names, d.Tenant)
		}
	}
	slices.Sort(names)
	return names
}
