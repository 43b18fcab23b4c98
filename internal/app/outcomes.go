package app

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// outcomes makes the parts that keep the outcomes of chains, cases and complaints equal to their facts.
func (p *parts) outcomes(conn driver.Conn) []func(context.Context) error {
	epochs := rollups.NewEpochs(rollups.EpochsOptions{
		Conn: conn, Settings: p.defs.Processors.Tenants, Positions: p.admin(), Publisher: p.publisher(), Group: GroupOutcomes, Log: p.log,
		Figures: keeper.Figures(conn, p.publisher(), p.defs.calendarFingerprint),
	})
	c := p.c.Outcomes
	k := keeper.New(keeper.Options{
		Config: c, Conn: conn, Sink: p.writes(conn), Settings: p.defs.Processors.Tenants, Calendar: p.defs.calendar,
		Epochs: epochs.Of, Publisher: p.publisher(), Version: p.o.Versioner, Log: p.log,
	})
	roller := rollups.NewRoller(rollups.RollerOptions{
		Config: rollups.Config{Linger: c.Linger, BatchMarks: c.BatchMarks, RetryMin: c.RetryMin, RetryMax: c.RetryMax}, Things: "entities",
		Group:  kafka.NewGroup(p.c.kafka(GroupOutcomes), p.group(GroupOutcomes, []string{schemas.TopicStaleEntities}, nil)),
		Answer: k.Answer, Ensure: epochs.Ensure, Log: p.log, Registerer: p.reg,
	})
	return []func(context.Context) error{
		roller.Run, p.watch(pipeline.WatchOptions{Group: GroupOutcomes, Topics: []string{schemas.TopicStaleEntities}}),
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
