package sinks

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Memory is a sink for tests: it keeps what the tables of ClickHouse would show with FINAL.
type Memory struct {
	mu          sync.Mutex
	responses   map[key]schemas.SurveyFact
	invitations map[key]schemas.InvitationFact
	late        map[place]schemas.LateFact
	deadLetters map[place]schemas.DeadLetter
	consumed    map[schemas.Consumed]bool
	gaps        map[Gap]bool
	progress    map[place]Progress
}

type key struct {
	tenant, source, id string
	hour               int64
}

type place struct {
	topic     string
	partition int32
	offset    int64
}

// NewMemory makes an empty one.
func NewMemory() *Memory {
	return &Memory{
		responses: map[key]schemas.SurveyFact{}, invitations: map[key]schemas.InvitationFact{}, late: map[place]schemas.LateFact{},
		deadLetters: map[place]schemas.DeadLetter{}, consumed: map[schemas.Consumed]bool{}, gaps: map[Gap]bool{}, progress: map[place]Progress{},
	}
}

// Write implements Sink; it fails only when ctx is over.
func (m *Memory) Write(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range b.Responses {
		k := keyOf(r.Identity)
		if was, ok := m.responses[k]; !ok || compareVersions(was.Version, r.Version) <= 0 {
			m.responses[k] = r
		}
	}
	for _, r := range b.Invitations {
		k := keyOf(r.Identity)
		if was, ok := m.invitations[k]; !ok || compareVersions(was.Version, r.Version) <= 0 {
			m.invitations[k] = r
		}
	}
	for _, r := range b.Late {
		m.late[place{r.Topic, r.Partition, r.Offset}] = r
	}
	for _, r := range b.DeadLetters {
		m.deadLetters[place{r.Topic, r.Partition, r.Offset}] = r
	}
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

// Contents is what the sink holds: facts that hold by their key, all else by where it came from.
func (m *Memory) Contents() Batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Batch{
		Responses:   sorted(maps.Values(m.responses), func(r schemas.SurveyFact) key { return keyOf(r.Identity) }, compareKeys),
		Invitations: sorted(maps.Values(m.invitations), func(r schemas.InvitationFact) key { return keyOf(r.Identity) }, compareKeys),
		Late:        sorted(maps.Values(m.late), func(r schemas.LateFact) place { return place{r.Topic, r.Partition, r.Offset} }, comparePlaces),
		DeadLetters: sorted(maps.Values(m.deadLetters), func(r schemas.DeadLetter) place { return place{r.Topic, r.Partition, r.Offset} }, comparePlaces),
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

func keyOf(id schemas.Identity) key {
	return key{tenant: id.Tenant, source: id.Source, id: id.ID, hour: id.Hour.Unix()}
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.hour, b.hour), cmp.Compare(a.source, b.source), cmp.Compare(a.id, b.id))
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
}

func compareVersions(a, b schemas.Version) int {
	return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Payload, b.Payload))
}
