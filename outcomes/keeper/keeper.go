package keeper

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/tenants"
)

// Options is what a Keeper works with; all but Version and Log are required.
type Options struct {
	Config
	// Conn reads facts.
	Conn driver.Conn
	// Sink writes outcomes.
	Sink sinks.Sink
	// Settings are those of all tenants.
	Settings rollups.Settings
	// Calendar of an id; nil where a tenant has none.
	Calendar func(id string) outcomes.Calendar
	// Epochs in force.
	Epochs rollups.EpochsOf
	// Publisher takes marks.
	Publisher Publisher
	// Version of rows; nil means rollups.MarkVersion. Tests put a clock here to see that it fails.
	Version rollups.Versioner
	// Log takes records that are no marks.
	Log zerolog.Logger
}

// Keeper computes outcomes from facts and stores them. It is safe for concurrent use.
type Keeper struct {
	o Options
	// affected is outcomes.Affected, which a test narrows to see that it fails.
	affected func(rows []schemas.ContactOutcome, from, to time.Time) (first, end int)
	together together
}

// New returns a Keeper.
func New(o Options) *Keeper {
	if o.Version == nil {
		o.Version = rollups.MarkVersion
	}
	if o.ChunkEntities <= 0 {
		o.ChunkEntities = 10_000
	}
	if o.StepTimeout <= 0 {
		o.StepTimeout = 2 * time.Minute
	}
	k := &Keeper{o: o, affected: outcomes.Affected}
	k.together.do = k.settle
	return k
}

// Answer recomputes what marks call stale: it writes the outcomes, and only then marks the days, and the chains of a reopened case, that they change.
// It is a rollups.Answer.
func (k *Keeper) Answer(ctx context.Context, common uint64, msgs []kafka.Message) (rollups.Answered, error) {
	var answered rollups.Answered
	entities := read(msgs, func(m kafka.Message, err error) {
		answered.Bad++
		k.o.Log.Warn().Err(err).Int("partition", m.Partition).Int64("offset", m.Offset).Msg("skipped a record on the topic of stale entities")
	})
	if len(entities) == 0 {
		return answered, nil
	}
	epochs, err := k.o.Epochs(ctx, common, tenantsOf(entities))
	if err != nil {
		return answered, err
	}
	for e, s := range entities {
		s.epoch = epochs[e.Tenant]
		entities[e] = s
	}
	answered.Things = len(entities)
	return answered, k.together.run(ctx, entities, rollups.OfBacklog(msgs))
}

// settle brings entities up to date, and then marks the days that this changes: all of them at once, since each would be computed again for every chunk.
func (k *Keeper) settle(ctx context.Context, entities map[schemas.Entity]stale, backlog bool) error {
	days := map[schemas.Day]struct{}{}
	sorted := byKind(entities)
	var contacts []schemas.ContactOutcome // one chunk's after the other
	for _, kind := range kinds() {
		for chunk := range slices.Chunk(sorted[kind], k.o.ChunkEntities) {
			result, err := k.computeInto(ctx, contacts, kind, chunk, func(e schemas.Entity) (stale, schemas.OutcomeVersion) {
				s := entities[e]
				v := k.o.Version(s.epoch, s.offset)
				return s, schemas.OutcomeVersion{Epoch: v.Epoch, Mark: v.Mark}
			})
			if err == nil {
				err = k.write(ctx, result)
			}
			if err != nil {
				return err
			}
			maps.Copy(days, result.days)
			if rows := result.rows.ContactOutcomes; cap(rows) > 0 {
				contacts = rows
			}
		}
	}
	return k.mark(ctx, days, backlog)
}

// mark calls days stale, out of a backlog or not.
func (k *Keeper) mark(ctx context.Context, days map[schemas.Day]struct{}, backlog bool) error {
	p := k.o.Publisher
	if backlog {
		p = rollups.Backlog(p)
	}
	return rollups.Mark(ctx, p, slices.Collect(maps.Keys(days)))
}

// write makes a result durable, and then marks the chains, and adds the days, that it changes.
func (k *Keeper) write(ctx context.Context, result result) error {
	if err := k.o.Sink.Write(ctx, result.rows); err != nil {
		return fmt.Errorf("outcomes: write: %w", err)
	}
	if err := k.addChains(ctx, &result); err != nil {
		return err
	}
	if err := k.retire(ctx, &result); err != nil {
		return err
	}
	if err := k.addRepeats(ctx, &result); err != nil {
		return err
	}
	if len(result.chains) == 0 {
		return nil
	}
	return Mark(ctx, k.o.Publisher, result.chains)
}

// kinds in the order in which they are brought up to date: a case before the chains that it may make fail.
func kinds() []schemas.Kind {
	return []schemas.Kind{schemas.CaseOfWork, schemas.ChainOfContacts, schemas.OneComplaint}
}

// byKind are entities, each kind in the order that its facts are stored in, so that those of one statement lie close together.
func byKind(entities map[schemas.Entity]stale) map[schemas.Kind][]schemas.Entity {
	found := map[schemas.Kind][]schemas.Entity{}
	for e := range entities {
		found[e.Kind] = append(found[e.Kind], e)
	}
	for _, of := range found {
		slices.SortFunc(of, func(a, b schemas.Entity) int {
			if a.Tenant != b.Tenant {
				return strings.Compare(a.Tenant, b.Tenant)
			}
			return strings.Compare(a.Key, b.Key)
		})
	}
	return found
}

func tenantsOf(entities map[schemas.Entity]stale) []string {
	seen := map[string]bool{}
	for e := range entities {
		seen[e.Tenant] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// rules of a tenant.
func (k *Keeper) rules(tenant string) (tenants.Tenant, outcomes.Rules) {
	t := k.o.Settings.For(tenant)
	t.ID = tenant
	r := outcomes.Rules{
		Window:       time.Duration(t.FCRWindowDays) * 24 * time.Hour,
		ServiceLevel: time.Duration(t.ServiceLevelSeconds) * time.Second,
	}
	if t.Calendar != "" {
		r.Calendar = k.o.Calendar(t.Calendar)
	}
	return t, r
}
