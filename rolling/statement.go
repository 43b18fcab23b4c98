package rolling

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"math"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/tenants"
)

//go:embed sql/*.sql
var files embed.FS

// source is one of the two that sums come from.
type source int

const (
	wholeDays source = iota
	pieces
)

// read adds one table's part of a plan to an answer.
func (c *Computer) read(ctx context.Context, t tenants.Tenant, r *reader, from source, p plan, a *answer) error {
	args := []any{clickhouse.Named("tenant", t.ID)}
	if strings.Contains(r.expressions(), "{judged:") {
		args = append(args, clickhouse.Named("judged", a.judged))
	}
	var inner string
	var err error
	switch {
	case from == wholeDays && len(p.days) > 0:
		inner, err = render("days.sql", struct {
			Table   string
			Columns []string
		}{r.table, r.names()})
		args = append(args, daysOf(p)...)
		args = append(args, clickhouse.Named("cuts", a.q.Cuts))
	case from == pieces && len(p.pieces) > 0:
		inner, err = rollups.Spans(r.table, a.q.Cuts, a.over.values)
		args = append(args, piecesOf(p.pieces)...)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	sql, err := render("read.sql", struct {
		Keys []column
		Sums []string
		From string
	}{r.keys, r.sums(), inner})
	if err != nil {
		return err
	}
	if err := c.query(ctx, sql, args, r.destinations(), func(slot uint16, cut, value string) {
		a.take(r, p.slots[slot-1], cut, value)
	}); err != nil {
		return fmt.Errorf("%s: %w", r.table, err)
	}
	return nil
}

// query runs a statement whose rows begin with slot, cut and value, and calls row after each was scanned.
func (c *Computer) query(ctx context.Context, sql string, args, destinations []any, row func(slot uint16, cut, value string)) (err error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	rows, err := c.o.Conn.Query(ctx, sql+c.settings(), args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer func() { err = cmp.Or(err, rows.Close()) }()
	var slot uint16
	var cut, value string
	into := append([]any{&slot, &cut, &value}, destinations...)
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
		row(slot, cut, value)
	}
	if took := time.Since(began); took > c.o.Timeout/2 {
		c.o.Log.Warn().Dur("took", took).Int("rows", n).Msg("a query of rolling figures takes long")
	}
	return rows.Err()
}

// settings end a statement: what keeps FINAL exact, and bounds on time and rows that fail rather than cut off.
func (c *Computer) settings() string {
	return rollups.Pinned + fmt.Sprintf(",\n    max_execution_time = %d, timeout_overflow_mode = 'throw', max_result_rows = %d, result_overflow_mode = 'throw'",
		int(math.Ceil(c.o.Timeout.Seconds())), c.o.MaxRows)
}

// daysOf are the parameters of days.sql.
func daysOf(p plan) []any {
	days, slots := make([]int32, len(p.days)), make([]uint16, len(p.days))
	for i, d := range p.days {
		date, err := time.Parse(time.DateOnly, d.date)
		if err == nil {
			days[i] = int32(date.Unix() / (24 * 60 * 60))
		}
		slots[i] = uint16(d.slot)
	}
	return []any{clickhouse.Named("days", days), clickhouse.Named("slots", slots)}
}

// piecesOf are the parameters of rollups.Spans.
func piecesOf(all []piece) []any {
	bounds, slots, first, end := runsOf(all)
	return []any{
		clickhouse.Named("bounds", bounds), clickhouse.Named("slots", slots), clickhouse.Named("first_hours", first), clickhouse.Named("end_hours", end),
	}
}

// runsOf are pieces as a statement looks them up: the slot of a time is that of the last bound at or before it. Beside them are the hours that they lie in.
func runsOf(all []piece) (bounds []int64, slots []uint16, first, end []uint32) {
	bounds, slots = []int64{math.MinInt64 / 2}, []uint16{0}
	for _, p := range all {
		if last := len(bounds) - 1; bounds[last] == p.from {
			slots[last] = uint16(p.slot)
		} else {
			bounds, slots = append(bounds, p.from), append(slots, uint16(p.slot))
		}
		bounds, slots = append(bounds, p.to), append(slots, 0)
		from, to := hours(p)
		if n := len(end); n > 0 && from <= end[n-1] {
			end[n-1] = max(end[n-1], to)
			continue
		}
		first, end = append(first, from), append(end, to)
	}
	return bounds, slots, first, end
}

// hours that a piece lies in, first <= hour < end, since 1970.
func hours(p piece) (first, end uint32) {
	const hour = int64(time.Hour / time.Microsecond)
	return uint32(max(p.from, 0) / hour), uint32((max(p.to, 0) + hour - 1) / hour)
}

// expressions are those of all keys.
func (r *reader) expressions() string {
	var all strings.Builder
	for _, k := range r.keys {
		all.WriteString(k.expression)
	}
	return all.String()
}

// render fills in a statement's template. Only names go in that way; values are parameters of the query.
func render(name string, data any) (string, error) {
	t, err := template.ParseFS(files, "sql/*.sql")
	if err != nil {
		return "", fmt.Errorf("rolling: statement: %w", err)
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("rolling: statement %s: %w", name, err)
	}
	return b.String(), nil
}
