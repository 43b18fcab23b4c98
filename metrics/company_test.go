package metrics_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
)

// company makes facts and outcomes at random, one row each, as the stages before store them.
type company struct {
	rng         *rand.Rand
	catalog     *questionnaires.Catalog
	responses   []schemas.SurveyFact
	invitations []schemas.InvitationFact
	contacts    []schemas.ContactOutcome
	cases       []schemas.CaseOutcome
	complaints  []schemas.ComplaintOutcome
	subjects    []schemas.ComplaintSubject
	milestones  []schemas.MilestoneFact
	events      []schemas.ComplaintFact
}

// own has two versions with weights of their own, a dimension of two items, one code in two dimensions and one in one, targets of every kind and no
// stated importance.
func own(version, weights string) string {
	return fmt.Sprintf(`id: own
version: %s
valid_from: 2020-01-0%s
title: {en: Own, zh: 自有}
scale: {min: 1, max: 7, normalisation: range, levels: {very_satisfied: 7, satisfied: 5, neutral: 4, dissatisfied: 2}}
dimensions:
  - {id: speed, title: {en: Speed, zh: 速度}, weight: %s, reasons: [{code: late, label: {en: Late, zh: 晚}}, {code: rude, label: {en: Rude, zh: 粗鲁}}]}
  - {id: manner, title: {en: Manner, zh: 态度}, weight: 2, reasons: [{code: rude, label: {en: Rude, zh: 粗鲁}}]}
  - {id: overall, title: {en: Overall, zh: 总体}, weight: 3}
items:
  - {id: arrival, dimension: speed, weight: %s, text: {en: Arrival, zh: 到达}}
  - {id: repair, dimension: speed, weight: 3, text: {en: Repair, zh: 维修}}
  - {id: manner, text: {en: Manner, zh: 态度}}
  - {id: overall, text: {en: Overall, zh: 总体}}
validity: {max_missing: 1, neutral: 4}
index_levels: {very_satisfied: 80, satisfied: 60, neutral: 40, dissatisfied: 20}
satisfied_threshold: 55.5
target: {satisfaction_index: 62.5, dimension_score: 60, satisfied_customer_rate: 70, csat_top2: 50, nps: 10, ces: 5, servqual_gap: 0}
`, version, version, weights, weights)
}

