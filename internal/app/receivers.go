package app

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/alerts/receivers"
)

// dispatcher sends what is stored of the tenants of this process to the topic of alerts and to the receivers of the settings.
func (p *parts) dispatcher(conn driver.Conn, share func(tenant string) bool) (*receivers.Dispatcher, error) {
	all, err := p.c.Receivers.Receivers(p.publisher())
	if err != nil {
		return nil, err
	}
	return receivers.NewDispatcher(receivers.Options{
		Config: p.c.Receivers, Outbox: receivers.NewStored(conn, p.c.publicURL(), p.log), Receivers: all, Share: share, Log: p.log, Registerer: p.reg,
	}), nil
}

// waking is a store that tells when there is something to send, which is then sent at once.
type waking struct {
	alerts.Store
	wake func()
}

// Save implements alerts.Store.
func (w waking) Save(ctx context.Context, e alerts.Evaluation) error {
	err := w.Store.Save(ctx, e)
	if err == nil && len(e.Transitions) > 0 {
		w.wake()
	}
	return err
}
