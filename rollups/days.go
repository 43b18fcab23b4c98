package rollups

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// Settings are those of all tenants; *tenants.Settings is one.
type Settings interface {
	// For is a tenant's settings, the defaults where it has none of its own.
	For(id string) tenants.Tenant
	// Configured are the tenants that have settings of their own.
	Configured() []tenants.Tenant
}

// span is a day with the hours of facts that it lies in: firstHour <= hour < endHour, in hours since 1970 UTC.
type span struct {
	schemas.Day
	firstHour, endHour uint32
}

// spanOf is the reach of a day of a tenant. Days of zones with an odd quarter of an hour begin within an hour, which is
// why statements ask for the day beside the hours.
func spanOf(t tenants.Tenant, date string) (span, error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return span{}, fmt.Errorf("day of tenant %q: %w", t.ID, err)
	}
	from, to := t.Bounds(date)
	const hour = int64(time.Hour / time.Second)
	first, end := from.Unix()/hour, (to.Unix()+hour-1)/hour
	return span{schemas.Day{Tenant: t.ID, Date: date}, uint32(max(first, 0)), uint32(max(end, 0))}, nil
}

// daysOfHour are the days of a tenant that have a part in an hour: two where the zone's midnight lies within it.
func daysOfHour(t tenants.Tenant, hour time.Time) []schemas.Day {
	first, last := t.Day(hour), t.Day(hour.Add(time.Hour-time.Microsecond))
	if first == last {
		return []schemas.Day{{Tenant: t.ID, Date: first}}
	}
	return []schemas.Day{{Tenant: t.ID, Date: first}, {Tenant: t.ID, Date: last}}
}

// daySet is a set of days.
type daySet map[schemas.Day]struct{}

func (s daySet) add(days ...schemas.Day) {
	for _, d := range days {
		s[d] = struct{}{}
	}
}

// sorted are the days by tenant and date.
func (s daySet) sorted() []schemas.Day {
	days := make([]schemas.Day, 0, len(s))
	for d := range s {
		days = append(days, d)
	}
	slices.SortFunc(days, compareDays)
	return days
}

func compareDays(a, b schemas.Day) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Date, b.Date))
}

// calendar finds days in the store.
type calendar struct {
	conn     driver.Conn
	settings Settings
}

// withFacts adds the days that have facts of a tenant, or of all where tenant is ”.
func (c calendar) withFacts(ctx context.Context, tenant string, into daySet) error {
	return c.hours(ctx, plain("fact_hours.sql"), into, clickhouse.Named("tenant", tenant))
}

// withRows adds the days that have rollup rows of a tenant, or of all where tenant is ”.
func (c calendar) withRows(ctx context.Context, tenant string, into daySet) error {
	rows, err := c.conn.Query(ctx, plain("stored_days.sql"), clickhouse.Named("tenant", tenant))
	if err != nil {
		return fmt.Errorf("rollups: stored days: %w", err)
	}
	return each(rows, func() error {
		var d schemas.Day
		if err := rows.Scan(&d.Tenant, &d.Date); err != nil {
			return err
		}
		into.add(d)
		return nil
	})
}

// hours adds the days of (tenant, hour) pairs.
func (c calendar) hours(ctx context.Context, sql string, into daySet, args ...any) error {
	rows, err := c.conn.Query(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("rollups: days with facts: %w", err)
	}
	return each(rows, func() error {
		var tenant string
		var hour time.Time
		if err := rows.Scan(&tenant, &hour); err != nil {
			return err
		}
		into.add(daysOfHour(c.settings.For(tenant), hour)...)
		return nil
	})
}

// each calls row for every row and closes rows.
func each(rows driver.Rows, row func() error) (err error) {
	defer func() { err = cmp.Or(err, rows.Close()) }()
	for rows.Next() {
		if err := row(); err != nil {
			return fmt.Errorf("rollups: read row: %w", err)
		}
	}
	return rows.Err()
}
