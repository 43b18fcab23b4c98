package clickhouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
	"github.com/rapport-project/rapport/embedded/clickhouse/front"
	"github.com/rapport-project/rapport/embedded/datadir"
)

// childEnv holds the child's options as JSON; a process that has it is a child.
const childEnv = "RAPPORT_EMBEDDED_CLICKHOUSE_CHILD"

// File descriptors the child inherits.
const (
	listenerFD = 3
	statusFD   = 4
)

// Words of the status pipe.
const (
	statusReady = "ready"
	statusError = "error: "
)

// childOptions go from the supervisor to its child.
type childOptions struct {
	DataDir        string
	Library        string
	MemoryMiB      int
	MaxConnections int
	LockWait       time.Duration
	StopTimeout    time.Duration
	LogLevel       string
}

// IsChild reports whether this process was started by a Supervisor to be its engine.
func IsChild() bool { return os.Getenv(childEnv) != "" }

// ChildMain runs the engine until the parent asks it to stop or dies, and returns the exit code. Errors go to the parent.
func ChildMain() int {
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP) // a terminal's are for the parent, which then stops this process
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	status := os.NewFile(statusFD, "status")
	defer func() { _ = status.Close() }()

	var o childOptions
	err := json.Unmarshal([]byte(os.Getenv(childEnv)), &o)
	if err == nil {
		err = runChild(ctx, o, status)
	}
	if err != nil {
		_, _ = fmt.Fprintf(status, "%s%s\n", statusError, err)
		return 1
	}
	return 0
}

// runChild serves until ctx ends or stdin, which the parent holds open, comes to its end.
func runChild(ctx context.Context, o childOptions, status io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	// A stop has a deadline even when the engine hangs in a call that nothing can interrupt.
	context.AfterFunc(ctx, func() {
		time.AfterFunc(o.StopTimeout+time.Second, func() { os.Exit(1) })
	})
	level, err := zerolog.ParseLevel(o.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	log := zerolog.New(os.Stderr).Level(level)

	held, err := datadir.Acquire(ctx, o.DataDir, o.LockWait)
	if err != nil {
		return err
	}
	defer func() { _ = held.Release() }()
	file := os.NewFile(listenerFD, "listener")
	listener, err := net.FileListener(file)
	if err != nil {
		return fmt.Errorf("inherited listener: %w", err)
	}
	_ = file.Close()
	library, server, err := startEngine(o, isLoopback(listener.Addr()), log)
	if err != nil {
		return err
	}
	if err := serve(ctx, listener, server, o.StopTimeout, status); err != nil {
		// Queries still run: closing their connections under them would crash, ending the process is safe.
		return err
	}
	server.Close()
	if err := library.Shutdown(); err != nil {
		log.Debug().Err(err).Msg("engine threads were left to the end of the process")
	}
	return nil
}

// mergeNice is the nice value of threads that merge parts.
const mergeNice = 10

// diskReserve is how many bytes inserts leave free.
const diskReserve = 256 << 20

func startEngine(o childOptions, loopback bool, log zerolog.Logger) (*chdb.Library, *front.Server, error) {
	memory := "--max_server_memory_usage_to_ram_ratio=0.5"
	if o.MemoryMiB > 0 {
		memory = "--max_server_memory_usage=" + strconv.Itoa(o.MemoryMiB<<20)
	}
	library, err := chdb.Open(chdb.Options{
		Path:    o.Library,
		DataDir: filepath.Join(o.DataDir, "engine"),
		Args: []string{
			memory,
			"--async_insert=0",    // an acknowledged insert is stored
			"--implicit_select=0", // as a server: `x` is a syntax error, not SELECT x
			// What is read and written now goes before what merges tidy up: out of a backlog they would take most of the processors.
			"--os_threads_nice_value_merge_mutate=" + strconv.Itoa(mergeNice),
			// A merge under way when the disk becomes full can leave a part with empty files in place of good ones. Inserts stop before, and leave
			// room for merges to end.
			"--min_free_disk_bytes_to_perform_insert=" + strconv.Itoa(diskReserve),
		},
	})
	if err != nil {
		return nil, nil, err
	}
	server, err := front.New(front.Options{
		Library: library, MaxConnections: o.MaxConnections, IdleConnections: min(o.MaxConnections, 8),
		MaxSessions: o.MaxConnections, LoopbackOnly: loopback, Log: log,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("start the engine on %s: %w", o.DataDir, err)
	}
	return library, server, nil
}

// serve answers HTTP until ctx ends, then waits for running requests: half of wait for them to end by themselves, the
// other half for queries to be cancelled and inserts whose data is all here to be stored.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, wait time.Duration, status io.Writer) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: time.Minute, MaxHeaderBytes: 8 << 20,
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if _, err := fmt.Fprintln(status, statusReady); err != nil {
		return fmt.Errorf("status pipe: %w", err)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	defer time.AfterFunc(wait/2, cut).Stop()
	if err := server.Shutdown(end); err != nil {
		return fmt.Errorf("queries did not end within %s: %w", wait, err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
