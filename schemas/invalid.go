package schemas

import "fmt"

// Reason says why an event was refused; the set is closed, so that it can label metrics.
type Reason string

// The reasons of refusal. A refused event is dead-lettered (Kafka) or answered (HTTP) with one of them.
const (
	NotJSON              Reason = "not_json"
	NotUTF8              Reason = "not_utf8"
	TooLarge             Reason = "too_large"
	TooDeep              Reason = "too_deep"
	DuplicateField       Reason = "duplicate_field"
	MissingField         Reason = "missing_field"
	WrongType            Reason = "wrong_type"
	InvalidFormat        Reason = "invalid_format"
	UnknownValue         Reason = "unknown_value"
	OutOfRange           Reason = "out_of_range"
	UnknownType          Reason = "unknown_type"
	WrongTopic           Reason = "wrong_topic"
	UnknownQuestionnaire Reason = "unknown_questionnaire"
	UnknownVersion       Reason = "unknown_questionnaire_version"
	UnknownItem          Reason = "unknown_item"
	DuplicateItem        Reason = "duplicate_item"
	FromTheFuture        Reason = "from_the_future"
	Before1970           Reason = "before_1970"
	MissingTenant        Reason = "missing_tenant"
	WrongTenant          Reason = "wrong_tenant"
)

// Reasons are all reasons of refusal.
func Reasons() []Reason {
	return []Reason{NotJSON, NotUTF8, TooLarge, TooDeep, DuplicateField, MissingField, WrongType, InvalidFormat, UnknownValue, OutOfRange,
		UnknownType, WrongTopic, UnknownQuestionnaire, UnknownVersion, UnknownItem, DuplicateItem, FromTheFuture, Before1970, MissingTenant,
		WrongTenant}
}

// InvalidError is the verdict on an event that cannot be used. Everything else that goes wrong is a fault, to be retried.
type InvalidError struct {
	Reason Reason
	// Field is a JSON pointer into the structured event ("/data/answers/0/score"); '' is the whole event.
	Field string
	// Detail says in words what was found and what is wanted.
	Detail string
}

func (e *InvalidError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s: %s", e.Reason, e.Detail)
	}
	return fmt.Sprintf("%s at %s: %s", e.Reason, e.Field, e.Detail)
}
