package app

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// outcomeMarks are the group that answers marks of entities, and their topic.
func outcomeMarks() rollups.Consumers {
	return rollups.Consumers{Group: GroupOutcomes, Topics: []string{schemas.TopicStaleEntities}}
}

// outcomeStage answers marks of entities.
type outcomeStage struct {
	epochs *rollups.Epochs
	keeper *keeper.Keeper
	roller *rollups.Roller
}

func (p *parts) outcomeStage(conn driver.Conn) outcomeStage {
	epochs := rollups.NewEpochs(rollups.EpochsOptions{
		Conn: conn, Settings: p.defs.Processors.Tenants, Positions: p.admin(), Publisher: p.publisher(), Group: GroupOutcomes, Log: p.log,
		Figures: keeper.Figures(conn, p.publisher(), p.defs.calendarFingerprint),
	})
	c := p.c.Outcomes
	k := keeper.New(keeper.Options{
		Config: c, Conn: conn, Sink: p.writes(conn), Settings: p.defs.Processors.Tenants, Calendar: p.defs.calendar,
		Epochs: epochs.Of, Publisher: p.publisher(), Version: p.o.Versioner, Log: p.log,
	})
	return outcomeStage{epochs, k, rollups.NewRoller(rollups.RollerOptions{
		Config: rollups.Config{Linger: c.Linger, BacklogLinger: c.BacklogLinger, BatchMarks: c.BatchMarks, RetryMin: c.RetryMin, RetryMax: c.RetryMax}, Things: "entities",
		Company: keeper.Company,
		Group:   kafka.NewGroup(p.c.kafka(GroupOutcomes), p.group(GroupOutcomes, []string{schemas.TopicStaleEntities}, nil)),
		Answer:  k.Answer, Ensure: epochs.Ensure, Log: p.log, Registerer: p.reg,
	})}
}

// outcomes makes the parts that keep the outcomes of chains, cases and complaints equal to their facts. leads says whether this process sweeps, backlog whether one is taken
// in; sweeps is the sweeper of rollups, which settles ids and takes what the other one finds.
func (p *parts) outcomes(conn driver.Conn, s outcomeStage, leads, backlog func() bool, sweeps *rollups.Sweeper) []func(context.Context) error {
	sweeper := keeper.NewSweeper(keeper.SweeperOptions{
		Keeper: s.keeper, Leads: leads, Mismatch: sweeps.Mismatch, Log: p.log, Registerer: p.reg,
		Backlog: backlog,
		Ground:  keeper.Ground{Calm: s.epochs.Calm, Erasures: func(ctx context.Context) (string, error) { return erasures.State(ctx, conn) }},
		Await: func(ctx context.Context) (bool, error) {
			// What was settled, perhaps by a process that died of it, has to be marked first: a fact that changed without a mark yet is pending too.
			if err := sweeps.Settle(ctx); err != nil {
				return false, err
			}
			// Outcomes twice: a case that was reopened marks chains on the topic that it was marked on.
			stages := []rollups.Consumers{{Group: GroupEvents, Topics: eventTopics()}, outcomeMarks(), outcomeMarks()}
			return rollups.AwaitPending(ctx, p.admin(), stages, p.c.Outcomes.SweepWait)
		},
	})
	return []func(context.Context) error{
		s.roller.Run, sweeper.Run, p.watch(pipeline.WatchOptions{Group: GroupOutcomes, Topics: []string{schemas.TopicStaleEntities}}),
	}
}

// calendar is nil for an id that is not there, which Definitions has refused.
func (d *Definitions) calendar(id string) outcomes.Calendar {
	if c, ok := d.Calendars.Get(id); ok {
		return c
	}
	return nil
}

func (d *Definitions) calendarFingerprint(id string) string {
	if c, ok := d.Calendars.Get(id); ok {
		return c.Fingerprint()
	}
	return ""
}
