package processors

import (
	"fmt"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
)

// processResponse scores a response by its questionnaire. A retraction is not scored: it need hold no answers, and its
// row counts nowhere.
func processResponse(e *schemas.Event, tenant *tenantRoom, room *Room, d *Definitions, out *Output) *schemas.InvalidError {
	r, invalid := response(e)
	if invalid != nil {
		return invalid
	}
	var version *questionnaires.Version
	var result questionnaires.Result
	if !e.Retracted {
		if version, result, invalid = score(e, r, d, &room.scorer); invalid != nil {
			return invalid
		}
	}
	out.Responses = append(out.Responses, schemas.SurveyFact{})
	fact := &out.Responses[len(out.Responses)-1]
	fillResponse(fact, e, tenant.ID, r)
	if !e.Retracted {
		fact.QuestionnaireVersion = version.Version
		room.addScores(fact, version.Columns(), &result)
	}
	out.markStale(tenant, e.Time)
	return nil
}

func checkResponse(e *schemas.Event, d *Definitions) *schemas.InvalidError {
	r, invalid := response(e)
	if invalid != nil || e.Retracted {
		return invalid
	}
	version, invalid := d.Questionnaires.Lookup(r.Questionnaire, r.QuestionnaireVersion, e.Time)
	if invalid != nil {
		return invalid
	}
	return version.Check(r)
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

func score(e *schemas.Event, r *schemas.SurveyResponse, d *Definitions, s *questionnaires.Scorer) (*questionnaires.Version, questionnaires.Result, *schemas.InvalidError) {
	version, invalid := d.Questionnaires.Lookup(r.Questionnaire, r.QuestionnaireVersion, e.Time)
	if invalid != nil {
		return nil, questionnaires.Result{}, invalid
	}
	result, invalid := s.Score(version, r)
	return version, result, invalid
}

// fillResponse sets a row that is zero, field by field: to build it elsewhere and copy it costs as much again.
func fillResponse(fact *schemas.SurveyFact, e *schemas.Event, tenant string, r *schemas.SurveyResponse) {
	fact.Identity = identity(e, tenant)
	fact.Version = version(e)
	fact.OccurredAt = e.Time.UTC()
	fact.Questionnaire = r.Questionnaire
	fact.QuestionnaireVersion = r.QuestionnaireVersion
	fact.InvitationID = r.InvitationID
	fact.CustomerID = r.CustomerID
	fact.Role = r.Role
	fact.CaseID = r.CaseID
	fact.ContactID = r.ContactID
	fact.AttributeColumns = attributes(&r.Attributes, r.Labels)
	fact.NPS = r.NPS
	fact.CES = r.CES
	fact.Repurchase = r.Repurchase
	fact.ResolvedFirstContact = r.ResolvedFirstContact
	fact.Comment = r.Comment
}

func (r *Room) addScores(fact *schemas.SurveyFact, shared *questionnaires.Columns, result *questionnaires.Result) {
	fact.Valid = result.Valid
	fact.IndexNum, fact.IndexDen = result.IndexNum, result.IndexDen
	fact.Level = string(result.Level)
	fact.ScaleZero, fact.ScaleSpan = result.ScaleZero, result.ScaleSpan
	if len(result.Answers) > 0 {
		r.addAnswers(fact, shared, result.Answers)
	}
	n := len(result.Dimensions)
	if n == 0 {
		return
	}
	fact.DimensionNum = r.sums.take(n)
	for i, d := range result.Dimensions {
		fact.DimensionNum[i] = d.Num
	}
	if n == len(shared.Scored) {
		fact.Dimension, fact.DimensionDen = shared.Scored, shared.Denominators
		return
	}
	fact.Dimension, fact.DimensionDen = r.texts.take(n), r.sums.take(n)
	for i, d := range result.Dimensions {
		fact.Dimension[i], fact.DimensionDen[i] = d.Dimension, d.Den
	}
}

// addAnswers takes what is the same for all responses that answer every item from the questionnaire, as it takes what no answer says: of most responses only
// the scores are their own.
func (r *Room) addAnswers(fact *schemas.SurveyFact, shared *questionnaires.Columns, answers []questionnaires.Answer) {
	n := len(answers)
	fact.AnswerScore = r.numbers.take(n)
	var expectations, importances, reasons, comments bool
	for i := range answers {
		a := answers[i].Answer
		fact.AnswerScore[i] = a.Score
		expectations = expectations || a.Expectation != nil
		importances = importances || a.Importance != nil
		reasons = reasons || len(a.Reasons) > 0
		comments = comments || a.Comment != ""
	}
	if n == len(shared.Items) {
		fact.AnswerItem, fact.AnswerDimension = shared.Items, shared.Dimensions
	} else {
		fact.AnswerItem, fact.AnswerDimension = r.texts.take(n), r.texts.take(n)
		for i := range answers {
			fact.AnswerItem[i], fact.AnswerDimension[i] = answers[i].Item, answers[i].Dimension
		}
	}
	fact.AnswerExpectation = column(expectations, shared.NoNumber, &r.numbers, answers, func(a *schemas.Answer) *int16 { return a.Expectation })
	fact.AnswerImportance = column(importances, shared.NoNumber, &r.numbers, answers, func(a *schemas.Answer) *int16 { return a.Importance })
	fact.AnswerReasons = column(reasons, shared.NoReasons, &r.lists, answers, func(a *schemas.Answer) []string { return a.Reasons })
	fact.AnswerComment = column(comments, shared.Nothing, &r.texts, answers, func(a *schemas.Answer) string { return a.Comment })
}

// column is one value of each answer; where none of them is there, what is shared.
func column[T any](there bool, none []T, in *slab[T], answers []questionnaires.Answer, of func(*schemas.Answer) T) []T {
	n := len(answers)
	if !there {
		return none[:n:n]
	}
	values := in.take(n)
	for i := range answers {
		values[i] = of(answers[i].Answer)
	}
	return values
}

// processInvitation keeps an invitation. It makes no day stale: no stored figure of a day rests on invitations.
func processInvitation(e *schemas.Event, tenant *tenantRoom, room *Room, d *Definitions, out *Output) *schemas.InvalidError {
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
		AttributeColumns: attributes(&i.Attributes, i.Labels),
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

func attributes(a *schemas.Attributes, labels schemas.Labels) schemas.AttributeColumns {
	return schemas.AttributeColumns{Region: a.Region, OrgUnit: a.OrgUnit, Product: a.Product, Service: a.Service,
		Channel: a.Channel, Segment: a.Segment, Agent: a.Agent, Labels: labels}
}
