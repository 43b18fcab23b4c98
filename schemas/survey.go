package schemas

import (
	"math"
	"strconv"
)

// newSurveyResponse has the defaults of the contract.
func newSurveyResponse(k *kept) *SurveyResponse {
	v := room(k, func(k *kept) *SurveyResponse { return &k.response })
	v.Role = "customer"
	return v
}

func (d *decoder) surveyResponse() Data {
	v := newSurveyResponse(d.kept)
	if !d.object() {
		return nil
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "questionnaire":
			v.Questionnaire = d.key()
		case "questionnaire_version":
			v.QuestionnaireVersion = d.questionnaireVersion()
		case "invitation_id":
			v.InvitationID = d.string()
		case "customer_id":
			v.CustomerID = d.string()
		case "role":
			v.Role = d.oneOf("customer", "employee", "manager", "mystery_shopper")
		case "case_id":
			v.CaseID = d.string()
		case "contact_id":
			v.ContactID = d.string()
		case "answers":
			v.Answers = d.answers()
		case "nps":
			v.NPS = d.int8OrNull(0, 10)
		case "ces":
			v.CES = d.int8OrNull(1, 7)
		case "repurchase":
			v.Repurchase = d.int8OrNull(1, 5)
		case "resolved_first_contact":
			v.ResolvedFirstContact = d.boolOrNull()
		case "comment":
			v.Comment = d.string()
		default:
			d.common(name, &v.Attributes, &v.Labels)
		}
	}
	return v
}

// questionnaireVersion is a string to rapport; apps that count versions may send the number.
func (d *decoder) questionnaireVersion() string {
	if d.err == nil && d.numeric() {
		return strconv.FormatInt(d.integer(0, math.MaxInt32), 10)
	}
	return d.string()
}

func (d *decoder) answers() []Answer {
	if !d.array() {
		return nil
	}
	var answers []Answer
	for d.element() {
		if answers == nil {
			answers = d.kept.someAnswers()
		}
		answers = append(answers, Answer{})
		d.answer(&answers[len(answers)-1])
	}
	d.kept.keepAnswers(answers)
	return answers
}

func (d *decoder) answer(a *Answer) {
	if !d.object() {
		return
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "item":
			a.Item = d.key()
		case "score":
			a.Score = d.int16OrNull()
		case "expectation":
			a.Expectation = d.int16OrNull()
		case "importance":
			a.Importance = d.int16OrNull()
		case "reasons":
			a.Reasons = d.reasons()
		case "comment":
			a.Comment = d.string()
		default:
			d.skip()
		}
	}
	if a.Item == "" && d.err == nil {
		d.missing("item")
	}
}

func (d *decoder) reasons() []string {
	if !d.array() {
		return nil
	}
	var reasons []string
	for d.element() {
		if reasons == nil {
			reasons = d.kept.someReasons()
		}
		reasons = append(reasons, d.string())
	}
	return d.kept.keepReasons(reasons)
}

func (d *decoder) surveyInvitation() Data {
	v := room(d.kept, func(k *kept) *SurveyInvitation { return &k.invitation })
	if !d.object() {
		return nil
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "questionnaire":
			v.Questionnaire = d.string()
		case "customer_id":
			v.CustomerID = d.string()
		case "case_id":
			v.CaseID = d.string()
		case "invitation_id":
			v.InvitationID = d.string()
		default:
			d.common(name, &v.Attributes, &v.Labels)
		}
	}
	return v
}
