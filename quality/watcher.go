package quality

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/tenants"
)

//go:embed sql/*.sql
var files embed.FS

// Settings of the tenants: *tenants.Settings.
type Settings interface {
	For(id string) tenants.Tenant
	Configured() []tenants.Tenant
}

// Options is what a Watcher works with.
type Options struct {
	Config
	Conn     driver.Conn
	Settings Settings
	// Leads says whether this process is the one that looks; nil means always. Two that look do no harm, but show the same series.
	Leads      func() bool
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Watcher ranks the values of attributes and shows data_quality as metrics, in one process of all.
type Watcher struct {
	o       Options
	metrics *metrics
}

// New makes a Watcher; Run starts it.
func New(o Options) *Watcher { return &Watcher{o: o, metrics: newMetrics(o.Registerer)} }

// Run looks until ctx ends. A fault ends a look, never the watcher: what it shows stays as it was, and its age tells.
func (w *Watcher) Run(ctx context.Context) error {
	for {
		pause := w.o.Interval
		if w.o.Leads == nil || w.o.Leads() {
			started := time.Now()
			err := w.Look(ctx)
			if err != nil && ctx.Err() == nil {
				w.metrics.failures.Inc()
				w.o.Log.Warn().Err(err).Msg("the quality of what is stored cannot be looked at")
			}
			pause = max(pause, rollups.Rest(time.Since(started), err))
		} else {
			w.metrics.clear()
			pause = min(pause, time.Second) // to show soon what the process before does not show any more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Look is one look: the ranking first, for what is shown of it is counted after it.
func (w *Watcher) Look(ctx context.Context) error {
	if err := w.rank(ctx); err != nil {
		return fmt.Errorf("quality: rank values of attributes: %w", err)
	}
	if err := w.show(ctx); err != nil {
		return fmt.Errorf("quality: %w", err)
	}
	w.metrics.lookedAt.SetToCurrentTime()
	return nil
}

// rank writes which values of which attributes are shown.
func (w *Watcher) rank(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	var names []string
	var caps []uint64
	for _, t := range w.o.Settings.Configured() {
		names, caps = append(names, t.ID), append(caps, uint64(t.AttributeCap))
	}
	if len(names) == 0 { // an empty list has no type
		names, caps = []string{""}, []uint64{uint64(w.o.Settings.For("").AttributeCap)}
	}
	if err := w.o.Conn.Exec(ctx, statement("values"), clickhouse.Named("tenants", names), clickhouse.Named("caps", caps),
		clickhouse.Named("cap", uint64(w.o.Settings.For("").AttributeCap))); err != nil {
		return err
	}
	return w.forget(ctx)
}

// forget takes away the ranking of erased tenants that have no days: it was read before they went, and stored after.
func (w *Watcher) forget(ctx context.Context) error {
	var left []string
	if err := w.o.Conn.QueryRow(ctx, statement("erased")).Scan(&left); err != nil || len(left) == 0 {
		return err
	}
	return w.o.Conn.Exec(ctx, statement("forget"), clickhouse.Named("tenants", left))
}

// rows reads a statement's rows into structs.
func rows[R any](ctx context.Context, w *Watcher, name string) ([]R, error) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	var out []R
	if err := w.o.Conn.Select(ctx, &out, statement(name), clickhouse.Named("most", uint32(w.o.Series))); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return out, nil
}

func statement(name string) string {
	text, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // a file of this package
	}
	return string(text)
}
