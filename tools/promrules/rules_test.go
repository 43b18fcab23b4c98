package promrules

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

const file = "../../deploy/prometheus/rapport.rules.yml"

// at is when expressions are evaluated: after three hours of a sample a minute.
const at = 3 * time.Hour

// healthy is a system at work with nothing wrong.
const healthy = `load 1m
  rapport_audit_mismatch_total{rollup="contact_days"} 0x180
  rapport_quality_audit_mismatches 0x180
  rapport_kafka_gap_offsets_total{topic="rapport.complaints"} 0x180
  rapport_quality_records{topic="rapport.complaints",what="gaps"} 0x180
  rapport_quality_records{topic="rapport.complaints",what="unexplained"} 0x180
  rapport_consumer_lag{group="g",topic="t",partition="0"} 5 0 7 3x177
  rapport_kafka_commits_total{group="g",result="ok"} 0+10x180
  rapport_pipeline_rejected_total{pipeline="events",reason="not_json"} 0+1x180
  rapport_pipeline_rejected_total{pipeline="events",reason="from_the_future"} 0x180
  rapport_kafka_fetched_records_total{topic="rapport.complaints"} 0+100x180
  rapport_sink_errors_total{table="survey_facts",class="network"} 0+1x180
  rapport_sink_errors_total{table="survey_facts",class="refused"} 0x180
  rapport_pipeline_retries_total{pipeline="events",step="facts"} 0x180
  rapport_kafka_produced_messages_total{topic="t",result="ok"} 0+9x180
  rapport_kafka_produced_messages_total{topic="t",result="error"} 0x180
  rapport_kafka_producer_inflight_bytes{instance="a",job="r"} 0x180
  process_start_time_seconds{instance="a",job="r"} 1000x180
  process_resident_memory_bytes{instance="a",job="r"} 500000000x180
  rapport_embedded_clickhouse_restarts_total 0x180
  rapport_embedded_clickhouse_up 1x180
  rapport_data_dir_free_bytes 5000x180
  rapport_data_dir_size_bytes 9000x180
  rapport_marks_lag{stale="days",partition="0"} 10x180
  rapport_sweep_failures_total 0x180
  rapport_sweep_entities_failures_total 0x180
  rapport_erasures_failures_total 0x180
  rapport_erasures_open{state="taking"} 0x100 1x3 0x77
  rapport_erasures_open_age_seconds{state="taking"} 0x100 60 120 30 0x77
  rapport_quality_failures_total 0x180
  rapport_quality_looked_at_seconds{instance="a"} 0+60x180
  rapport_quality_looked_at_seconds{instance="b"} 0x180
  rapport_rolling_refreshed_at_seconds{lane="days",instance="a"} 0+60x180
  rapport_rolling_refreshed_at_seconds{lane="spans",instance="a"} 0+60x180
  rapport_pipeline_freshness_seconds_bucket{pipeline="events",le="1"} 0+100x180
  rapport_pipeline_freshness_seconds_bucket{pipeline="events",le="128"} 0+100x180
  rapport_pipeline_freshness_seconds_bucket{pipeline="events",le="+Inf"} 0+100x180
  rapport_quality_attribute_values_beyond{tenant="t",attribute="agent"} 0x180
  rapport_ingest_refused_events_total{reason="not_json",type="k"} 0+1x180
  rapport_alert_waiting_age_seconds{receiver="slack",instance="a"} 0x100 30 60 0x78
  rapport_alert_waiting_age_seconds{receiver="slack",instance="b"} 0x180
  rapport_alert_notifications_total{receiver="slack",outcome="sent"} 0+1x180
  rapport_alert_notifications_total{receiver="slack",outcome="refused"} 2x180
  rapport_alert_notifications_total{receiver="slack",outcome="given_up"} 0x180
  rapport_alert_outbox_failures_total{receiver="slack"} 0x180
`

