package keeper

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// SweeperOptions is what a Sweeper works with. All but Ground, Leads, Backlog, Log and Registerer are required.
type SweeperOptions struct {
	Keeper *Keeper
	// Await waits until all that is in the event topics now has been processed and all marks out by then have been answered; false if that takes too long.
	Await func(ctx context.Context) (bool, error)
	// Mismatch counts and keeps a finding that nothing pending explains; rollups.Sweeper.Mismatch is one.
	Mismatch func(ctx context.Context, d schemas.Day, table, detail string) error
	// Ground that the facts are on.
	Ground Ground
	// Leads says whether this process is the one that sweeps; nil means always. Two that sweep do no harm but work twice.
	Leads func() bool
	// Backlog says whether events of long ago are being taken in, which the sweeper then waits for, as rollups.WaitsForBacklog has it; nil: never.
	Backlog    func() bool
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Sweeper is the sure way beside the marks: in rounds it compares outcomes with their facts, those of new facts each time and all others by
// turns. It marks what differs, and reports it where nothing can excuse it.
type Sweeper struct {
	o       SweeperOptions
	rotas   []*rota
	metrics *sweeperMetrics
	// idle is how long the round under way has waited for others, which is no load and needs no rest.
	idle time.Duration
}

type sweeperMetrics struct {
	compared, fails prometheus.Counter
}

// NewSweeper returns a Sweeper.
func NewSweeper(o SweeperOptions) *Sweeper {
	s := &Sweeper{o: o, metrics: &sweeperMetrics{
		compared: prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_sweep_entities_total", Help: "Chains, cases and complaints compared with their facts."}),
		fails:    prometheus.NewCounter(prometheus.CounterOpts{Name: "rapport_sweep_entities_failures_total", Help: "Rounds of comparing outcomes that ended in a fault."}),
	}}
	if o.Registerer != nil {
		o.Registerer.MustRegister(s.metrics.compared, s.metrics.fails)
	}
	for _, kind := range kinds() {
		s.rotas = append(s.rotas, newRota(o.Keeper, kind))
	}
	return s
}

// Run sweeps until ctx ends. A fault ends a round, never the sweeper.
func (s *Sweeper) Run(ctx context.Context) error {
	last := time.Now()
	for {
		pause := max(s.o.Keeper.o.SweepPause, 50*time.Millisecond)
		if started := time.Now(); (s.o.Leads == nil || s.o.Leads()) && !rollups.WaitsForBacklog(s.o.Backlog, last, started) {
			last = started
			s.idle = 0
			err := s.Round(ctx)
			if err != nil && ctx.Err() == nil {
				s.metrics.fails.Inc()
				s.o.Log.Error().Err(err).Msg("a round of comparing outcomes failed")
			}
			pause = max(pause, rollups.RestTimes(s.o.Keeper.o.SweepRest, time.Since(started)-s.idle, err))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// Round compares one batch of each kind.
func (s *Sweeper) Round(ctx context.Context) error {
	for _, r := range s.rotas {
		entities, err := r.next(ctx)
		if err != nil {
			return err
		}
		s.metrics.compared.Add(float64(len(entities)))
		found, err := s.o.Keeper.Differences(ctx, r.kind, entities)
		if err != nil {
			return err
		}
		if err := s.examine(ctx, r.kind, found); err != nil {
			return err
		}
	}
	return nil
}

// examine tells differences that are merely pending from mismatches, and marks their entities either way. It is sure of a mismatch when the facts are
// those of a look before; everything that was in Kafka after that look has been answered; no epoch began or waited for its marks and nothing was erased meanwhile;
// and what is stored still differs. That the facts give what they gave is not enough: they may have changed and changed back.
func (s *Sweeper) examine(ctx context.Context, kind schemas.Kind, found []Difference) error {
	if len(found) == 0 {
		return nil
	}
	entities := make([]schemas.Entity, len(found))
	for i, d := range found {
		entities[i] = d.Entity
	}
	before, err := s.o.Keeper.Look(ctx, s.o.Ground, kind, entities)
	if err != nil {
		return err
	}
	if !before.firm {
		return nil // what is under way may mend it; if not, a round on firm ground finds it again, and can count what it marks
	}
	started := time.Now()
	settled, err := s.o.Await(ctx)
	s.idle += time.Since(started)
	if err != nil {
		return err
	}
	if settled {
		if found, err = s.o.Keeper.Differences(ctx, kind, entities); err != nil {
			return err
		}
		if err := s.report(ctx, kind, entities, found, before); err != nil {
			return err
		}
	}
	marks := map[schemas.Entity]schemas.Span{}
	for _, d := range found {
		marks[d.Entity] = schemas.Span{}
	}
	return Mark(ctx, s.o.Keeper.o.Publisher, marks)
}

// report counts those of what is found that nothing can excuse.
func (s *Sweeper) report(ctx context.Context, kind schemas.Kind, entities []schemas.Entity, found []Difference, before Seen) error {
	if len(found) == 0 {
		return nil
	}
	after, err := s.o.Keeper.Look(ctx, s.o.Ground, kind, entities)
	if err != nil {
		return err
	}
	if !before.Firm(after) {
		return nil
	}
	for _, d := range found {
		if !before.Same(after, d.Entity) {
			continue
		}
		day := schemas.Day{Tenant: d.Tenant, Date: s.o.Keeper.o.Settings.For(d.Tenant).Day(d.At)}
		if err := s.o.Mismatch(ctx, day, d.Table, fmt.Sprintf("differs: %s %.200q", d.Kind, d.Key)); err != nil {
			return err
		}
	}
	return nil
}
