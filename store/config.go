package store

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says where ClickHouse is and how patiently to talk to it.
type Config struct {
	// DSN is `clickhouse://user:password@host:9000/database` (native protocol) or `http(s)://user:password@host:8123/database`;
	// its query takes clickhouse-go's options, as compress=zstd, and settings of ClickHouse. Without compress, what goes to other
	// machines is compressed with lz4.
	DSN string `env:"DSN" envDefault:"embedded" secret:"url" doc:"clickhouse://user:password@host:9000/database, or http(s)://user:password@host:8123/database; or embedded. compress=none, lz4 or zstd; without it lz4, and none to this machine"`
	// MaxConns bounds the connections in use at once; 0 means 10. A caller beyond them waits for DialTimeout.
	MaxConns int `env:"MAX_CONNS" envDefault:"10" doc:"most connections to ClickHouse in use at once"`
	// DialTimeout bounds connecting and waiting for a free connection; 0 means 10 s.
	DialTimeout time.Duration `env:"DIAL_TIMEOUT" envDefault:"10s" doc:"how long connecting to ClickHouse, or waiting for a free connection, may take"`
	// ReadTimeout bounds the wait for an answer where the caller's context sets no earlier deadline; 0 means 5 min.
	ReadTimeout time.Duration `env:"READ_TIMEOUT" envDefault:"5m" doc:"how long to wait for an answer of ClickHouse where nothing sets an earlier deadline"`
}

// Open makes a pool of connections without connecting: ClickHouse may still be starting. Every query of the pool runs with the
// settings that exactness rests on; those in the DSN do not override them.
func Open(cfg Config) (driver.Conn, error) {
	opt, err := Options(cfg)
	if err != nil {
		return nil, err
	}
	return open(opt)
}

// waitingNice is the nice value of threads of queries that can wait: a third of what others get, so that they come to an end on a machine that is never idle.
const waitingNice = 5

// OpenWaiting is Open for queries that can wait for others, such as those that compute what follows from facts while facts are coming in: their threads give way
// where ClickHouse's process may set that (CAP_SYS_NICE), and are as others where it may not.
func OpenWaiting(cfg Config) (driver.Conn, error) {
	opt, err := Options(cfg)
	if err != nil {
		return nil, err
	}
	for name, value := range Waiting() {
		opt.Settings[name] = value
	}
	return open(opt)
}

// Waiting are the settings of queries that can wait.
func Waiting() clickhouse.Settings { return clickhouse.Settings{"os_thread_priority": waitingNice} }

func open(opt *clickhouse.Options) (driver.Conn, error) {
	conn, err := clickhouse.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse at %s: %w", strings.Join(opt.Addr, ", "), err)
	}
	return conn, nil
}

// Options are what Open connects with.
func Options(cfg Config) (*clickhouse.Options, error) {
	dsn, err := withTLS(cfg.DSN)
	if err != nil {
		return nil, err
	}
	opt, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("address of ClickHouse: %w", withoutSecret(err))
	}
	if opt.Settings == nil {
		opt.Settings = clickhouse.Settings{}
	}
	for name, value := range exactSettings() {
		opt.Settings[name] = value
	}
	if u, err := url.Parse(dsn); err == nil && !u.Query().Has("compress") {
		opt.Compression = compression(opt.Addr)
	}
	opt.TransportFunc = compressBodies(opt)
	opt.MaxOpenConns = orElse(cfg.MaxConns, 10)
	opt.MaxIdleConns = opt.MaxOpenConns
	opt.DialTimeout = orElse(cfg.DialTimeout, 10*time.Second)
	opt.ReadTimeout = orElse(cfg.ReadTimeout, 5*time.Minute)
	opt.ConnMaxLifetime = time.Hour
	return opt, nil
}

// exactSettings pins what must not depend on a server's defaults or a user's profile.
func exactSettings() clickhouse.Settings {
	return clickhouse.Settings{
		// An insert is acknowledged when it is on disk, and never dropped for looking like an earlier one: after an erasure
		// the same rows may come again.
		"async_insert":       0,
		"insert_deduplicate": 0,
		"deduplicate_blocks_in_dependent_materialized_views": 0,
		// A backfill touches as many months as it likes.
		"max_partitions_per_insert_block": 0,
		// FINAL must see all versions of a key before any filter on a column that differs between them.
		"do_not_merge_across_partitions_select_final": 0,
		"optimize_move_to_prewhere_if_final":          0,
		"use_skip_indexes_if_final_exact_mode":        1,
		// Days and hours without a zone of their own are of UTC, wherever the server stands.
		"session_timezone": "UTC",
	}
}

// withTLS checks the scheme, and says of https what clickhouse-go wants to be told beside it.
func withTLS(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fmt.Errorf("address of ClickHouse: %w", withoutSecret(err))
	}
	switch u.Scheme {
	case "clickhouse", "tcp", "http":
		return dsn, nil
	case "https":
		query := u.Query()
		if !query.Has("secure") {
			query.Set("secure", "true")
			u.RawQuery = query.Encode()
		}
		return u.String(), nil
	}
	return "", errors.New("address of ClickHouse: want clickhouse://user:password@host:9000/database or http(s)://user:password@host:8123/database")
}

// withoutSecret strips the URL, and the password in it, that package url puts into its errors.
func withoutSecret(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

func orElse[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}
