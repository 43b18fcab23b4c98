package app

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/replays"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/store"
)

// Replay puts events of some spans into place again, under the definitions of this process.
func (s *System) Replay(ctx context.Context, o replays.Options) (replays.Report, error) {
	conn, err := s.Conn()
	if err != nil {
		return replays.Report{}, err
	}
	defs, err := s.definitions()
	if err != nil {
		return replays.Report{}, err
	}
	build := pipeline.Events(defs.Processors, defs.Parse)
	line := pipeline.New(pipeline.Options{
		Config: s.Config.Pipeline, Name: "replay", Build: build, Publisher: s.parts.publisher(), Log: s.parts.log, Registerer: prometheus.NewRegistry(),
		// A questionnaire that is not the registered one must not score here either.
		Sink: newGuard(defs, conn, s.parts.writes(conn), s.Config.Pipeline, s.parts.log),
		Mark: func(ctx context.Context, days []schemas.Day, backlog bool) error {
			return rollups.Mark(ctx, s.parts.marker(backlog), days)
		},
		// Figures wait for outcomes, so that these wait for nothing.
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span, _ bool) error {
			return keeper.Mark(ctx, s.parts.publisher(), entities)
		},
	})
	screen := s.parts.screenEvents(conn)
	o.Conn, o.Store, o.DefaultTenant = conn, line.Store, s.Config.DefaultTenant
	o.Build = func(ctx context.Context, msgs []kafka.Message) (pipeline.Batch, error) {
		return screen(ctx, msgs, build(msgs))
	}
	o.Judge = func(m kafka.Message) pipeline.Judgement { return pipeline.Judge(m, defs.Processors, defs.Parse) }
	o.Permanent = func(err error) bool { return errors.As(err, new(*store.ChangedDefinitionError)) }
	o.Scan = func(ctx context.Context, span kafka.Span, each func([]kafka.Message) error) error {
		span.Unpacked = s.Config.Pipeline.UnpackedBytes
		return kafka.Scan(ctx, s.Config.kafka("rapport-replay"), span, each)
	}
	return replays.Run(ctx, o)
}

// Kafka answers questions about topics.
func (s *System) Kafka() *kafka.Admin { return s.parts.admin() }
