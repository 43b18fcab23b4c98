package app

import (
	"context"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/schemas"
)

// alert makes the parts that judge rules and tell who is to know. Tenants are shared as a group of its own shares the partitions of marks, which it does not read.
func (p *parts) alert() ([]func(context.Context) error, error) {
	conn, err := p.database()
	if err != nil {
		return nil, err
	}
	shares := alerts.NewShares(func(ctx context.Context) (int, error) {
		held, err := p.admin().Offsets(ctx, schemas.TopicStaleDays)
		return len(held), err
	})
	group := kafka.NewGroup(p.c.kafka(GroupAlerts), p.group(GroupAlerts, []string{schemas.TopicStaleDays}, nil))
	stored := alerts.NewStored(conn)
	dispatcher, err := p.dispatcher(conn, shares.Owns)
	if err != nil {
		return nil, err
	}
	evaluator := alerts.New(alerts.Options{
		Config: p.c.Alerts, Rules: p.defs.Alerts, Figures: p.computer(conn, nil), Store: waking{stored, dispatcher.Wake}, Settings: p.defs.Processors.Tenants, Tenants: stored.Tenants,
		Share: shares.Owns, Retention: p.c.FactRetention, Log: p.log, Registerer: p.reg,
	})
	share := func(ctx context.Context) error {
		return group.Run(ctx, func(ctx context.Context, c *kafka.Claim) error { return shares.Handle(ctx, c) })
	}
	return []func(context.Context) error{share, evaluator.Run, dispatcher.Run}, nil
}

// AlertRules is what rules are checked against, of the definitions of this process; rules of the configuration are not read for it.
func (c Config) AlertRules() (alerts.Known, error) {
	defs, err := c.judged()
	if err != nil {
		return alerts.Known{}, err
	}
	return defs.known(), nil
}

func (d *Definitions) known() alerts.Known {
	return alerts.Known{Metrics: metrics.All(), Questionnaires: d.Processors.Questionnaires, Settings: d.Processors.Tenants}
}

// Backtest walks rules over history; tenants is those to walk for, or empty for all that there are.
func (s *System) Backtest(ctx context.Context, rules *alerts.Rules, over alerts.Stretch) ([]alerts.Transition, error) {
	conn, err := s.Conn()
	if err != nil {
		return nil, err
	}
	defs, err := s.definitions()
	if err != nil {
		return nil, err
	}
	if len(over.Tenants) == 0 {
		if over.Tenants, err = alerts.NewStored(conn).Tenants(ctx); err != nil {
			return nil, err
		}
	}
	return alerts.Backtest(ctx, alerts.Options{
		Config: s.Config.Alerts, Rules: rules, Figures: s.parts.computer(conn, nil), Settings: defs.Processors.Tenants, Log: s.parts.log,
	}, over)
}
