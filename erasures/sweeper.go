package erasures

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/rollups"
)

// abandoned is how long an erasure must have made no step before the sweeper believes that whoever ran it died.
const abandoned = 2 * time.Minute

// SweeperOptions is what a Sweeper works with; all but Leads and Registerer are required.
type SweeperOptions struct {
	Eraser *Eraser
	// Pause between rounds, at least.
	Pause time.Duration
	// Leads says whether this process is the one that sweeps; nil means always. Two that sweep do no harm but work twice.
	Leads      func() bool
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Sweeper is the sure way beside Known: it looks at what was stored since it last did, takes away what was erased, and has the figures computed again. It also
// finishes erasures that were cut off while rows were going.
type Sweeper struct {
	o SweeperOptions
	// seen are the highest blocks looked at, by table and partition. A new process looks at everything once.
	seen    map[string]map[string]int64
	metrics *metrics
}

// NewSweeper returns a Sweeper.
func NewSweeper(o SweeperOptions) *Sweeper {
	return &Sweeper{o: o, seen: map[string]map[string]int64{}, metrics: newMetrics(o.Registerer)}
}

// Run sweeps until ctx ends. A fault ends a round, never the sweeper.
func (s *Sweeper) Run(ctx context.Context) error {
	for {
		pause := max(s.o.Pause, 50*time.Millisecond)
		if s.o.Leads == nil || s.o.Leads() {
			started := time.Now()
			err := s.Round(ctx)
			if err != nil && ctx.Err() == nil {
				s.metrics.fails.Inc()
				s.o.Log.Error().Err(err).Msg("a round of looking for what was erased failed")
			}
			pause = max(pause, rollups.Rest(time.Since(started), err))
		} else {
			s.metrics.hide() // who leads shows them
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

// Round finishes what was cut off, and takes away what came since.
func (s *Sweeper) Round(ctx context.Context) error {
	e := s.o.Eraser
	if busy, err := s.takeUp(ctx); err != nil || busy {
		return err
	}
	var events, places uint64
	if err := e.o.Conn.QueryRow(ctx, plain("any.sql")).Scan(&events, &places); err != nil {
		return fmt.Errorf("erasures: is there any: %w", err)
	}
	if events == 0 && places == 0 {
		return nil
	}
	found := finding{tenants: map[string]bool{}, seen: map[string]map[string]int64{}}
	if err := s.find(ctx, &found); err != nil {
		return err
	}
	if found.records > 0 {
		s.o.Log.Info().Uint64("records", found.records).Msg("erased records came back: they are emptied again")
		if err := e.blank(ctx, "", ""); err != nil {
			return err
		}
	}
	for tenant := range found.tenants {
		if err := s.repeat(ctx, tenant); err != nil {
			return err
		}
	}
	// Only now: what failed is looked at again.
	for table, blocks := range found.seen {
		s.seen[table] = blocks
	}
	return nil
}

// takeUp finishes erasures that nobody works on any more. Busy says that somebody takes rows away, whose events have not slipped in but are still there.
func (s *Sweeper) takeUp(ctx context.Context) (busy bool, err error) {
	e := s.o.Eraser
	rows, err := load(ctx, e.o.Conn, "", "", true)
	if err != nil {
		return false, err
	}
	s.metrics.show(rows)
	for i := range rows {
		still := time.Duration(rows[i].Still) * time.Millisecond
		if rows[i].State == seeking { // whose hashes do not count yet
			if still < abandoned {
				continue
			}
			s.o.Log.Warn().Str("erasure", rows[i].ID).Str("tenant", rows[i].Tenant).Msg("an erasure was cut off before anything was taken away: run the command again, which knows of whom it was")
			continue
		}
		if still < abandoned {
			busy = true
			continue
		}
		s.o.Log.Info().Str("erasure", rows[i].ID).Msg("finishing an erasure that was cut off")
		if err := e.finish(ctx, &rows[i]); err != nil {
			return false, err
		}
	}
	return busy, nil
}

// finding is what a round found.
type finding struct {
	tenants map[string]bool
	records uint64
	seen    map[string]map[string]int64
}

func (s *Sweeper) find(ctx context.Context, found *finding) error {
	conn := s.o.Eraser.o.Conn
	for _, t := range ofEvents() {
		if err := s.tenantsWith(ctx, "slipped.sql", t, found); err != nil {
			return err
		}
	}
	for _, t := range outcomesOfEntities() {
		with := finding{tenants: map[string]bool{}, seen: found.seen}
		if err := s.tenantsWith(ctx, "orphaned.sql", t, &with); err != nil {
			return err
		}
		for tenant := range with.tenants {
			n, err := s.o.Eraser.count(ctx, t.Name, "orphans", t, tenant)
			if err != nil {
				return err
			}
			if n > 0 {
				found.tenants[tenant] = true
			}
		}
	}
	for _, name := range []string{"late_facts", "dead_letters"} {
		parts, err := s.touched(ctx, name, found)
		if err != nil {
			return err
		}
		if len(parts) == 0 {
			continue
		}
		if name == "late_facts" {
			sql, err := render("slipped_late.sql", nil)
			if err != nil {
				return err
			}
			if err := conn.Exec(ctx, sql, named("parts", parts)); err != nil {
				return fmt.Errorf("erasures: late facts that came since: %w", err)
			}
		}
		sql, err := render("slipped_places.sql", table{Name: name})
		if err != nil {
			return err
		}
		var n uint64
		if err := conn.QueryRow(ctx, sql, named("parts", parts)).Scan(&n); err != nil {
			return fmt.Errorf("erasures: records that came since: %w", err)
		}
		found.records += n
		if err := s.stillThere(ctx, name, parts, found); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sweeper) tenantsWith(ctx context.Context, file string, t table, found *finding) error {
	parts, err := s.touched(ctx, t.Name, found)
	if err != nil || len(parts) == 0 {
		return err
	}
	sql, err := render(file, t)
	if err != nil {
		return err
	}
	tenants, err := column[string](ctx, s.o.Eraser.o.Conn, sql, named("parts", parts))
	if err != nil {
		return err
	}
	for _, tenant := range tenants {
		found.tenants[tenant] = true
	}
	return s.stillThere(ctx, t.Name, parts, found)
}

// stillThere forgets that partitions were looked at of which a part is gone: it was merged before it was looked into, perhaps, and the part that has its rows
// now would count as looked at.
func (s *Sweeper) stillThere(ctx context.Context, name string, parts []string, found *finding) error {
	active := map[string]bool{}
	err := each(ctx, s.o.Eraser.o.Conn, plain("touched.sql"), func(scan func(...any) error) error {
		var part, partition string
		var block int64
		err := scan(&part, &partition, &block)
		active[part] = true
		return err
	}, named("table", name))
	if err != nil {
		return err
	}
	for _, part := range parts {
		if active[part] {
			continue
		}
		partition, _, _ := strings.Cut(part, "_") // a part is named after its partition, whose id has no _ here: months, years and all
		if block, ok := s.seen[name][partition]; ok {
			found.seen[name][partition] = block
		} else {
			delete(found.seen[name], partition)
		}
	}
	return nil
}

// touched are the parts of a table with rows that came since it was last looked at.
func (s *Sweeper) touched(ctx context.Context, name string, found *finding) ([]string, error) {
	var parts []string
	now := map[string]int64{}
	err := each(ctx, s.o.Eraser.o.Conn, plain("touched.sql"), func(scan func(...any) error) error {
		var part, partition string
		var block int64
		if err := scan(&part, &partition, &block); err != nil {
			return err
		}
		if have, ok := s.seen[name][partition]; !ok || block > have {
			parts = append(parts, part)
		}
		now[partition] = max(now[partition], block)
		return nil
	}, named("table", name))
	found.seen[name] = now
	return parts, err
}

// repeat takes away what a process stored that had looked before the hashes were there, and leaves a row that says so.
func (s *Sweeper) repeat(ctx context.Context, tenant string) error {
	e := s.o.Eraser
	s.o.Log.Info().Str("tenant", tenant).Msg("erased events came back from a process that did not know: they are taken away again")
	row, err := begin(Subject{Tenant: tenant}, scopeRepetition, e.o.Now())
	if err != nil {
		return err
	}
	row.State = taking
	if err := row.save(ctx, e.o.Conn); err != nil {
		return err
	}
	return e.finish(ctx, &row)
}
