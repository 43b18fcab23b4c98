package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

//go:embed sql/kafka_engine.sql
var kafkaEngineSQL string

// engineTable is where the materialized view puts the rows.
const engineTable = "bench.survey_facts"

// runKafkaEngine lets ClickHouse read the topic itself.
func runKafkaEngine(ctx context.Context, b *bench, round int) ([]took, error) {
	group := fmt.Sprintf("bench-clickhouse-%d", round)
	set := b.engineSettings()
	sql := strings.NewReplacer("{{broker}}", b.kafka.Brokers[0], "{{topic}}", schemas.TopicSurveyResponses, "{{group}}", group,
		"{{consumers}}", set["consumers"], "{{threads}}", set["threads"], "{{block}}", set["block"], "{{poll}}", set["poll"], "{{flush}}", set["flush"]).Replace(kafkaEngineSQL)
	var out []took
	err := b.withDatabase(ctx, func(ctx context.Context, db database) error {
		for _, statement := range strings.Split(sql, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if err := db.conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		watch, err := b.assigned(ctx, group)
		if err != nil {
			return err
		}
		if err := db.filled(ctx, engineTable, b.o.events); err != nil {
			return err
		}
		out = []took{watch.take()}
		if err := b.checkFacts(ctx, db, engineTable); err != nil {
			return err
		}
		return db.conn.Exec(ctx, "DROP TABLE bench.feed SYNC")
	})
	return out, err
}

// engineSettings are those of the Kafka table; -set engine_NAME=value tries others.
func (b *bench) engineSettings() map[string]string {
	out := map[string]string{"consumers": "2", "threads": "1", "block": "65536", "poll": "65536", "flush": "500"}
	for _, s := range b.o.settings {
		if name, value, ok := strings.Cut(s, "="); ok && strings.HasPrefix(name, "engine_") {
			out[strings.TrimPrefix(name, "engine_")] = value
		}
	}
	return out
}
