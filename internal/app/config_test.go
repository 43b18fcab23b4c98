package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/ingest"
	"github.com/rapport-project/rapport/internal/app"
)

func TestLoadDefaults(t *testing.T) {
	t.Setenv("RAPPORT_HTTP_ADDR", "10.0.0.1:1") // only what Load is given counts
	c, err := app.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != "127.0.0.1:8080" || c.DefaultTenant != "default" || !c.EmbeddedKafka() || !c.EmbeddedClickHouse() || c.Partitions != 4 ||
		c.FactRetention != 0 || c.Pipeline.BatchEvents != 50000 || c.Lag.StuckAfter != time.Minute || c.Kafka.TLS.Enabled {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(ingest.DefaultConfig(), c.Ingest); diff != "" {
		t.Errorf("ingest's own defaults are others: %s", diff)
	}
}

func TestLoadReadsEveryPartUnderThePrefix(t *testing.T) {
	c, err := app.Load([]string{
		"HTTP_ADDR=1.1.1.1:1", "RAPPORT_KAFKA_BROKERS=a:1, b:2", "RAPPORT_KAFKA_SASL_MECHANISM=PLAIN", "RAPPORT_KAFKA_SASL_USERNAME=u",
		"RAPPORT_CLICKHOUSE_DSN=http://h:8123/d", "RAPPORT_EMBEDDED_CLICKHOUSE_MEMORY_MIB=512", "RAPPORT_INGEST_MAX_EVENTS=7",
		"RAPPORT_HTTP_READ_TIMEOUT=3s", "RAPPORT_SINKS_WRITE_TIMEOUT=4s", "RAPPORT_PIPELINE_LINGER=5s", "RAPPORT_LAG_INTERVAL=6s",
		"RAPPORT_ROLLUPS_LINGER=7s", "RAPPORT_LOG_LEVEL=warn",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != "127.0.0.1:8080" || !slices.Equal(c.KafkaBrokers, []string{"a:1", "b:2"}) || c.EmbeddedKafka() || c.Kafka.SASL.Username != "u" ||
		c.EmbeddedClickHouse() || c.ChildClickHouse.MemoryMiB != 512 || c.Ingest.MaxEvents != 7 || c.HTTP.ReadTimeout != 3*time.Second ||
		c.Sinks.WriteTimeout != 4*time.Second || c.Pipeline.Linger != 5*time.Second || c.Lag.Interval != 6*time.Second ||
		c.Rollups.Linger != 7*time.Second || c.Log.Level != "warn" {
		t.Errorf("%+v", c)
	}
}

func TestLoadEmptyDefaultTenantIsAChoice(t *testing.T) {
	c, err := app.Load([]string{"RAPPORT_DEFAULT_TENANT="})
	if err != nil || c.DefaultTenant != "" {
		t.Fatalf("%q %v", c.DefaultTenant, err)
	}
	defs, err := c.Definitions()
	if err != nil || defs.Parse.DefaultTenant != "" || defs.Processors.DefaultTenant != "" {
		t.Fatalf("%+v %v", defs, err)
	}
	if c, err = app.Load([]string{"RAPPORT_DEFAULT_TENANT=acme"}); err != nil || c.DefaultTenant != "acme" {
		t.Fatalf("%q %v", c.DefaultTenant, err)
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ environ, want string }{
		{"KAFKA_PARTITIONS=four", `RAPPORT_KAFKA_PARTITIONS: "four" is no number`},
		{"LAG_INTERVAL=5", `RAPPORT_LAG_INTERVAL: "5" is no duration, such as`},
		{"FACT_RETENTION=-1h", "RAPPORT_FACT_RETENTION and RAPPORT_SEAL_HORIZON cannot be negative"},
		{"SEAL_HORIZON=-1h", "RAPPORT_FACT_RETENTION and RAPPORT_SEAL_HORIZON cannot be negative"},
		{"FACT_RETENTION=48h", "RAPPORT_SEAL_HORIZON (0s) must be set and shorter than RAPPORT_FACT_RETENTION (48h0m0s)"},
		{"FACT_RETENTION=48h SEAL_HORIZON=48h", "RAPPORT_SEAL_HORIZON (48h0m0s) must be set and shorter"},
		{"KAFKA_PARTITIONS=0", "RAPPORT_KAFKA_PARTITIONS and RAPPORT_KAFKA_REPLICATION must be at least 1"},
		{"KAFKA_REPLICATION=0", "RAPPORT_KAFKA_PARTITIONS and RAPPORT_KAFKA_REPLICATION must be at least 1"},
		{"INGEST_MAX_EVENTS=0", "MAX_EVENTS must be more than 0, got 0"},
		{"KAFKA_BROKERS=nowhere", `kafka: broker "nowhere": want host:port`},
		{"KAFKA_BROKERS=embedded,b:1", `kafka: broker "embedded": want host:port`},
		{"KAFKA_SASL_MECHANISM=GUESS", `SASL mechanism "GUESS"`},
		{"KAFKA_TLS_ENABLED=true KAFKA_TLS_CA_FILE=/nowhere", "TLS authorities"},
		{"CLICKHOUSE_DSN=ftp://user:hush@h/d", "RAPPORT_CLICKHOUSE_DSN: address of ClickHouse: want clickhouse://"},
		{"LOG_LEVEL=loud", "RAPPORT_LOG_LEVEL"},
		{"LOG_FORMAT=xml", `RAPPORT_LOG_FORMAT: "xml" is none of json, text and auto`},
		{"LAG_INTERVAL=0", "RAPPORT_LAG_INTERVAL must be more than 0"},
		{"PIPELINE_BATCH_EVENTS=0", "RAPPORT_PIPELINE_BATCH_EVENTS must be more than 0"},
		{"PIPELINE_RETRY_MIN=0", "RAPPORT_PIPELINE_RETRY_MIN must be more than 0"},
		{"ROLLUPS_CHUNK_DAYS=-1", "RAPPORT_ROLLUPS_CHUNK_DAYS must be more than 0"},
		{"PIPELINE_DRAIN_TIMEOUT=20s", "RAPPORT_PIPELINE_DRAIN_TIMEOUT must be below RAPPORT_PIPELINE_SESSION_TIMEOUT"},
		{"CONFIG_DIR=/nowhere", "RAPPORT_CONFIG_DIR: /nowhere is not a folder"},
		{"CONFIG_DIR=" + file, "is not a folder"},
	} {
		_, err := app.Load(prefixed(c.environ))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", c.environ, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the password is in the message: %v", c.environ, err)
		}
	}
}

func TestLoadSaysEverythingAtOnce(t *testing.T) {
	_, err := app.Load(prefixed("KAFKA_PARTITIONS=0 LAG_INTERVAL=0 CONFIG_DIR=/nowhere"))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Fatalf("%v", err)
	}
}

func prefixed(settings string) []string {
	var out []string
	for s := range strings.FieldsSeq(settings) {
		out = append(out, app.Prefix+s)
	}
	return out
}
