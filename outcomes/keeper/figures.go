package keeper

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// logicOf names the version of the functions of package outcomes. Raise it with any change that gives other rows for the same facts.
const logicOf = "outcomes=1"

// markChunk bounds the entities held in memory while all of a tenant are marked.
const markChunk = 50_000

// Figures are the outcomes as what epochs are of: a change of a tenant's window, limit or calendar, or of the logic, has all of its entities recomputed.
// fingerprint names the content of a calendar.
func Figures(conn driver.Conn, p Publisher, fingerprint func(calendar string) string) *rollups.Figures {
	return &rollups.Figures{
		Table: "outcome_epochs", Topic: schemas.TopicStaleEntities, Logic: logicOf, Answered: plain("answered.sql"),
		Fingerprint: func(t tenants.Tenant) string {
			name := fmt.Sprintf("fcr_window_days=%d;service_level_seconds=%d", t.FCRWindowDays, t.ServiceLevelSeconds)
			if t.Calendar != "" {
				name += ";calendar=" + t.Calendar + " " + fingerprint(t.Calendar)
			}
			return name
		},
		Mark: func(ctx context.Context, tenant string, _ rollups.Version) error {
			return MarkAll(ctx, conn, p, tenant)
		},
	}
}

// MarkAll calls every entity of a tenant that has facts stale, or of all where that is empty.
func MarkAll(ctx context.Context, conn driver.Conn, p Publisher, tenant string) (err error) {
	rows, err := conn.Query(ctx, plain("entities.sql"), clickhouse.Named("tenant", tenant))
	if err != nil {
		return fmt.Errorf("outcomes: entities: %w", err)
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	entities := map[schemas.Entity]schemas.Span{}
	for rows.Next() {
		var e schemas.Entity
		var kind string
		if err := rows.Scan(&e.Tenant, &kind, &e.Key); err != nil {
			return fmt.Errorf("outcomes: entities: %w", err)
		}
		e.Kind = schemas.Kind(kind)
		entities[e] = schemas.Span{}
		if len(entities) >= markChunk {
			if err := Mark(ctx, p, entities); err != nil {
				return err
			}
			clear(entities)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("outcomes: entities: %w", err)
	}
	return Mark(ctx, p, entities)
}
