package erasures

import (
	"context"

	"github.com/rapport-project/rapport/rollups"
)

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
	if err := e.exec(ctx, "forget_sources.sql", table{}, named("tenant", row.Tenant)); err != nil {
		return err
	}
	if err := e.takeRest(ctx, row.Tenant); err != nil {
		return err
	}
	// What was stored meanwhile was computed for rows that have just gone.
	if facts, err = e.factsOf(ctx, row.Tenant); err != nil || facts == 0 {
		return err
	}
	return e.again(ctx, row.Tenant)
}

// takeRest takes away all rows of a tenant but those that hashes took: facts, copies and identities that are there now are of new events.
func (e *Eraser) takeRest(ctx context.Context, tenant string) error {
	tables, err := e.tenantTables(ctx)
	if err != nil {
		return err
	}
	ofFacts := map[string]bool{"identities": true}
	for _, t := range append(facts(), copies()...) {
		ofFacts[t.Name] = true
	}
	for _, t := range e.without(tables, tenant) {
		if ofFacts[t.Name] {
			continue
		}
		n, err := e.countWhere(ctx, t.Name, "true", tenant)
		if err != nil {
			return err
		}
		if n > 0 {
			if err := e.deleteWhere(ctx, t.Name, "true", tenant); err != nil {
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