// ill are series under which each alert fires.
var ill = map[string]string{
	"RapportAuditMismatch":      `rapport_audit_mismatch_total{rollup="contact_days"} 0x170 1x10`,
	"RapportGap":                `rapport_kafka_gap_offsets_total{topic="rapport.complaints"} 0x150 7x30`,
	"RapportUnexplained":        `rapport_quality_records{topic="rapport.complaints",what="unexplained"} -1x180`,
	"RapportConsumerStuck":      `rapport_consumer_lag{group="g",topic="t",partition="0"} 5x180` + "\n  " + `rapport_kafka_commits_total{group="g",result="ok"} 9x180`,
	"RapportLagGrows":           `rapport_consumer_lag{group="g",topic="t",partition="0"} 0+500x180`,
	"RapportDeadLetters":        `rapport_pipeline_rejected_total{pipeline="events",reason="not_json"} 0+60x180`,
	"RapportNoEvents":           `rapport_kafka_fetched_records_total{topic="rapport.complaints"} 100x180`,
	"RapportInsertsRefused":     `rapport_sink_errors_total{table="t",class="refused"} 0+1x180`,
	"RapportRetries":            `rapport_pipeline_retries_total{pipeline="events",step="facts"} 0+6x180`,
	"RapportProducerErrors":     `rapport_kafka_produced_messages_total{topic="t",result="error"} 0+1x180`,
	"RapportRestarts":           `process_start_time_seconds{instance="a",job="r"} 1000+60x180` + "\n  " + `rapport_kafka_producer_inflight_bytes{instance="a",job="r"} 0x180`,
	"RapportClickHouseCrashes":  `rapport_embedded_clickhouse_restarts_total 0+1x180`,
	"RapportClickHouseDown":     `rapport_embedded_clickhouse_up 0x180`,
	"RapportDiskNearlyFull":     `rapport_data_dir_free_bytes 100x180` + "\n  " + `rapport_data_dir_size_bytes 9000x180`,
	"RapportMemory":             `process_resident_memory_bytes{instance="a",job="r"} 5000000000x180` + "\n  " + `rapport_kafka_producer_inflight_bytes{instance="a",job="r"} 0x180`,
	"RapportMarksLag":           `rapport_marks_lag{stale="days",partition="0"} 200000x180`,
	"RapportSweeperFails":       `rapport_sweep_failures_total 0+1x180`,
	"RapportErasuresStuck":      `rapport_erasures_open_age_seconds{state="seeking"} 0+60x180`,
	"RapportQualityUnknown":     `rapport_quality_looked_at_seconds 60x180`,
	"RapportRollingStandsStill": `rapport_rolling_refreshed_at_seconds{lane="days",instance="a"} 0+60x170 10200x10`,
	"RapportStale": `rapport_pipeline_freshness_seconds_bucket{pipeline="events",le="1"} 0+50x180
  rapport_pipeline_freshness_seconds_bucket{pipeline="events",le="128"} 0+100x180
  rapport_pipeline_freshness_seconds_bucket{pipeline="events",le="+Inf"} 0+100x180`,
	"RapportClockAhead":        `rapport_pipeline_rejected_total{pipeline="events",reason="from_the_future"} 0+1x180`,
	"RapportAlertsWaiting":     `rapport_alert_waiting_age_seconds{receiver="slack",instance="a"} 0+60x180`,
	"RapportAlertsRefused":     `rapport_alert_notifications_total{receiver="slack",outcome="given_up"} 0x170 1x10`,
	"RapportAlertsBehind":      `rapport_alerts_behind_seconds 400+60x180`,
	"RapportAlertsUnread":      `rapport_alert_outbox_failures_total{receiver="slack"} 0+1x180`,
	"RapportAttributeOverflow": `rapport_quality_attribute_values_beyond{tenant="t",attribute="agent"} 3x180`,
}

func TestRules(t *testing.T) {
	groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	if t.Failed() {
		return
	}
	seen := 0
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			seen++
			t.Run(rule.Alert, func(t *testing.T) {
				if n := fires(t, healthy, rule.Expr); n != 0 {
					t.Errorf("%d alerts while nothing is wrong", n)
				}
				wrong, ok := ill[rule.Alert]
				if !ok {
					t.Fatal("no series under which it fires")
				}
				if n := fires(t, "load 1m\n  "+wrong+"\n", rule.Expr); n == 0 {
					t.Error("does not fire when it should")
				}
			})
		}
	}
	if seen != len(ill) {
		t.Errorf("%d rules, and series for %d", seen, len(ill))
	}
}

// fires is how many series an expression has under a load.
func fires(t *testing.T, load, expr string) int {
	t.Helper()
	store := promqltest.LoadedStorage(t, load)
	engine := promqltest.NewTestEngine(t, false, 0, 1_000_000)
	q, err := engine.NewInstantQuery(context.Background(), store, nil, expr, time.Unix(0, 0).Add(at))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	result := q.Exec(context.Background())
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	v, err := result.Vector()
	if err != nil {
		t.Fatal(err)
	}
	return len(v)
}
