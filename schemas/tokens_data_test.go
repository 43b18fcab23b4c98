package schemas

import (
	"math"
	"strconv"
	"time"
)

func (d *tokenDecoder) surveyResponse() Data {
	v := newSurveyResponse(nil)
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

func (d *tokenDecoder) questionnaireVersion() string {
	if d.err == nil && d.tokens.PeekKind() == '0' {
		return strconv.FormatInt(d.integer(0, math.MaxInt32), 10)
	}
	return d.string()
}

func (d *tokenDecoder) answers() []Answer {
	if !d.array() {
		return nil
	}
	var answers []Answer
	for d.element() {
		if answers == nil {
			answers = make([]Answer, 0, 8)
		}
		answers = append(answers, d.answer())
	}
	return answers
}

func (d *tokenDecoder) answer() Answer {
	var a Answer
	if !d.object() {
		return a
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
	return a
}

func (d *tokenDecoder) reasons() []string {
	if !d.array() {
		return nil
	}
	var reasons []string
	for d.element() {
		reasons = append(reasons, d.string())
	}
	return reasons
}

func (d *tokenDecoder) surveyInvitation() Data {
	v := &SurveyInvitation{}
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

func (d *tokenDecoder) timestamp() time.Time {
	s := d.string()
	if d.err != nil {
		return time.Time{}
	}
	t, ok := parseTime(s)
	if !ok {
		d.fail(InvalidFormat, badTime)
	}
	return t
}

func (d *tokenDecoder) dataOf(t Type) Data {
	switch t {
	case TypeSurveyResponse:
		return d.surveyResponse()
	case TypeSurveyInvitation:
		return d.surveyInvitation()
	case TypeComplaint:
		return d.complaint()
	case TypeContact:
		return d.contact()
	case TypeMilestone:
		return d.milestone()
	}
	return nil
}

func (d *tokenDecoder) common(name string, a *Attributes, l *Labels) {
	switch name {
	case "attributes":
		d.attributes(a)
	case "labels":
		*l = d.labels()
	default:
		d.skip()
	}
}

func (d *tokenDecoder) attributes(a *Attributes) {
	if !d.object() {
		return
	}
	for name, ok := d.member(); ok; name, ok = d.member() {
		switch name {
		case "region":
			a.Region = d.string()
		case "org_unit":
			a.OrgUnit = d.string()
		case "product":
			a.Product = d.string()
		case "service":
			a.Service = d.string()
		case "channel":
			a.Channel = d.string()
		case "segment":
			a.Segment = d.string()
		case "agent":
			a.Agent = d.string()
		default:
			d.skip()
		}
	}
}

func (d *tokenDecoder) labels() Labels {
	if !d.object() {
		return nil
	}
	var labels Labels
	for name, ok := d.member(); ok; name, ok = d.member() {
		if labels == nil {
			labels = Labels{}
		}
		labels[name] = d.string()
	}
	return labels
}

func (d *tokenDecoder) due(names ...string) map[string]time.Time {
	if !d.object() {
		return nil
	}
	var due map[string]time.Time
	for name, ok := d.member(); ok; name, ok = d.member() {
		known := ""
		for _, n := range names {
			if n == name {
				known = n
			}
		}
		if known == "" {
			d.fail(UnknownValue, "no time is due for this name")
			return nil
		}
		if due == nil {
			due = map[string]time.Time{}
		}
		due[known] = d.timestamp()
	}
	return due
}
