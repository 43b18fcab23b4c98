package sinktest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// Batch makes n responses and a few rows of each other kind, the same for the same seed. Of three days; ids are distinct.
func Batch(seed uint64, n int) sinks.Batch {
	g := generator{Rand: rand.New(rand.NewPCG(seed, 0)), pools: map[string][]string{}}
	var b sinks.Batch
	for i := range n {
		b.Responses = append(b.Responses, g.response(i))
	}
	for i := range min(n, 100) {
		r := g.response(i)
		g.service(&b, r)
		b.Invitations = append(b.Invitations, schemas.InvitationFact{
			Identity: r.Identity, Version: r.Version, OccurredAt: r.OccurredAt, Questionnaire: r.Questionnaire, InvitationID: r.InvitationID,
			CustomerID: r.CustomerID, CaseID: r.CaseID, AttributeColumns: r.AttributeColumns,
		})
		at := r.OccurredAt.Truncate(time.Millisecond)
		b.Late = append(b.Late, schemas.LateFact{
			Topic: "topic", Partition: int32(i % 3), Offset: int64(i), Tenant: r.Tenant, Source: r.Source, ID: r.ID, Type: "type",
			Revision: r.Revision, OccurredAt: r.OccurredAt, AppendedAt: at, Key: r.CustomerID, Value: r.Comment, Headers: r.Labels,
		})
		b.DeadLetters = append(b.DeadLetters, schemas.DeadLetter{
			Topic: "topic", Partition: int32(i % 3), Offset: int64(i) << 33, AppendedAt: at, Reason: "not_json", Field: "/data", Detail: "what",
			Tenant: r.Tenant, Source: r.Source, ID: r.ID, Type: "type", Key: "key", Value: r.Comment, Headers: r.Labels,
		})
		b.Deliveries = append(b.Deliveries, schemas.Delivery{
			Tenant: r.Tenant, Source: r.Source, Type: "type", Within: schemas.LatenessClass(time.Duration(i) * time.Second), Topic: "topic", Partition: int32(i % 3),
			Block: int64(i%2) << 40, Records: []uint16{uint16(i), uint16(i + 7), 65535}, Strange: []uint16{uint16(i)}, Latest: int64(i) - 5,
		})
		b.Consumed = append(b.Consumed, schemas.Consumed{Topic: "topic", Partition: int32(i % 3), Verdict: g.verdict(), First: int64(i * 10), Last: int64(i*10 + 9)})
	}
	b.Gaps = []sinks.Gap{{Topic: "topic", Partition: 2, From: 5, To: 1 << 40}}
	b.Progress = []sinks.Progress{{Topic: "topic", Partition: 0, Committed: 3, End: 5, AsOf: start}, {Topic: "topic", Partition: 1, Committed: 7, End: 7, AsOf: start}}
	return b
}

var start = time.Date(2026, 2, 27, 0, 0, 0, 0, time.UTC)

type generator struct {
	*rand.Rand
	pools map[string][]string
}

