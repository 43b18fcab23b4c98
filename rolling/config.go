package rolling

import "time"

// Config is the pace of the keeper of rolling figures.
type Config struct {
	Interval     time.Duration `env:"INTERVAL" envDefault:"2s" doc:"how often the keeper of rolling figures looks for what changed; RAPPORT_ROLLING_REST times the last round's length where that is more, up to 5s, and less where rounds would begin more than 7s apart"`
	Rest         int           `env:"REST" envDefault:"3" doc:"how many times as long as its last round the keeper of rolling figures rests, so that it leaves most of the machine to events that keep coming"`
	Timeout      time.Duration `env:"TIMEOUT" envDefault:"60s" doc:"how long the rolling figures of one tenant and window may take before they are tried again, the others first"`
	RetryMax     time.Duration `env:"RETRY_MAX" envDefault:"1m" doc:"longest wait before the rolling figures of a tenant and window that failed are tried again"`
	HeavyRest    int           `env:"HEAVY_REST" envDefault:"10" doc:"how many times as long as it took to compute them the keeper leaves those figures alone that no day adds up to: by customer, coverage, importance, response rate"`
	LiveFacts    int           `env:"LIVE_FACTS" envDefault:"50000" doc:"how many survey facts of a tenant one figure reads before sums of its busy hours are kept in memory, to which only what is new is added"`
	LiveMiB      int           `env:"LIVE_MIB" envDefault:"128" doc:"about how much memory those sums take, in MiB: 12 bytes a fact of hours in which any comes; without room facts are read again for each figure"`
	HistoryDelay time.Duration `env:"HISTORY_DELAY" envDefault:"5m" doc:"how long after an hour its row of rolling_metrics_history is written, so that events no later than this are in it; below 1h"`
	Publish      bool          `env:"PUBLISH" envDefault:"true" doc:"publish rolling figures that changed to the topic rapport.metrics"`
	Series       int           `env:"SERIES" envDefault:"2000" doc:"most rolling figures with series on /metrics, of all tenants: overall ones first, then those of single attributes with the most observations; 0: none"`
}
