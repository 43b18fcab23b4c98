// Package clickhousetest gives tests an embedded ClickHouse of their own.
//
// The test binary is its own child process, so the package's TestMain must be
//
//	func TestMain(m *testing.M) { clickhousetest.Main(m) }
//
// and a test calls dsn := clickhousetest.Start(t).
package clickhousetest

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse"
)

// startTimeout is how long an engine may take to answer on a busy machine.
const startTimeout = 60 * time.Second

// Main runs the tests of a package, or the engine when the process was started to be one. It does not return.
func Main(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

// Child runs the engine and exits when the process was started to be one; else it returns. It is for a TestMain that
// wants to run the tests itself.
func Child() {
	if clickhouse.IsChild() {
		os.Exit(clickhouse.ChildMain())
	}
}

// Start starts an engine on an empty directory and returns its address as a DSN for clickhouse.ParseDSN, as in
// http://127.0.0.1:40123. It stops with the test. A test without the library is skipped, under CI it fails.
func Start(t testing.TB) string {
	t.Helper()
	return StartSupervisor(t, clickhouse.Options{DataDir: t.TempDir()}).DSN()
}

// StartSupervisor is Start with options; an empty Addr takes a free port of 127.0.0.1. The supervisor stops with the test.
func StartSupervisor(t testing.TB, o clickhouse.Options) *clickhouse.Supervisor {
	t.Helper()
	RequireLibrary(t)
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Log.GetLevel() == zerolog.TraceLevel || o.Log.GetLevel() == zerolog.DebugLevel {
		o.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	}
	s := clickhouse.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("stop the embedded ClickHouse: %v", err)
		}
	})
	ready, stop := context.WithTimeout(ctx, startTimeout)
	defer stop()
	if err := s.Ready(ready); err != nil {
		t.Fatalf("start the embedded ClickHouse: %v", err)
	}
	return s
}

// RequireLibrary skips the test where the library is missing, and fails it when CI=true.
func RequireLibrary(t testing.TB) {
	t.Helper()
	if err := clickhouse.Check(""); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}
