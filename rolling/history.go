package rolling

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/metrics"
)

// record writes the rows of history of an hour: one for each figure whose value or n is not what history has last. Then it notes what
// history has, so that a process which dies in between records the hour again, under the same keys.
func (k *Keeper) record(ctx context.Context, in lane, u unit, l basis, hour time.Time, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	last, err := k.recorded(ctx, in, u)
	if err != nil {
		return err
	}
	if !last.asOf.Before(hour) {
		return nil
	}
	begun, err := k.begun(ctx, in, u, hour)
	if err != nil {
		return err
	}
	// The version stays that of the look, as of now: it only rises, while the days of an hour's windows are not those that were summed.
	version := l.version()
	l.asOf = hour
	figures, err := k.figures(ctx, in, u, l, names)
	if err != nil {
		return err
	}
	before := overlaid(last.figures, begun)
	if l.nothing(in) {
		if gone, err := k.gone(ctx, u.tenant, len(last.cuts) > 0 || len(begun) > 0); err != nil || gone || len(before) == 0 {
			return err
		}
	}
	if err := k.remember(ctx, in, hour, version, changes(before, figures, recordedDiffers)); err != nil {
		return err
	}
	return k.note(ctx, in, u, hour, byCut(figures, cutsOf(k.o.Settings.For(u.tenant)), last.cuts))
}

// overlaid are the figures of last, but what begun has of them.
func overlaid(last, begun []Figure) []Figure {
	of := make(map[name]Figure, len(last)+len(begun))
	for _, f := range slices.Concat(last, begun) {
		of[nameOf(&f)] = f
	}
	return slices.SortedFunc(maps.Values(of), byKey)
}

// recorded is what history has of a unit's lane last.
func (k *Keeper) recorded(ctx context.Context, in lane, u unit) (storedUnit, error) {
	var s storedUnit
	rows, err := k.o.Conn.Query(ctx, kept("recorded.sql"), clickhouse.Named("tenant", u.tenant), clickhouse.Named("window", u.window.Name), clickhouse.Named("lane", string(in)))
	if err != nil {
		return s, fmt.Errorf("read what history has last: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var cut string
		var asOf time.Time
		var c cells
		if err := rows.Scan(&cut, &asOf, &c.metric, &c.questionnaire, &c.detail, &c.cutValue, &c.value, &c.n, &c.unit, &c.formula); err != nil {
			return s, fmt.Errorf("read what history has last: %w", err)
		}
		s.cuts = append(s.cuts, cut)
		s.figures = append(s.figures, c.figures(u, cut)...)
		if asOf.After(s.asOf) {
			s.asOf = asOf
		}
	}
	return s, rows.Err()
}

// begun are rows of an hour that was not noted as recorded: those of a process that died.
func (k *Keeper) begun(ctx context.Context, in lane, u unit, hour time.Time) ([]Figure, error) {
	rows, err := k.o.Conn.Query(ctx, kept("begun.sql"), clickhouse.Named("tenant", u.tenant), clickhouse.Named("window", u.window.Name), clickhouse.Named("lane", string(in)),
		clickhouse.Named("hour", hour.Format(time.DateTime)))
	if err != nil {
		return nil, fmt.Errorf("read an hour of history: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var figures []Figure
	for rows.Next() {
		f := Figure{Tenant: u.tenant, Window: u.window.Name}
		var unit string
		var formula uint32
		if err := rows.Scan(&f.Metric, &f.Questionnaire, &f.Detail, &f.Cut, &f.CutValue, &f.Value, &f.N, &unit, &formula); err != nil {
			return nil, fmt.Errorf("read an hour of history: %w", err)
		}
		f.Unit, f.Version = metrics.Unit(unit), int(formula)
		figures = append(figures, f)
	}
	return figures, rows.Err()
}

// remember writes rows of history.
func (k *Keeper) remember(ctx context.Context, in lane, hour time.Time, version *big.Int, figures []Figure) error {
	if len(figures) == 0 {
		return nil
	}
	batch, err := k.o.Conn.PrepareBatch(ctx, kept("remember.sql"))
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	defer func() { _ = batch.Close() }()
	for _, f := range figures {
		if err := batch.Append(f.Tenant, f.Metric, f.Window, f.Cut, hour, f.Questionnaire, f.Detail, f.CutValue, version, string(in), f.Value, f.N, f.Excluded, f.Low, f.High,
			f.Previous, f.PreviousN, f.Change, f.Significant, f.Provisional, f.BelowMinN, string(f.Unit), uint32(f.Version), f.Label); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

// note stores what history has last.
func (k *Keeper) note(ctx context.Context, in lane, u unit, hour time.Time, of map[string][]Figure) error {
	batch, err := k.o.Conn.PrepareBatch(ctx, kept("note.sql"))
	if err != nil {
		return fmt.Errorf("note what history has: %w", err)
	}
	defer func() { _ = batch.Close() }()
	for _, cut := range slices.Sorted(maps.Keys(of)) {
		c := cellsOf(of[cut])
		if err := batch.Append(u.tenant, u.window.Name, string(in), cut, hour, c.metric, c.questionnaire, c.detail, c.cutValue, c.value, c.n, c.unit, c.formula); err != nil {
			return fmt.Errorf("note what history has: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("note what history has: %w", err)
	}
	return nil
}
