package main

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/sinks"
)

//go:embed sql/multiply.sql
var multiplySQL string

// The store that is read and that more is added to: that of one large tenant.
const (
	storeTenant    = "default"
	storeDays      = 90
	storeAgents    = 600
	storeCustomers = 2_000_000
	// templates are the facts that the processors make; the others are copies of them.
	templates = 3 * chunkEvents
	// copiesAtOnce go into one insert, so that parts are merged as those of a store that has grown.
	copiesAtOnce = 8
	// firstTemplate is the number of the first event that facts are made of. Those that come later have other ones.
	firstTemplate = 500_000_000
)

// load fills an empty store with n facts of the storeDays before to, in order of time: what the processing role stores of the survey events that the
// other contenders take in, many times over.
func (b *bench) load(ctx context.Context, db database, c app.Config, n int, to time.Time) error {
	copies := max((n+templates/2)/templates, 1)
	if err := b.template(ctx, db, c, min(templates, n), to); err != nil {
		return fmt.Errorf("make facts to copy: %w", err)
	}
	from := to.AddDate(0, 0, -storeDays)
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_insert_threads": 1, "min_insert_block_size_rows": templates * copiesAtOnce, "min_insert_block_size_bytes": 0,
	}))
	for first := 0; first < copies; first += copiesAtOnce {
		sql := strings.NewReplacer(
			"{{first}}", strconv.Itoa(first), "{{copies}}", strconv.Itoa(min(copiesAtOnce, copies-first)), "{{n}}", strconv.Itoa(copies),
			"{{from}}", strconv.FormatInt(from.UnixMicro(), 10), "{{to}}", strconv.FormatInt(to.UnixMicro(), 10),
			"{{agents}}", strconv.Itoa(storeAgents), "{{customers}}", strconv.Itoa(storeCustomers)).Replace(multiplySQL)
		if err := db.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("copy facts: %w", err)
		}
		if done := first/copiesAtOnce + 1; done%20 == 0 {
			b.say("%d facts loaded", done*copiesAtOnce*templates)
		}
	}
	if err := db.conn.Exec(ctx, "DROP TABLE bench.template SYNC"); err != nil {
		return err
	}
	return b.settled(ctx, db)
}

// template fills bench.template with facts as they are stored.
func (b *bench) template(ctx context.Context, db database, c app.Config, n int, to time.Time) error {
	defs, err := c.Definitions()
	if err != nil {
		return err
	}
	build, sink := pipeline.Events(defs.Processors, defs.Parse), sinks.NewClickHouse(db.conn, c.Sinks, nil)
	feed := events.Responses(firstTemplate, n, func(int) time.Time { return to })
	for from := 0; from < n; from += chunkEvents {
		msgs, _ := messages(feed, from, min(from+chunkEvents, n))
		for i := range msgs {
			msgs[i].Time = to
		}
		batch := build(msgs)
		if len(batch.Facts.Responses) != len(msgs) {
			return fmt.Errorf("%d facts of %d events", len(batch.Facts.Responses), len(msgs))
		}
		if err := sink.Write(ctx, sinks.Batch{Responses: batch.Facts.Responses}); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		"CREATE DATABASE IF NOT EXISTS bench",
		"CREATE TABLE bench.template AS rapport_store.survey_facts ENGINE = MergeTree ORDER BY id",
		"INSERT INTO bench.template SELECT * FROM rapport_store.survey_facts",
		"TRUNCATE TABLE rapport_store.survey_facts SYNC",
		"TRUNCATE TABLE rapport_store.identities SYNC",
	} {
		if err := db.conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// settled waits until no merge runs: a store that has grown over months has its merges behind it.
func (b *bench) settled(ctx context.Context, db database) error {
	return until(ctx, time.Second, func() (bool, error) {
		n, err := db.number(ctx, "SELECT count() FROM system.merges")
		return n == 0, err
	})
}
