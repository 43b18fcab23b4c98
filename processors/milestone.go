package processors

import (
	"fmt"
	"slices"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// processMilestone keeps a milestone event and makes its case stale.
func processMilestone(e *schemas.Event, tenant *tenantRoom, _ *Room, d *Definitions, out *Output) *schemas.InvalidError {
	if invalid := checkMilestone(e, d); invalid != nil {
		return invalid
	}
	m := e.Data.(*schemas.Milestone)
	fact := schemas.MilestoneFact{
		Identity:         identity(e, tenant.ID),
		Version:          version(e),
		OccurredAt:       e.Time.UTC(),
		CaseID:           m.CaseID,
		Milestone:        m.Milestone,
		CustomerID:       m.CustomerID,
		AttributeColumns: attributes(&m.Attributes, m.Labels),
		Due:              due(m.Due),
	}
	out.Milestones = append(out.Milestones, fact)
	out.markEntity(schemas.Entity{Tenant: tenant.ID, Kind: schemas.CaseOfWork, Key: fact.CaseID}, fact.OccurredAt)
	return nil
}

// maxEntityKey is the longest id of a case or complaint, in bytes: it names an entity on its way to its outcome.
const maxEntityKey = 1024

func checkMilestone(e *schemas.Event, _ *Definitions) *schemas.InvalidError {
	m, ok := e.Data.(*schemas.Milestone)
	if !ok || m == nil {
		return wrongData(e)
	}
	return checkKey("/data/case_id", m.CaseID)
}

func checkKey(field, key string) *schemas.InvalidError {
	if len(key) <= maxEntityKey {
		return nil
	}
	return &schemas.InvalidError{Reason: schemas.OutOfRange, Field: field, Detail: fmt.Sprintf("%d bytes; want at most %d", len(key), maxEntityKey)}
}

// due lists due times by name. What lies outside the range of a stored time is brought to its end: a case due in the year 9999 is not overdue either way.
func due(times map[string]time.Time) schemas.Due {
	if len(times) == 0 {
		return schemas.Due{}
	}
	names := make([]string, 0, len(times))
	for name := range times {
		names = append(names, name)
	}
	slices.Sort(names)
	d := schemas.Due{Name: names, At: make([]time.Time, len(names))}
	first, last := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)
	for i, name := range names {
		at := times[name].UTC()
		switch {
		case at.Before(first):
			at = first
		case at.After(last):
			at = last
		}
		d.At[i] = at
	}
	return d
}
