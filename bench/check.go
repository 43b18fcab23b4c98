package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed sql/digest.sql
var digestSQL string

// checkFacts holds a table of facts against the number of events, and against what the contenders before it stored.
func (b *bench) checkFacts(ctx context.Context, db database, table string) error {
	n, err := db.number(ctx, "SELECT count() FROM "+table+" FINAL")
	if err != nil {
		return err
	}
	if n != uint64(b.o.events) {
		return fmt.Errorf("%s holds %d facts of %d events", table, n, b.o.events)
	}
	digest, err := db.number(ctx, strings.ReplaceAll(digestSQL, "{{table}}", table))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.digest == 0 {
		b.digest = digest
	}
	if b.digest != digest {
		return fmt.Errorf("%s holds other facts than another contender stored", table)
	}
	return nil
}
