package processors

import (
	"math"

	"github.com/rapport-project/rapport/schemas"
)

// processContact keeps a contact under its chain and makes the chain stale around the contact's time. A contact that was abandoned or outbound is kept
// there too: whether it is may change with a revision, and the key of a fact must not.
func processContact(e *schemas.Event, tenant *tenantRoom, room *Room, d *Definitions, out *Output) *schemas.InvalidError {
	if invalid := checkContact(e, d); invalid != nil {
		return invalid
	}
	c := e.Data.(*schemas.Contact)
	fact := schemas.ContactFact{
		Identity:         identity(e, tenant.ID),
		Version:          version(e),
		OccurredAt:       e.Time.UTC(),
		Chain:            schemas.Chain(c.CustomerID, c.Issue, c.CaseID, e.Source, e.ID),
		CustomerID:       c.CustomerID,
		Issue:            c.Issue,
		CaseID:           c.CaseID,
		AttributeColumns: attributes(&c.Attributes, c.Labels),
		Direction:        c.Direction,
		Answered:         c.Answered,
		Resolved:         c.Resolved,
		Transferred:      c.Transferred,
		WaitMicros:       room.micros(c.WaitSeconds),
		TalkMicros:       room.micros(c.TalkSeconds),
		HoldMicros:       room.micros(c.HoldSeconds),
		WrapMicros:       room.micros(c.WrapSeconds),
	}
	out.Contacts = append(out.Contacts, fact)
	out.markEntity(schemas.Entity{Tenant: tenant.ID, Kind: schemas.ChainOfContacts, Key: fact.Chain}, fact.OccurredAt)
	return nil
}

func checkContact(e *schemas.Event, _ *Definitions) *schemas.InvalidError {
	if c, ok := e.Data.(*schemas.Contact); !ok || c == nil {
		return wrongData(e)
	}
	return nil
}

// micros turns seconds, as published, into the whole microseconds that sums are made of.
func (r *Room) micros(seconds *float64) *int64 {
	if seconds == nil {
		return nil
	}
	n := &r.sums.take(1)[0]
	*n = int64(math.Round(*seconds * 1e6))
	return n
}
