package keeper

import (
	"context"
	"time"

	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/tenants"
)

// repeatWithin is how long after a complaint another one on its subject repeats it.
const repeatWithin = 30 * 24 * time.Hour

// result is what the facts of some entities come to.
type result struct {
	rows sinks.Batch
	// days whose rollups the rows change.
	days map[schemas.Day]struct{}
	// reopened are the cases with reopenings, whose chains may fail by them: the stretch from the window before the first to the last.
	reopened map[schemas.Entity]schemas.Span
	// subjects of complaints, with the stretch in which others may have become, or ceased to be, repeats.
	subjects map[subject]schemas.Span
	// chains to be recomputed after the rows are there.
	chains map[schemas.Entity]schemas.Span
}

type subject struct{ tenant, customer, issue string }

// of says which stretch of an entity is stale and under which version its rows are written.
type of func(schemas.Entity) (stale, schemas.OutcomeVersion)

// compute reads the facts of entities of one kind and applies the pure functions. Entities without facts come to nothing.
func (k *Keeper) compute(ctx context.Context, kind schemas.Kind, entities []schemas.Entity, about of) (result, error) {
	return k.computeInto(ctx, nil, kind, entities, about)
}

// computeInto is compute with memory for contacts, which is written over: a row of them is some hundreds of bytes, and there are as many as in a backlog.
func (k *Keeper) computeInto(ctx context.Context, into []schemas.ContactOutcome, kind schemas.Kind, entities []schemas.Entity, about of) (result, error) {
	r := result{days: map[schemas.Day]struct{}{}, reopened: map[schemas.Entity]schemas.Span{}, subjects: map[subject]schemas.Span{}}
	var err error
	switch kind {
	case schemas.ChainOfContacts:
		err = k.chains(ctx, into, entities, about, &r)
	case schemas.CaseOfWork:
		err = k.cases(ctx, entities, about, &r)
	default:
		err = k.complaints(ctx, entities, about, &r)
	}
	return r, err
}

// addDays adds the days that have a part in the hour of a fact: deliveries of one fact agree in the hour, not in the minute.
func (r *result) addDays(t tenants.Tenant, family schemas.Family, hour time.Time) {
	for _, at := range [...]time.Time{hour, lastOfHour(hour)} {
		r.days[schemas.Day{Tenant: t.ID, Date: t.Day(at), Family: family}] = struct{}{}
	}
}

func lastOfHour(hour time.Time) time.Time { return hour.Add(time.Hour - time.Microsecond) }

func (k *Keeper) chains(ctx context.Context, into []schemas.ContactOutcome, entities []schemas.Entity, about of, r *result) error {
	contacts, err := k.contactsOf(ctx, entities, into)
	if err != nil {
		return err
	}
	reopened, err := k.reopenings(ctx, contacts)
	if err != nil {
		return err
	}
	kept := 0 // how many rows are to be written: they are moved to the front, which is where most of them are already
	var tenant tenants.Tenant
	var rules outcomes.Rules
	hours := map[int64]struct{}{}
	known := false
	for rows := range runs(contacts, func(a, b *schemas.ContactOutcome) bool { return a.Tenant == b.Tenant && a.Chain == b.Chain }) {
		e := schemas.Entity{Tenant: rows[0].Tenant, Kind: schemas.ChainOfContacts, Key: rows[0].Chain}
		if !known || e.Tenant != tenant.ID {
			r.addHours(tenant, schemas.Contacts, hours)
			clear(hours)
			tenant, rules = k.rules(e.Tenant)
			known = true
		}
		mark, version := about(e)
		outcomes.ChainInPlace(rows, func(caseID string) []time.Time { return reopened[caseKey{e.Tenant, caseID}] }, rules)
		first, end := 0, len(rows)
		if !mark.always {
			first, end = k.affected(rows, mark.span.From, mark.span.To)
		}
		affected := rows[first:end]
		for i := range affected {
			affected[i].OutcomeVersion = version
			hours[affected[i].Hour.Unix()] = struct{}{}
		}
		if len(affected) > 0 && &contacts[kept] != &affected[0] {
			copy(contacts[kept:], affected)
		}
		kept += len(affected)
	}
	r.addHours(tenant, schemas.Contacts, hours)
	r.rows.ContactOutcomes = contacts[:kept]
	return nil
}

