package rollups

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/schemas"
)

// settleChunk bounds the ids that one statement asks for.
const settleChunk = 1000

// maxRemembered bounds the memory for ids already settled; beyond it they are looked at again, which is only work.
const maxRemembered = 1_000_000

// settler settles ids that came in under two hours, which are two keys of facts: the highest version over all hours holds. Every
// other key gets a row that says superseded under the winner's version, which is above the loser's own, so that its redelivery
// changes nothing; a version above both, under whatever hour, is seen again and settled by the next round.
type settler struct {
	conn     driver.Conn
	settings Settings
	seed     maphash.Seed
	done     map[identity]uint64 // what was settled, with a hash of its deliveries
}

func newSettler(conn driver.Conn, settings Settings) *settler {
	return &settler{conn: conn, settings: settings, seed: maphash.MakeSeed(), done: map[identity]uint64{}}
}

type identity struct {
	tenant, kind string
	hash         uint64
}

type delivery struct {
	revision uint32
	payload  uint64
	hour     time.Time
}

func (d delivery) compare(o delivery) int {
	return cmp.Or(cmp.Compare(d.revision, o.revision), cmp.Compare(d.payload, o.payload), d.hour.Compare(o.hour))
}

type twoHours struct {
	identity
	deliveries []delivery
	state      uint64
}

// storedFact is what FINAL shows under one key.
type storedFact struct {
	tenant, source, id string
	hash               uint64 // of source and id, as in identities
	delivery
	superseded bool
}

// tableOf is where events of a type are facts.
func tableOf(kind string) string {
	if kind == string(schemas.TypeSurveyInvitation) {
		return "invitation_facts"
	}
	return "survey_facts"
}

// settle writes what is to be written and returns the days whose figures that changes, or may have changed before: an id
// that this process has not seen settled may have been by one that died before it marked the days.
func (s *settler) settle(ctx context.Context) (stale daySet, superseded int, err error) {
	found, err := s.candidates(ctx)
	if err != nil {
		return nil, 0, err
	}
	stale = daySet{}
	for _, table := range []string{"survey_facts", "invitation_facts"} {
		ids := slices.DeleteFunc(slices.Clone(found), func(c twoHours) bool { return tableOf(c.kind) != table })
		for chunk := range slices.Chunk(ids, settleChunk) {
			n, err := s.settleChunk(ctx, table, chunk, stale)
			superseded += n
			if err != nil {
				return stale, superseded, err
			}
		}
	}
	return stale, superseded, nil
}

// forget makes the next round look at everything again: the marks of this one were not published.
func (s *settler) forget() { s.done = map[identity]uint64{} }

// candidates are ids under two hours whose deliveries are not those settled before.
func (s *settler) candidates(ctx context.Context) ([]twoHours, error) {
	rows, err := s.conn.Query(ctx, plain("two_hours.sql"))
	if err != nil {
		return nil, fmt.Errorf("rollups: ids under two hours: %w", err)
	}
	var found []twoHours
	err = each(rows, func() error {
		var c twoHours
		var revisions []uint32
		var payloads []uint64
		var hours []time.Time
		if err := rows.Scan(&c.tenant, &c.kind, &c.hash, &revisions, &payloads, &hours); err != nil {
			return err
		}
		var h maphash.Hash
		h.SetSeed(s.seed)
		for i := range revisions {
			d := delivery{revisions[i], payloads[i], hours[i].UTC()}
			c.deliveries = append(c.deliveries, d)
			maphash.WriteComparable(&h, [3]uint64{uint64(d.revision), d.payload, uint64(d.hour.Unix())})
		}
		c.state = h.Sum64()
		if was, ok := s.done[c.identity]; !ok || was != c.state {
			found = append(found, c)
		}
		return nil
	})
	return found, err
}

