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
func spanOf(t tenants.Tenant, date string, family schemas.Family) (span, error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return span{}, fmt.Errorf("day of tenant %q: %w", t.ID, err)
	}
	from, to := t.Bounds(date)
	const hour = int64(time.Hour / time.Second)
	first, end := from.Unix()/hour, (to.Unix()+hour-1)/hour
	return span{schemas.Day{Tenant: t.ID, Date: date, Family: family}, uint32(max(first, 0)), uint32(max(end, 0))}, nil
}

// daysOfHour are the days of a tenant, of one family, that have a part in an hour: two where the zone's midnight lies within it.
func daysOfHour(t tenants.Tenant, hour time.Time, family schemas.Family) []schemas.Day {
	first, last := t.Day(hour), t.Day(hour.Add(time.Hour-time.Microsecond))
	if first == last {
		return []schemas.Day{{Tenant: t.ID, Date: first, Family: family}}
	}
	return []schemas.Day{{Tenant: t.ID, Date: first, Family: family}, {Tenant: t.ID, Date: last, Family: family}}
}

// daySet is a set of days.
type daySet map[schemas.Day]struct{}

func (s daySet) add(days ...schemas.Day) {
	for _, d := range days {
		s[d] = struct{}{}
	}
}

// sorted are the days by tenant, date and family.
func (s daySet) sorted() []schemas.Day {
	days := make([]schemas.Day, 0, len(s))
	for d := range s {
		days = append(days, d)
	}
	slices.SortFunc(days, compareDays)
	return days
}

func compareDays(a, b schemas.Day) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Family, b.Family))
}

// calendar finds days in the store.
type calendar struct {
	conn     driver.Conn
	settings Settings
}

// AllDays are the days of all families of a tenant that have something in their source, or rollup rows.
func AllDays(ctx context.Context, conn driver.Conn, settings Settings, tenant string) ([]schemas.Day, error) {
	days := daySet{}
	if err := (calendar{conn, settings}).every(ctx, tenant, days); err != nil {
		return nil, err
	}
	return days.sorted(), nil
}

// every adds the days of all families that have something in their source, or rollup rows, of a tenant, or of all where tenant is "".
func (c calendar) every(ctx context.Context, tenant string, into daySet) error {
	for _, f := range families() {
		if err := c.withFacts(ctx, f, tenant, into); err != nil {
			return err
		}
		if err := c.withRows(ctx, f, tenant, into); err != nil {
			return err
		}
	}
	return nil
}

// withFacts adds the days of a family that have something in its source.
func (c calendar) withFacts(ctx context.Context, f family, tenant string, into daySet) error {
	return c.hours(ctx, f, "source_hours.sql", into, clickhouse.Named("tenant", tenant))
}

// withRows adds the days of a family that have rollup rows.
func (c calendar) withRows(ctx context.Context, f family, tenant string, into daySet) error {
	sql, err := render("stored_days.sql", tablesOf(f))
	if err != nil {
		return err
	}
	rows, err := c.conn.Query(ctx, sql, clickhouse.Named("tenant", tenant))
	if err != nil {
		return fmt.Errorf("rollups: stored days: %w", err)
	}
	return each(rows, func() error {
		d := schemas.Day{Family: f.Name}
		if err := rows.Scan(&d.Tenant, &d.Date); err != nil {
			return err
		}
		into.add(d)
		return nil
	})
}

// hours adds the days of the (tenant, hour) pairs of a statement.
func (c calendar) hours(ctx context.Context, f family, statement string, into daySet, args ...any) error {
	sql, err := render(statement, f)
	if err != nil {
		return err
	}
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
		into.add(daysOfHour(c.settings.For(tenant), hour, f.Name)...)
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
