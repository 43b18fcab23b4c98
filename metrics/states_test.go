package metrics_test

import (
	"math/big"
	"slices"
	"time"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/schemas"
)

// span is what states are of: tenant t, (from, to], one region or all, and of it one product if there is one.
type span struct {
	from, to, judged time.Time
	region, product  string
	all              bool
}

func (s span) holds(at time.Time, a schemas.AttributeColumns) bool {
	return at.After(s.from) && !at.After(s.to) && (s.all || a.Region == s.region) && (s.product == "" || a.Product == s.product)
}

// states are counted row by row, without a database.
func (c *company) states(s span) *metrics.States {
	out := &metrics.States{
		Surveys: map[metrics.SurveyKey]metrics.Survey{}, Dimensions: map[metrics.DimensionKey]metrics.Dimension{},
		Scores: map[metrics.ScoreKey]uint64{}, Reasons: map[metrics.ReasonKey]uint64{}, Recontacts: map[uint32]uint64{},
		Milestones: map[string]metrics.Milestone{}, Durations: map[metrics.DurationKey]uint64{}, Overdue: map[string]uint64{},
		Complaints: map[metrics.ComplaintKey]metrics.Complaint{}, ComplaintDurations: map[metrics.DurationKey]uint64{}, ComplaintOverdue: map[string]uint64{},
		Customers: map[string]metrics.CustomerMean{}, Coverage: map[string]metrics.Coverage{}, Invitations: map[string]metrics.Invitation{}, Joints: map[metrics.JointKey]uint64{},
	}
	for _, f := range c.responses {
		if f.Tenant == "t" && !f.Retracted && s.holds(f.OccurredAt, f.AttributeColumns) {
			addSurvey(out, f)
		}
	}
	c.customers(s, out)
	for _, o := range c.contacts {
		if o.Tenant == "t" && o.Live && s.holds(o.OccurredAt, o.AttributeColumns) {
			addContact(&out.Contacts, o)
			if o.ConfirmedAt != nil && !o.ConfirmedAt.After(s.judged) {
				addContact(&out.Confirmed, o)
			}
			if o.NextMicros != nil {
				out.Recontacts[uint32(*o.NextMicros/(86400*1e6))]++
			}
		}
	}
	for _, o := range c.cases {
		if o.Live && o.RequestedAt != nil && s.holds(*o.RequestedAt, o.AttributeColumns) {
			addCase(out, o, s.judged)
		}
	}
	for _, o := range c.complaints {
		if o.Live && o.OpenedAt != nil && s.holds(*o.OpenedAt, o.AttributeColumns) {
			c.addTo(out, o, s.judged)
		}
	}
	return out
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func square(x int64) metrics.Wide {
	n := new(big.Int).Mul(big.NewInt(x), big.NewInt(x))
	return metrics.Wide{Hi: new(big.Int).Rsh(n, 64).Int64(), Lo: new(big.Int).And(n, new(big.Int).SetUint64(1<<64-1)).Uint64()}
}

func addSurvey(out *metrics.States, f schemas.SurveyFact) {
	key := metrics.SurveyKey{Questionnaire: f.Questionnaire, Version: f.QuestionnaireVersion, Role: f.Role}
	v := out.Surveys[key]
	if !f.Valid {
		v.Invalid++
		out.Surveys[key] = v
		return
	}
	v.N++
	if f.IndexDen > 0 {
		v.IndexN, v.IndexDen, v.IndexSum, v.IndexSumSq = v.IndexN+1, f.IndexDen, v.IndexSum+f.IndexNum, v.IndexSumSq.Plus(square(f.IndexNum))
	}
	v.VerySatisfied += bit(f.Level == "very_satisfied")
	v.Satisfied += bit(f.Level == "satisfied")
	v.Neutral += bit(f.Level == "neutral")
	v.Dissatisfied += bit(f.Level == "dissatisfied")
	v.VeryDissatisfied += bit(f.Level == "very_dissatisfied")
	if f.NPS != nil {
		v.Promoters += bit(*f.NPS >= 9)
		v.Passives += bit(*f.NPS == 7 || *f.NPS == 8)
		v.Detractors += bit(*f.NPS <= 6)
	}
	if f.CES != nil {
		v.CESN, v.CESSum, v.CESSumSq = v.CESN+1, v.CESSum+int64(*f.CES), v.CESSumSq+int64(*f.CES)*int64(*f.CES)
	}
	if f.ResolvedFirstContact != nil {
		v.ResolvedYes += bit(*f.ResolvedFirstContact)
		v.ResolvedNo += bit(!*f.ResolvedFirstContact)
	}
	out.Surveys[key] = v
	overall := slices.Index(f.AnswerItem, "overall")
	for i, name := range f.Dimension {
		key := metrics.DimensionKey{Questionnaire: f.Questionnaire, Version: f.QuestionnaireVersion, Role: f.Role, Dimension: name}
		d := out.Dimensions[key]
		d.N, d.Den, d.NumSum, d.NumSumSq = d.N+1, f.DimensionDen[i], d.NumSum+f.DimensionNum[i], d.NumSumSq.Plus(square(f.DimensionNum[i]))
		out.Dimensions[key] = d
		if f.Role == "customer" && overall >= 0 && f.AnswerScore[overall] != nil {
			out.Joints[metrics.JointKey{Questionnaire: f.Questionnaire, Dimension: name, Num: f.DimensionNum[i], Den: f.DimensionDen[i], Overall: *f.AnswerScore[overall]}]++
		}
	}
	for i, item := range f.AnswerItem {
		addAnswer(out, f, i, item)
	}
}

func addAnswer(out *metrics.States, f schemas.SurveyFact, i int, item string) {
	key := metrics.DimensionKey{Questionnaire: f.Questionnaire, Version: f.QuestionnaireVersion, Role: f.Role, Dimension: f.AnswerDimension[i]}
	d := out.Dimensions[key]
	score := f.AnswerScore[i]
	if x := f.AnswerExpectation[i]; score != nil && x != nil {
		gap := int64(*score) - int64(*x)
		d.GapN, d.GapSum, d.GapSumSq = d.GapN+1, d.GapSum+gap, d.GapSumSq+gap*gap
	}
	if x := f.AnswerImportance[i]; x != nil {
		d.ImportanceN, d.ImportanceSum, d.ImportanceSumSq = d.ImportanceN+1, d.ImportanceSum+int64(*x), d.ImportanceSumSq+int64(*x)*int64(*x)
	}
	if d != (metrics.Dimension{}) {
		out.Dimensions[key] = d
	}
	if score == nil {
		return
	}
	out.Scores[metrics.ScoreKey{Questionnaire: f.Questionnaire, Version: f.QuestionnaireVersion, Role: f.Role, Dimension: f.AnswerDimension[i], Item: item, Score: *score}]++
	for _, reason := range f.AnswerReasons[i] {
		out.Reasons[metrics.ReasonKey{Questionnaire: f.Questionnaire, Version: f.QuestionnaireVersion, Role: f.Role, Dimension: f.AnswerDimension[i], Reason: reason, Score: *score}]++
	}
}

// customers are the states that days do not add up to.
func (c *company) customers(s span, out *metrics.States) {
	type key struct{ questionnaire, customer string }
	type mean struct {
		sum    *big.Rat
		n      int64
		newest string
	}
	means, answered, contacts := map[key]mean{}, map[key]bool{}, map[string]uint64{}
	for _, f := range c.responses {
		if f.Tenant != "t" || f.Retracted || !f.Valid || f.Role != "customer" || !s.holds(f.OccurredAt, f.AttributeColumns) {
			continue
		}
		k := key{f.Questionnaire, f.CustomerID}
		answered[k] = true
		if f.IndexDen == 0 {
			continue
		}
		if f.CustomerID == "" {
			v := out.Customers[f.Questionnaire]
			v.Anonymous++
			out.Customers[f.Questionnaire] = v
			continue
		}
		m := means[k]
		if m.sum == nil {
			m.sum = new(big.Rat)
		}
		m.sum.Add(m.sum, big.NewRat(f.IndexNum, f.IndexDen))
		m.n, m.newest = m.n+1, max(m.newest, f.QuestionnaireVersion)
		means[k] = m
	}
	for k, m := range means {
		v := out.Customers[k.questionnaire]
		v.Surveyed++
		for _, definition := range c.catalog.Versions(k.questionnaire) {
			if definition.Version == m.newest {
				v.Satisfied += bit(new(big.Rat).Quo(m.sum, big.NewRat(m.n, 1)).Cmp(definition.SatisfiedThreshold.Rat()) >= 0)
			}
		}
		out.Customers[k.questionnaire] = v
	}
	for _, o := range c.contacts {
		if o.Tenant == "t" && o.Live && o.CustomerID != "" && s.holds(o.OccurredAt, o.AttributeColumns) {
			contacts[o.CustomerID]++
		}
	}
	for k := range answered {
		v := out.Coverage[k.questionnaire]
		v.Covered += bit(contacts[k.customer] > 0)
		v.CoveredContacts += contacts[k.customer]
		v.Customers, v.Contacts = uint64(len(contacts)), 0
		for _, n := range contacts {
			v.Contacts += n
		}
		out.Coverage[k.questionnaire] = v
	}
	for _, i := range c.invitations {
		if i.Retracted || !s.holds(i.OccurredAt, i.AttributeColumns) {
			continue
		}
		v := out.Invitations[i.Questionnaire]
		v.Sent++
		v.Answered += bit(slices.ContainsFunc(c.responses, func(f schemas.SurveyFact) bool {
			named := i.InvitationID != "" && f.InvitationID == i.InvitationID && !f.OccurredAt.Before(i.OccurredAt.Add(-24*time.Hour))
			inTime := i.CustomerID != "" && f.CustomerID == i.CustomerID && f.Questionnaire == i.Questionnaire &&
				!f.OccurredAt.Before(i.OccurredAt) && !f.OccurredAt.After(i.OccurredAt.Add(30*24*time.Hour))
			return f.Tenant == "t" && !f.Retracted && f.Role == "customer" && !f.OccurredAt.After(s.judged) && (named || inTime)
		}))
		out.Invitations[i.Questionnaire] = v
	}
}
