package app

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/alerts/receivers"
	"github.com/rapport-project/rapport/api"
	embeddedclickhouse "github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/ingest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/internal/telemetry"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/quality"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store"
)

// Embedded as an address means: the engine that comes with the binary.
const Embedded = "embedded"

// Prefix of every setting.
const Prefix = "RAPPORT_"

// Config is every setting of rapport. Each part's settings are declared beside its code and composed here once.
type Config struct {
	HTTPAddr string `env:"HTTP_ADDR" envDefault:"127.0.0.1:8080" doc:"ingest, read API, /metrics, /healthz, /readyz"`
	DataDir  string `env:"DATA_DIR" envDefault:"./data" doc:"where the embedded pair keeps its data"`

	KafkaBrokers      []string `env:"KAFKA_BROKERS" envDefault:"embedded" doc:"host:port, comma-separated; or embedded"`
	EmbeddedKafkaAddr string   `env:"EMBEDDED_KAFKA_ADDR" envDefault:"127.0.0.1:9092" doc:"where the embedded Kafka listens"`
	Partitions        int      `env:"KAFKA_PARTITIONS" envDefault:"4" doc:"partitions of the topics that rapport creates"`
	Replication       int      `env:"KAFKA_REPLICATION" envDefault:"1" doc:"replicas of the topics that rapport creates; 3 on a cluster"`

	ClickHouse      store.Config              `envPrefix:"CLICKHOUSE_"`
	ChildClickHouse embeddedclickhouse.Config `envPrefix:"EMBEDDED_CLICKHOUSE_"`
	Libchdb         string                    `env:"LIBCHDB" doc:"path of the ClickHouse library; empty: where make build put it"`

	MemoryLimit int64 `env:"MEMORY_LIMIT" envDefault:"314572800" doc:"bytes that this process, without the ClickHouse child, keeps its memory under where it can, by collecting garbage more often; 0: no limit. GOMEMLIMIT in the environment wins"`

	ConfigDir     string `env:"CONFIG_DIR" doc:"folder with questionnaires/, calendars/, alerts/ and tenants/ (YAML) that add to the shipped ones or replace them by id"`
	DefaultTenant string `env:"DEFAULT_TENANT" envDefault:"default" doc:"for events on Kafka without tenant; set but empty: such events are refused"`
	APIKeysFile   string `env:"API_KEYS_FILE" doc:"API keys (YAML); without it ingest and read API accept loopback only and the tenant is default"`

	FactRetention time.Duration `env:"FACT_RETENTION" envDefault:"0" doc:"how long facts are kept, as 17520h; 0: for ever"`
	SealHorizon   time.Duration `env:"SEAL_HORIZON" envDefault:"0" doc:"events older than this when they arrive are kept aside as late facts; 0: nothing is too late"`

	Log      telemetry.LogConfig `envPrefix:"LOG_"`
	Kafka    KafkaSecurity       `envPrefix:"KAFKA_"`
	HTTP     ingest.ServerConfig `envPrefix:"HTTP_"`
	Ingest   ingest.Config       `envPrefix:"INGEST_"`
	API      api.Config          `envPrefix:"API_"`
	Sinks    sinks.Config        `envPrefix:"SINKS_"`
	Pipeline pipeline.Config     `envPrefix:"PIPELINE_"`
	Lag      pipeline.LagConfig  `envPrefix:"LAG_"`
	Outcomes keeper.Config       `envPrefix:"OUTCOMES_"`
	Rollups  rollups.Config      `envPrefix:"ROLLUPS_"`
	Rolling  rolling.Config      `envPrefix:"ROLLING_"`
	Quality  quality.Config      `envPrefix:"QUALITY_"`

	Alerts    alerts.Config    `envPrefix:"ALERTS_"`
	Receivers receivers.Config `envPrefix:""`
}

// KafkaSecurity is how to log in to the brokers.
type KafkaSecurity struct {
	TLS  kafka.TLSConfig  `envPrefix:"TLS_"`
	SASL kafka.SASLConfig `envPrefix:"SASL_"`
}

