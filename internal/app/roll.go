package app

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/quality"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/rolling/live"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// roll makes the parts that keep outcomes and rollups equal to facts: rollers answer marks, the sweeper finds what no mark told of.
func (p *parts) roll() ([]func(context.Context) error, error) {
	conn, err := p.database()
	if err != nil {
		return nil, err
	}
	waiting, settingsOfWaiting, err := p.waiting()
	if err != nil {
		return nil, err
	}
	settings := p.defs.Processors.Tenants
	epochs := rollups.NewEpochs(rollups.EpochsOptions{
		Conn: conn, Settings: settings, Positions: p.admin(), Publisher: p.publisher(), Group: GroupRollups, Log: p.log,
	})
	recomputer := rollups.NewRecomputer(rollups.Options{
		Config: p.c.Rollups, Conn: waiting, Settings: settings, Epochs: epochs.Of, Version: p.o.Versioner, Retention: p.c.FactRetention, Log: p.log,
	})
	roller := rollups.NewRoller(rollups.RollerOptions{
		Config: p.c.Rollups, Group: kafka.NewGroup(p.c.kafka(GroupRollups), p.group(GroupRollups, []string{schemas.TopicStaleDays}, nil)),
		Answer: recomputer.Answer, Ensure: epochs.Ensure, Log: p.log, Registerer: p.reg,
	})
	stage := p.outcomeStage(conn)
	// A backlog of contacts is one of entities first, whose days come after it.
	backlog := func() bool { return stage.roller.Backlog() || roller.Backlog() }
	sweeper := rollups.NewSweeper(rollups.SweeperOptions{
		Config: p.c.Rollups, Conn: waiting, Settings: settings, Recomputer: recomputer, Epochs: epochs, Positions: p.admin(), Publisher: p.publisher(),
		Processors: rollups.Consumers{Group: GroupEvents, Topics: eventTopics()}, Outcomes: outcomeMarks(), Rollers: GroupRollups,
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error {
			return keeper.Mark(ctx, p.publisher(), entities)
		},
		Erasures: func(ctx context.Context) (string, error) { return erasures.State(ctx, conn) },
		Leads:    roller.Leads, Backlog: backlog, Retention: p.c.FactRetention, Log: p.log, Registerer: p.reg,
	})
	watch := p.watch(pipeline.WatchOptions{Group: GroupRollups, Topics: []string{schemas.TopicStaleDays}})
	looks := quality.New(quality.Options{Config: p.c.Quality, Conn: waiting, Settings: settings, Leads: roller.Leads, Log: p.log, Registerer: p.reg})
	return append(p.outcomes(conn, stage, roller.Leads, backlog, sweeper), roller.Run, sweeper.Run, looks.Run, p.keepRolling(conn, settingsOfWaiting, roller.Leads, backlog), p.sweepErasures(conn, roller.Leads), watch), nil
}

// computer computes figures of windows that roll. busy keeps sums of busy hours for it; nil: nothing does.
func (p *parts) computer(conn driver.Conn, busy *live.Keeper) *rolling.Computer {
	return rolling.New(rolling.Options{
		Conn: conn, Settings: p.defs.Processors.Tenants, Questionnaires: p.defs.Processors.Questionnaires, Retention: p.c.FactRetention,
		Timeout: p.c.Rolling.Timeout, Live: busy, Log: p.log,
	})
}

// keepRolling keeps the figures of windows that roll, in the process that leads.
func (p *parts) keepRolling(conn driver.Conn, waiting clickhouse.Settings, leads, backlog func() bool) func(context.Context) error {
	busy := live.New(live.Options{Conn: conn, Facts: p.c.Rolling.LiveFacts, Bytes: p.c.Rolling.LiveMiB << 20})
	return rolling.NewKeeper(rolling.KeeperOptions{
		Config: p.c.Rolling, Conn: conn, Figures: p.computer(conn, busy), Settings: p.defs.Processors.Tenants, Metrics: metrics.All(), Publisher: p.publisher(),
		Live: busy, Backlog: backlog, Waiting: waiting, Leads: leads, Log: p.log, Registerer: p.reg,
	}).Run
}
