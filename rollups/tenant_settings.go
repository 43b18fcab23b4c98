package rollups

import (
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/tenants"
)

// viewSettings are the settings of a tenant that views read.
type viewSettings struct {
	Tenant              string   `ch:"tenant"`
	TimeZone            string   `ch:"time_zone"`
	ComplaintAgeDays    []uint16 `ch:"complaint_age_days"`
	MinN                uint32   `ch:"min_n"`
	ServiceLevelSeconds uint32   `ch:"service_level_seconds"`
	FCRWindowDays       uint16   `ch:"fcr_window_days"`
	Calendar            string   `ch:"calendar"`
}

func newViewSettings(t tenants.Tenant) viewSettings {
	v := viewSettings{
		Tenant: t.ID, TimeZone: t.Zone.String(), MinN: uint32(t.MinN), ServiceLevelSeconds: uint32(t.ServiceLevelSeconds),
		FCRWindowDays: uint16(t.FCRWindowDays), Calendar: t.Calendar,
	}
	for _, days := range t.ComplaintAgeDays {
		v.ComplaintAgeDays = append(v.ComplaintAgeDays, uint16(days))
	}
	return v
}

func (v viewSettings) equal(o viewSettings) bool {
	return v.Tenant == o.Tenant && v.TimeZone == o.TimeZone && v.MinN == o.MinN && v.ServiceLevelSeconds == o.ServiceLevelSeconds &&
		v.FCRWindowDays == o.FCRWindowDays && v.Calendar == o.Calendar && slices.Equal(v.ComplaintAgeDays, o.ComplaintAgeDays)
}

// saveTenant writes the settings that views need.
func saveTenant(ctx context.Context, o EpochsOptions, t tenants.Tenant, epoch uint64) error {
	v := newViewSettings(t)
	args := []any{
		clickhouse.Named("tenant", v.Tenant), clickhouse.Named("zone", v.TimeZone), clickhouse.Named("epoch", epoch), clickhouse.Named("ages", v.ComplaintAgeDays),
		clickhouse.Named("min_n", v.MinN), clickhouse.Named("level", v.ServiceLevelSeconds), clickhouse.Named("window", v.FCRWindowDays), clickhouse.Named("calendar", v.Calendar),
	}
	if err := o.Conn.Exec(ctx, plain("save_tenant.sql")+pinnedInsert, args...); err != nil {
		return fmt.Errorf("rollups: save settings of %q: %w", t.ID, err)
	}
	return nil
}

// saveChanged writes the settings of tenants of which views have others. What no stored figure depends on raises no epoch, and reaches the views
// this way: of two rows of one epoch the later one holds.
func saveChanged(ctx context.Context, o EpochsOptions, epochs map[string]uint64) error {
	var stored []viewSettings
	if err := o.Conn.Select(ctx, &stored, plain("saved_tenants.sql")); err != nil {
		return fmt.Errorf("rollups: settings that views have: %w", err)
	}
	known := make(map[string]viewSettings, len(stored))
	for _, v := range stored {
		known[v.Tenant] = v
	}
	for name, epoch := range epochs {
		t := o.Settings.For(name)
		t.ID = name
		if name == all || newViewSettings(t).equal(known[name]) {
			continue
		}
		if err := saveTenant(ctx, o, t, epoch); err != nil {
			return err
		}
	}
	return nil
}
