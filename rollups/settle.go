package rollups

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/schemas"
)

// settleChunk bounds the ids that one statement asks for.
const settleChunk = 1000

// maxRemembered bounds the memory for ids already settled; beyond it they are looked at again, which is only work.
const maxRemembered = 1_000_000

// settler settles ids that came in under two hours, or two entities, which are two keys of facts: the highest version over all keys holds.
// Every other key gets a row that says superseded under the winner's version, which is above the loser's own, so that its redelivery
// changes nothing; a version above both, under whatever key, is seen again and settled by the next round.
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
	entity   uint64 // hash of the chain, case or complaint; 0 for surveys
}

func (d delivery) compare(o delivery) int {
	return cmp.Or(cmp.Compare(d.revision, o.revision), cmp.Compare(d.payload, o.payload), d.hour.Compare(o.hour), cmp.Compare(d.entity, o.entity))
}

// twoKeys is an id that came in under more than one key.
type twoKeys struct {
	identity
	deliveries []delivery
	state      uint64
}

// storedFact is what FINAL shows under one key.
type storedFact struct {
	tenant, source, id string
	hash               uint64 // of source and id, as in identities
	delivery
	name       string // of the entity; empty for surveys
	superseded bool
}

// factTable is where events of a type are facts.
type factTable struct {
	Name string
	// Entity is the column that is the last part of the key; empty where there is none.
	Entity string
	kind   schemas.Kind
}

func factTables() []factTable {
	return []factTable{
		{Name: "survey_facts"}, {Name: "invitation_facts"},
		{"contact_facts", "chain", schemas.ChainOfContacts}, {"milestone_facts", "case_id", schemas.CaseOfWork}, {"complaint_facts", "complaint_id", schemas.OneComplaint},
	}
}

// stale is what a change of facts makes stale.
type stale struct {
	days     daySet
	entities map[schemas.Entity]schemas.Span
}

func newStale() stale { return stale{daySet{}, map[schemas.Entity]schemas.Span{}} }

// add notes a fact that was superseded, or that holds instead. Invitations are in no figure.
func (s stale) add(table factTable, f storedFact, settings Settings) {
	switch {
	case table.Name == "survey_facts":
		s.days.add(daysOfHour(settings.For(f.tenant), f.hour, schemas.Surveys)...)
	case table.Entity != "":
		e := schemas.Entity{Tenant: f.tenant, Kind: table.kind, Key: f.name}
		span := s.entities[e]
		span.Join(schemas.Span{From: f.hour, To: f.hour.Add(time.Hour)})
		s.entities[e] = span
	}
}

// tableOf is where events of a type are facts.
func tableOf(kind string) string {
	switch schemas.Type(kind) {
	case schemas.TypeSurveyInvitation:
		return "invitation_facts"
	case schemas.TypeContact:
		return "contact_facts"
	case schemas.TypeMilestone:
		return "milestone_facts"
	case schemas.TypeComplaint:
		return "complaint_facts"
	}
	return "survey_facts"
}

// settle writes what is to be written and returns what that makes stale, or may have made stale before: an id that this process has not
// seen settled may have been by one that died before it marked anything.
func (s *settler) settle(ctx context.Context) (changed stale, superseded int, err error) {
	changed = newStale()
	found, err := s.candidates(ctx)
	if err != nil {
		return changed, 0, err
	}
	for _, table := range factTables() {
		ids := slices.DeleteFunc(slices.Clone(found), func(c twoKeys) bool { return tableOf(c.kind) != table.Name })
		for chunk := range slices.Chunk(ids, settleChunk) {
			n, err := s.settleChunk(ctx, table, chunk, changed)
			superseded += n
			if err != nil {
				return changed, superseded, err
			}
		}
	}
	return changed, superseded, nil
}

// forget makes the next round look at everything again: the marks of this one were not published.
func (s *settler) forget() { s.done = map[identity]uint64{} }

// candidates are ids under two keys whose deliveries are not those settled before.
func (s *settler) candidates(ctx context.Context) ([]twoKeys, error) {
	rows, err := s.conn.Query(ctx, plain("two_keys.sql"))
	if err != nil {
		return nil, fmt.Errorf("rollups: ids under two hours: %w", err)
	}
	var found []twoKeys
	err = each(rows, func() error {
		var c twoKeys
		var revisions []uint32
		var payloads []uint64
		var hours []time.Time
		var entities []uint64
		if err := rows.Scan(&c.tenant, &c.kind, &c.hash, &revisions, &payloads, &hours, &entities); err != nil {
			return err
		}
		var h maphash.Hash
		h.SetSeed(s.seed)
		for i := range revisions {
			d := delivery{revisions[i], payloads[i], hours[i].UTC(), entities[i]}
			c.deliveries = append(c.deliveries, d)
			maphash.WriteComparable(&h, [4]uint64{uint64(d.revision), d.payload, uint64(d.hour.Unix()), d.entity})
		}
		c.state = h.Sum64()
		if was, ok := s.done[c.identity]; !ok || was != c.state {
			found = append(found, c)
		}
		return nil
	})
	return found, err
}

func (s *settler) settleChunk(ctx context.Context, table factTable, ids []twoKeys, changed stale) (int, error) {
	stored, err := s.stored(ctx, table, ids)
	if err != nil {
		return 0, err
	}
	var losers []storedFact
	superseded := 0
	for _, group := range bySourceAndID(stored) {
		beaten, visible := losersOf(group)
		losers = append(losers, beaten...)
		superseded += visible
		if len(group) > 1 {
			for _, f := range group {
				changed.add(table, f, s.settings)
			}
		}
	}
	if err := s.supersede(ctx, table, losers); err != nil {
		return 0, err
	}
	s.remember(ids, stored)
	return superseded, nil
}

// losersOf are the rows to write for one id: one for each key beside the winner's; visible is how many of these hold still. One that is superseded already
// is written again: a store that failed between a table and those that its views feed has it in the first alone, and nothing else would ever complete it.
func losersOf(group []storedFact) (losers []storedFact, visible int) {
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
	for _, f := range group {
		if f.hour == winner.hour && f.name == winner.name {
			continue
		}
		if !f.superseded {
			visible++
		}
		f.revision, f.payload, f.superseded = winner.revision, winner.payload, true
		losers = append(losers, f)
	}
	return losers, visible
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

// remember notes the ids all of whose deliveries were there to be judged. The identity of a delivery may become visible before
// its fact; such an id is looked at again.
func (s *settler) remember(ids []twoKeys, stored []storedFact) {
	type place struct {
		tenant string
		hash   uint64
		hour   int64
		entity uint64
	}
	newest := map[place]delivery{}
	for _, f := range stored {
		p := place{f.tenant, f.hash, f.hour.Unix(), f.entity}
		if have, ok := newest[p]; !ok || f.compare(have) > 0 {
			newest[p] = f.delivery
		}
	}
	for _, c := range ids {
		complete := !slices.ContainsFunc(c.deliveries, func(d delivery) bool {
			have, ok := newest[place{c.tenant, c.hash, d.hour.Unix(), d.entity}]
			return !ok || have.compare(d) < 0
		})
		if complete && len(s.done) < maxRemembered {
			s.done[c.identity] = c.state
		}
	}
}
