package keeper

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"

	"github.com/rapport-project/rapport/schemas"
)

// Difference is an entity whose stored outcome is not what its facts give.
type Difference struct {
	schemas.Entity
	// Table of the outcome.
	Table string
	// At is when one of its facts that differ happened; 1970 where none is booked.
	At time.Time
	// Computed is what the facts give, without version.
	Computed any
	// Detail says in words what is stored and what the facts give.
	Detail string
}

// Differences compares the stored outcomes of entities of one kind with what their facts give, to the bit. While marks are pending, a difference
// is nothing to worry about.
func (k *Keeper) Differences(ctx context.Context, kind schemas.Kind, entities []schemas.Entity) ([]Difference, error) {
	_, found, err := k.Compare(ctx, kind, entities)
	return found, err
}

// Compare is Differences that counts, by table, how many rows it compared.
func (k *Keeper) Compare(ctx context.Context, kind schemas.Kind, entities []schemas.Entity) (map[string]uint64, []Difference, error) {
	if len(entities) == 0 {
		return nil, nil, nil
	}
	always := func(schemas.Entity) (stale, schemas.OutcomeVersion) {
		return stale{always: true}, schemas.OutcomeVersion{}
	}
	r, err := k.compute(ctx, kind, entities, always)
	if err != nil {
		return nil, nil, err
	}
	found, err := k.differences(ctx, kind, entities, r)
	return map[string]uint64{
		"contact_outcomes": uint64(len(r.rows.ContactOutcomes)), "case_outcomes": uint64(len(r.rows.CaseOutcomes)),
		"complaint_outcomes": uint64(len(r.rows.ComplaintOutcomes)), "complaint_subjects": uint64(len(r.rows.ComplaintSubjects)),
	}, found, err
}

func (k *Keeper) differences(ctx context.Context, kind schemas.Kind, entities []schemas.Entity, r result) ([]Difference, error) {
	switch kind {
	case schemas.ChainOfContacts:
		return k.contactDifferences(ctx, r.rows.ContactOutcomes)
	case schemas.CaseOfWork:
		stored, err := selectWanted[schemas.CaseOutcome](ctx, k, "stored_cases.sql", entities)
		return differing("case_outcomes", kind, r.rows.CaseOutcomes, stored, func(o *schemas.CaseOutcome) (string, string, time.Time) {
			return o.Tenant, o.CaseID, orEpoch(o.RequestedAt)
		}), err
	default:
		stored, err := selectWanted[schemas.ComplaintOutcome](ctx, k, "stored_complaints.sql", entities)
		if err != nil {
			return nil, err
		}
		found := differing("complaint_outcomes", kind, r.rows.ComplaintOutcomes, stored, func(o *schemas.ComplaintOutcome) (string, string, time.Time) {
			return o.Tenant, o.ComplaintID, orEpoch(o.OpenedAt)
		})
		subjects, err := k.subjectDifferences(ctx, entities, r)
		return append(found, subjects...), err
	}
}

// differing are the entities of rows that are not stored alike.
func differing[R any](table string, kind schemas.Kind, computed, stored []R, of func(*R) (tenant, key string, at time.Time)) []Difference {
	have := make(map[[2]string]*R, len(stored))
	for i := range stored {
		tenant, key, _ := of(&stored[i])
		have[[2]string{tenant, key}] = &stored[i]
	}
	var found []Difference
	for i := range computed {
		tenant, key, at := of(&computed[i])
		if was, ok := have[[2]string{tenant, key}]; !ok || !alike(computed[i], *was) {
			found = append(found, Difference{schemas.Entity{Tenant: tenant, Kind: kind, Key: key}, table, at, computed[i], columns(&computed[i], was)})
		}
	}
	return found
}

type contactKey struct {
	tenant, source, id, chain string
	hour                      int64
}

func keyOf(c *schemas.ContactOutcome) contactKey {
	return contactKey{c.Tenant, c.Source, c.ID, c.Chain, c.Hour.Unix()}
}

func (k *Keeper) contactDifferences(ctx context.Context, computed []schemas.ContactOutcome) ([]Difference, error) {
	stored, err := k.storedContacts(ctx, computed)
	if err != nil {
		return nil, err
	}
	have := make(map[contactKey]*schemas.ContactOutcome, len(stored))
	for i := range stored {
		have[keyOf(&stored[i])] = &stored[i]
	}
	var found []Difference
	for chain := range runs(computed, func(a, b *schemas.ContactOutcome) bool { return a.Tenant == b.Tenant && a.Chain == b.Chain }) {
		for i := range chain {
			if was, ok := have[keyOf(&chain[i])]; !ok || !alike(chain[i], *was) {
				e := schemas.Entity{Tenant: chain[i].Tenant, Kind: schemas.ChainOfContacts, Key: chain[i].Chain}
				detail := fmt.Sprintf("contact %.100q: %s", chain[i].ID, columns(&chain[i], was))
				found = append(found, Difference{e, "contact_outcomes", chain[i].OccurredAt, chain, detail})
				break
			}
		}
	}
	return found, nil
}

func (k *Keeper) storedContacts(ctx context.Context, rows []schemas.ContactOutcome) ([]schemas.ContactOutcome, error) {
	ctx, cancel := context.WithTimeout(ctx, k.o.StepTimeout)
	defer cancel()
	t, err := ext.NewTable("wanted_contacts", ext.Column("tenant", "String"), ext.Column("hour", "UInt32"), ext.Column("source", "String"),
		ext.Column("id", "String"), ext.Column("chain", "String"))
	if err != nil {
		return nil, fmt.Errorf("outcomes: table of contacts: %w", err)
	}
	for i := range rows {
		r := &rows[i]
		if err := t.Append(r.Tenant, uint32(r.Hour.Unix()), r.Source, r.ID, r.Chain); err != nil {
			return nil, fmt.Errorf("outcomes: table of contacts: %w", err)
		}
	}
	var stored []schemas.ContactOutcome
	if err := k.o.Conn.Select(clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), &stored, plain("stored_contacts.sql")); err != nil {
		return nil, fmt.Errorf("outcomes: stored contacts: %w", err)
	}
	return stored, nil
}

func orEpoch(at *time.Time) time.Time {
	if at == nil {
		return time.Unix(0, 0).UTC()
	}
	return *at
}

// alike compares rows by content: an absent list equals an empty one, a time its instant.
func alike(a, b any) bool { return same(reflect.ValueOf(a), reflect.ValueOf(b)) }

func same(a, b reflect.Value) bool {
	if at, ok := a.Interface().(time.Time); ok {
		return at.Equal(b.Interface().(time.Time)) // both are of one type
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		return a.Len() == b.Len() && (a.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface()))
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	}
	return a.Equal(b)
}
