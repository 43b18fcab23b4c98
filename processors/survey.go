package processors

import (
	"fmt"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// processResponse scores a response by its questionnaire. A retraction is not scored: it need hold no answers, and its
// row counts nowhere.
func processResponse(e *schemas.Event, tenant tenants.Tenant, d *Definitions, out *Output) *schemas.InvalidError {
	r, invalid := response(e)
	if invalid != nil {
		return invalid
	}
	fact := responseFact(e, tenant.ID, r)
	if !e.Retracted {
		version, result, invalid := score(e, r, d)
		if invalid != nil {
			return invalid
		}
		fact.QuestionnaireVersion = version.Version
		addScores(&fact, result)
	}
	out.Responses = append(out.Responses, fact)
	out.markStale(tenant, e.Time)
	return nil
}

func checkResponse(e *schemas.Event, d *Definitions) *schemas.InvalidError {
	r, invalid := response(e)
	if invalid == nil && !e.Retracted {
		_, _, invalid = score(e, r, d)
	}
	return invalid
}

// response is the event's data; empty for a retraction without.
func response(e *schemas.Event) (*schemas.SurveyResponse, *schemas.InvalidError) {
	if r, ok := e.Data.(*schemas.SurveyResponse); ok && r != nil {
		return r, nil
	}
	if e.Retracted && e.Data == nil {
		return &schemas.SurveyResponse{}, nil
	}
	return nil, wrongData(e)
}

func score(e *schemas.Event, r *schemas.SurveyResponse, d *Definitions) (*questionnaires.Version, questionnaires.Result, *schemas.InvalidError) {
	version, invalid := d.Questionnaires.Lookup(r.Questionnaire, r.QuestionnaireVersion, e.Time)
	if invalid != nil {
		return nil, questionnaires.Result{}, invalid
	}
	result, invalid := version.Score(r)
	return version, result, invalid
}

func responseFact(e *schemas.Event, tenant string, r *schemas.SurveyResponse) schemas.SurveyFact {
	return schemas.SurveyFact{
		Identity:             identity(e, tenant),
		Version:              version(e),
		OccurredAt:           e.Time.UTC(),
		Questionnaire:        r.Questionnaire,
		QuestionnaireVersion: r.QuestionnaireVersion,
		InvitationID:         r.InvitationID,
		CustomerID:           r.CustomerID,
		Role:                 r.Role,
		CaseID:               r.CaseID,
		ContactID:            r.ContactID,
		AttributeColumns:     attributes(r.Attributes, r.Labels),
		NPS:                  r.NPS,
		CES:                  r.CES,
		Repurchase:           r.Repurchase,
		ResolvedFirstContact: r.ResolvedFirstContact,
		Comment:              r.Comment,
	}
}

func addScores(fact *schemas.SurveyFact, result questionnaires.Result) {
	fact.Valid = result.Valid
	fact.IndexNum, fact.IndexDen = result.IndexNum, result.IndexDen
	fact.Level = string(result.Level)
	fact.ScaleZero, fact.ScaleSpan = result.ScaleZero, result.ScaleSpan
	if n := len(result.Answers); n > 0 {
		addAnswers(fact, result.Answers, n)
	}
	n := len(result.Dimensions)
	if n == 0 {
		return
	}
	fact.Dimension, fact.DimensionNum, fact.DimensionDen = make([]string, n), make([]int64, n), make([]int64, n)
	for i, d := range result.Dimensions {
		fact.Dimension[i], fact.DimensionNum[i], fact.DimensionDen[i] = d.Dimension, d.Num, d.Den
	}
}

func addAnswers(fact *schemas.SurveyFact, answers []questionnaires.Answer, n int) {
	texts, numbers := make([]string, 3*n), make([]*int16, 3*n)
	fact.AnswerItem, fact.AnswerDimension, fact.AnswerComment = texts[:n:n], texts[n:2*n:2*n], texts[2*n:]
	fact.AnswerScore, fact.AnswerExpectation, fact.AnswerImportance = numbers[:n:n], numbers[n:2*n:2*n], numbers[2*n:]
	fact.AnswerReasons = make([][]string, n)
	for i, a := range answers {
		fact.AnswerItem[i], fact.AnswerDimension[i], fact.AnswerComment[i] = a.Item, a.Dimension, a.Comment
		fact.AnswerScore[i], fact.AnswerExpectation[i], fact.AnswerImportance[i] = a.Score, a.Expectation, a.Importance
		fact.AnswerReasons[i] = a.Reasons
	}
}

// processInvitation keeps an invitation. It makes no day stale: no stored figure of a day rests on invitations.
func processInvitation(e *schemas.Event, tenant tenants.Tenant, d *Definitions, out *Output) *schemas.InvalidError {
	i, invalid := invitation(e)
	if invalid == nil {
		invalid = checkInvitation(e, d)
	}
	if invalid != nil {
		return invalid
	}
	out.Invitations = append(out.Invitations, schemas.InvitationFact{
		Identity:         identity(e, tenant.ID),
		Version:          version(e),
		OccurredAt:       e.Time.UTC(),
		Questionnaire:    i.Questionnaire,
		InvitationID:     i.InvitationID,
		CustomerID:       i.CustomerID,
		CaseID:           i.CaseID,
		AttributeColumns: attributes(i.Attributes, i.Labels),
	})
	return nil
}

// checkInvitation refuses an unknown questionnaire; an invitation need not name one.
func checkInvitation(e *schemas.Event, d *Definitions) *schemas.InvalidError {
	i, invalid := invitation(e)
	if invalid != nil || e.Retracted || i.Questionnaire == "" {
		return invalid
	}
	_, invalid = d.Questionnaires.Lookup(i.Questionnaire, "", e.Time)
	return invalid
}

func invitation(e *schemas.Event) (*schemas.SurveyInvitation, *schemas.InvalidError) {
	if i, ok := e.Data.(*schemas.SurveyInvitation); ok && i != nil {
		return i, nil
	}
	if e.Retracted && e.Data == nil {
		return &schemas.SurveyInvitation{}, nil
	}
	return nil, wrongData(e)
}

func wrongData(e *schemas.Event) *schemas.InvalidError {
	if e.Data == nil {
		return &schemas.InvalidError{Reason: schemas.MissingField, Field: "/data", Detail: "an event that is not retracted has data"}
	}
	return &schemas.InvalidError{Reason: schemas.WrongType, Field: "/data", Detail: fmt.Sprintf("the data is not that of %s", e.Type)}
}

func attributes(a schemas.Attributes, labels schemas.Labels) schemas.AttributeColumns {
	return schemas.AttributeColumns{Region: a.Region, OrgUnit: a.OrgUnit, Product: a.Product, Service: a.Service,
		Channel: a.Channel, Segment: a.Segment, Agent: a.Agent, Labels: labels}
}
