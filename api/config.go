package api

import (
	"errors"
	"fmt"
	"time"
)

// Config bounds what requests may ask for.
type Config struct {
	MaxRows          int           `env:"MAX_ROWS" envDefault:"50000" doc:"most figures that an answer may hold or be made of; what comes to more is refused"`
	PageRows         int           `env:"PAGE_ROWS" envDefault:"1000" doc:"figures, events or alerts of a page where the caller does not say"`
	MaxPageRows      int           `env:"MAX_PAGE_ROWS" envDefault:"10000" doc:"most figures, events or alerts that a caller may ask for in one page"`
	MaxSteps         int           `env:"MAX_STEPS" envDefault:"2200" doc:"most hours or days of a series: 90 days by the hour"`
	Timeout          time.Duration `env:"TIMEOUT" envDefault:"15s" doc:"time that computing an answer may take"`
	MaxQueries       int           `env:"MAX_QUERIES" envDefault:"8" doc:"requests of all tenants that are computed at the same time"`
	MaxTenantQueries int           `env:"MAX_TENANT_QUERIES" envDefault:"4" doc:"requests of one tenant that are computed at the same time"`
	QueueTimeout     time.Duration `env:"QUEUE_TIMEOUT" envDefault:"3s" doc:"how long a request waits for others to be done before it is asked to come back (429, 503)"`
	AnswerTimeout    time.Duration `env:"ANSWER_TIMEOUT" envDefault:"30s" doc:"time for the caller to read its answer"`
}

// DefaultConfig is Config with nothing set in the environment.
func DefaultConfig() Config {
	return Config{
		MaxRows: 50_000, PageRows: 1000, MaxPageRows: 10_000, MaxSteps: 2200, Timeout: 15 * time.Second,
		MaxQueries: 8, MaxTenantQueries: 4, QueueTimeout: 3 * time.Second, AnswerTimeout: 30 * time.Second,
	}
}

// Validate says which settings cannot work.
func (c Config) Validate() error {
	var wrong []error
	for _, s := range []struct {
		name  string
		value int64
	}{
		{"MAX_ROWS", int64(c.MaxRows)}, {"PAGE_ROWS", int64(c.PageRows)}, {"MAX_PAGE_ROWS", int64(c.MaxPageRows)}, {"MAX_STEPS", int64(c.MaxSteps)},
		{"TIMEOUT", int64(c.Timeout)}, {"MAX_QUERIES", int64(c.MaxQueries)}, {"MAX_TENANT_QUERIES", int64(c.MaxTenantQueries)},
		{"QUEUE_TIMEOUT", int64(c.QueueTimeout)}, {"ANSWER_TIMEOUT", int64(c.AnswerTimeout)},
	} {
		if s.value <= 0 {
			wrong = append(wrong, fmt.Errorf("%s must be more than 0", s.name))
		}
	}
	if c.PageRows > c.MaxPageRows {
		wrong = append(wrong, errors.New("PAGE_ROWS must not be more than MAX_PAGE_ROWS"))
	}
	if c.MaxPageRows > c.MaxRows {
		wrong = append(wrong, errors.New("MAX_PAGE_ROWS must not be more than MAX_ROWS"))
	}
	return errors.Join(wrong...)
}
