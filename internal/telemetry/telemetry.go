// Package telemetry is what an operator sees of a process: its log, its metrics, and whether it is well.
package telemetry

import (
	"io"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
)

// LogConfig says how a process logs.
type LogConfig struct {
	Level  string `env:"LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	Format string `env:"FORMAT" envDefault:"auto" doc:"json, text, or auto: text on a terminal"`
}

// NewLogger writes to w; terminal says whether w is one.
func NewLogger(c LogConfig, w io.Writer, terminal bool) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(c.Level)
	if err != nil {
		return zerolog.Nop(), err
	}
	if c.Format == "text" || c.Format == "auto" && terminal {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: "15:04:05.000", NoColor: !terminal}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), nil
}

// NewRegistry holds a process's metrics, with those of the Go runtime and the process itself.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}
