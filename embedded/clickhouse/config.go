package clickhouse

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Config is what an operator may set.
type Config struct {
	// Addr is the address of the HTTP interface. There is no login, so it should be a loopback address. With port 0 a free
	// one is taken, for callers that ask Supervisor.Addr for it; rapport dials what is set here and needs a fixed port.
	Addr string `env:"ADDR" envDefault:"127.0.0.1:8123" doc:"where the embedded ClickHouse listens (HTTP)"`
	// MemoryMiB bounds the memory of the engine, in MiB; 0 is half of the machine's.
	MemoryMiB int `env:"MEMORY_MIB" envDefault:"0" doc:"memory of the embedded ClickHouse in MiB; 0: half of the machine's"`
	// MaxConnections is how many queries run at once; further ones wait up to 30 s. Queries that read tables leave 4 of them
	// to inserts and short statements.
	MaxConnections int `env:"MAX_CONNECTIONS" envDefault:"32" doc:"queries that the embedded ClickHouse runs at once; further ones wait"`
	// LockWait is how long a start waits for a dying predecessor to let go of the data directory.
	LockWait time.Duration `env:"LOCK_WAIT" envDefault:"15s" doc:"how long a start waits for a dying predecessor to let go of the data folder"`
	// StopTimeout is how long running queries get to end when the process stops: after half of it they are cancelled, after
	// all of it the child is killed.
	StopTimeout time.Duration `env:"STOP_TIMEOUT" envDefault:"10s" doc:"how long running queries get to end when the process stops"`
}

// withDefaults fills what the caller left out with the same values an operator gets.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8123"
	}
	if c.MaxConnections <= 0 {
		c.MaxConnections = 32
	}
	if c.LockWait <= 0 {
		c.LockWait = 15 * time.Second
	}
	if c.StopTimeout <= 0 {
		c.StopTimeout = 10 * time.Second
	}
	return c
}

// Options are what a Supervisor needs.
type Options struct {
	Config
	// DataDir is the directory of the database; it is created when missing.
	DataDir string
	// Library is the file name of libchdb.so; empty looks where LibraryPath says.
	Library string
	// Command starts the child: a program and arguments that end in ChildMain. Empty is this executable without arguments.
	Command []string
	// Log gets starts, stops and crashes, and what the child logs.
	Log zerolog.Logger
	// Registerer gets the metrics; nil registers none.
	Registerer prometheus.Registerer
}
