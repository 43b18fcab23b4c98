package processors

import (
	"github.com/rapport-project/rapport/schemas"
)

// processComplaint keeps a complaint event and makes its complaint stale.
func processComplaint(e *schemas.Event, tenant *tenantRoom, _ *Room, d *Definitions, out *Output) *schemas.InvalidError {
	if invalid := checkComplaint(e, d); invalid != nil {
		return invalid
	}
	c := e.Data.(*schemas.Complaint)
	fact := schemas.ComplaintFact{
		Identity:         identity(e, tenant.ID),
		Version:          version(e),
		OccurredAt:       e.Time.UTC(),
		ComplaintID:      c.ComplaintID,
		Phase:            c.Phase,
		CustomerID:       c.CustomerID,
		CaseID:           c.CaseID,
		Issue:            c.Issue,
		Severity:         c.Severity,
		Category:         c.Category,
		Reason:           c.Reason,
		Dimension:        c.Dimension,
		Handling:         c.Handling,
		Timely:           c.Timely,
		AttributeColumns: attributes(&c.Attributes, c.Labels),
		Due:              due(c.Due),
	}
	out.Complaints = append(out.Complaints, fact)
	out.markEntity(schemas.Entity{Tenant: tenant.ID, Kind: schemas.OneComplaint, Key: fact.ComplaintID}, fact.OccurredAt)
	return nil
}

func checkComplaint(e *schemas.Event, _ *Definitions) *schemas.InvalidError {
	c, ok := e.Data.(*schemas.Complaint)
	if !ok || c == nil {
		return wrongData(e)
	}
	return checkKey("/data/complaint_id", c.ComplaintID)
}
