package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	embeddedclickhouse "github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/datadir"
	embeddedkafka "github.com/rapport-project/rapport/embedded/kafka"
)

// maxRecordBytes is what the broker takes of one record: more than the 1 MiB of an event, so that one that is too large can
// still be dead-lettered with its reason, headers and all.
const maxRecordBytes = 4 << 20

// maxPublishBytes is what rapport publishes of one record: framing, and compression of what cannot be compressed, add to it.
const maxPublishBytes = maxRecordBytes - 64<<10

// engines are the embedded Kafka and ClickHouse of a process, as far as its settings ask for them.
type engines struct {
	kafka      *embeddedkafka.Broker
	clickhouse *embeddedclickhouse.Supervisor
}

func newEngines(c Config, o Options, log zerolog.Logger, reg prometheus.Registerer) *engines {
	e := &engines{}
	if !o.Embed {
		return e
	}
	if c.EmbeddedKafka() || c.EmbeddedClickHouse() {
		datadir.Watch(c.DataDir, reg)
	}
	if c.EmbeddedKafka() {
		e.kafka = embeddedkafka.New(embeddedkafka.Options{
			DataDir: filepath.Join(c.DataDir, "kafka"), Addr: c.EmbeddedKafkaAddr, Log: log.With().Str("part", "kafka").Logger(),
			BrokerConfig: map[string]string{"message.max.bytes": fmt.Sprint(maxRecordBytes)},
		})
	}
	if c.EmbeddedClickHouse() {
		e.clickhouse = embeddedclickhouse.New(embeddedclickhouse.Options{
			Config: c.ChildClickHouse, Command: o.ChildCommand, DataDir: filepath.Join(c.DataDir, "clickhouse"),
			Library: c.Libchdb, Log: log.With().Str("part", "clickhouse").Logger(), Registerer: reg,
		})
	}
	return e
}

// run keeps the engines running until ctx ends, and closes ready when they answer.
func (e *engines) run(ctx context.Context, ready chan<- struct{}) error {
	group, ctx := errgroup.WithContext(ctx)
	if e.kafka != nil {
		if err := e.kafka.Start(ctx); err != nil {
			return fmt.Errorf("%w (RAPPORT_EMBEDDED_KAFKA_ADDR and RAPPORT_DATA_DIR choose others)", err)
		}
		group.Go(func() error { return e.kafka.Run(ctx) })
	}
	if e.clickhouse != nil {
		group.Go(func() error {
			if err := e.clickhouse.Run(ctx); err != nil {
				return fmt.Errorf("%w (RAPPORT_EMBEDDED_CLICKHOUSE_ADDR and RAPPORT_DATA_DIR choose others)", err)
			}
			return nil
		})
	}
	group.Go(func() error {
		if e.clickhouse != nil {
			if err := e.clickhouse.Ready(ctx); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
		}
		close(ready)
		// Without an engine to keep there is still work that lasts as long as this does.
		<-ctx.Done()
		return nil
	})
	return group.Wait()
}

// withEngines starts the embedded engines, runs work on them, and stops them when it is done: they outlive ctx, because work
// that is told to stop still needs them to finish. When an engine ends unasked, work's context does too.
func (a *App) withEngines(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	engineCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		err := newEngines(a.c, a.o, a.log, a.reg).run(engineCtx, ready)
		cancel()
		done <- err
	}()
	var err error
	select {
	case <-ready:
		err = work(ctx)
	case <-ctx.Done():
	}
	stop()
	return errors.Join(err, <-done)
}

// WithEngines runs f on the engines at the configured addresses. Where they are the embedded ones and no `rapport up` runs
// them, they are started for as long as f takes.
func WithEngines(ctx context.Context, c Config, log zerolog.Logger, childCommand []string, f func(context.Context, *App) error) error {
	a := New(c, log, Options{Embed: !c.running(ctx), ChildCommand: childCommand})
	return a.withEngines(ctx, func(ctx context.Context) error { return f(ctx, a) })
}

// probeTimeout is how long an engine on this machine may take to answer before it counts as not running.
const probeTimeout = 2 * time.Second

// running says whether the embedded engines that the settings ask for are already there.
func (c Config) running(ctx context.Context) bool {
	answers := func(addr string) bool {
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}
	return (!c.EmbeddedKafka() || answers(c.EmbeddedKafkaAddr)) && (!c.EmbeddedClickHouse() || answers(c.ChildClickHouse.Addr))
}

// Prepare creates or upgrades topics and schema.
func (a *App) Prepare(ctx context.Context) error {
	p := newParts(a, nil)
	defer p.close()
	return p.prepare(ctx)
}
