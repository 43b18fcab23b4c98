package keeper

import (
	"context"
	"fmt"
	"strings"
	"text/template"

	"github.com/rapport-project/rapport/schemas"
)

// digest is a number for each entity of a kind that changes with any of the facts its outcome comes from. Facts are only ever added and replaced by
// higher versions, so that it never comes back to what it was, as an outcome may.
func (k *Keeper) digest(ctx context.Context, kind schemas.Kind, entities []schemas.Entity) (map[schemas.Entity]uint64, error) {
	t, err := template.ParseFS(files, "sql/digest.sql")
	if err != nil {
		return nil, fmt.Errorf("outcomes: statement: %w", err)
	}
	var own strings.Builder
	if err := t.Execute(&own, sourceOf(kind)); err != nil {
		return nil, fmt.Errorf("outcomes: statement digest.sql: %w", err)
	}
	statements := []string{own.String()}
	if kind == schemas.ChainOfContacts {
		statements = append(statements, plain("digest_of_cases.sql"))
	}
	sums := make(map[schemas.Entity]uint64, len(entities))
	keys := func(yield func(string, string) bool) {
		for _, e := range entities {
			if !yield(e.Tenant, e.Key) {
				return
			}
		}
	}
	for _, sql := range statements {
		err := k.about(ctx, keys, func(ctx context.Context) error {
			return k.rows(ctx, sql, func(scan func(...any) error) error {
				e := schemas.Entity{Kind: kind}
				var sum uint64
				err := scan(&e.Tenant, &e.Key, &sum)
				sums[e] = sums[e]*31 + sum // not a plain sum, in which the two could make up for each other
				return err
			})
		})
		if err != nil {
			return nil, fmt.Errorf("outcomes: digest of %d entities: %w", len(entities), err)
		}
	}
	return sums, nil
}
