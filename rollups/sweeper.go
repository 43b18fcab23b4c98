package rollups

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/schemas"
)

// restFactor is how many times the length of a round a sweeper rests after it where nothing else is set: it takes a twentieth of the store at most.
const restFactor = 20

// Rest is RestTimes by the usual factor.
func Rest(worked time.Duration, err error) time.Duration { return RestTimes(restFactor, worked, err) }

// RestTimes is how long a sweeper rests after a round that worked for so long: that many times as long; 0 is the usual factor. One that failed has mostly waited, for a store that was away or
// overloaded: resting in proportion to that would leave what only a sweeper mends for minutes, or for hours after a statement ran out of time.
func RestTimes(factor int, worked time.Duration, err error) time.Duration {
	if err != nil {
		return min(worked, longestRest)
	}
	return time.Duration(cmp.Or(factor, restFactor)) * worked
}

// longestRest is what a sweeper rests at most after a round that failed.
const longestRest = 10 * time.Second

// longestBacklog is what a sweeper waits at most from one round to the next while a backlog is taken in.
const longestBacklog = 10 * time.Minute

// WaitsForBacklog says whether a round of a sweeper should be put off, the last one having begun then: while a backlog is taken in, most of what it would find is
// pending, and its reading would hold up what mends that.
func WaitsForBacklog(backlog func() bool, last, now time.Time) bool {
	return backlog != nil && now.Sub(last) < longestBacklog && backlog()
}

// Consumers are a consumer group and the topics it reads.
type Consumers struct {
	Group  string
	Topics []string
}

// SweeperOptions is what a Sweeper works with. All but Outcomes, Erasures, Registerer, Leads, Backlog and Retention are required.
type SweeperOptions struct {
	Config
	Conn       driver.Conn
	Settings   Settings
	Recomputer *Recomputer
	Epochs     *Epochs
	Positions  Positions
	Publisher  Publisher
	// MarkEntities calls chains, cases and complaints stale and returns when that is durable.
	MarkEntities func(ctx context.Context, entities map[schemas.Entity]schemas.Span) error
	// Processors turn events into facts and marks.
	Processors Consumers
	// Outcomes turn marks of entities into outcomes and marks of days; without a Group there is no such stage.
	Outcomes Consumers
	// Rollers is the group that answers marks.
	Rollers string
	// Erasures names the state of erasures, which take facts away before they mark anything; empty while one does. Nil: there are none.
	Erasures func(ctx context.Context) (string, error)
	// Leads says whether this process is the one that sweeps; nil means always. Two that sweep do no harm but work twice.
	Leads func() bool
	// Backlog says whether events of long ago are being taken in, which the sweeper then waits for, as WaitsForBacklog has it; nil: never.
	Backlog func() bool
	// Retention is how long facts are kept; 0: for ever.
	Retention time.Duration
	// Now is the clock that Retention is judged by; nil means time.Now.
	Now        func() time.Time
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Sweeper is the sure way beside the marks: in rounds it settles ids under two hours and compares days with their facts, those
// with new facts each time and all others by turns. It marks what differs, and counts a mismatch where nothing can excuse it.
type Sweeper struct {
	o        SweeperOptions
	metrics  *sweeperMetrics
	settler  *settler
	settling sync.Mutex // held from the first change of a fact until all of them are marked
	days     *rota
	// idle is how long the comparison under way has waited for others, which is no load and needs no rest.
	idle time.Duration
	// suspects differed in the round before: days to look at again, and whether that was a sure mismatch.
	suspects map[schemas.Day]bool
}

// NewSweeper returns a Sweeper.
func NewSweeper(o SweeperOptions) *Sweeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.SweepDays <= 0 {
		o.SweepDays = 64
	}
	if o.SweepWait <= 0 {
		o.SweepWait = time.Minute
	}
	return &Sweeper{
		o:        o,
		metrics:  newSweeperMetrics(o.Registerer),
		settler:  newSettler(o.Conn, o.Settings),
		days:     &rota{calendar: calendar{o.Conn, o.Settings}, limit: o.SweepDays},
		suspects: map[schemas.Day]bool{},
	}
}

// Run sweeps until ctx ends. Settling and comparing have a pace each: to settle is cheap and changes figures, so it should not
// wait for the comparison, which is dear and should find nothing.
func (s *Sweeper) Run(ctx context.Context) error {
	var both errgroup.Group
	both.Go(func() error {
		s.paced(ctx, "settle", func(ctx context.Context) (time.Duration, error) { return 0, s.Settle(ctx) })
		return nil
	})
	both.Go(func() error {
		s.paced(ctx, "compare", func(ctx context.Context) (time.Duration, error) {
			s.idle = 0
			err := s.compare(ctx)
			return s.idle, err
		})
		return nil
	})
	return both.Wait()
}

