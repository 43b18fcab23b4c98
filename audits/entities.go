package audits

import (
	"context"
	"time"

	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// farthest is how far a day of any time zone reaches beyond the same day of UTC.
const farthest = 14 * time.Hour

// hours are those that days of a scope may reach into, whatever the zone.
func hours(s rollups.Scope) keeper.Scope {
	out := keeper.Scope{Tenant: s.Tenant}
	if day, ok := dayOf(s.From); ok {
		out.From = day.Add(-farthest)
	}
	if day, ok := dayOf(s.To); ok {
		out.To = day.Add(24*time.Hour + farthest)
	}
	return out
}

// dayOf is the beginning in UTC of a bound's day, or the day before its instant's: the day of another zone may have begun then.
func dayOf(b rollups.Bound) (time.Time, bool) {
	if b.Date == "" {
		return b.At.UTC().Truncate(24 * time.Hour), !b.At.IsZero()
	}
	day, err := time.Parse(time.DateOnly, b.Date)
	return day, err == nil
}

func (a *auditor) entities(ctx context.Context) error {
	scope := hours(a.Scope)
	rows := map[string]uint64{}
	for _, kind := range keeper.Kinds() {
		var found []keeper.Difference
		for after := (schemas.Entity{}); ; {
			entities, err := a.Outcomes.Entities(ctx, kind, scope, after)
			if err != nil {
				return err
			}
			if len(entities) == 0 {
				break
			}
			after = entities[len(entities)-1]
			counts, more, err := a.Outcomes.Compare(ctx, kind, entities)
			if err != nil {
				return err
			}
			for table, n := range counts {
				rows[table] += n
			}
			found = append(found, more...)
			a.report.Entities += len(entities)
			a.progress(0, len(entities))
		}
		sure, err := a.sureEntities(ctx, kind, found)
		if err != nil {
			return err
		}
		strays, err := a.strays(ctx, kind, scope)
		if err != nil {
			return err
		}
		if err := a.tell(ctx, append(sure, strays...)); err != nil {
			return err
		}
	}
	for _, name := range keeper.Tables() {
		a.report.Tables = append(a.report.Tables, Table{Name: name, Rows: rows[name]})
	}
	return nil
}

// strays are told when they are there twice on one ground: an outcome is never written before its facts, but those may be on their way out.
func (a *auditor) strays(ctx context.Context, kind schemas.Kind, scope keeper.Scope) ([]keeper.Difference, error) {
	if a.Retention > 0 {
		if horizon := a.Now().Add(-a.Retention); scope.From.Before(horizon) {
			scope.From = horizon
		}
	}
	found, err := a.Outcomes.Strays(ctx, kind, scope)
	for look := 1; err == nil && len(found) > 0; look++ {
		if look == looks {
			a.report.Moving += len(found)
			return nil, nil
		}
		before, firm, err := a.Ground.Stamp(ctx)
		if err != nil {
			return nil, err
		}
		if err := a.Settled(ctx); err != nil {
			return nil, err
		}
		if found, err = a.Outcomes.Strays(ctx, kind, scope); err != nil {
			return nil, err
		}
		after, still, err := a.Ground.Stamp(ctx)
		if err != nil {
			return nil, err
		}
		if firm && still && before == after {
			return found, nil
		}
	}
	return nil, err
}

func (a *auditor) tell(ctx context.Context, sure []keeper.Difference) error {
	if len(sure) == 0 {
		return nil
	}
	changed, err := a.changed(ctx)
	if err != nil {
		return err
	}
	for _, d := range sure {
		if changed.Entities[d.Entity] {
			a.report.Later++
			continue
		}
		a.report.Findings = append(a.report.Findings, Finding{Table: d.Table, Tenant: d.Tenant, Day: a.Outcomes.Day(d), Kind: d.Kind, Key: d.Key, Detail: d.Detail})
	}
	return nil
}

// sureEntities looks again at what differs until each difference is gone or sure.
func (a *auditor) sureEntities(ctx context.Context, kind schemas.Kind, found []keeper.Difference) ([]keeper.Difference, error) {
	var sure []keeper.Difference
	for look := 1; len(found) > 0; look++ {
		if look == looks {
			a.report.Moving += len(found)
			break
		}
		entities := entitiesOf(found)
		before, err := a.Outcomes.Look(ctx, a.Ground, kind, entities)
		if err != nil {
			return nil, err
		}
		if err := a.Settled(ctx); err != nil {
			return nil, err
		}
		again, err := a.Outcomes.Differences(ctx, kind, entities)
		if err != nil {
			return nil, err
		}
		after, err := a.Outcomes.Look(ctx, a.Ground, kind, entities)
		if err != nil {
			return nil, err
		}
		a.report.Passed += max(0, len(found)-len(again))
		found = nil
		for _, d := range again {
			if before.Firm(after) && before.Same(after, d.Entity) {
				sure = append(sure, d)
			} else {
				found = append(found, d)
			}
		}
	}
	return sure, nil
}

func entitiesOf(found []keeper.Difference) []schemas.Entity {
	seen := map[schemas.Entity]bool{}
	var entities []schemas.Entity
	for _, d := range found {
		if !seen[d.Entity] {
			seen[d.Entity] = true
			entities = append(entities, d.Entity)
		}
	}
	return entities
}