// Load reads the settings from environ (as os.Environ gives them) and says everything that is wrong with them at once.
func Load(environ []string) (Config, error) {
	var c Config
	vars := env.ToMap(environ)
	if err := env.ParseWithOptions(&c, env.Options{Environment: vars, Prefix: Prefix}); err != nil {
		return Config{}, unreadable(vars, err)
	}
	// The library takes an empty variable for an unset one; here empty is a choice of its own.
	if v, ok := vars[Prefix+"DEFAULT_TENANT"]; ok {
		c.DefaultTenant = v
	}
	for i, b := range c.KafkaBrokers {
		c.KafkaBrokers[i] = strings.TrimSpace(b)
	}
	return c, c.validate()
}

func (c Config) validate() error {
	wrong := c.notPositive()
	if c.FactRetention < 0 || c.SealHorizon < 0 {
		wrong = append(wrong, errors.New("RAPPORT_FACT_RETENTION and RAPPORT_SEAL_HORIZON cannot be negative"))
	}
	if c.FactRetention > 0 && (c.SealHorizon == 0 || c.SealHorizon >= c.FactRetention) {
		wrong = append(wrong, fmt.Errorf("RAPPORT_SEAL_HORIZON (%s) must be set and shorter than RAPPORT_FACT_RETENTION (%s): "+
			"a day recomputed after its facts are gone would be wrong", c.SealHorizon, c.FactRetention))
	}
	if c.MemoryLimit < 0 {
		wrong = append(wrong, errors.New("RAPPORT_MEMORY_LIMIT cannot be negative"))
	}
	if c.Pipeline.Parallel < 0 {
		wrong = append(wrong, errors.New("RAPPORT_PIPELINE_PARALLEL cannot be negative"))
	}
	if c.Rolling.Series < 0 {
		wrong = append(wrong, errors.New("RAPPORT_ROLLING_SERIES cannot be negative"))
	}
	if c.Alerts.Delay < 0 {
		wrong = append(wrong, errors.New("RAPPORT_ALERTS_DELAY cannot be negative"))
	}
	if c.Partitions < 1 || c.Replication < 1 {
		wrong = append(wrong, errors.New("RAPPORT_KAFKA_PARTITIONS and RAPPORT_KAFKA_REPLICATION must be at least 1"))
	}
	if err := c.Ingest.Validate(); err != nil {
		wrong = append(wrong, fmt.Errorf("RAPPORT_INGEST_…: %w", err))
	}
	if err := c.API.Validate(); err != nil {
		wrong = append(wrong, fmt.Errorf("RAPPORT_API_…: %w", err))
	}
	if err := c.Receivers.Validate(); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			wrong = append(wrong, errors.New(Prefix+line))
		}
	}
	if err := c.kafka("").Validate(); err != nil {
		wrong = append(wrong, err)
	}
	if !c.EmbeddedClickHouse() {
		if _, err := store.Options(c.ClickHouse); err != nil {
			wrong = append(wrong, fmt.Errorf("RAPPORT_CLICKHOUSE_DSN: %w", err))
		}
	}
	if _, err := zerolog.ParseLevel(c.Log.Level); err != nil {
		wrong = append(wrong, fmt.Errorf("RAPPORT_LOG_LEVEL: %q is none of debug, info, warn and error", c.Log.Level))
	}
	if !slices.Contains([]string{"json", "text", "auto"}, c.Log.Format) {
		wrong = append(wrong, fmt.Errorf("RAPPORT_LOG_FORMAT: %q is none of json, text and auto", c.Log.Format))
	}
	if c.Pipeline.DrainTimeout >= c.Pipeline.SessionTimeout {
		wrong = append(wrong, errors.New("RAPPORT_PIPELINE_DRAIN_TIMEOUT must be below RAPPORT_PIPELINE_SESSION_TIMEOUT"))
	}
	if c.Rolling.HistoryDelay < 0 || c.Rolling.HistoryDelay >= time.Hour {
		wrong = append(wrong, errors.New("RAPPORT_ROLLING_HISTORY_DELAY must be 0 or more, and below 1h"))
	}
	if c.ConfigDir != "" {
		if info, err := os.Stat(c.ConfigDir); err != nil || !info.IsDir() {
			wrong = append(wrong, fmt.Errorf("RAPPORT_CONFIG_DIR: %s is not a folder", c.ConfigDir))
		}
	}
	return errors.Join(wrong...)
}

