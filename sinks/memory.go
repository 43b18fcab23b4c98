package sinks

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Memory is a sink for tests: it keeps what the tables of ClickHouse would show with FINAL. It keeps no outcomes, which are not of batches of events.
type Memory struct {
	mu          sync.Mutex
	responses   map[key]schemas.SurveyFact
	invitations map[key]schemas.InvitationFact
	contacts    map[key]schemas.ContactFact
	milestones  map[key]schemas.MilestoneFact
	complaints  map[key]schemas.ComplaintFact
	late        map[place]schemas.LateFact
	deadLetters map[place]schemas.DeadLetter
	deliveries  map[deliveryKey]*delivered
	consumed    map[schemas.Consumed]bool
	gaps        map[Gap]bool
	progress    map[place]Progress
}

type key struct {
	tenant, source, id string
	hour               int64
	entity             string // chain, case or complaint; empty for surveys
}

type place struct {
	topic     string
	partition int32
	offset    int64
}

// NewMemory makes an empty one.
func NewMemory() *Memory {
	return &Memory{
		responses: map[key]schemas.SurveyFact{}, invitations: map[key]schemas.InvitationFact{},
		contacts: map[key]schemas.ContactFact{}, milestones: map[key]schemas.MilestoneFact{}, complaints: map[key]schemas.ComplaintFact{}, late: map[place]schemas.LateFact{},
		deadLetters: map[place]schemas.DeadLetter{}, deliveries: map[deliveryKey]*delivered{}, consumed: map[schemas.Consumed]bool{}, gaps: map[Gap]bool{}, progress: map[place]Progress{},
	}
}

// Write implements Sink; it fails only when ctx is over, or for a block of another sink.
func (m *Memory) Write(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.ResponseBlock != nil {
		return errors.New("a block of rows, made for another sink")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	keep(m.responses, cloned(b.Responses, (*schemas.SurveyFact).Clone), func(r *schemas.SurveyFact) (key, schemas.Version) { return keyOf(r.Identity, ""), r.Version })
	keep(m.invitations, b.Invitations, func(r *schemas.InvitationFact) (key, schemas.Version) { return keyOf(r.Identity, ""), r.Version })
	keep(m.contacts, cloned(b.Contacts, (*schemas.ContactFact).Clone), func(r *schemas.ContactFact) (key, schemas.Version) { return keyOf(r.Identity, r.Chain), r.Version })
	keep(m.milestones, b.Milestones, func(r *schemas.MilestoneFact) (key, schemas.Version) { return keyOf(r.Identity, r.CaseID), r.Version })
	keep(m.complaints, b.Complaints, func(r *schemas.ComplaintFact) (key, schemas.Version) {
		return keyOf(r.Identity, r.ComplaintID), r.Version
	})
	for _, r := range b.Late {
		m.late[place{r.Topic, r.Partition, r.Offset}] = r
	}
	for _, r := range b.DeadLetters {
		m.deadLetters[place{r.Topic, r.Partition, r.Offset}] = r
	}
	m.deliver(b.Deliveries)
	for _, r := range b.Consumed {
		m.consumed[r] = true
	}
	for _, r := range b.Gaps {
		m.gaps[r] = true
	}
	for _, r := range b.Progress {
		if r.AsOf.IsZero() {
			r.AsOf = time.Now()
		}
		k := place{r.Topic, r.Partition, 0}
		if was, ok := m.progress[k]; !ok || !r.AsOf.Before(was.AsOf) {
			m.progress[k] = r
		}
	}
	return nil
}

// cloned are rows that do not change with the batch, whose memory may be used again.
func cloned[R any](rows []R, clone func(*R) R) []R {
	out := make([]R, len(rows))
	for i := range rows {
		out[i] = clone(&rows[i])
	}
	return out
}

// keep puts facts where no newer version of theirs is.
func keep[R any](into map[key]R, rows []R, of func(*R) (key, schemas.Version)) {
	for i := range rows {
		k, version := of(&rows[i])
		if was, ok := into[k]; ok {
			if _, stored := of(&was); compareVersions(stored, version) > 0 {
				continue
			}
		}
		into[k] = rows[i]
	}
}

// Contents is what the sink holds: facts that hold by their key, all else by where it came from.
func (m *Memory) Contents() Batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Batch{
		Responses:   sorted(maps.Values(m.responses), func(r schemas.SurveyFact) key { return keyOf(r.Identity, "") }, compareKeys),
		Invitations: sorted(maps.Values(m.invitations), func(r schemas.InvitationFact) key { return keyOf(r.Identity, "") }, compareKeys),
		Contacts:    sorted(maps.Values(m.contacts), func(r schemas.ContactFact) key { return keyOf(r.Identity, r.Chain) }, compareKeys),
		Milestones:  sorted(maps.Values(m.milestones), func(r schemas.MilestoneFact) key { return keyOf(r.Identity, r.CaseID) }, compareKeys),
		Complaints:  sorted(maps.Values(m.complaints), func(r schemas.ComplaintFact) key { return keyOf(r.Identity, r.ComplaintID) }, compareKeys),
		Late:        sorted(maps.Values(m.late), func(r schemas.LateFact) place { return place{r.Topic, r.Partition, r.Offset} }, comparePlaces),
		DeadLetters: sorted(maps.Values(m.deadLetters), func(r schemas.DeadLetter) place { return place{r.Topic, r.Partition, r.Offset} }, comparePlaces),
		Deliveries:  m.delivered(),
		Consumed: slices.SortedFunc(maps.Keys(m.consumed), func(a, b schemas.Consumed) int {
			return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last))
		}),
		Gaps: slices.SortedFunc(maps.Keys(m.gaps), func(a, b Gap) int {
			return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
		}),
		Progress: sorted(maps.Values(m.progress), func(r Progress) place { return place{r.Topic, r.Partition, 0} }, comparePlaces),
	}
}

func sorted[R, K any](rows iter.Seq[R], of func(R) K, compare func(a, b K) int) []R {
	return slices.SortedFunc(rows, func(a, b R) int { return compare(of(a), of(b)) })
}

func keyOf(id schemas.Identity, entity string) key {
	return key{tenant: id.Tenant, source: id.Source, id: id.ID, hour: id.Hour.Unix(), entity: entity}
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.hour, b.hour), cmp.Compare(a.source, b.source), cmp.Compare(a.id, b.id), cmp.Compare(a.entity, b.entity))
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
}

func compareVersions(a, b schemas.Version) int {
	return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Payload, b.Payload))
}
