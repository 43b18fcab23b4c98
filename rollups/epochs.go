package rollups

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/tenants"
)

// all is the tenant under which the epoch of everything is kept.
const all = ""

// Positions reads the state of topics and groups; *kafka.Admin is one.
type Positions interface {
	Partitions(ctx context.Context, topic string) (int, error)
	Offsets(ctx context.Context, topic string) (map[int]kafka.OffsetRange, error)
	Committed(ctx context.Context, group string, topics []string) (map[string]map[int]int64, error)
}

// Figures are what epochs are counted for: rollups, or the outcomes under them.
type Figures struct {
	// Table of the epochs in database rapport_store.
	Table string
	// Topic of the marks.
	Topic string
	// Logic names the version of the computation.
	Logic string
	// Fingerprint names the settings of a tenant that the figures depend on.
	Fingerprint func(tenants.Tenant) string
	// Answered is SQL that gives (tenant, highest version as text) of what is stored.
	Answered string
	// Mark calls stale all that is stored, or ought to be, of a tenant, or of all where that is "". It is called under an epoch that is in force.
	Mark func(ctx context.Context, tenant string, in Version) error
	// Begins, where it is not nil, is told the epoch of each tenant when the first Ensure has them in force.
	Begins func(ctx context.Context, epochs map[string]uint64) error
	// Saved is told of each epoch of a tenant that was written.
	Saved func(ctx context.Context, t tenants.Tenant, epoch uint64) error
}

// EpochsOptions is what Epochs works with; all but Log and Figures are required.
type EpochsOptions struct {
	Conn      driver.Conn
	Settings  Settings
	Positions Positions
	Publisher Publisher
	// Group is the consumer group that answers marks.
	Group string
	// Log says what was raised and why.
	Log zerolog.Logger
	// Figures the epochs are of; nil: the rollups.
	Figures *Figures
}

// Epochs keeps count of what the figures are computed under. The epoch of a tenant's rows is the sum of two that only rise: one
// for all tenants (rollup logic, marks topic) and its own (time zone, cuts). Whatever raises one marks all days it
// concerns, so that every row is written anew with a version above those before.
type Epochs struct {
	o  EpochsOptions
	f  Figures
	mu sync.Mutex // one Ensure at a time
	// begun is set once Ensure has succeeded: from then on settings in force that are not these are another process's, started
	// later. To take them back would make the two raise epochs against each other for ever.
	begun bool
	// common is the fingerprint of the epoch of all tenants that Ensure last found or opened.
	common atomic.Pointer[string]
}

// NewEpochs returns Epochs; Ensure must succeed once before Of is of use.
func NewEpochs(o EpochsOptions) *Epochs {
	e := &Epochs{o: o}
	if o.Figures != nil {
		e.f = *o.Figures
	} else {
		e.f = rollupFigures(o)
	}
	return e
}

// epoch is the row in force of a tenant.
type epoch struct {
	number      uint64
	fingerprint string
	marked      bool
}

// errEpochOver is of marks that were fetched before an epoch began: they are to be fetched again.
var errEpochOver = errors.New("a new epoch began since the marks were fetched")

// errOtherSettings is of a process whose settings are not those the epoch in force was opened for.
var errOtherSettings = errors.New("figures are computed by another process under other settings or another version; restart the older one")

// Of gives the epochs in force, for marks fetched after Ensure returned common. They are read from the store each time: another
// process may have raised them since, and a row of an epoch gone by would lose against older figures without a sign. It
// fails where the epoch of all has changed, since offsets fetched before may be of a topic that is no more, and, high as they
// are, would win over all marks of the new one. A tenant seen for the first time is entered before its first row is
// written. It fails too while what is in force is not what this process would compute.
func (e *Epochs) Of(ctx context.Context, common uint64, tenants []string) (map[string]uint64, error) {
	rows, err := e.load(ctx)
	if err != nil {
		return nil, err
	}
	if rows[all].number != common {
		return nil, fmt.Errorf("rollups: epoch %d is over, %d is in force: %w", common, rows[all].number, errEpochOver)
	}
	if want := e.common.Load(); want == nil || rows[all].fingerprint != *want {
		return nil, fmt.Errorf("rollups: in force is %q: %w", rows[all].fingerprint, errOtherSettings)
	}
	out := make(map[string]uint64, len(tenants))
	for _, name := range tenants {
		own, ok := rows[name]
		if !ok {
			own = epoch{number: 1, fingerprint: e.fingerprint(name), marked: true}
			if err := e.save(ctx, name, own); err != nil {
				return nil, err
			}
		}
		if want := e.fingerprint(name); own.fingerprint != want {
			return nil, fmt.Errorf("rollups: for tenant %q in force is %q, here is %q: %w", name, own.fingerprint, want, errOtherSettings)
		}
		out[name] = common + own.number
	}
	return out, nil
}

