package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/rapport-project/rapport/internal/listen"
)

// Supervisor keeps one child running.
type Supervisor struct {
	o       Options
	metrics *metrics

	mu    sync.Mutex
	addr  string
	pid   int
	ready chan struct{} // closed while the child answers; a new one while it does not
	ended error         // why Run ended
	over  chan struct{} // closed when Run ended
}

// New returns a supervisor that has started nothing.
func New(o Options) *Supervisor {
	o.Config = o.Config.withDefaults()
	return &Supervisor{
		o: o, metrics: newMetrics(o.Registerer),
		ready: make(chan struct{}), over: make(chan struct{}),
	}
}

// Times between restarts: quick at first, since clients wait in the listener's queue, then slower. A child that ran for
// steady starts the series anew.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 10 * time.Second
	steady     = time.Minute
)

// Run starts the child and keeps it running until ctx ends; then it stops it and returns nil. It returns an error when
// the address is taken or the first start fails: a library that is missing, a data directory in use.
func (s *Supervisor) Run(ctx context.Context) (err error) {
	defer func() {
		s.mu.Lock()
		s.ended = err
		s.mu.Unlock()
		close(s.over)
	}()
	library, err := LibraryPath(s.o.Library)
	if err != nil {
		return err
	}
	if s.o.DataDir, err = filepath.Abs(s.o.DataDir); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if err := os.MkdirAll(s.o.DataDir, 0o750); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	s.o.Library = library
	listener, err := listen.TCP(ctx, s.o.Addr, s.o.LockWait, s.o.Log)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("address of the embedded ClickHouse: %w", err)
	}
	defer func() { _ = listener.Close() }()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return fmt.Errorf("listener of the embedded ClickHouse: %w", err)
	}
	defer func() { _ = file.Close() }()
	s.mu.Lock()
	s.addr = listener.Addr().String()
	s.mu.Unlock()
	s.warnIfOpen(listener.Addr())
	return s.keep(ctx, file)
}

// warnIfOpen says what an address means that other machines reach.
func (s *Supervisor) warnIfOpen(addr net.Addr) {
	if !isLoopback(addr) {
		s.o.Log.Warn().Stringer("addr", addr).
			Msg("the embedded ClickHouse has no login: whoever reaches its address may read, change and delete all data")
	}
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// keep runs children one after another.
func (s *Supervisor) keep(ctx context.Context, listener *os.File) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = firstPause, maxPause
	for served := false; ; {
		started := time.Now()
		wasReady, err := s.runChild(ctx, listener)
		if ctx.Err() != nil {
			if !wasReady {
				return nil // stopped amid its start, which leaves nothing to end
			}
			return err
		}
		served = served || wasReady
		if !served {
			return fmt.Errorf("embedded ClickHouse did not start: %w", err)
		}
		if time.Since(started) > steady {
			pause.Reset()
		}
		wait := pause.NextBackOff()
		s.metrics.restarts.Inc()
		s.o.Log.Error().Err(err).Dur("restart_in", wait).Msg("embedded ClickHouse ended unasked")
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// Ready waits until the child answers. It returns the error of Run when that ended instead.
func (s *Supervisor) Ready(ctx context.Context) error {
	for {
		s.mu.Lock()
		ready := s.ready
		s.mu.Unlock()
		select {
		case <-ready:
		case <-s.over:
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.ended != nil {
				return s.ended
			}
			return errors.New("embedded ClickHouse was stopped")
		case <-ctx.Done():
			return fmt.Errorf("embedded ClickHouse is not ready: %w", ctx.Err())
		}
		if s.ping(ctx) == nil {
			return nil
		}
		select {
		case <-time.After(firstPause):
		case <-ctx.Done():
		}
	}
}

const pingTimeout = 5 * time.Second

func (s *Supervisor) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addr()+"/ping", nil)
	if err != nil {
		return err
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ping: %s", resp.Status)
	}
	return nil
}

// Addr returns the address of the HTTP interface, host and port; empty before Run has bound it.
func (s *Supervisor) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// DSN returns the address in the form clickhouse-go takes it. It is right once Ready returned.
func (s *Supervisor) DSN() string { return "http://" + s.Addr() }

// PID returns the process id of the child, 0 while none runs.
func (s *Supervisor) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}
