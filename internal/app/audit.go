package app

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/audits"
	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// AuditOptions say what is compared.
type AuditOptions struct {
	Scope rollups.Scope
	// AsOf leaves out what was published or marked at or after an instant; zero leaves nothing out.
	AsOf time.Time
	// NoWait does not wait for what is pending, which then shows as differences.
	NoWait bool
	// Progress is audits.Options.Progress.
	Progress func(days, entities int)
}

// Audit compares outcomes and daily figures with what they come from.
func (s *System) Audit(ctx context.Context, o AuditOptions) (audits.Report, error) {
	conn, err := s.Conn()
	if err != nil {
		return audits.Report{}, err
	}
	defs, err := s.definitions()
	if err != nil {
		return audits.Report{}, err
	}
	c, settings := s.Config, defs.Processors.Tenants
	epochs := s.epochs(conn, defs)
	outcomes := keeper.New(keeper.Options{Config: c.Outcomes, Conn: conn, Settings: settings, Calendar: defs.calendar})
	options := audits.Options{
		Rollups:  rollups.NewRecomputer(rollups.Options{Config: c.Rollups, Conn: conn, Settings: settings, Retention: c.FactRetention}),
		Ground:   keeper.Ground{Calm: calm(epochs), Erasures: func(ctx context.Context) (string, error) { return erasures.State(ctx, conn) }},
		Outcomes: outcomes, Retention: c.FactRetention, Scope: o.Scope, Noticed: s.noticed(o.Scope, settings), Progress: o.Progress,
		Settled: func(ctx context.Context) error {
			if o.NoWait {
				return nil
			}
			return s.SettledAsOf(ctx, eventTopics(), o.AsOf)
		},
	}
	if !o.AsOf.IsZero() {
		options.Since = func(ctx context.Context) (audits.Changed, error) { return s.markedSince(ctx, o.AsOf) }
	}
	if err := inForce(ctx, epochs); err != nil {
		return audits.Report{}, err
	}
	return audits.Run(ctx, options)
}

// epochPatience is how long an epoch that has just begun is waited for.
const epochPatience = 20 * time.Second

// epochs are those of daily figures and of outcomes.
func (s *System) epochs(conn driver.Conn, defs *Definitions) []*rollups.Epochs {
	var all []*rollups.Epochs
	for _, f := range []*rollups.Figures{nil, keeper.Figures(conn, s.parts.publisher(), defs.calendarFingerprint)} {
		all = append(all, rollups.NewEpochs(rollups.EpochsOptions{Conn: conn, Settings: defs.Processors.Tenants, Positions: s.parts.admin(), Figures: f}))
	}
	return all
}

// calm is keeper.Ground.Calm over several epochs, none of which this process opens.
func calm(all []*rollups.Epochs) func(context.Context) (string, bool, error) {
	return func(ctx context.Context) (stamps string, calm bool, err error) {
		calm = true
		for _, e := range all {
			stamp, _, err := e.Calm(ctx)
			if err != nil {
				return "", false, err
			}
			stamps += stamp + " "
			calm = calm && e.InForce(ctx) == nil
		}
		return stamps, calm, nil
	}
}

// inForce waits until what is stored is computed under the settings of this process: under others it rightly differs.
func inForce(ctx context.Context, all []*rollups.Epochs) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); ; {
		var wrong error
		for _, e := range all {
			if wrong == nil {
				wrong = e.InForce(ctx)
			}
		}
		if wrong == nil {
			return nil
		}
		if time.Since(begun) > epochPatience {
			return fmt.Errorf("nothing can be compared: %w. Does the running rapport have the same RAPPORT_CONFIG_DIR, and is the role roll running?", wrong)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// noticed reads what the sweepers count as mismatches.
func (s *System) noticed(scope rollups.Scope, settings rollups.Settings) func(context.Context, time.Time) ([]audits.Noticed, error) {
	return func(ctx context.Context, since time.Time) ([]audits.Noticed, error) {
		conn, err := s.Conn()
		if err != nil {
			return nil, err
		}
		all, err := rollups.Mismatches(ctx, conn, since)
		var found []audits.Noticed
		for _, m := range all {
			t := settings.For(m.Tenant)
			t.ID = m.Tenant
			if scope.Holds(t, m.Day) {
				found = append(found, audits.Noticed(m))
			}
		}
		return found, err
	}
}

// markedSince are the days and entities whose marks were appended at or after an instant.
func (s *System) markedSince(ctx context.Context, at time.Time) (audits.Changed, error) {
	out := audits.Changed{Days: map[schemas.Day]bool{}, Entities: map[schemas.Entity]bool{}}
	for topic, note := range map[string]func([]kafka.Message){
		schemas.TopicStaleDays: func(msgs []kafka.Message) {
			for _, d := range rollups.Marked(msgs) {
				out.Days[d] = true
			}
		},
		schemas.TopicStaleEntities: func(msgs []kafka.Message) {
			for _, e := range keeper.Marked(msgs) {
				out.Entities[e] = true
			}
		},
	} {
		held, err := s.parts.admin().Offsets(ctx, topic)
		if err != nil {
			return out, err
		}
		from, err := s.parts.admin().OffsetsAt(ctx, topic, at)
		if err != nil {
			return out, err
		}
		for p, r := range held {
			span := kafka.Span{Topic: topic, Partition: p, From: max(from[p], r.First), To: r.End}
			if err := kafka.Scan(ctx, s.Config.kafka("rapport-audit"), span, func(msgs []kafka.Message) error { note(msgs); return nil }); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}
