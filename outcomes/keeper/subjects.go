package keeper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// retire takes back the subjects that complaints of a result no longer have and no fact names any more: a conflict or a revision put another
// customer or issue in their place. It is called when the outcomes are durable, so that of two workers on one complaint the one that
// writes last finds what the older one wrote, be that its own.
func (k *Keeper) retire(ctx context.Context, r *result) error {
	if len(r.rows.ComplaintOutcomes) == 0 {
		return nil
	}
	entities := make([]schemas.Entity, len(r.rows.ComplaintOutcomes))
	for i := range entities {
		o := &r.rows.ComplaintOutcomes[i]
		entities[i] = schemas.Entity{Tenant: o.Tenant, Kind: schemas.OneComplaint, Key: o.ComplaintID}
	}
	left, err := selectWanted[schemas.ComplaintSubject](ctx, k, "left_subjects.sql", entities)
	if err != nil || len(left) == 0 {
		return err
	}
	for i := range left {
		s := &left[i]
		key, span := subject{s.Tenant, s.CustomerID, s.Issue}, schemas.Span{From: s.OpenedAt, To: s.OpenedAt.Add(repeatWithin)}
		span.Join(cmp.Or(r.subjects[key], span))
		r.subjects[key] = span
		s.OpenedAt = time.Unix(0, 0).UTC()
	}
	if err := k.o.Sink.Write(ctx, sinks.Batch{ComplaintSubjects: left}); err != nil {
		return fmt.Errorf("outcomes: retire %d subjects: %w", len(left), err)
	}
	return nil
}

// subjectDifferences are the complaints whose live subject is not stored as computed.
func (k *Keeper) subjectDifferences(ctx context.Context, entities []schemas.Entity, computed result) ([]Difference, error) {
	stored, err := selectWanted[schemas.ComplaintSubject](ctx, k, "stored_subjects.sql", entities)
	if err != nil {
		return nil, err
	}
	want := make(map[schemas.Entity]*schemas.ComplaintSubject, len(computed.rows.ComplaintSubjects))
	of := func(s *schemas.ComplaintSubject) schemas.Entity {
		return schemas.Entity{Tenant: s.Tenant, Kind: schemas.OneComplaint, Key: s.ComplaintID}
	}
	for i := range computed.rows.ComplaintSubjects {
		if s := &computed.rows.ComplaintSubjects[i]; s.Live {
			want[of(s)] = s
		}
	}
	// A complaint has one live subject at most, so two rows of it are a difference whichever comes first.
	found, right := map[schemas.Entity]time.Time{}, map[schemas.Entity]bool{}
	for i := range stored {
		e := of(&stored[i])
		if w, ok := want[e]; ok && alike(*w, stored[i]) {
			right[e] = true
			continue
		}
		found[e] = stored[i].OpenedAt
	}
	for e, w := range want {
		if !right[e] {
			found[e] = w.OpenedAt
		}
	}
	var differences []Difference
	for e, at := range found {
		d := Difference{Entity: e, Table: "complaint_subjects", At: at, Computed: schemas.ComplaintSubject{}, Detail: "customer and issue of the complaint"}
		if w, ok := want[e]; ok {
			d.Computed = *w
		}
		differences = append(differences, d)
	}
	slices.SortFunc(differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Key, b.Key))
	})
	return differences, nil
}
