package rolling

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/tenants"
)

// cutsOf are all cuts of a tenant by name: overall, the attributes, its pairs.
func cutsOf(t tenants.Tenant) []string {
	cuts := append([]string{""}, tenants.Attributes()...)
	for _, pair := range t.Cuts {
		cuts = append(cuts, strings.Join(pair[:], ","))
	}
	return cuts
}

// figures are those of a unit as of the look; none where it has nothing to rest on.
func (k *Keeper) figures(ctx context.Context, in lane, u unit, l basis, names []string) ([]Figure, error) {
	if l.nothing(in) {
		return nil, nil
	}
	if in == laneSpans { // it has time, and takes one processor at most while events keep coming
		settings := clickhouse.Settings{"max_threads": 1}
		maps.Copy(settings, k.o.Waiting)
		ctx = clickhouse.Context(ctx, clickhouse.WithSettings(settings))
	}
	figures, err := k.o.Figures.Figures(ctx, Asked{Tenant: u.tenant, Metrics: names, Window: u.window, Cuts: cutsOf(k.o.Settings.For(u.tenant)), Has: l.has(), AsOf: l.asOf})
	if err != nil {
		return nil, fmt.Errorf("compute figures of %s: %w", l.asOf.Format(time.RFC3339), err)
	}
	return tidy(figures, u, l), nil
}

// refresh computes the present figures of a unit, tells of those that changed, then stores them all: what was told and not stored is told again.
func (k *Keeper) refresh(ctx context.Context, in lane, u unit, l basis, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	stored, err := k.stored(ctx, in, u)
	if err != nil {
		return err
	}
	if stored.asOf.After(l.asOf) {
		return fmt.Errorf("stored figures are as of %s, ahead of this clock", stored.asOf.Format(time.RFC3339))
	}
	version := l.version()
	if stored.version.Cmp(version) > 0 {
		return nil // another process has seen more
	}
	figures, err := k.figures(ctx, in, u, l, names)
	if err != nil {
		return err
	}
	if l.nothing(in) {
		if gone, err := k.gone(ctx, u.tenant, len(stored.cuts) > 0); err != nil || gone || len(stored.figures) == 0 {
			return err // a tenant that is gone gets no rows again
		}
	}
	if k.o.Publish && k.o.Publisher != nil {
		changed := changes(stored.figures, figures, differs)
		for i := range changed {
			changed[i].AsOf = l.asOf
		}
		if err := k.publish(ctx, changed, version); err != nil {
			return err
		}
	}
	if err := k.store(ctx, in, u, l, byCut(figures, cutsOf(k.o.Settings.For(u.tenant)), stored.cuts)); err != nil {
		return err
	}
	k.written.Store(true)
	return nil
}

// gone takes away all rows of a tenant that was erased altogether, where there are any: those that were computed before its facts went and stored after.
func (k *Keeper) gone(ctx context.Context, tenant string, any bool) (bool, error) {
	if !any {
		return false, nil
	}
	var erased bool
	if err := k.o.Conn.QueryRow(ctx, kept("erased.sql"), clickhouse.Named("tenant", tenant)).Scan(&erased); err != nil {
		return false, fmt.Errorf("is the tenant erased: %w", err)
	}
	if !erased {
		return false, nil
	}
	for _, table := range []string{"rolling", "rolling_recorded", "rolling_history"} {
		if err := k.o.Conn.Exec(ctx, keptOf("forget.sql", table), clickhouse.Named("tenant", tenant)); err != nil {
			return false, fmt.Errorf("take away what is stored of an erased tenant: %w", err)
		}
	}
	return true, nil
}

// byCut are the figures of each cut: none where a cut of the lists has none, so that what is stored of it goes.
func byCut(figures []Figure, cuts ...[]string) map[string][]Figure {
	of := map[string][]Figure{}
	for _, cut := range slices.Concat(cuts...) {
		of[cut] = nil
	}
	for _, f := range figures {
		of[f.Cut] = append(of[f.Cut], f)
	}
	return of
}