// paced repeats one of the sweeper's jobs until ctx ends, resting in proportion to the work it was; do tells how
// much of its time it only waited. A fault ends a round, never the sweeper.
func (s *Sweeper) paced(ctx context.Context, job string, do func(context.Context) (idle time.Duration, err error)) {
	last := time.Now()
	for {
		pause := max(s.o.SweepPause, 50*time.Millisecond)
		if started := time.Now(); (s.o.Leads == nil || s.o.Leads()) && !WaitsForBacklog(s.o.Backlog, last, started) {
			last = started
			idle, err := do(ctx)
			if err != nil && ctx.Err() == nil {
				s.metrics.fails.Inc()
				s.o.Log.Error().Err(err).Str("job", job).Msg("a round of the sweeper failed")
			}
			took := time.Since(started)
			s.metrics.seconds.Observe(took.Seconds())
			pause = max(pause, RestTimes(s.o.SweepRest, took-idle, err))
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// Round is one round of both jobs.
func (s *Sweeper) Round(ctx context.Context) error {
	if err := s.Settle(ctx); err != nil {
		return err
	}
	return s.compare(ctx)
}

// compare drops what retention ends, and holds days against their facts.
func (s *Sweeper) compare(ctx context.Context) error {
	if err := s.dropExpired(ctx); err != nil {
		return err
	}
	days, err := s.days.next(ctx)
	if err != nil {
		return err
	}
	for d := range s.suspects {
		days.add(d)
	}
	s.metrics.compared.Add(float64(len(days)))
	found, err := s.o.Recomputer.Differences(ctx, days.sorted())
	if err != nil {
		return err
	}
	return s.examine(ctx, found)
}

// Settle settles the ids that came in under two hours or two entities since it was last called, and marks what that makes stale. One call waits
// for another: when it returns, everything that was settled before has been marked, by whomever.
func (s *Sweeper) Settle(ctx context.Context) error {
	s.settling.Lock()
	defer s.settling.Unlock()
	stale, superseded, err := s.settler.settle(ctx)
	s.metrics.settled.Add(float64(superseded))
	if superseded > 0 {
		s.o.Log.Info().Int("keys", superseded).Msg("settled ids that came in under two hours or entities")
	}
	if err == nil {
		err = s.mark(ctx, stale.days)
	}
	if err == nil && len(stale.entities) > 0 {
		err = s.o.MarkEntities(ctx, stale.entities)
	}
	if err != nil {
		s.settler.forget()
	}
	return err
}

func (s *Sweeper) mark(ctx context.Context, days daySet) error {
	if err := Mark(ctx, s.o.Publisher, days.sorted()); err != nil {
		return err
	}
	s.metrics.marked.Add(float64(len(days)))
	return nil
}

// daysOf are the days of differences.
func daysOf(found []Difference) daySet {
	days := daySet{}
	for _, d := range found {
		days.add(d.Day)
	}
	return days
}

// report counts and keeps sure mismatches.
func (s *Sweeper) report(ctx context.Context, sure []Difference) error {
	type finding struct {
		schemas.Day
		table string
	}
	cuts := map[finding][]string{}
	for _, d := range sure {
		f := finding{d.Day, d.Table}
		cuts[f] = append(cuts[f], d.Cut)
	}
	if len(cuts) == 0 {
		return nil
	}
	batch, err := s.o.Conn.PrepareBatch(ctx, "INSERT INTO rapport_store.audit_mismatches (tenant, day, rollup, detail)")
	if err != nil {
		return fmt.Errorf("rollups: report mismatches: %w", err)
	}
	for f, names := range cuts {
		s.metrics.mismatches.WithLabelValues(f.table).Inc()
		s.o.Log.Error().Str("tenant", f.Tenant).Str("day", f.Date).Str("rollup", f.table).Strs("cuts", names).
			Msg("stored figures differ from their facts with nothing pending; they are computed again")
		day, err := time.Parse(time.DateOnly, f.Date)
		if err == nil {
			err = batch.Append(f.Tenant, day, f.table, fmt.Sprintf("differs by cut: %q", names))
		}
		if err != nil {
			_ = batch.Abort()
			return fmt.Errorf("rollups: report mismatches: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("rollups: report mismatches: %w", err)
	}
	return nil
}
