package schemas

// Type is a CloudEvents type of the contract.
type Type string

// The five event types.
const (
	TypeSurveyResponse   Type = "rapport.survey.response.v1"
	TypeSurveyInvitation Type = "rapport.survey.invitation.v1"
	TypeComplaint        Type = "rapport.complaint.v1"
	TypeContact          Type = "rapport.contact.v1"
	TypeMilestone        Type = "rapport.milestone.v1"
)

// TypeMetricChanged is the CloudEvents type of what rapport publishes on TopicMetrics. No app publishes it, so it is none of Types.
const TypeMetricChanged = "rapport.metric.changed.v1"

// TypeAlert is the CloudEvents type of what rapport publishes on TopicAlerts. No app publishes it, so it is none of Types.
const TypeAlert = "rapport.alert.v1"

// Types are all event types of the contract.
func Types() [5]Type {
	return [...]Type{TypeSurveyResponse, TypeSurveyInvitation, TypeComplaint, TypeContact, TypeMilestone}
}

// Topics of the contract, and the internal ones: stale chains, cases and complaints on their way to outcomes, stale days to rollups.
const (
	TopicSurveyResponses = "rapport.survey-responses"
	TopicComplaints      = "rapport.complaints"
	TopicServiceEvents   = "rapport.service-events"
	TopicDeadLetters     = "rapport.dead-letters"
	TopicMetrics         = "rapport.metrics"
	TopicAlerts          = "rapport.alerts"
	TopicStaleDays       = "rapport.internal.stale-days"
	TopicStaleEntities   = "rapport.internal.stale-entities"
)

// Topic is where events of type t belong; empty for an unknown type.
func (t Type) Topic() string {
	switch t {
	case TypeSurveyResponse, TypeSurveyInvitation:
		return TopicSurveyResponses
	case TypeComplaint:
		return TopicComplaints
	case TypeContact, TypeMilestone:
		return TopicServiceEvents
	}
	return ""
}

// Key is the message key the contract asks for, so that events of one customer or case stay in order; an event without
// one is keyed by its id.
func (e *Event) Key() string {
	var key string
	switch d := e.Data.(type) {
	case *SurveyResponse:
		key = d.CustomerID
	case *SurveyInvitation:
		key = d.CustomerID
	case *Complaint:
		key = d.ComplaintID
	case *Contact:
		key = d.CustomerID
		if key == "" {
			key = d.CaseID
		}
	case *Milestone:
		key = d.CaseID
	}
	if key == "" {
		return e.ID
	}
	return key
}
