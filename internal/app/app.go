// Package app puts rapport together: it reads the settings, starts the embedded pair where it is asked for, and runs the
// roles of a process until it is told to stop. It is the one place where parts are constructed.
package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/ingest"
	"github.com/rapport-project/rapport/internal/listen"
	"github.com/rapport-project/rapport/internal/telemetry"
	"github.com/rapport-project/rapport/rollups"
)

// Role is a part of rapport that can run in a process of its own.
type Role string

// The roles of a process.
const (
	Ingest  Role = "ingest"
	Process Role = "process"
	Roll    Role = "roll"
	Serve   Role = "serve"
	Alert   Role = "alert"
)

// Options are what a process is, beside its settings.
type Options struct {
	Roles []Role
	// Embed starts the embedded engines that the settings ask for; without it they are expected to run already.
	Embed bool
	// Prepare makes topics and schema be there before the roles start.
	Prepare bool
	// ChildCommand runs this binary as the ClickHouse child.
	ChildCommand []string
	// Versioner gives rollup rows their version; nil is the right one. Negative controls put a wrong one here.
	Versioner rollups.Versioner
}

// App is one process. Its methods other than Run may be called once Started has closed.
type App struct {
	c       Config
	o       Options
	log     zerolog.Logger
	reg     *prometheus.Registry
	health  *telemetry.Health
	started chan struct{}
	addr    string
}

// New makes a process; nothing is started or opened yet.
func New(c Config, log zerolog.Logger, o Options) *App {
	if o.Versioner == nil {
		o.Versioner = rollups.MarkVersion
	}
	return &App{c: c, o: o, log: log, reg: telemetry.NewRegistry(), health: &telemetry.Health{}, started: make(chan struct{})}
}

// Started is closed when every role runs.
func (a *App) Started() <-chan struct{} { return a.started }

// Addr is where the HTTP interface listens, once started.
func (a *App) Addr() string { return a.addr }

// Run runs the process until ctx ends, then stops it in order: requests and batches in hand are finished and committed, then
// the engines stop. An error of any part stops all of them.
func (a *App) Run(ctx context.Context) error {
	defs, err := a.c.Definitions()
	if err != nil {
		return err
	}
	if err := a.canListen(ctx); err != nil {
		return err // before engines are started in vain
	}
	a.c.limitMemory()
	starting := errors.New("starting")
	a.health.Add("start", func(context.Context) error {
		select {
		case <-a.started:
			return nil
		default:
			return starting
		}
	})

	err = a.withEngines(ctx, func(ctx context.Context) error { return a.work(ctx, defs) })
	select {
	case <-a.started:
	default:
		if ctx.Err() != nil && err != nil {
			a.log.Warn().Err(err).Msg("told to stop while it was starting")
			return nil
		}
	}
	return err
}

// work runs the roles.
func (a *App) work(ctx context.Context, defs *Definitions) error {
	p := newParts(a, defs)
	defer p.close()
	if a.o.Prepare {
		if err := p.prepare(ctx); err != nil {
			return err
		}
	}
	roles, ctx := errgroup.WithContext(ctx)
	router := chi.NewRouter()
	router.Use(middleware.GetHead) // some balancers probe with HEAD
	telemetry.Routes(router, a.health, a.reg)
	var loops []func(context.Context) error
	for _, r := range a.o.Roles {
		more, err := p.role(r, router)
		if err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
		loops = append(loops, more...)
	}
	listener, err := a.listen(ctx)
	if err != nil {
		return err
	}
	stopping := context.AfterFunc(ctx, func() { a.log.Info().Msg("stopping: what is in hand is finished first") })
	defer stopping()
	a.addr = listener.Addr().String()
	roles.Go(func() error { return a.serve(ctx, listener, router) })
	for _, run := range loops {
		roles.Go(func() error { return run(ctx) })
	}
	close(a.started)
	a.log.Info().Str("http", "http://"+a.addr).Any("roles", a.o.Roles).Msg("rapport is up")
	return roles.Wait()
}

// predecessorPatience is how long a start waits for the process before it to be gone; the engines have the same.
const predecessorPatience = 15 * time.Second

func (a *App) listen(ctx context.Context) (net.Listener, error) {
	l, err := listen.TCP(ctx, a.c.HTTPAddr, predecessorPatience, a.log)
	if err != nil {
		return nil, fmt.Errorf("HTTP interface (RAPPORT_HTTP_ADDR): %w", err)
	}
	return l, nil
}

func (a *App) canListen(ctx context.Context) error {
	l, err := a.listen(ctx)
	if err != nil {
		return err
	}
	return l.Close()
}

// shutdownGrace is how long requests in hand may take to be answered when the process stops.
const shutdownGrace = 10 * time.Second

func (a *App) serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := ingest.NewServer(a.c.HTTP, h)
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		err := server.Shutdown(grace)
		if err != nil {
			err = errors.Join(err, server.Close())
		}
		stopped <- err
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("HTTP interface: %w", err)
	}
	if err := <-stopped; err != nil {
		a.log.Warn().Err(err).Msg("some requests were cut off")
	}
	return nil
}
