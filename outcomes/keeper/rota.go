package keeper

import (
	"context"
	"fmt"
	"strings"
	"text/template"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/schemas"
)

// rota says which entities of a kind a round of the sweeper compares: those with facts that came since the last round, and by turns all others.
type rota struct {
	keeper *Keeper
	kind   schemas.Kind
	source source
	seen   map[string]int64 // highest block of facts looked at, by partition of the table
	last   schemas.Entity   // where the turn is
}

// source is where the facts of a kind are, sorted by entity, and the column that names it.
type source struct{ Facts, Key string }

func sourceOf(kind schemas.Kind) source {
	switch kind {
	case schemas.ChainOfContacts:
		return source{"contacts_by_chain", "chain"}
	case schemas.CaseOfWork:
		return source{"milestones_by_case", "case_id"}
	}
	return source{"complaint_events_by_id", "complaint_id"}
}

func newRota(k *Keeper, kind schemas.Kind) *rota {
	return &rota{keeper: k, kind: kind, source: sourceOf(kind)}
}

func (r *rota) next(ctx context.Context) ([]schemas.Entity, error) {
	blocks, err := r.blocks(ctx)
	if err != nil {
		return nil, err
	}
	limit := uint64(max(r.keeper.o.SweepEntities, 1))
	seen := map[schemas.Entity]bool{}
	// The first round leaves all to the turn: to it, every fact is new.
	if r.seen != nil {
		partitions, numbers := make([]string, 0, len(r.seen)), make([]int64, 0, len(r.seen))
		for p, b := range r.seen {
			partitions, numbers = append(partitions, p), append(numbers, b)
		}
		recent, err := r.entities(ctx, "touched.sql", clickhouse.Named("partitions", partitions), clickhouse.Named("blocks", numbers), clickhouse.Named("limit", limit))
		if err != nil {
			return nil, err
		}
		for _, e := range recent {
			seen[e] = true
		}
	}
	r.seen = blocks
	turn, err := r.entities(ctx, "turn.sql", clickhouse.Named("tenant", r.last.Tenant), clickhouse.Named("key", r.last.Key), clickhouse.Named("limit", limit))
	if err != nil {
		return nil, err
	}
	r.last = schemas.Entity{}
	if uint64(len(turn)) == limit {
		r.last = turn[len(turn)-1]
	}
	for _, e := range turn {
		seen[e] = true
	}
	all := make([]schemas.Entity, 0, len(seen))
	for e := range seen {
		all = append(all, e)
	}
	return all, nil
}

func (r *rota) entities(ctx context.Context, statement string, args ...any) ([]schemas.Entity, error) {
	var found []schemas.Entity
	err := r.query(ctx, statement, args, func(scan func(...any) error) error {
		e := schemas.Entity{Kind: r.kind}
		err := scan(&e.Tenant, &e.Key)
		found = append(found, e)
		return err
	})
	return found, err
}

func (r *rota) blocks(ctx context.Context) (map[string]int64, error) {
	blocks := map[string]int64{}
	err := r.query(ctx, "blocks.sql", nil, func(scan func(...any) error) error {
		var partition string
		var block int64
		err := scan(&partition, &block)
		blocks[partition] = block
		return err
	})
	return blocks, err
}

func (r *rota) query(ctx context.Context, statement string, args []any, row func(scan func(...any) error) error) error {
	t, err := template.ParseFS(files, "sql/"+statement)
	if err != nil {
		return fmt.Errorf("outcomes: statement: %w", err)
	}
	var sql strings.Builder
	if err := t.Execute(&sql, r.source); err != nil {
		return fmt.Errorf("outcomes: statement %s: %w", statement, err)
	}
	ctx, cancel := context.WithTimeout(ctx, r.keeper.o.StepTimeout)
	defer cancel()
	if err := r.keeper.rows(ctx, sql.String(), row, args...); err != nil {
		return fmt.Errorf("outcomes: %s: %w", statement, err)
	}
	return nil
}