// notPositive names the bounds and times without which a loop would spin, or never do anything.
func (c Config) notPositive() []error {
	var wrong []error
	for _, s := range []struct {
		name  string
		value int64
	}{
		{"PIPELINE_BATCH_EVENTS", int64(c.Pipeline.BatchEvents)}, {"PIPELINE_BATCH_BYTES", int64(c.Pipeline.BatchBytes)},
		{"PIPELINE_UNPACKED_BYTES", int64(c.Pipeline.UnpackedBytes)},
		{"PIPELINE_STEP_TIMEOUT", int64(c.Pipeline.StepTimeout)}, {"PIPELINE_RETRY_MIN", int64(c.Pipeline.RetryMin)},
		{"PIPELINE_RETRY_MAX", int64(c.Pipeline.RetryMax)}, {"PIPELINE_DRAIN_TIMEOUT", int64(c.Pipeline.DrainTimeout)},
		{"LAG_INTERVAL", int64(c.Lag.Interval)}, {"LAG_STUCK_AFTER", int64(c.Lag.StuckAfter)},
		{"OUTCOMES_BATCH_MARKS", int64(c.Outcomes.BatchMarks)}, {"OUTCOMES_CHUNK_ENTITIES", int64(c.Outcomes.ChunkEntities)},
		{"OUTCOMES_STEP_TIMEOUT", int64(c.Outcomes.StepTimeout)}, {"OUTCOMES_SWEEP_ENTITIES", int64(c.Outcomes.SweepEntities)},
		{"OUTCOMES_SWEEP_PAUSE", int64(c.Outcomes.SweepPause)},
		{"ROLLUPS_BATCH_MARKS", int64(c.Rollups.BatchMarks)}, {"ROLLUPS_CHUNK_DAYS", int64(c.Rollups.ChunkDays)},
		{"ROLLUPS_STEP_TIMEOUT", int64(c.Rollups.StepTimeout)}, {"ROLLUPS_SWEEP_DAYS", int64(c.Rollups.SweepDays)},
		{"ROLLUPS_SWEEP_PAUSE", int64(c.Rollups.SweepPause)},
		{"ROLLING_INTERVAL", int64(c.Rolling.Interval)}, {"ROLLING_TIMEOUT", int64(c.Rolling.Timeout)}, {"ROLLING_RETRY_MAX", int64(c.Rolling.RetryMax)},
		{"ROLLING_REST", int64(c.Rolling.Rest)}, {"ROLLING_HEAVY_REST", int64(c.Rolling.HeavyRest)},
		{"ALERTS_PARALLEL", int64(c.Alerts.Parallel)}, {"ALERTS_TIMEOUT", int64(c.Alerts.Timeout)},
		{"QUALITY_INTERVAL", int64(c.Quality.Interval)}, {"QUALITY_TIMEOUT", int64(c.Quality.Timeout)}, {"QUALITY_SERIES", int64(c.Quality.Series)},
	} {
		if s.value <= 0 {
			wrong = append(wrong, fmt.Errorf("%s%s must be more than 0", Prefix, s.name))
		}
	}
	return wrong
}

// EmbeddedKafka says whether the broker is the one that comes with the binary.
func (c Config) EmbeddedKafka() bool {
	return len(c.KafkaBrokers) == 1 && c.KafkaBrokers[0] == Embedded
}

// EmbeddedClickHouse says whether the database is the one that comes with the binary.
func (c Config) EmbeddedClickHouse() bool { return c.ClickHouse.DSN == Embedded }

// publicURL is where readers of alerts reach this process.
func (c Config) publicURL() string {
	if c.Receivers.PublicURL != "" {
		return strings.TrimRight(c.Receivers.PublicURL, "/")
	}
	return "http://" + c.HTTPAddr
}

func (c Config) kafka(clientID string) kafka.Config {
	brokers := c.KafkaBrokers
	if c.EmbeddedKafka() {
		brokers = []string{c.EmbeddedKafkaAddr}
	}
	return kafka.Config{Brokers: brokers, ClientID: clientID, TLS: c.Kafka.TLS, SASL: c.Kafka.SASL}
}

// clickhouse is how to reach the database, embedded or not.
func (c Config) clickhouse() store.Config {
	out := c.ClickHouse
	if c.EmbeddedClickHouse() {
		out.DSN = "http://" + c.ChildClickHouse.Addr
	}
	return out
}