func (g generator) response(i int) schemas.SurveyFact {
	at := start.Add(time.Duration(g.Int64N(int64(72*time.Hour)/1000)) * 1000)
	dims := []string{"skill", "attitude", "timeliness", "parts", "overall"}
	r := schemas.SurveyFact{
		Identity:   schemas.Identity{Tenant: g.pick("tenant", 3), Hour: at.Truncate(time.Hour), Source: g.pick("/app", 4), ID: fmt.Sprintf("response-%d", i)},
		Version:    schemas.Version{Revision: g.Uint32N(2), Payload: g.Uint64(), Retracted: g.IntN(20) == 0},
		OccurredAt: at, Questionnaire: "after-sales-10", QuestionnaireVersion: "1", InvitationID: g.pick("invitation", 1000), CustomerID: g.pick("customer", 5000),
		Role: "customer", CaseID: g.pick("case", 9000), ContactID: g.pick("contact", 9000),
		AttributeColumns: schemas.AttributeColumns{
			Region: g.pick("region", 8), OrgUnit: g.pick("unit", 40), Product: g.pick("product", 30), Service: g.pick("service", 6),
			Channel: g.pick("channel", 5), Segment: g.pick("segment", 4), Agent: g.pick("agent", 2000),
		},
		Valid: true, IndexNum: g.Int64N(1 << 40), IndexDen: 500, Level: "satisfied", Comment: g.pick("a comment of some length", 100),
		NPS: g.small(11), CES: g.small(7), Repurchase: g.small(5), ScaleZero: 0, ScaleSpan: 10,
	}
	if g.IntN(3) == 0 {
		r.Labels = map[string]string{"model": g.pick("m", 9), "site": g.pick("s", 9)}
	}
	if g.IntN(2) == 0 {
		yes := g.IntN(2) == 0
		r.ResolvedFirstContact = &yes
	}
	for _, d := range dims[:g.IntN(len(dims)+1)] {
		score := int16(1 + g.IntN(10))
		r.AnswerItem, r.AnswerDimension = append(r.AnswerItem, d), append(r.AnswerDimension, d)
		r.AnswerScore, r.AnswerExpectation, r.AnswerImportance = append(r.AnswerScore, &score), append(r.AnswerExpectation, nil), append(r.AnswerImportance, g.wide(5))
		var reasons []string
		if score < 7 {
			reasons = []string{"skill_lacking"}
		}
		r.AnswerReasons, r.AnswerComment = append(r.AnswerReasons, reasons), append(r.AnswerComment, "")
		r.Dimension, r.DimensionNum, r.DimensionDen = append(r.Dimension, d), append(r.DimensionNum, int64(score)*10), append(r.DimensionDen, 1)
	}
	return r
}

// service adds a contact, a milestone and a complaint with the identity and attributes of a response.
func (g generator) service(b *sinks.Batch, r schemas.SurveyFact) {
	wait := g.Int64N(1 << 40)
	due := schemas.Due{Name: []string{"closed", "resolved"}, At: []time.Time{start, r.OccurredAt}}
	b.Contacts = append(b.Contacts, schemas.ContactFact{
		Identity: r.Identity, Version: r.Version, OccurredAt: r.OccurredAt, Chain: "customer=" + r.CustomerID, CustomerID: r.CustomerID, CaseID: r.CaseID,
		AttributeColumns: r.AttributeColumns, Direction: "inbound", Answered: g.IntN(2) == 0, Resolved: r.ResolvedFirstContact, WaitMicros: &wait,
	})
	b.Milestones = append(b.Milestones, schemas.MilestoneFact{
		Identity: r.Identity, Version: r.Version, OccurredAt: r.OccurredAt, CaseID: r.CaseID, Milestone: "requested", CustomerID: r.CustomerID,
		AttributeColumns: r.AttributeColumns, Due: due,
	})
	b.Complaints = append(b.Complaints, schemas.ComplaintFact{
		Identity: r.Identity, Version: r.Version, OccurredAt: r.OccurredAt, ComplaintID: "complaint-" + r.CaseID, Phase: "opened", CustomerID: r.CustomerID,
		Severity: "major", Reason: "late", Timely: r.ResolvedFirstContact, AttributeColumns: r.AttributeColumns, Due: due,
	})
}

// pick is one of n strings that begin with what.
func (g generator) pick(what string, n int) string {
	pool := g.pools[what]
	for len(pool) < n {
		pool = append(pool, fmt.Sprint(what, len(pool)))
	}
	g.pools[what] = pool
	return pool[g.IntN(n)]
}

func (g generator) verdict() schemas.Verdict {
	return []schemas.Verdict{schemas.Accepted, schemas.Rejected, schemas.Late}[g.IntN(3)]
}

// small is absent half of the time.
func (g generator) small(n int) *int8 {
	if g.IntN(2) == 0 {
		return nil
	}
	v := int8(g.IntN(n))
	return &v
}

func (g generator) wide(n int) *int16 {
	if g.IntN(2) == 0 {
		return nil
	}
	v := int16(g.IntN(n))
	return &v
}
