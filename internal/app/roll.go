package app

import (
	"context"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/quality"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// roll makes the parts that keep outcomes and rollups equal to facts: rollers answer marks, the sweeper finds what no mark told of.
func (p *parts) roll() ([]func(context.Context) error, error) {
	conn, err := p.database()
	if err != nil {
		return nil, err
	}
	settings := p.defs.Processors.Tenants
	epochs := rollups.NewEpochs(rollups.EpochsOptions{
		Conn: conn, Settings: settings, Positions: p.admin(), Publisher: p.publisher(), Group: GroupRollups, Log: p.log,
	})
	recomputer := rollups.NewRecomputer(rollups.Options{
		Config: p.c.Rollups, Conn: conn, Settings: settings, Epochs: epochs.Of, Version: p.o.Versioner, Retention: p.c.FactRetention, Log: p.log,
	})
	roller := rollups.NewRoller(rollups.RollerOptions{
		Config: p.c.Rollups, Group: kafka.NewGroup(p.c.kafka(GroupRollups), p.group(GroupRollups, []string{schemas.TopicStaleDays}, nil)),
		Answer: recomputer.Answer, Ensure: epochs.Ensure, Log: p.log, Registerer: p.reg,
	})
	sweeper := rollups.NewSweeper(rollups.SweeperOptions{
		Config: p.c.Rollups, Conn: conn, Settings: settings, Recomputer: recomputer, Epochs: epochs, Positions: p.admin(), Publisher: p.publisher(),
		Processors: rollups.Consumers{Group: GroupEvents, Topics: eventTopics()}, Outcomes: outcomeMarks(), Rollers: GroupRollups,
		MarkEntities: func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error {
			return keeper.Mark(ctx, p.publisher(), entities)
		},
		Leads: roller.Leads, Retention: p.c.FactRetention, Log: p.log, Registerer: p.reg,
	})
	watch := p.watch(pipeline.WatchOptions{Group: GroupRollups, Topics: []string{schemas.TopicStaleDays}})
	looks := quality.New(quality.Options{Config: p.c.Quality, Conn: conn, Settings: settings, Leads: roller.Leads, Log: p.log, Registerer: p.reg})
	return append(p.outcomes(conn, roller.Leads, sweeper), roller.Run, sweeper.Run, looks.Run, watch), nil
}
