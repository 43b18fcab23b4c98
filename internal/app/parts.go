package app

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v5"
	"github.com/go-chi/chi/v5"

	"github.com/rapport-project/rapport/ingest"
	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store"
)

// Consumer groups. Their names are part of what operators see, and of where a group's offsets are.
const (
	GroupEvents      = "rapport-processors"
	GroupDeadLetters = "rapport-dead-letters"
	GroupOutcomes    = "rapport-outcomes"
	GroupRollups     = "rapport-rollups"
	GroupAlerts      = "rapport-alerts"
)

// parts are what the roles of a process share; each is made when the first role asks for it.
type parts struct {
	*App
	defs     *Definitions
	conn     driver.Conn
	producer *kafka.Producer
	sink     *sinks.ClickHouse
	closers  []func() error
}

func newParts(a *App, defs *Definitions) *parts { return &parts{App: a, defs: defs} }

// close gives back what was opened, the newest first.
func (p *parts) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		if err := p.closers[i](); err != nil {
			p.log.Warn().Err(err).Msg("closing")
		}
	}
}

func (p *parts) admin() *kafka.Admin {
	a := kafka.NewAdmin(p.c.kafka("rapport-admin"))
	a.Log = p.log
	return a
}

func (p *parts) publisher() *kafka.Producer {
	if p.producer == nil {
		p.producer = kafka.NewProducer(p.c.kafka("rapport"), kafka.ProducerOptions{MaxMessageBytes: maxPublishBytes, Log: p.log, Registerer: p.reg})
		p.closers = append(p.closers, p.producer.Close)
		p.health.Add("kafka", p.admin().Ping)
	}
	return p.producer
}

// database is not part of readiness by itself: ready means that events are accepted, and they are while ClickHouse is away.
// What waits for it too long shows as a stuck consumer.
func (p *parts) database() (driver.Conn, error) {
	if p.conn == nil {
		conn, err := store.Open(p.c.clickhouse())
		if err != nil {
			return nil, err
		}
		p.conn = conn
		p.closers = append(p.closers, conn.Close)
	}
	return p.conn, nil
}

// waiting is database for what can wait while facts come in, with the settings of single queries that can. Where the server does not let its users set priorities it is database
// itself, without settings.
func (p *parts) waiting() (driver.Conn, clickhouse.Settings, error) {
	plain, err := p.database()
	if err != nil {
		return nil, nil, err
	}
	conn, err := store.OpenWaiting(p.c.clickhouse())
	if err != nil {
		return nil, nil, err
	}
	p.closers = append(p.closers, conn.Close)
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	if err := conn.Exec(ctx, "SELECT 1"); err != nil && plain.Exec(ctx, "SELECT 1") == nil {
		p.log.Warn().Err(err).Msg("ClickHouse refuses the setting os_thread_priority: what can wait runs like all else")
		return plain, nil, nil
	}
	return conn, store.Waiting(), nil
}

// askTimeout bounds a question that a start can do without.
const askTimeout = 5 * time.Second

// writes is the sink that the roles of the process share.
func (p *parts) writes(conn driver.Conn) *sinks.ClickHouse {
	if p.sink == nil {
		p.sink = sinks.NewClickHouse(conn, p.c.Sinks, p.reg)
	}
	return p.sink
}

// prepareTimeout bounds how long a start waits for engines that run elsewhere.
const prepareTimeout = 2 * time.Minute

// prepare makes the topics and the schema be there.
func (p *parts) prepare(ctx context.Context) error {
	conn, err := p.database()
	if err != nil {
		return err
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, p.admin().EnsureTopics(ctx, p.c.Topics()) },
		backoff.WithMaxElapsedTime(prepareTimeout))
	if err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	if err := store.Migrate(ctx, conn, p.log); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return nil
}

// role makes the parts of a role: its routes are added to the router, its loops are returned.
func (p *parts) role(r Role, router chi.Router) ([]func(context.Context) error, error) {
	switch r {
	case Ingest:
		return nil, p.ingest(router)
	case Process:
		return p.process()
	case Roll:
		return p.roll()
	case Serve:
		return nil, p.serve(router)
	case Alert:
		return p.alert()
	}
	return nil, fmt.Errorf("no such role")
}

