package rolling

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/schemas"
)

func contact(id, customer string, at time.Time, a schemas.AttributeColumns) schemas.ContactOutcome {
	var o schemas.ContactOutcome
	o.Identity, o.Payload, o.OccurredAt, o.CustomerID, o.AttributeColumns = identity(id, at), 1, at, customer, a
	o.Chain, o.Direction, o.Answered, o.Live, o.InChain = "customer="+customer, "inbound", true, true, true
	return o
}

func invitation(id, customer string, at time.Time, a schemas.AttributeColumns) schemas.InvitationFact {
	return schemas.InvitationFact{
		Identity: identity(id, at), Version: schemas.Version{Payload: 1}, OccurredAt: at, Questionnaire: "after-sales-10", InvitationID: "i-" + id, CustomerID: customer, AttributeColumns: a,
	}
}

// Rows by hand, for two windows at once: what counts customers counts each once in each, and every edge is the window's.
func TestHeavyStates(t *testing.T) {
	r := newRig(t, fixed{"acme": in(t, "UTC")})
	at := instant(t, "2026-03-10T06:15:00Z")
	const day = 24 * time.Hour
	north, south := schemas.AttributeColumns{Region: "north"}, schemas.AttributeColumns{Region: "south"}
	answer := func(id, customer string, when time.Time, score int16, a schemas.AttributeColumns) *schemas.SurveyFact {
		f := response(id, when, score, a)
		f.CustomerID = customer
		r.rows.Responses = append(r.rows.Responses, f)
		return &r.rows.Responses[len(r.rows.Responses)-1]
	}
	// anna: 60 and 80 in the window are 70, the threshold; her third answer lies at the far edge and is of the window before.
	answer("a1", "anna", at, 6, north)
	answer("a2", "anna", at.Add(-day), 8, south)
	answer("a3", "anna", at.Add(-7*day), 1, north)
	// bert is below it by one point of a hundred, in another denominator.
	answer("b1", "bert", at.Add(-2*day), 7, north)
	b2 := answer("b2", "bert", at.Add(-3*day), 7, north)
	b2.IndexNum, b2.IndexDen = 6999, 100
	answer("x1", "", at.Add(-day), 9, north)
	// What does not count: another role, a retraction, what is not valid, what is after the instant.
	answer("n1", "nora", at.Add(-day), 9, north).Role = "manager"
	answer("n2", "nora", at.Add(-day), 9, north).Retracted = true
	answer("n3", "nora", at.Add(-day), 9, north).Valid = false
	answer("n4", "nora", at.Add(time.Microsecond), 9, north)

	next := func(c schemas.ContactOutcome, after time.Duration) schemas.ContactOutcome {
		micros := after.Microseconds()
		c.NextMicros = &micros
		return c
	}
	gone := contact("c6", "zoe", at.Add(-day), north)
	gone.Live = false
	r.rows.ContactOutcomes = []schemas.ContactOutcome{
		next(contact("c1", "anna", at.Add(-6*day), north), 2*day-1), next(contact("c2", "anna", at.Add(-5*day), north), 40*day), contact("c3", "carl", at.Add(-day), north),
		contact("c4", "", at.Add(-day), north), contact("c5", "bert", at.Add(-day), south), gone, next(contact("c7", "anna", at.Add(-8*day), south), day),
	}

	// Answered by its name, by the customer in 30 days, too late, only after the instant judged, not at all.
	late, cold := answer("i1", "ida", at.Add(-3*day), 9, south), answer("i2", "jon", at.Add(time.Hour), 9, south)
	late.InvitationID, cold.InvitationID = "i-v1", "i-v2"
	r.rows.Invitations = []schemas.InvitationFact{
		invitation("v1", "", at.Add(-4*day), north), invitation("v2", "", at.Add(-4*day), north), invitation("v3", "bert", at.Add(-3*day), north),
		invitation("v4", "bert", at.Add(-2*day+time.Microsecond), north), invitation("v5", "bert", at.Add(-10*day), south), invitation("v6", "anna", at.Add(-40*day), south),
	}
	r.write()

	spans := []Span{window(at, 7*day), window(at.Add(-7*day), 7*day), window(at, 28*day)}
	got := r.states(Query{
		Tenant: "acme", Cuts: []string{"", "region"}, Spans: spans,
		Rests: []metrics.State{metrics.CustomerMeans, metrics.Coverages, metrics.Invitations, metrics.Joints, metrics.Recontacts},
	})
	const q = "after-sales-10"
	all, before := got[""][""][0], got[""][""][1]
	for name, check := range map[string]struct{ got, want any }{
		"customers":        {all.Customers, map[string]metrics.CustomerMean{q: {Surveyed: 3, Satisfied: 2, Anonymous: 1}}},
		"customers before": {before.Customers, map[string]metrics.CustomerMean{q: {Surveyed: 1}}},
		"customers of 28d": {got[""][""][2].Customers, map[string]metrics.CustomerMean{q: {Surveyed: 3, Satisfied: 1, Anonymous: 1}}},
		"customers north":  {got["region"]["north"][0].Customers, map[string]metrics.CustomerMean{q: {Surveyed: 2, Satisfied: 0, Anonymous: 1}}},
		"customers south":  {got["region"]["south"][0].Customers, map[string]metrics.CustomerMean{q: {Surveyed: 2, Satisfied: 2}}},
		"coverage":         {all.Coverage, map[string]metrics.Coverage{q: {Customers: 3, Covered: 2, Contacts: 4, CoveredContacts: 3}}},
		"coverage before":  {before.Coverage, map[string]metrics.Coverage{q: {Customers: 1, Covered: 1, Contacts: 1, CoveredContacts: 1}}},
		"coverage south":   {got["region"]["south"][0].Coverage, map[string]metrics.Coverage{q: {Customers: 1, Contacts: 1}}},
		"invitations":      {all.Invitations, map[string]metrics.Invitation{q: {Sent: 4, Answered: 2}}},
		// Judged a week earlier, anna's answer at the edge had come and bert's had not.
		"invitations before": {before.Invitations, map[string]metrics.Invitation{q: {Sent: 1}}},
		"invitations of 28d": {got[""][""][2].Invitations, map[string]metrics.Invitation{q: {Sent: 5, Answered: 3}}},
		"recontacts":         {all.Recontacts, map[uint32]uint64{1: 1, 40: 1}},
		"recontacts south":   {got["region"]["south"][1].Recontacts, map[uint32]uint64{1: 1}},
		"joint":              {all.Joints[metrics.JointKey{Questionnaire: q, Dimension: "skill", Num: 60, Den: 1, Overall: 6}], uint64(1)},
		"joint overall":      {all.Joints[metrics.JointKey{Questionnaire: q, Dimension: "overall", Num: 60, Den: 1, Overall: 6}], uint64(0)},
		"joint before":       {before.Joints[metrics.JointKey{Questionnaire: q, Dimension: "parts", Num: 10, Den: 1, Overall: 1}], uint64(1)},
	} {
		if diff := cmp.Diff(check.want, check.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}

	// Customers of values that are shown as one are counted once.
	r.exec(`INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept, computed_at) VALUES ('acme', 'region', 3, 1, 2, 18, 12, ['west'], now64(3))`)
	other := r.states(Query{Tenant: "acme", Cuts: []string{"region"}, Spans: spans[:1], Rests: []metrics.State{metrics.CustomerMeans, metrics.Coverages}})["region"]
	if diff := cmp.Diff(map[string]metrics.CustomerMean{q: {Surveyed: 3, Satisfied: 2, Anonymous: 1}}, other[Other][0].Customers); diff != "" || len(other) != 1 {
		t.Errorf("%d values: %s", len(other), diff)
	}
}

func TestApart(t *testing.T) {
	at := instant(t, "2026-03-10T06:15:00Z")
	const day = 24 * time.Hour
	got := apart([]Span{window(at, 7*day), window(at.Add(-7*day), 7*day), window(at, 28*day), window(at, day)})
	if diff := cmp.Diff([][]int{{2}, {1, 0}, {3}}, got); diff != "" {
		t.Error(diff)
	}
}
