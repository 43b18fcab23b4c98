package rollups

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// logicOf names the version of the recompute statements. Raise it with any change that gives other rows for the same facts.
const logicOf = "logic=4"

// rollupFigures are the rollups as what epochs are of.
func rollupFigures(o EpochsOptions) Figures {
	return Figures{
		Table: "epochs", Topic: schemas.TopicStaleDays, Logic: logicOf, Fingerprint: tenants.Tenant.Fingerprint, Answered: ofAllTables("answered.sql"),
		Mark: func(ctx context.Context, tenant string, in Version) error {
			if tenant != all {
				if err := emptyDroppedCuts(ctx, o, tenant, in); err != nil {
					return err
				}
			}
			days := daySet{}
			c := calendar{o.Conn, o.Settings}
			if err := c.every(ctx, tenant, days); err != nil {
				return err
			}
			return Mark(ctx, o.Publisher, days.sorted())
		},
		Saved:  func(ctx context.Context, t tenants.Tenant, epoch uint64) error { return saveTenant(ctx, o, t, epoch) },
		Begins: func(ctx context.Context, epochs map[string]uint64) error { return saveChanged(ctx, o, epochs) },
	}
}

// emptyDroppedCuts writes empty rows over those of cuts that the tenant no longer has: no recompute would ever touch them.
func emptyDroppedCuts(ctx context.Context, o EpochsOptions, tenant string, in Version) error {
	cuts, err := cutsOf(o.Settings.For(tenant).Cuts)
	if err != nil {
		return fmt.Errorf("rollups: tenant %q: %w", tenant, err)
	}
	names := make([]string, len(cuts))
	for i, c := range cuts {
		names[i] = c.Name
	}
	for _, table := range tables() {
		sql := "INSERT INTO rapport_store." + table.Name + " (tenant, cut, day, version)\n" +
			"SELECT DISTINCT tenant, cut, day, toUInt128({version:String}) FROM rapport_store." + table.Name +
			" WHERE tenant = {tenant:String} AND NOT has({cuts:Array(String)}, cut)" + pinnedInsert
		err := o.Conn.Exec(ctx, sql, clickhouse.Named("tenant", tenant), clickhouse.Named("cuts", names), clickhouse.Named("version", in.String()))
		if err != nil {
			return fmt.Errorf("rollups: empty dropped cuts of tenant %q: %w", tenant, err)
		}
	}
	return nil
}
