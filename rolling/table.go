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

// storedUnit is what is stored of a unit's lane.
type storedUnit struct {
	asOf    time.Time
	version big.Int
	cuts    []string
	figures []Figure
}

// stored reads what is stored of a unit's lane, as much of it as changes are told by.
func (k *Keeper) stored(ctx context.Context, in lane, u unit) (storedUnit, error) {
	var s storedUnit
	rows, err := k.o.Conn.Query(ctx, kept("stored.sql"), clickhouse.Named("tenant", u.tenant), clickhouse.Named("window", u.window.Name), clickhouse.Named("lane", string(in)))
	if err != nil {
		return s, fmt.Errorf("read stored figures: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var cut string
		var asOf time.Time
		var version big.Int
		var c cells
		if err := rows.Scan(&cut, &asOf, &version, &c.metric, &c.questionnaire, &c.detail, &c.cutValue, &c.value, &c.n, &c.low, &c.high, &c.unit, &c.formula, &c.label); err != nil {
			return s, fmt.Errorf("read stored figures: %w", err)
		}
		s.cuts = append(s.cuts, cut)
		s.figures = append(s.figures, c.figures(u, cut)...)
		if asOf.After(s.asOf) {
			s.asOf = asOf
		}
		if version.Cmp(&s.version) > 0 {
			s.version.Set(&version)
		}
	}
	return s, rows.Err()
}

// store writes the rows of a unit's lane in one insert, so that a reader sees all cuts of one computation.
func (k *Keeper) store(ctx context.Context, in lane, u unit, l basis, of map[string][]Figure) error {
	batch, err := k.o.Conn.PrepareBatch(ctx, kept("store.sql"))
	if err != nil {
		return fmt.Errorf("store figures: %w", err)
	}
	defer func() { _ = batch.Close() }()
	version := l.version()
	for _, cut := range slices.Sorted(maps.Keys(of)) {
		c := cellsOf(of[cut])
		if err := batch.Append(u.tenant, u.window.Name, string(in), cut, l.asOf, version, c.metric, c.questionnaire, c.detail, c.cutValue, c.value, c.n, c.excluded,
			c.low, c.high, c.previous, c.previousN, c.change, c.significant, c.provisional, c.belowMinN, c.unit, c.formula, c.label); err != nil {
			return fmt.Errorf("store figures: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("store figures: %w", err)
	}
	return nil
}

// tenantsStored are those with any figure stored or recorded.
func (k *Keeper) tenantsStored(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	rows, err := k.o.Conn.Query(ctx, kept("tenants.sql"))
	if err != nil {
		return nil, fmt.Errorf("rolling: list the tenants with figures: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("rolling: list the tenants with figures: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// cells are the arrays of a row.
type cells struct {
	metric, questionnaire, detail, cutValue, unit, label []string
	value, low, high, previous, change                   []*float64
	n, excluded, previousN                               []uint64
	significant, provisional, belowMinN                  []bool
	formula                                              []uint32
}

func cellsOf(figures []Figure) cells {
	c := cells{ // a nil slice is no array to the driver
		metric: []string{}, questionnaire: []string{}, detail: []string{}, cutValue: []string{}, unit: []string{}, label: []string{},
		value: []*float64{}, low: []*float64{}, high: []*float64{}, previous: []*float64{}, change: []*float64{},
		n: []uint64{}, excluded: []uint64{}, previousN: []uint64{}, significant: []bool{}, provisional: []bool{}, belowMinN: []bool{}, formula: []uint32{},
	}
	for _, f := range figures {
		c.metric, c.questionnaire, c.detail, c.cutValue = append(c.metric, f.Metric), append(c.questionnaire, f.Questionnaire), append(c.detail, f.Detail), append(c.cutValue, f.CutValue)
		c.value, c.low, c.high, c.previous, c.change = append(c.value, f.Value), append(c.low, f.Low), append(c.high, f.High), append(c.previous, f.Previous), append(c.change, f.Change)
		c.n, c.excluded, c.previousN = append(c.n, f.N), append(c.excluded, f.Excluded), append(c.previousN, f.PreviousN)
		c.significant, c.provisional, c.belowMinN = append(c.significant, f.Significant), append(c.provisional, f.Provisional), append(c.belowMinN, f.BelowMinN)
		c.unit, c.formula, c.label = append(c.unit, string(f.Unit)), append(c.formula, uint32(f.Version)), append(c.label, f.Label)
	}
	return c
}

// figures of a cut, with what was read of them.
func (c cells) figures(u unit, cut string) []Figure {
	out := make([]Figure, len(c.metric))
	for i := range out {
		out[i] = Figure{
			Tenant: u.tenant, Window: u.window.Name, Cut: cut, Metric: c.metric[i], Questionnaire: c.questionnaire[i], Detail: c.detail[i], CutValue: c.cutValue[i],
			Value: c.value[i], N: c.n[i], Unit: metrics.Unit(c.unit[i]), Version: int(c.formula[i]),
		}
		if c.low != nil {
			out[i].Low, out[i].High, out[i].Label = c.low[i], c.high[i], c.label[i]
		}
	}
	return out
}
