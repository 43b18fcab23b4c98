package app

import (
	"context"
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// screenEvents leaves erased events out of batches, and the content of erased and purged records out of dead letters.
func (p *parts) screenEvents(conn driver.Conn) pipeline.Screen {
	finder := erasures.Finder{Conn: conn, DefaultTenant: p.c.DefaultTenant}
	return func(ctx context.Context, msgs []kafka.Message, b pipeline.Batch) (pipeline.Batch, error) {
		asked := b.Facts
		asked.DeadLetters = b.Refused()
		known, err := finder.Find(ctx, asked)
		if err != nil || known.Empty() {
			return b, err
		}
		return pipeline.EventsWithout(p.defs.Processors, p.defs.Parse, known)(msgs), nil
	}
}

// screenDeadLetters leaves of erased and purged dead letters what the accounting needs.
func (p *parts) screenDeadLetters(conn driver.Conn) pipeline.Screen {
	finder := erasures.Finder{Conn: conn, DefaultTenant: p.c.DefaultTenant}
	return func(ctx context.Context, msgs []kafka.Message, b pipeline.Batch) (pipeline.Batch, error) {
		known, err := finder.Find(ctx, sinks.Batch{DeadLetters: b.Facts.DeadLetters})
		if err != nil || known.Empty() {
			return b, err
		}
		return pipeline.DeadLettersWithout(p.c.DefaultTenant, known)(msgs), nil
	}
}

// eraser makes what erases, where await waits for a stage.
func (p *parts) eraser(conn driver.Conn, settings rollups.Settings, await func(context.Context, erasures.Stage) error) *erasures.Eraser {
	return erasures.New(erasures.Options{
		Conn: conn, Settings: settings, DefaultTenant: p.c.DefaultTenant, Await: await,
		MarkDays: func(ctx context.Context, days []schemas.Day) error { return rollups.Mark(ctx, p.publisher(), days) },
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error {
			return keeper.Mark(ctx, p.publisher(), entities)
		},
		MarkAll: func(ctx context.Context, tenant string) error {
			return keeper.MarkAll(ctx, conn, p.publisher(), tenant)
		},
		Retention: func(ctx context.Context, topics []string, newest time.Time) ([]erasures.Held, error) {
			found, err := p.admin().Retention(ctx, topics)
			held := make([]erasures.Held, len(found))
			for i, r := range found {
				held[i] = heldOf(r, newest)
			}
			return held, err
		},
	})
}

// heldOf is what a receipt says of a topic.
func heldOf(r kafka.Retention, newest time.Time) erasures.Held {
	h := erasures.Held{Topic: r.Topic, RetentionSeconds: -1, SegmentSeconds: max(0, int64(r.Segment/time.Second))}
	if r.Keeps >= 0 {
		until := r.Until(newest)
		h.RetentionSeconds, h.Until = int64(r.Keeps/time.Second), &until
	}
	return h
}

// errPending is of a stage that did not work off what it had in the time of a round.
var errPending = errors.New("what is pending was not worked off in time; tried again in the next round")

// sweepErasures finds what was stored of erased events by processes that did not know.
func (p *parts) sweepErasures(conn driver.Conn, leads func() bool) func(context.Context) error {
	await := func(ctx context.Context, s erasures.Stage) error {
		done, err := rollups.AwaitPending(ctx, p.admin(), stagesOf(s), p.c.Rollups.SweepWait)
		if err == nil && !done {
			err = errPending
		}
		return err
	}
	return erasures.NewSweeper(erasures.SweeperOptions{
		Eraser: p.eraser(conn, p.defs.Processors.Tenants, await), Pause: p.c.Rollups.SweepPause, Leads: leads, Log: p.log, Registerer: p.reg,
	}).Run
}

// stagesOf are the groups that a stage of erasures consists of.
func stagesOf(s erasures.Stage) []rollups.Consumers {
	switch s {
	case erasures.Stored:
		return []rollups.Consumers{{Group: GroupEvents, Topics: eventTopics()}, {Group: GroupDeadLetters, Topics: []string{schemas.TopicDeadLetters}}}
	case erasures.InOutcomes:
		// Twice: a case that was reopened marks chains on the same topic.
		return []rollups.Consumers{outcomeMarks(), outcomeMarks()}
	}
	return []rollups.Consumers{{Group: GroupRollups, Topics: []string{schemas.TopicStaleDays}}}
}

// Eraser erases on this system.
func (s *System) Eraser() (*erasures.Eraser, error) {
	conn, err := s.Conn()
	if err != nil {
		return nil, err
	}
	defs, err := s.definitions()
	if err != nil {
		return nil, err
	}
	return s.parts.eraser(conn, defs.Processors.Tenants, func(ctx context.Context, stage erasures.Stage) error {
		for _, c := range stagesOf(stage) {
			for _, topic := range c.Topics {
				if err := s.workedOff(ctx, c.Group, topic); err != nil {
					return err
				}
			}
		}
		return nil
	}), nil
}
