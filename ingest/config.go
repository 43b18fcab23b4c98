package ingest

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Config bounds what requests may ask for.
type Config struct {
	MaxEvents        int           `env:"MAX_EVENTS" envDefault:"500" doc:"most events a request may hold"`
	MaxBodyBytes     int64         `env:"MAX_BODY_BYTES" envDefault:"1048576" doc:"most bytes of a request's body as it is sent"`
	MaxUnpackedBytes int64         `env:"MAX_UNPACKED_BYTES" envDefault:"8388608" doc:"most bytes of a request's body once unpacked"`
	MaxEventBytes    int           `env:"MAX_EVENT_BYTES" envDefault:"1048576" doc:"most bytes of one event, its tenant included; never more than the contract's 1 MiB"`
	MaxInFlightBytes int64         `env:"MAX_IN_FLIGHT_BYTES" envDefault:"67108864" doc:"most bytes of events that all requests together hold in memory; beyond it callers are asked to come back (503)"`
	EventsPerSecond  float64       `env:"EVENTS_PER_SECOND" envDefault:"0" doc:"events a tenant may send per second, with bursts of a second's worth or one full request; 0: no limit"`
	MaxPublishes     int           `env:"MAX_PUBLISHES" envDefault:"64" doc:"publishes that run at the same time; further ones wait within their deadline"`
	BodyTimeout      time.Duration `env:"BODY_TIMEOUT" envDefault:"15s" doc:"time for the whole body to arrive"`
	PublishTimeout   time.Duration `env:"PUBLISH_TIMEOUT" envDefault:"10s" doc:"time for the broker to acknowledge a request's events"`
	AnswerTimeout    time.Duration `env:"ANSWER_TIMEOUT" envDefault:"10s" doc:"time for the caller to read its answer"`
}

// DefaultConfig is Config with nothing set in the environment.
func DefaultConfig() Config {
	return Config{
		MaxEvents: 500, MaxBodyBytes: 1 << 20, MaxUnpackedBytes: 8 << 20, MaxEventBytes: 1 << 20,
		MaxInFlightBytes: 64 << 20, MaxPublishes: 64,
		BodyTimeout: 15 * time.Second, PublishTimeout: 10 * time.Second, AnswerTimeout: 10 * time.Second,
	}
}

// Validate says which settings cannot work.
func (c Config) Validate() error {
	var problems []error
	positive := func(name string, n int64) {
		if n <= 0 {
			problems = append(problems, fmt.Errorf("%s must be more than 0, got %d", name, n))
		}
	}
	positive("MAX_EVENTS", int64(c.MaxEvents))
	positive("MAX_BODY_BYTES", c.MaxBodyBytes)
	positive("MAX_UNPACKED_BYTES", c.MaxUnpackedBytes)
	positive("MAX_EVENT_BYTES", int64(c.MaxEventBytes))
	positive("MAX_PUBLISHES", int64(c.MaxPublishes))
	positive("BODY_TIMEOUT", int64(c.BodyTimeout))
	positive("PUBLISH_TIMEOUT", int64(c.PublishTimeout))
	positive("ANSWER_TIMEOUT", int64(c.AnswerTimeout))
	if c.EventsPerSecond < 0 {
		problems = append(problems, errors.New("EVENTS_PER_SECOND must not be negative"))
	}
	// One request of the largest size must fit: its packed body (read into a doubling buffer), its unpacked body and the
	// events made of it.
	if least := 2*c.MaxBodyBytes + 3*c.MaxUnpackedBytes; c.MaxInFlightBytes < least {
		problems = append(problems, fmt.Errorf("MAX_IN_FLIGHT_BYTES must be at least %d with these limits, got %d", least, c.MaxInFlightBytes))
	}
	return errors.Join(problems...)
}

// ServerConfig bounds connections, whatever is served on them.
type ServerConfig struct {
	HeaderTimeout  time.Duration `env:"HEADER_TIMEOUT" envDefault:"5s" doc:"time for a request's headers to arrive"`
	ReadTimeout    time.Duration `env:"READ_TIMEOUT" envDefault:"30s" doc:"time for a request to arrive in full, where its handler sets no deadline of its own"`
	IdleTimeout    time.Duration `env:"IDLE_TIMEOUT" envDefault:"60s" doc:"time a connection may wait for its next request"`
	MaxHeaderBytes int           `env:"MAX_HEADER_BYTES" envDefault:"32768" doc:"most bytes of a request's headers"`
}

// NewServer is an HTTP server for h with the bounds of c. It has no write timeout: handlers know how long they take.
func NewServer(c ServerConfig, h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: c.HeaderTimeout,
		ReadTimeout:       c.ReadTimeout,
		IdleTimeout:       c.IdleTimeout,
		MaxHeaderBytes:    c.MaxHeaderBytes,
	}
}
