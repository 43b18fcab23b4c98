package rollups

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// EpochsOf gives the epoch in force for each of the tenants, to marks fetched under a common epoch; Epochs.Of is one.
type EpochsOf func(ctx context.Context, common uint64, tenants []string) (map[string]uint64, error)

// Options is what a Recomputer works with. Conn, Settings and Epochs are required.
type Options struct {
	Config
	// Conn is the store.
	Conn driver.Conn
	// Settings say where days begin and what they are cut by.
	Settings Settings
	// Epochs in force.
	Epochs EpochsOf
	// Version of rows; nil means MarkVersion. Tests put a clock here to see that it fails.
	Version Versioner
	// Retention is how long facts are kept; days that may have lost some are left as they are. 0: for ever.
	Retention time.Duration
	// Now is the clock that Retention is judged by; nil means time.Now.
	Now func() time.Time
	// Log takes records that are no marks.
	Log zerolog.Logger
}

// Recomputer computes days from their facts. It is safe for concurrent use.
type Recomputer struct {
	o Options

	mu         sync.Mutex
	statements map[statementsKey]*statements

	// folding has room for the one group whose facts are being folded.
	folding chan struct{}
	// mostFolded overrides the constant in tests.
	mostFolded int
}

// NewRecomputer returns a Recomputer.
func NewRecomputer(o Options) *Recomputer {
	if o.Version == nil {
		o.Version = MarkVersion
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ChunkDays <= 0 {
		o.ChunkDays = 250
	}
	if o.StepTimeout <= 0 {
		o.StepTimeout = 2 * time.Minute
	}
	return &Recomputer{o: o, statements: map[statementsKey]*statements{}, folding: make(chan struct{}, 1)}
}

// Recompute computes each day from its facts and writes a row for every cut. The value of a day is the offset of the newest mark
// that the row answers, read before this is called; common is what Ensure returned before that mark was fetched. After an error
// some days may have been written; calling again is safe, now or later, here or elsewhere.
func (r *Recomputer) Recompute(ctx context.Context, common uint64, days map[schemas.Day]int64) error {
	epochs, err := r.o.Epochs(ctx, common, tenantsOf(maps.Keys(days)))
	if err != nil {
		return err
	}
	groups, err := r.group(slices.Collect(maps.Keys(days)))
	if err != nil {
		return err
	}
	for _, g := range groups {
		versions, texts := make([]Version, len(g.spans)), make([]string, len(g.spans))
		for i, s := range g.spans {
			versions[i] = r.o.Version(epochs[s.Tenant], days[s.Day])
			texts[i] = versions[i].String()
		}
		if g.sql.facts != "" {
			err := r.foldGroup(ctx, g, versions)
			if err == nil {
				continue
			}
			if !errors.Is(err, ErrNoFold) {
				return err
			}
		}
		for _, table := range g.family.Tables {
			if err := r.exec(ctx, g.sql.insert[table], g.parameters(texts)); err != nil {
				return fmt.Errorf("rollups: recompute %d days of %s: %w", len(g.spans), table, err)
			}
		}
	}
	return nil
}

// Answer recomputes the days of marks; records that are no marks are logged and passed over.
func (r *Recomputer) Answer(ctx context.Context, common uint64, msgs []kafka.Message) (Answered, error) {
	var answered Answered
	days := newest(msgs, func(m kafka.Message, err error) {
		answered.Bad++
		r.o.Log.Warn().Err(err).Int("partition", m.Partition).Int64("offset", m.Offset).Msg("skipped a record on the topic of stale days")
	})
	answered.Things = len(days)
	if len(days) == 0 {
		return answered, nil
	}
	return answered, r.Recompute(ctx, common, days)
}

func (r *Recomputer) exec(ctx context.Context, sql string, args []any) error {
	ctx, cancel := context.WithTimeout(ctx, r.o.StepTimeout)
	defer cancel()
	return r.o.Conn.Exec(ctx, sql, args...)
}

// dayGroup are days that one statement can compute: of one family, of tenants with one time zone and one set of cuts.
type dayGroup struct {
	family family
	zone   string
	sql    *statements
	spans  []span
}

// statementsKey tells the statements of one family and of the settings of a tenant, by their fingerprint.
type statementsKey struct {
	family      schemas.Family
	fingerprint string
}

// group sorts days into groups of at most ChunkDays. Days that retention may have touched are left out.
func (r *Recomputer) group(days []schemas.Day) ([]dayGroup, error) {
	slices.SortFunc(days, compareDays)
	var groups []dayGroup
	open := map[statementsKey]int{} // the group being filled
	for _, d := range days {
		t := r.o.Settings.For(d.Tenant)
		t.ID = d.Tenant
		if r.expired(t, d.Date) {
			continue
		}
		s, err := spanOf(t, d.Date, d.Family)
		if err != nil {
			return nil, err
		}
		f, ok := familyOf(d.Family)
		if !ok {
			return nil, fmt.Errorf("rollups: unknown family %q", d.Family)
		}
		key := statementsKey{d.Family, t.Fingerprint()}
		i, ok := open[key]
		if !ok || len(groups[i].spans) >= r.o.ChunkDays {
			sql, err := r.statementsOf(key, f, t)
			if err != nil {
				return nil, err
			}
			i = len(groups)
			open[key] = i
			groups = append(groups, dayGroup{family: f, zone: t.Zone.String(), sql: sql})
		}
		groups[i].spans = append(groups[i].spans, s)
	}
	return groups, nil
}

// expired says whether some of a day's facts may have been dropped: recomputed from the rest, it would be wrong.
func (r *Recomputer) expired(t tenants.Tenant, date string) bool {
	if r.o.Retention <= 0 {
		return false
	}
	from, _ := t.Bounds(date)
	return from.Before(r.o.Now().Add(-r.o.Retention))
}

func (r *Recomputer) statementsOf(key statementsKey, f family, t tenants.Tenant) (*statements, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.statements[key]; ok {
		return s, nil
	}
	cuts, err := cutsOf(t.Cuts)
	if err != nil {
		return nil, fmt.Errorf("rollups: tenant %q: %w", t.ID, err)
	}
	s, err := newStatements(f, cuts)
	if err != nil {
		return nil, err
	}
	r.statements[key] = s
	return s, nil
}

// parameters of the group's statements; versions may be nil where nothing is written.
func (g dayGroup) parameters(versions []string) []any {
	n := len(g.spans)
	names, days := make([]string, n), make([]string, n)
	first, end := make([]uint32, n), make([]uint32, n)
	for i, s := range g.spans {
		names[i], days[i], first[i], end[i] = s.Tenant, s.Date, s.firstHour, s.endHour
	}
	if versions == nil {
		versions = slices.Repeat([]string{"0"}, n)
	}
	return []any{
		clickhouse.Named("tenants", names), clickhouse.Named("days", days), clickhouse.Named("first_hours", first),
		clickhouse.Named("end_hours", end), clickhouse.Named("versions", versions), clickhouse.Named("zone", g.zone),
	}
}