func newCompany(t testing.TB, seed uint64) *company {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "questionnaires"), 0o755); err != nil {
		t.Fatal(err)
	}
	for version, weights := range map[string]string{"1": "2", "2": "5"} {
		if err := os.WriteFile(filepath.Join(dir, "questionnaires", "own-"+version+".yaml"), []byte(own(version, weights)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	catalog, err := questionnaires.Load(questionnaires.Shipped(), dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &company{rng: rand.New(rand.NewPCG(seed, 6)), catalog: catalog}
	for i := range 400 {
		c.addResponse(t, i)
		c.addContact(i)
	}
	for i := range 120 {
		c.addInvitation(i)
		c.addCase(i)
		c.addComplaint(i)
	}
	return c
}

func (c *company) pick(all ...string) string { return all[c.rng.IntN(len(all))] }

func (c *company) maybe(p float64) bool { return c.rng.Float64() < p }

// start is that of a span of ten days from which everything is booked, on its edges too.
func start() time.Time { return time.Date(2026, 5, 4, 9, 45, 0, 0, time.UTC) }

func (c *company) instant() time.Time {
	if c.maybe(0.05) {
		return start().Add(time.Duration(c.rng.IntN(3)) * 5 * 24 * time.Hour)
	}
	return start().Add(time.Duration(c.rng.Int64N(10*86400*1e6)) * time.Microsecond)
}

func (c *company) attributes() schemas.AttributeColumns {
	return schemas.AttributeColumns{Region: c.pick("", "north", "south"), Product: c.pick("pump", `x"y`)}
}

func (c *company) customer() string {
	return c.pick("", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8")
}

func (c *company) bool() *bool {
	if c.maybe(0.3) {
		return nil
	}
	return new(c.maybe(0.5))
}

func (c *company) within(low, high int) *int16 { return new(int16(low + c.rng.IntN(high-low+1))) }

func (c *company) addResponse(t testing.TB, i int) {
	t.Helper()
	id, version := c.pick("after-sales-10", "likert-12", "servqual-22", "relationship", "own", "own"), ""
	if id == "own" {
		version = c.pick("1", "2")
	}
	at := c.instant()
	v, invalid := c.catalog.Lookup(id, version, at)
	if invalid != nil {
		t.Fatal(invalid)
	}
	var r schemas.SurveyResponse
	for _, item := range v.Items {
		if c.maybe(0.04) {
			continue
		}
		a := schemas.Answer{Item: item.ID, Score: c.within(int(v.Scale.Min), int(v.Scale.Max))}
		if id == "servqual-22" {
			a.Expectation, a.Importance = c.within(1, 7), c.within(1, 7)
		}
		if c.maybe(0.3) {
			a.Reasons = []string{c.pick("late", "rude", "unlisted", "arrived_late")}
		}
		r.Answers = append(r.Answers, a)
	}
	result, invalid := v.Score(&r)
	if invalid != nil {
		t.Fatal(invalid)
	}
	f := schemas.SurveyFact{OccurredAt: at, Questionnaire: id, QuestionnaireVersion: v.Version, CustomerID: c.customer(), Role: c.pick("customer", "customer", "customer", "employee", "manager")}
	f.Identity = schemas.Identity{Tenant: c.pick("t", "t", "t", "other"), Hour: at.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i)}
	f.AttributeColumns, f.Retracted, f.InvitationID = c.attributes(), c.maybe(0.05), c.pick("", "", fmt.Sprint("i", c.rng.IntN(120)))
	f.Valid, f.IndexNum, f.IndexDen, f.Level = result.Valid, result.IndexNum, result.IndexDen, string(result.Level)
	f.ScaleZero, f.ScaleSpan = result.ScaleZero, result.ScaleSpan
	if c.maybe(0.7) {
		f.NPS, f.CES = new(int8(c.rng.IntN(11))), new(int8(1+c.rng.IntN(7)))
	}
	f.ResolvedFirstContact = c.bool()
	for _, a := range result.Answers {
		f.AnswerItem, f.AnswerDimension, f.AnswerScore = append(f.AnswerItem, a.Item), append(f.AnswerDimension, a.Dimension), append(f.AnswerScore, a.Score)
		f.AnswerExpectation, f.AnswerImportance = append(f.AnswerExpectation, a.Expectation), append(f.AnswerImportance, a.Importance)
		f.AnswerReasons, f.AnswerComment = append(f.AnswerReasons, append([]string{}, a.Reasons...)), append(f.AnswerComment, "")
	}
	for _, d := range result.Dimensions {
		f.Dimension, f.DimensionNum, f.DimensionDen = append(f.Dimension, d.Dimension), append(f.DimensionNum, d.Num), append(f.DimensionDen, d.Den)
	}
	c.responses = append(c.responses, f)
}

func (c *company) addInvitation(i int) {
	at := c.instant()
	f := schemas.InvitationFact{OccurredAt: at, Questionnaire: c.pick("after-sales-10", "own"), InvitationID: c.pick("", fmt.Sprint("i", i)), CustomerID: c.customer()}
	f.Identity = schemas.Identity{Tenant: "t", Hour: at.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i)}
	f.AttributeColumns, f.Retracted = c.attributes(), c.maybe(0.05)
	c.invitations = append(c.invitations, f)
}

func (c *company) micros() *int64 {
	if c.maybe(0.3) {
		return nil
	}
	return new(c.rng.Int64N(1e12))
}

func (c *company) addContact(i int) {
	at := c.instant()
	var o schemas.ContactOutcome
	o.Identity = schemas.Identity{Tenant: c.pick("t", "t", "t", "other"), Hour: at.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i)}
	o.OccurredAt, o.AttributeColumns, o.Chain, o.CustomerID = at, c.attributes(), fmt.Sprint("c", i), c.customer()
	if o.Live = c.maybe(0.9); o.Live {
		o.Direction, o.Answered = c.pick("inbound", "inbound", "outbound"), c.maybe(0.8)
		o.Resolved, o.WaitMicros, o.TalkMicros, o.HoldMicros, o.WrapMicros = c.bool(), c.micros(), c.micros(), c.micros(), c.micros()
		o.InChain = o.Answered && o.Direction == "inbound"
		o.InServiceLevel = o.InChain && c.maybe(0.5)
		if o.First = o.InChain && c.maybe(0.7); o.First {
			o.Episode = uint32(1 + c.rng.IntN(3))
			o.ConfirmedAt = new(at.Add(7 * 24 * time.Hour))
		}
		if o.Later = o.InChain && c.maybe(0.4); o.Later {
			o.NextMicros = new(c.rng.Int64N(40 * 86400 * 1e6))
		}
		if o.First && o.Resolved != nil {
			if o.FCR = c.pick("yes", "yes", "no"); o.FCR == "no" {
				o.FCRReason = c.pick("not_resolved", "repeat_contact", "reopened")
			}
		}
	}
	c.contacts = append(c.contacts, o)
}

// timeline is reached, due and lasted, each in the order of names; the first name is what began it, if it is known to have.
func (c *company) timeline(names, lasting []string, began time.Time, begun bool) (reached []string, at []time.Time, due schemas.Due, lasted []string, micros []int64, working []*int64) {
	beginning := names[0]
	slices.Sort(names)
	for _, name := range names {
		when := began.Add(time.Duration(c.rng.IntN(6)) * time.Hour)
		if name == beginning {
			when = began
		}
		if name == beginning && begun || name != beginning && c.maybe(0.5) {
			reached, at = append(reached, name), append(at, when)
		}
		if c.maybe(0.5) {
			due.Name, due.At = append(due.Name, name), append(due.At, began.Add(time.Duration(c.rng.IntN(200))*time.Hour))
		}
	}
	slices.Sort(lasting)
	for _, name := range lasting {
		if v := c.micros(); v != nil && (name == "first_response" || name == "resolution" || slices.Contains(reached, name)) {
			lasted, micros, working = append(lasted, name), append(micros, *v), append(working, c.micros())
		}
	}
	return
}

func (c *company) addCase(i int) {
	when := c.instant()
	o := schemas.CaseOutcome{Tenant: "t", CaseID: fmt.Sprint("k", i)}
	f := schemas.MilestoneFact{OccurredAt: when, CaseID: o.CaseID, Milestone: "requested", Due: schemas.Due{Name: []string{"arrived"}, At: []time.Time{when}}}
	f.Identity = schemas.Identity{Tenant: "t", Hour: when.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i)}
	c.milestones = append(c.milestones, f)
	if o.Live = c.maybe(0.9); o.Live {
		o.AttributeColumns = c.attributes()
		if c.maybe(0.9) {
			o.RequestedAt = &when
		}
		all := strings.Fields("requested acknowledged responded dispatched arrived parts_ordered parts_arrived resolved closed reopened")
		o.Reached, o.ReachedAt, o.Due, o.Duration, o.DurationMicros, o.DurationWorking = c.timeline(all, append(all[1:len(all)-1:len(all)-1], "first_response"), when, o.RequestedAt != nil)
		o.WasResolved = c.maybe(0.5)
		o.WasReopened = o.WasResolved && c.maybe(0.4)
	}
	c.cases = append(c.cases, o)
}

