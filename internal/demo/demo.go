// Package demo tells a simulated company's story on the embedded pair: thirty days of its events at once, then live, with
// duplicates, late and bad events among them, and shows in the terminal what becomes of them.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/datadir"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/store"
)

// Options are what the demo is run with.
type Options struct {
	Config       app.Config
	Log          zerolog.Logger
	ChildCommand []string
	Out          io.Writer
	// Terminal says whether Out is one: a progress bar is drawn then.
	Terminal bool
	// Live is how long the live part runs; 0 is until ctx ends.
	Live time.Duration
	// Stories of the thirty days; each is a little more than one event.
	Stories int
	Seed    uint64
}

// story is a demo under way.
type story struct {
	Options
	conn     driver.Conn
	producer *kafka.Producer
	admin    *kafka.Admin
}

// Run runs the demo until its live part is over or ctx ends. An error means that something is not as it should be, a figure
// that differs from its facts among it.
func Run(ctx context.Context, o Options) error {
	if err := o.prepare(ctx); err != nil {
		return err
	}
	s := &story{Options: o}
	s.say("rapport: figures of service quality that are exactly right · 服务质量数据，精确可信")
	s.say("\n1. Starting Kafka and ClickHouse on data of their own in %s", o.Config.DataDir)
	begun := time.Now()
	a := app.New(o.Config, o.Log, app.Options{Roles: []app.Role{app.Ingest, app.Process, app.Roll, app.Serve, app.Alert}, Embed: true, Prepare: true, ChildCommand: o.ChildCommand})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx); cancel() }()
	select {
	case <-a.Started():
	case err := <-ended:
		return err
	}
	s.say("   all up after %s", time.Since(begun).Round(10*time.Millisecond))
	err := s.tell(ctx, a.Addr())
	cancel()
	if errors.Is(err, context.Canceled) {
		err = nil // interrupted by whoever watches
	}
	return errors.Join(err, <-ended)
}

// prepare gives the demo a data folder of its own, emptied, and ports that are free.
func (o *Options) prepare(ctx context.Context) error {
	dir := filepath.Join(o.Config.DataDir, "demo")
	if err := empty(ctx, dir); err != nil {
		return fmt.Errorf("the last demo's data: %w", err)
	}
	o.Config.DataDir = dir
	// The story is told by the shipped definitions, whatever this machine is set up for.
	o.Config.ConfigDir, o.Config.SealHorizon, o.Config.FactRetention = "", 0, 0
	o.Config.KafkaBrokers, o.Config.ClickHouse.DSN = []string{app.Embedded}, app.Embedded
	o.Config.DefaultTenant = "default"
	for _, addr := range []*string{&o.Config.HTTPAddr, &o.Config.EmbeddedKafkaAddr, &o.Config.ChildClickHouse.Addr} {
		free, err := freeAddr(ctx, *addr)
		if err != nil {
			return err
		}
		*addr = free
	}
	return nil
}

// empty removes what an earlier demo left, unless that demo still runs.
func empty(ctx context.Context, dir string) error {
	for _, engine := range []string{"kafka", "clickhouse"} {
		sub := filepath.Join(dir, engine)
		if _, err := os.Stat(sub); errors.Is(err, os.ErrNotExist) {
			continue
		}
		held, err := datadir.Acquire(ctx, sub, time.Second)
		if err != nil {
			return fmt.Errorf("another demo may be running: %w", err)
		}
		defer func() { _ = held.Release() }()
	}
	return os.RemoveAll(dir)
}

// freeAddr is addr where it can be listened on, else another port of the same host: a demo should not fail because something
// else runs on this machine.
func freeAddr(ctx context.Context, addr string) (string, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("address %q: %w", addr, err)
	}
	for _, try := range []string{addr, net.JoinHostPort(host, "0")} {
		var l net.Listener
		if l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", try); err == nil {
			defer func() { _ = l.Close() }()
			return l.Addr().String(), nil
		}
	}
	return "", fmt.Errorf("no free port on %s: %w", host, err)
}

func (s *story) tell(ctx context.Context, httpAddr string) error {
	conn, err := store.Open(store.Config{DSN: "http://" + s.Config.ChildClickHouse.Addr})
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	brokers := kafka.Config{Brokers: []string{s.Config.EmbeddedKafkaAddr}, ClientID: "rapport-demo"}
	s.conn, s.admin = conn, kafka.NewAdmin(brokers)
	s.producer = kafka.NewProducer(brokers, kafka.ProducerOptions{MaxMessageBytes: 4 << 20, Log: s.Log})
	defer func() { _ = s.producer.Close() }()
	if err := s.history(ctx); err != nil {
		return err
	}
	if err := s.figures(ctx); err != nil {
		return err
	}
	s.addresses(httpAddr)
	return s.live(ctx)
}

func (s *story) addresses(httpAddr string) {
	s.say("\n6. Ask for yourself · 自行查询")
	s.say("   HTTP        http://%s   (POST /v1/events, GET /v1/metrics, GET /v1/alerts, GET /openapi.json, GET /metrics, GET /readyz)", httpAddr)
	s.say("   Kafka       %s", s.Config.EmbeddedKafkaAddr)
	s.say("   ClickHouse  http://%s  (database rapport; any ClickHouse driver or BI tool, over HTTP)", s.Config.ChildClickHouse.Addr)
	s.say("   curl 'http://%s/v1/explain?metric=fcr&window=28d&limit=5'", httpAddr)
	s.say("   curl 'http://%s/?database=rapport' --data-binary \\\n     \"SELECT day, n, satisfaction_index, csat_top2 FROM satisfaction_by_cut_daily WHERE questionnaire = 'after-sales-10' AND cut = '' ORDER BY day DESC LIMIT 7 FORMAT Pretty\"",
		s.Config.ChildClickHouse.Addr)
}

func (s *story) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Out, format+"\n", args...) // nobody to tell when the terminal is gone
}