func (p *parts) ingest(router chi.Router) error {
	keys, err := auth.Open(p.c.APIKeysFile)
	if err != nil {
		return err
	}
	ingest.New(ingest.Options{
		Config: p.c.Ingest, Auth: keys, Publisher: p.publisher(), Log: p.log, Registerer: p.reg,
		Checker: ingest.CheckerFunc(func(e *schemas.Event) error { return processors.Check(e, p.defs.Processors) }),
	}).Mount(router)
	return nil
}

func (p *parts) process() ([]func(context.Context) error, error) {
	conn, err := p.database()
	if err != nil {
		return nil, err
	}
	sink := p.writes(conn)
	guard := newGuard(p.defs, conn, sink, p.c.Pipeline, p.log)
	events := p.consumer("events", GroupEvents, eventTopics(), line{lend: pipeline.LendBlocks(p.defs.Processors, p.defs.Parse, sink.NewResponseBlock), screen: p.screenEvents(conn), sink: guard})
	letters := p.consumer("dead_letters", GroupDeadLetters, []string{schemas.TopicDeadLetters}, line{build: pipeline.DeadLetters, screen: p.screenDeadLetters(conn), sink: sink})
	return []func(context.Context) error{
		guard.run, guard.before(events), letters,
		p.watch(pipeline.WatchOptions{
			Group: GroupEvents, Topics: eventTopics(),
			Record: func(ctx context.Context, rows []sinks.Progress) error {
				return sink.Write(ctx, sinks.Batch{Progress: rows})
			},
		}),
		p.watch(pipeline.WatchOptions{Group: GroupDeadLetters, Topics: []string{schemas.TopicDeadLetters}}),
	}, nil
}

// eventTopics are where the events of the contract are.
func eventTopics() []string {
	return []string{schemas.TopicSurveyResponses, schemas.TopicComplaints, schemas.TopicServiceEvents}
}

// line is what makes batches of a consumer, and where they go.
type line struct {
	build  pipeline.Build // or
	lend   pipeline.Lend
	screen pipeline.Screen
	sink   sinks.Sink
}

// consumer is a pipeline over topics.
func (p *parts) consumer(name, group string, topics []string, l line) func(context.Context) error {
	made := pipeline.New(pipeline.Options{
		Config: p.c.Pipeline, Name: name, Build: l.build, Lend: l.lend, Screen: l.screen, Sink: l.sink, Publisher: p.publisher(), Log: p.log, Registerer: p.reg,
		Mark: func(ctx context.Context, days []schemas.Day, backlog bool) error {
			return rollups.Mark(ctx, p.marker(backlog), days)
		},
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span, backlog bool) error {
			return keeper.Mark(ctx, p.marker(backlog), entities)
		},
	})
	member := kafka.NewGroup(p.c.kafka(group), p.group(group, topics, made.Gap))
	return func(ctx context.Context) error {
		return member.Run(ctx, func(ctx context.Context, c *kafka.Claim) error { return made.Handle(ctx, c) })
	}
}

// marker publishes marks, those out of a backlog as such.
func (p *parts) marker(backlog bool) rollups.Publisher {
	if backlog {
		return rollups.Backlog(p.publisher())
	}
	return p.publisher()
}

func (p *parts) group(group string, topics []string, gap func(string, int, int64, int64)) kafka.GroupOptions {
	return kafka.GroupOptions{
		GroupID: group, Topics: topics, SessionTimeout: p.c.Pipeline.SessionTimeout, DrainTimeout: p.c.Pipeline.DrainTimeout,
		// A member that died while it joined holds the others up for as long as this; those that live need no more than to drain.
		RebalanceTimeout: p.c.Pipeline.DrainTimeout * 3 / 2,
		MaxUnpackedBytes: p.c.Pipeline.UnpackedBytes, OnGap: gap, Log: p.log, Registerer: p.reg,
	}
}

// watch notices when a group is stuck.
func (p *parts) watch(o pipeline.WatchOptions) func(context.Context) error {
	o.Config, o.Source, o.Log, o.Registerer = p.c.Lag, p.admin(), p.log, p.reg
	w := pipeline.NewWatch(o)
	p.health.Add(o.Group, w.Check)
	return w.Run
}