func (c *company) addComplaint(i int) {
	when := c.instant()
	o := schemas.ComplaintOutcome{Tenant: "t", ComplaintID: fmt.Sprint("p", i)}
	f := schemas.ComplaintFact{OccurredAt: when, ComplaintID: o.ComplaintID, Phase: "opened"}
	f.Identity = schemas.Identity{Tenant: "t", Hour: when.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i)}
	c.events = append(c.events, f)
	if o.Live = c.maybe(0.9); o.Live {
		o.AttributeColumns, o.CustomerID, o.Issue = c.attributes(), c.customer(), c.pick("", "leak", "noise")
		if c.maybe(0.9) {
			o.OpenedAt = &when
		}
		o.Severity, o.Category, o.Reason = c.pick("", "general", "major"), c.pick("", "c1"), c.pick("", "r1", "r2", "r2")
		o.Handling = c.pick("", "very_satisfied", "satisfied", "mostly_satisfied", "not_very_satisfied", "dissatisfied", "unhandled")
		o.Timely, o.WasResolved = c.bool(), c.maybe(0.5)
		o.WasReopened = o.WasResolved && c.maybe(0.4)
		all := strings.Fields("opened acknowledged responded resolved closed reopened followed_up")
		o.Reached, o.ReachedAt, o.Due, o.Duration, o.DurationMicros, o.DurationWorking = c.timeline(all, []string{"first_response", "resolution"}, when, o.OpenedAt != nil)
		if o.CustomerID != "" && o.Issue != "" && o.OpenedAt != nil {
			c.subjects = append(c.subjects, schemas.ComplaintSubject{Tenant: "t", CustomerID: o.CustomerID, Issue: o.Issue, ComplaintID: o.ComplaintID, Live: true, OpenedAt: when})
		}
	}
	c.complaints = append(c.complaints, o)
}