func (s *settler) settleChunk(ctx context.Context, table string, ids []twoHours, stale daySet) (int, error) {
	stored, err := s.stored(ctx, table, ids)
	if err != nil {
		return 0, err
	}
	var losers []storedFact
	for _, group := range bySourceAndID(stored) {
		losers = append(losers, losersOf(group)...)
		// Only responses are in figures so far.
		if table == "survey_facts" && len(group) > 1 {
			for _, f := range group {
				stale.add(daysOfHour(s.settings.For(f.tenant), f.hour)...)
			}
		}
	}
	if err := s.supersede(ctx, table, losers); err != nil {
		return 0, err
	}
	s.remember(ids, stored)
	return len(losers), nil
}

// losersOf are the rows to write for one id: one for each key that is visible beside the winner.
func losersOf(group []storedFact) []storedFact {
	winner := slices.MaxFunc(group, func(a, b storedFact) int {
		// A superseded row carries the version of a winner; the winner itself goes before it.
		if a.superseded != b.superseded {
			if a.superseded {
				return -1
			}
			return 1
		}
		return a.compare(b.delivery)
	})
	var losers []storedFact
	for _, f := range group {
		if !f.superseded && f.hour != winner.hour {
			f.revision, f.payload, f.superseded = winner.revision, winner.payload, true
			losers = append(losers, f)
		}
	}
	return losers
}

// bySourceAndID sorts facts into those of one id: two ids may share an identity's hash.
func bySourceAndID(facts []storedFact) map[[3]string][]storedFact {
	groups := map[[3]string][]storedFact{}
	for _, f := range facts {
		key := [3]string{f.tenant, f.source, f.id}
		groups[key] = append(groups[key], f)
	}
	return groups
}

func (s *settler) stored(ctx context.Context, table string, ids []twoHours) ([]storedFact, error) {
	var names []string
	var hours []uint32
	var identities []uint64
	for _, c := range ids {
		for _, d := range c.deliveries {
			names = append(names, c.tenant)
			hours = append(hours, uint32(d.hour.Unix()/3600))
			identities = append(identities, c.hash)
		}
	}
	sql, err := render("facts_of_ids.sql", table)
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, sql+pinned, clickhouse.Named("tenants", names), clickhouse.Named("hours", hours), clickhouse.Named("identities", identities))
	if err != nil {
		return nil, fmt.Errorf("rollups: facts of ids under two hours: %w", err)
	}
	var found []storedFact
	err = each(rows, func() error {
		var f storedFact
		if err := rows.Scan(&f.tenant, &f.hour, &f.source, &f.id, &f.hash, &f.revision, &f.payload, &f.superseded); err != nil {
			return err
		}
		f.hour = f.hour.UTC()
		found = append(found, f)
		return nil
	})
	return found, err
}

// supersede writes rows for the losing keys, and nothing else of their content: the winner has what holds.
func (s *settler) supersede(ctx context.Context, table string, losers []storedFact) error {
	if len(losers) == 0 {
		return nil
	}
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO rapport_store."+table+" (tenant, hour, source, id, revision, payload, occurred_at, superseded)")
	if err != nil {
		return fmt.Errorf("rollups: settle: %w", err)
	}
	for _, f := range losers {
		if err := batch.Append(f.tenant, f.hour, f.source, f.id, f.revision, f.payload, f.hour, true); err != nil {
			_ = batch.Abort()
			return fmt.Errorf("rollups: settle: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("rollups: settle %d keys: %w", len(losers), err)
	}
	return nil
}

// remember notes the ids all of whose deliveries were there to be judged. The identity of a delivery may become visible before
// its fact; such an id is looked at again.
func (s *settler) remember(ids []twoHours, stored []storedFact) {
	type place struct {
		tenant string
		hash   uint64
		hour   int64
	}
	newest := map[place]delivery{}
	for _, f := range stored {
		p := place{f.tenant, f.hash, f.hour.Unix()}
		if have, ok := newest[p]; !ok || f.compare(have) > 0 {
			newest[p] = f.delivery
		}
	}
	for _, c := range ids {
		complete := !slices.ContainsFunc(c.deliveries, func(d delivery) bool {
			have, ok := newest[place{c.tenant, c.hash, d.hour.Unix()}]
			return !ok || have.compare(d) < 0
		})
		if complete && len(s.done) < maxRemembered {
			s.done[c.identity] = c.state
		}
	}
}
