package app

import (
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rolling"
)

// apiStates bounds what one statement may bring into memory for one answer, in rows of sums: a year of days by 2,000 agents fits, hours of a quarter by agent do not.
const apiStates = 1_000_000

// serve makes the read API.
func (p *parts) serve(router chi.Router) error {
	keys, err := auth.Open(p.c.APIKeysFile)
	if err != nil {
		return err
	}
	conn, err := p.database()
	if err != nil {
		return err
	}
	settings, catalog := p.defs.Processors.Tenants, p.defs.Processors.Questionnaires
	handler := api.New(api.Options{
		Config: p.c.API, Auth: keys, Conn: conn, Metrics: metrics.All(), Questionnaires: catalog, Settings: settings, Log: p.log, Registerer: p.reg,
		Figures: rolling.New(rolling.Options{
			Conn: conn, Settings: settings, Questionnaires: catalog, Retention: p.c.FactRetention, Timeout: p.c.API.Timeout, MaxRows: apiStates, Log: p.log,
		}),
	})
	handler.Mount(router)
	if !slices.Contains(p.o.Roles, Ingest) {
		router.NotFound(handler.NotFound)
		// Where events are not taken, ready means that figures can be read.
		p.health.Add("clickhouse", conn.Ping)
	}
	return nil
}
