package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

//go:embed sql/digest.sql
var digestSQL string

//go:embed sql/digest_contacts.sql
var digestContactsSQL string

// checkFacts holds a table of facts against what has to be there, and against what the contenders before it stored of the same feed.
func (b *bench) checkFacts(ctx context.Context, db database, table string, want int) error {
	n, err := db.number(ctx, "SELECT count() FROM "+table+" FINAL")
	if err != nil {
		return err
	}
	if n != uint64(want) {
		return fmt.Errorf("%s holds %d facts, not the %d of %d records", table, n, want, b.feed.Len)
	}
	sql := digestSQL
	if b.feed.Topic == schemas.TopicServiceEvents {
		sql = digestContactsSQL
	}
	digest, err := db.number(ctx, strings.ReplaceAll(sql, "{{table}}", table))
	if err != nil {
		return err
	}
	if b.digest == 0 {
		b.digest = digest
	}
	if b.digest != digest {
		return fmt.Errorf("%s holds other facts than another contender stored", table)
	}
	return nil
}

// checkLetters holds the dead letters that are stored against the bad events.
func (b *bench) checkLetters(ctx context.Context, db database) error {
	n, err := db.number(ctx, "SELECT count() FROM rapport_store.dead_letters FINAL")
	if err == nil && n != uint64(b.feed.Bad) {
		err = fmt.Errorf("%d dead letters for %d bad events", n, b.feed.Bad)
	}
	return err
}
