package quality

import "time"

// Config is the pace of the watcher and the number of its series.
type Config struct {
	Interval time.Duration `env:"INTERVAL" envDefault:"30s" doc:"shortest wait between two looks at the quality of what is stored; 20 times the last one's length where that is more"`
	Timeout  time.Duration `env:"TIMEOUT" envDefault:"120s" doc:"how long one statement of such a look may take"`
	Series   int           `env:"SERIES" envDefault:"50" doc:"most sources, and most attributes, with series of their own on /metrics; the other sources are one, other"`
}
