package clickhouse_test

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// addService adds what the views of contacts, cases and complaints need to have a row each: a first contact that was followed by another,
// a case that was resolved in time, and a complaint that is open.
func addService(b *sinks.Batch, noon time.Time) {
	identity := func(id string) schemas.Identity {
		return schemas.Identity{Tenant: "t", Hour: noon, Source: "/app", ID: id}
	}
	payload, version := schemas.Version{Payload: 1}, schemas.OutcomeVersion{Epoch: 1, Mark: 1}
	confirmed := noon.Add(7 * 24 * time.Hour)
	due := schemas.Due{Name: []string{"resolved"}, At: []time.Time{noon.Add(time.Hour)}}

	contact := schemas.ContactFact{
		Identity: identity("contact"), Version: payload, OccurredAt: noon, Chain: "customer=c", CustomerID: "c", Direction: "inbound", Answered: true,
		Resolved: ptr(true), WaitMicros: ptr(int64(10e6)), TalkMicros: ptr(int64(60e6)),
	}
	b.Contacts = append(b.Contacts, contact)
	b.ContactOutcomes = append(b.ContactOutcomes, schemas.ContactOutcome{
		ContactFact: contact, OutcomeVersion: version, Live: true, InChain: true, First: true, Episode: 2, Later: true, FCR: "no",
		FCRReason: "repeat_contact", ConfirmedAt: &confirmed, NextMicros: ptr(int64(86400e6)), InServiceLevel: true,
	})

	b.Milestones = append(b.Milestones, schemas.MilestoneFact{
		Identity: identity("milestone"), Version: payload, OccurredAt: noon, CaseID: "case", Milestone: "requested", Due: due,
	})
	b.CaseOutcomes = append(b.CaseOutcomes, schemas.CaseOutcome{
		OutcomeVersion: version, Tenant: "t", CaseID: "case", Live: true, Due: due, RequestedAt: &noon, WasResolved: true,
		Reached: []string{"requested", "resolved"}, ReachedAt: []time.Time{noon, noon.Add(time.Minute)},
		Duration: []string{"resolved"}, DurationMicros: []int64{60e6}, DurationWorking: []*int64{nil},
	})

	b.Complaints = append(b.Complaints, schemas.ComplaintFact{
		Identity: identity("complaint"), Version: payload, OccurredAt: noon, ComplaintID: "complaint", Phase: "opened", CustomerID: "c", Reason: "late",
	})
	b.ComplaintOutcomes = append(b.ComplaintOutcomes, schemas.ComplaintOutcome{
		OutcomeVersion: version, Tenant: "t", ComplaintID: "complaint", Live: true, CustomerID: "c", Severity: "general", Reason: "late", OpenedAt: &noon,
		Reached: []string{"opened"}, ReachedAt: []time.Time{noon},
	})
}
