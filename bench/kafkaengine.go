package main

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/schemas"
)

//go:embed sql/kafka_engine.sql
var kafkaEngineSQL string

//go:embed sql/kafka_engine_contacts.sql
var kafkaEngineContactsSQL string

// Where the materialized views put the rows.
const (
	engineTable         = "bench.survey_facts"
	engineContactsTable = "bench.contact_facts"
)

// runKafkaEngine lets ClickHouse read the topic itself.
func runKafkaEngine(ctx context.Context, b *bench, round int) ([]took, error) {
	group := fmt.Sprintf("bench-clickhouse-%d", round)
	sql, table := kafkaEngineSQL, engineTable
	if b.feed.Topic == schemas.TopicServiceEvents {
		sql, table = kafkaEngineContactsSQL, engineContactsTable
	}
	sql = b.engineStatements(sql, group)
	var out []took
	err := b.withDatabase(ctx, func(ctx context.Context, db database) error {
		// It reads before the last statement is answered, and must not before the clock starts.
		var watch stopwatch
		started, watching := errgroup.WithContext(ctx)
		started.Go(func() (err error) {
			watch, err = b.joined(watching, group)
			return err
		})
		started.Go(func() error {
			for _, statement := range strings.Split(sql, ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if err := db.conn.Exec(watching, statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		})
		if err := started.Wait(); err != nil {
			return err
		}
		if err := b.taken(ctx, group); err != nil {
			return err
		}
		out = []took{watch.take()}
		// What is well-formed it takes for a fact, whatever the contract says of it.
		if err := b.checkFacts(ctx, db, table, b.feed.Distinct+b.feed.Unseen); err != nil {
			return err
		}
		return db.conn.Exec(ctx, "DROP TABLE bench.feed SYNC")
	})
	return out, err
}

// engineStatements fills the settings of the Kafka table in; -set engine_NAME=value tries others. Where the feed has bad events it gets the rows of what it cannot read as
// rows with an error, and leaves them out: else it would stop at the first.
func (b *bench) engineStatements(sql, group string) string {
	set := map[string]string{
		"broker": b.kafka.Brokers[0], "topic": b.feed.Topic, "group": group, "errors": "default", "where": "",
		"consumers": "2", "threads": "1", "block": "262144", "poll": "65536", "flush": "2000",
	}
	if b.feed.Bad > 0 {
		set["errors"], set["where"] = "stream", "WHERE _error = ''"
	}
	maps.Copy(set, b.own("engine_"))
	for name, value := range set {
		sql = strings.ReplaceAll(sql, "{{"+name+"}}", value)
	}
	return sql
}
