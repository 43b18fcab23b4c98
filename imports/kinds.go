package imports

import "github.com/rapport-project/rapport/schemas"

// kind is what a field of an event takes.
type kind int

const (
	text kind = iota
	boolean
	integer
	seconds
	instant
	list
)

// field of an event's data: what it takes and, for a closed set, the words.
type field struct {
	kind  kind
	words []string
}

var (
	anyText    = field{kind: text}
	trueFalse  = field{kind: boolean}
	wholeNum   = field{kind: integer}
	duration   = field{kind: seconds}
	pointInAge = field{kind: instant}
)

func oneOf(words ...string) field { return field{kind: text, words: words} }

// attributeNames are the seven cuts of the contract.
var attributeNames = []string{"region", "org_unit", "product", "service", "channel", "segment", "agent"}

// answerNames are the members of an answer beside its item; an answer's values are kept in this order.
var answerNames = [...]string{"score", "expectation", "importance", "reasons", "comment"}

// answerField is what each of answerNames takes.
func answerField(name string) field {
	switch name {
	case "reasons":
		return field{kind: list}
	case "comment":
		return anyText
	}
	return wholeNum
}

// shape is the data of an event type: its plain fields in the order they are written, the names that `due` may have, and
// whether there are answers. TestShapesAreTheContract holds it to the JSON Schemas.
type shape struct {
	order    []string
	fields   map[string]field
	due      []string
	answers  bool
	required []string
}

func newShape(due []string, answers bool, required []string, named ...any) shape {
	s := shape{fields: map[string]field{}, due: due, answers: answers, required: required}
	for i := 0; i < len(named); i += 2 {
		name := named[i].(string)
		s.order = append(s.order, name)
		s.fields[name] = named[i+1].(field)
	}
	return s
}

// shapeOf is the shape of an event type of the contract.
func shapeOf(t schemas.Type) shape {
	phases := []string{"opened", "acknowledged", "responded", "resolved", "closed", "reopened", "followed_up"}
	milestones := []string{"requested", "acknowledged", "responded", "dispatched", "arrived", "parts_ordered", "parts_arrived", "resolved", "closed", "reopened"}
	switch t {
	case schemas.TypeSurveyResponse:
		return newShape(nil, true, []string{"questionnaire"},
			"questionnaire", anyText, "questionnaire_version", anyText, "invitation_id", anyText, "customer_id", anyText,
			"role", oneOf("customer", "employee", "manager", "mystery_shopper"), "case_id", anyText, "contact_id", anyText,
			"nps", wholeNum, "ces", wholeNum, "repurchase", wholeNum, "resolved_first_contact", trueFalse, "comment", anyText)
	case schemas.TypeSurveyInvitation:
		return newShape(nil, false, nil,
			"questionnaire", anyText, "customer_id", anyText, "case_id", anyText, "invitation_id", anyText)
	case schemas.TypeComplaint:
		return newShape(phases, false, []string{"complaint_id"},
			"complaint_id", anyText, "phase", oneOf(phases...), "customer_id", anyText, "case_id", anyText, "issue", anyText,
			"severity", oneOf("general", "major"), "category", anyText, "reason", anyText, "dimension", anyText,
			"handling", oneOf("very_satisfied", "satisfied", "mostly_satisfied", "not_very_satisfied", "dissatisfied", "unhandled"), "timely", trueFalse)
	case schemas.TypeContact:
		return newShape(nil, false, nil,
			"customer_id", anyText, "issue", anyText, "case_id", anyText, "direction", oneOf("inbound", "outbound"),
			"answered", trueFalse, "resolved", trueFalse, "wait_seconds", duration, "talk_seconds", duration,
			"hold_seconds", duration, "wrap_seconds", duration, "transferred", trueFalse)
	case schemas.TypeMilestone:
		return newShape(milestones, false, []string{"case_id"},
			"case_id", anyText, "milestone", oneOf(milestones...), "customer_id", anyText)
	}
	return shape{}
}
