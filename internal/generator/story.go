package generator

import (
	"fmt"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// story is one response with its invitation, corrections, retraction and the mistakes made with it.
func (g *Generator) story(at time.Time) []Event {
	rates, serial := g.cfg.Rates, g.serial
	g.serial++
	co := g.companies[serial%len(g.companies)]
	nth := serial / len(g.companies)
	source, id := g.name("r", nth)
	v := envelope{typ: schemas.TypeSurveyResponse, tenant: co.tenant, source: source, id: id, at: at}
	r, contentment := g.response(co, nth)
	v.key = r.CustomerID

	var told []Event
	if chance(g.rng, rates.Invitations) {
		r.InvitationID = g.cfg.IDPrefix + "inv-" + strconv.Itoa(nth)
		told = append(told, g.invitation(v, r, r.InvitationID))
		if chance(g.rng, 0.5) {
			told = append(told, g.invitation(v, r, r.InvitationID+"-unanswered"))
		}
	}
	delay := g.upTo(5 * time.Second)
	told = append(told, v.event(0, false, r, delay, g.rng))

	revision := uint32(0)
	if chance(g.rng, rates.Revisions) {
		for range 1 + g.rng.IntN(3) {
			revision += uint32(1 + g.rng.IntN(2))
			delay += g.upTo(48 * time.Hour)
			r = g.corrected(co, r, contentment)
			told = append(told, v.event(revision, false, r, delay, g.rng))
		}
	}
	if chance(g.rng, rates.Conflicts) {
		told = append(told, v.event(revision, false, g.corrected(co, r, contentment), delay+g.upTo(time.Hour), g.rng))
	}
	if chance(g.rng, rates.MovedTimes) {
		moved := v
		moved.at = at.Add(-time.Duration(1+g.rng.IntN(72)) * time.Hour)
		told = append(told, moved.event(revision+uint32(g.rng.IntN(2)), false, r, at.Sub(moved.at)+delay, g.rng))
	}
	if chance(g.rng, rates.Retractions) {
		revision += 2
		delay += g.upTo(48 * time.Hour)
		told = append(told, v.event(revision, true, g.remains(r), delay, g.rng))
		if chance(g.rng, 0.2) {
			delay += g.upTo(time.Hour)
			told = append(told, v.event(revision+1, false, r, delay, g.rng))
		}
	}
	return told
}

// name is the source and id of the nth event of a kind. The same ids come from every app and in every tenant: an identity is
// the three together.
func (g *Generator) name(kind string, nth int) (source, id string) {
	sources := []string{"/apps/crm", "/apps/field-service", "urn:app:wechat"}
	return sources[nth%len(sources)], fmt.Sprintf("%s%s-%06d", g.cfg.IDPrefix, kind, nth/len(sources))
}

// remains is what a retraction still carries: nothing, the keys, or all of it.
func (g *Generator) remains(r *response) any {
	switch g.rng.IntN(3) {
	case 0:
		return nil
	case 1:
		return retractedKeys{CustomerID: r.CustomerID, CaseID: r.CaseID}
	}
	return r
}

func (g *Generator) invitation(v envelope, r *response, id string) Event {
	before := time.Hour + g.upTo(48*time.Hour)
	v.typ, v.id, v.at = schemas.TypeSurveyInvitation, id, v.at.Add(-before).Truncate(time.Second)
	return v.event(0, false, invitation{
		Attributes: r.Attributes, Questionnaire: r.Questionnaire, CustomerID: r.CustomerID, CaseID: r.CaseID, InvitationID: id,
	}, g.upTo(5*time.Second), g.rng)
}

// response is a customer's answer after a service, and how content the customer was.
func (g *Generator) response(co *company, nth int) (*response, float64) {
	rng, rates := g.rng, g.cfg.Rates
	cu := pick(rng, co.customers)
	ag, pr := co.serve(cu, rng), pick(rng, co.products)
	contentment := ag.quality + pr.quality + cu.mood + 0.1*rng.NormFloat64()
	r := &response{
		CustomerID: cu.id,
		CaseID:     "case-" + strconv.Itoa(nth),
		Attributes: g.attributes(ag, pr, cu),
	}
	if chance(rng, 0.3) {
		r.Labels = map[string]string{"build": "v" + strconv.Itoa(rng.IntN(9)), "工单": strconv.Itoa(nth)}
	}
	if chance(rng, 0.5) {
		r.ContactID = "contact-" + strconv.Itoa(nth)
	}
	r.Questionnaire = g.questionnaire()
	f, _ := formOf(r.Questionnaire)
	others := rates.OtherRoles
	if f.twice {
		others *= 5
	}
	if chance(rng, others) {
		r.Role = pick(rng, []string{"employee", "manager", "mystery_shopper"})
	} else if chance(rng, 0.5) {
		r.Role = "customer"
	}
	if chance(rng, rates.UnknownFields) {
		r.Unknown = "2026.6." + strconv.Itoa(rng.IntN(30))
	}
	switch rng.IntN(6) {
	case 0:
		r.Version = "1"
	case 1:
		r.Version = 1
	}
	g.answer(r, contentment)
	return r, contentment
}

// attributes are what the app knows of the service, and now and then it knows nothing.
func (g *Generator) attributes(ag agent, pr product, cu customer) *attributes {
	a := &attributes{
		Region: g.stated(ag.region), OrgUnit: g.stated(ag.orgUnit), Product: g.stated(pr.name),
		Service: g.stated(pick(g.rng, []string{"repair", "installation", "maintenance", "parts"})),
		Channel: g.stated(pick(g.rng, []string{"phone", "app", "wechat", "onsite", "email"})),
		Segment: g.stated(cu.segment), Agent: g.stated(ag.id),
	}
	if chance(g.rng, 0.02) {
		return nil
	}
	return a
}

// answer fills the form in, and the questions that stand beside it.
func (g *Generator) answer(r *response, contentment float64) {
	rng, rates := g.rng, g.cfg.Rates
	f, _ := formOf(r.Questionnaire)
	r.Answers = nil
	for _, i := range rng.Perm(len(f.items)) {
		score := f.score(contentment, rng)
		a := answer{Item: f.items[i], Score: &score}
		if codes := f.reasons[a.Item]; len(codes) > 0 && score <= (f.min+f.max)/2 && chance(rng, rates.Reasons) {
			a.Reasons = []string{pick(rng, codes)}
			// Who is worst served names several, and some apps send one of them twice.
			if score <= f.min+1 {
				a.Reasons = append(a.Reasons, codes[0], a.Reasons[0])
			}
		}
		g.state(&a, f)
		r.Answers = append(r.Answers, a)
	}
	missing := 0
	if chance(rng, rates.Invalid) {
		missing = 2
	} else if chance(rng, rates.OneMissing) {
		missing = 1
	}
	for i := range min(missing, len(r.Answers)) {
		if f.twice && chance(rng, 0.5) {
			r.Answers[i].Expectation = nil
			continue
		}
		// An answer that is missing may be null or not there at all.
		if chance(rng, 0.5) {
			r.Answers[i].Score = nil
		} else {
			r.Answers[i].Item = ""
		}
	}
	kept := r.Answers[:0]
	for _, a := range r.Answers {
		if a.Item != "" {
			kept = append(kept, a)
		}
	}
	r.Answers = kept

	r.NPS = g.aside(rates.NPS, contentment, 0, 10)
	r.CES = g.aside(rates.CES, contentment, 1, 7)
	r.Repurchase = g.aside(rates.Repurchase, contentment, 1, 5)
	r.Resolved, r.Comment = nil, ""
	if chance(rng, rates.Resolved) {
		yes := chance(rng, contentment)
		r.Resolved = &yes
	}
	if chance(rng, rates.Comments) {
		r.Comment = comment(contentment, rng)
	}
}

// state adds what was expected, where the form asks for it, and how important the item is.
func (g *Generator) state(a *answer, f form) {
	if f.twice {
		expected := f.score(0.85, g.rng)
		a.Expectation = &expected
	}
	if chance(g.rng, g.cfg.Rates.Importances) {
		important := f.score(0.7, g.rng)
		a.Importance = &important
	}
}

// corrected is the response filled in anew; now and then an attribute was wrong too. The keys stay.
func (g *Generator) corrected(co *company, r *response, contentment float64) *response {
	c := *r
	g.answer(&c, contentment+0.1*g.rng.NormFloat64())
	if r.Attributes != nil && chance(g.rng, 0.3) {
		a := *r.Attributes
		a.Product = pick(g.rng, co.products).name
		a.Channel = "phone"
		c.Attributes = &a
	}
	return &c
}

func (g *Generator) questionnaire() string {
	total := 0
	for _, s := range g.cfg.Mix {
		total += s.Weight
	}
	at := g.rng.IntN(total)
	for _, s := range g.cfg.Mix {
		if at < s.Weight {
			return s.Questionnaire
		}
		at -= s.Weight
	}
	return ""
}

func (g *Generator) aside(rate, contentment float64, lo, hi int) *int {
	if !chance(g.rng, rate) {
		return nil
	}
	x := onScale(contentment+0.15*g.rng.NormFloat64(), lo, hi)
	return &x
}

// stated is the value, or ” where the app left it out.
func (g *Generator) stated(value string) string {
	if chance(g.rng, g.cfg.Rates.Gaps) {
		return ""
	}
	return value
}

func (g *Generator) upTo(d time.Duration) time.Duration { return time.Duration(g.rng.Int64N(int64(d))) }