// addHours is addDays for many facts at once: what there are of hours is few beside them.
func (r *result) addHours(t tenants.Tenant, family schemas.Family, hours map[int64]struct{}) {
	for hour := range hours {
		r.addDays(t, family, time.Unix(hour, 0).UTC())
	}
}

func (k *Keeper) cases(ctx context.Context, entities []schemas.Entity, about of, r *result) error {
	facts, err := selectWanted[schemas.MilestoneFact](ctx, k, "milestones.sql", entities)
	if err != nil {
		return err
	}
	for events := range runs(facts, func(a, b *schemas.MilestoneFact) bool { return a.Tenant == b.Tenant && a.CaseID == b.CaseID }) {
		e := schemas.Entity{Tenant: events[0].Tenant, Kind: schemas.CaseOfWork, Key: events[0].CaseID}
		tenant, rules := k.rules(e.Tenant)
		// Facts never vanish, so the days that the case is, was or will be booked on are those of its requests. What a fact was before it went out of
		// force, or before what a mark tells of, is not known any more: it may have been a request or a reopening.
		mark, version := about(e)
		for i := range events {
			f := &events[i]
			unknown := f.Superseded || f.Retracted || mark.covers(f.Hour)
			if unknown || f.Milestone == "requested" {
				r.addDays(tenant, schemas.Cases, f.Hour)
			}
			if unknown || f.Milestone == "reopened" {
				span := r.reopened[e]
				span.Join(schemas.Span{From: f.Hour.Add(-rules.Window), To: lastOfHour(f.Hour)})
				r.reopened[e] = span
			}
		}
		row := outcomes.Case(events, rules)
		row.OutcomeVersion = version
		r.rows.CaseOutcomes = append(r.rows.CaseOutcomes, row)
	}
	return nil
}

func (k *Keeper) complaints(ctx context.Context, entities []schemas.Entity, about of, r *result) error {
	facts, err := selectWanted[schemas.ComplaintFact](ctx, k, "complaints.sql", entities)
	if err != nil {
		return err
	}
	for events := range runs(facts, func(a, b *schemas.ComplaintFact) bool { return a.Tenant == b.Tenant && a.ComplaintID == b.ComplaintID }) {
		e := schemas.Entity{Tenant: events[0].Tenant, Kind: schemas.OneComplaint, Key: events[0].ComplaintID}
		tenant, rules := k.rules(e.Tenant)
		mark, version := about(e)
		var opened schemas.Span
		for i := range events {
			f := &events[i]
			// As with cases, what was opened may be something else now.
			if f.Phase != "opened" && !f.Superseded && !f.Retracted && !mark.covers(f.Hour) {
				continue
			}
			opened.Join(schemas.Span{From: f.Hour, To: lastOfHour(f.Hour)})
			r.addDays(tenant, schemas.Complaints, f.Hour)
		}
		row, subjects := outcomes.Complaint(events, rules)
		row.OutcomeVersion = version
		r.rows.ComplaintOutcomes = append(r.rows.ComplaintOutcomes, row)
		for _, s := range subjects {
			s.OutcomeVersion = row.OutcomeVersion
			r.rows.ComplaintSubjects = append(r.rows.ComplaintSubjects, s)
			if !opened.From.IsZero() {
				key := subject{s.Tenant, s.CustomerID, s.Issue}
				span := r.subjects[key]
				span.Join(schemas.Span{From: opened.From, To: opened.To.Add(repeatWithin)})
				r.subjects[key] = span
			}
		}
	}
	return nil
}