// Ensure opens a new epoch where what the figures are computed under has changed since the one in force, and marks the days it
// concerns. It is to be called before marks are fetched from a partition, and returns the epoch of all tenants that marks
// fetched from then on belong to.
func (e *Epochs) Ensure(ctx context.Context) (common uint64, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	rows, err := e.load(ctx)
	if err != nil {
		return 0, err
	}
	common, err = e.ensureCommon(ctx, rows)
	if err != nil {
		return 0, err
	}
	if err := e.ensureTenants(ctx, rows); err != nil {
		return 0, err
	}
	if err := e.begin(ctx); err != nil {
		return 0, err
	}
	e.begun = true
	return common, nil
}

func (e *Epochs) begin(ctx context.Context) error {
	if e.begun || e.f.Begins == nil {
		return nil
	}
	rows, err := e.load(ctx)
	if err != nil {
		return err
	}
	numbers := make(map[string]uint64, len(rows))
	for name, row := range rows {
		numbers[name] = row.number
	}
	return e.f.Begins(ctx, numbers)
}

func (e *Epochs) ensureTenants(ctx context.Context, rows map[string]epoch) error {
	for _, t := range e.o.Settings.Configured() {
		if _, ok := rows[t.ID]; !ok {
			if err := e.save(ctx, t.ID, epoch{number: 1, fingerprint: e.f.Fingerprint(t), marked: true}); err != nil {
				return err
			}
		}
	}
	for name, row := range rows {
		want := e.fingerprint(name)
		switch {
		case name == all:
			continue
		case row.fingerprint != want && e.begun:
			return fmt.Errorf("rollups: for tenant %q in force is %q, here is %q: %w", name, row.fingerprint, want, errOtherSettings)
		case row.fingerprint != want:
			e.o.Log.Info().Str("tenant", name).Str("was", row.fingerprint).Str("is", want).Msg("settings changed: all days of the tenant are computed again")
			row = epoch{number: row.number + 1, fingerprint: want}
		}
		if row.marked {
			continue
		}
		if err := e.open(ctx, name, row); err != nil {
			return err
		}
	}
	return nil
}

func (e *Epochs) ensureCommon(ctx context.Context, rows map[string]epoch) (uint64, error) {
	want, err := e.commonFingerprint(ctx)
	if err != nil {
		return 0, err
	}
	renewed, err := e.topicRenewed(ctx, rows)
	if err != nil {
		return 0, err
	}
	row := rows[all]
	if was, _, _ := strings.Cut(row.fingerprint, ";"); e.begun && was != e.f.Logic {
		return 0, fmt.Errorf("rollups: in force is %q, here is %q: %w", row.fingerprint, want, errOtherSettings)
	}
	if row.fingerprint != want || renewed {
		e.o.Log.Info().Str("was", row.fingerprint).Str("is", want).Bool("topic_renewed", renewed).Msg("a new epoch: all days are computed again")
		row = epoch{number: row.number + 1, fingerprint: want}
	}
	e.common.Store(&want)
	if row.marked {
		return row.number, nil
	}
	return row.number, e.open(ctx, all, row)
}

// Raise opens a new epoch of a tenant for no change of settings: the sweeper's last resort for rows that marks do not heal.
func (e *Epochs) Raise(ctx context.Context, tenant string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	rows, err := e.load(ctx)
	if err != nil {
		return err
	}
	return e.open(ctx, tenant, epoch{number: rows[tenant].number + 1, fingerprint: e.fingerprint(tenant)})
}

// open writes the epoch, marks what it makes stale, and only then notes that the marks are out. Marks come after the epoch, so
// that whoever reads one computes under it; a crash in between leaves a row that says so.
func (e *Epochs) open(ctx context.Context, tenant string, row epoch) error {
	row.marked = false
	if err := e.save(ctx, tenant, row); err != nil {
		return err
	}
	rows, err := e.load(ctx)
	if err != nil {
		return err
	}
	in := Version{Epoch: rows[all].number}
	if tenant != all {
		in.Epoch += rows[tenant].number
	}
	if err := e.f.Mark(ctx, tenant, in); err != nil {
		return err
	}
	row.marked = true
	return e.save(ctx, tenant, row)
}

func (e *Epochs) fingerprint(tenant string) string {
	return e.f.Fingerprint(e.o.Settings.For(tenant))
}

func (e *Epochs) commonFingerprint(ctx context.Context) (string, error) {
	n, err := e.o.Positions.Partitions(ctx, e.f.Topic)
	if err != nil {
		return "", fmt.Errorf("rollups: partitions of the marks topic: %w", err)
	}
	return fmt.Sprintf("%s;partitions=%d", e.f.Logic, n), nil
}
