package schemas

import "time"

// Header is one record header: a CloudEvents attribute in binary mode, or what the dead-letter writer adds.
type Header struct {
	Name  string
	Value []byte
}

// Record is what Parse reads: one Kafka record, or one HTTP event in the same clothes.
type Record struct {
	// Headers carry `content-type` and, in binary mode, the `ce_` attributes.
	Headers []Header
	// Value is the whole CloudEvent in structured mode, its `data` in binary mode.
	Value []byte
	// Time is when the record was appended to the log: the clock that `from_the_future` is judged by. For a record of Kafka it is
	// the record's own timestamp, so as good as the clock of whoever produced it.
	Time time.Time
}

// Event is one CloudEvent whose envelope and data were checked against the contract.
type Event struct {
	ID        string
	Source    string
	Type      Type
	Time      time.Time // UTC, whole microseconds
	Tenant    string
	Revision  uint32
	Retracted bool
	// Payload is a hash of everything the contract knows of the event except its identity and revision; whichever mode, field
	// order or white space an event came in, equal content has equal payload.
	Payload uint64
	// Unknown counts fields that the contract does not know; they are kept out.
	Unknown int
	Data    Data
}

// Data is the payload of one event type: *SurveyResponse, *SurveyInvitation, *Complaint, *Contact or *Milestone.
type Data interface{ isData() }

// Attributes are the seven cuts, as of the event; an empty string is not stated.
type Attributes struct {
	Region, OrgUnit, Product, Service, Channel, Segment, Agent string
}

// Labels are free drill-down pairs, never a cut.
type Labels map[string]string

// SurveyResponse is the data of rapport.survey.response.v1. Absent numbers are nil.
type SurveyResponse struct {
	Attributes           Attributes
	Labels               Labels
	Questionnaire        string
	QuestionnaireVersion string // '' takes the version in force at the event's time
	InvitationID         string
	CustomerID           string
	Role                 string // customer, employee, manager or mystery_shopper
	CaseID               string
	ContactID            string
	Answers              []Answer
	NPS                  *int8 // 0..10
	CES                  *int8 // 1..7
	Repurchase           *int8 // 1..5
	ResolvedFirstContact *bool
	Comment              string
}

// Answer is one item's answer; the scale is the questionnaire's.
type Answer struct {
	Item        string
	Score       *int16
	Expectation *int16
	Importance  *int16
	Reasons     []string
	Comment     string
}

// SurveyInvitation is the data of rapport.survey.invitation.v1.
type SurveyInvitation struct {
	Attributes    Attributes
	Labels        Labels
	Questionnaire string
	CustomerID    string
	CaseID        string
	InvitationID  string
}

// Complaint is the data of rapport.complaint.v1.
type Complaint struct {
	Attributes  Attributes
	Labels      Labels
	ComplaintID string
	Phase       string
	CustomerID  string
	CaseID      string
	Issue       string
	Severity    string
	Category    string
	Reason      string
	Dimension   string
	Due         map[string]time.Time // by phase
	Handling    string
	Timely      *bool
}

// Contact is the data of rapport.contact.v1. Durations are seconds, not negative.
type Contact struct {
	Attributes  Attributes
	Labels      Labels
	CustomerID  string
	Issue       string
	CaseID      string
	Direction   string // inbound or outbound
	Answered    bool
	Resolved    *bool
	WaitSeconds *float64
	TalkSeconds *float64
	HoldSeconds *float64
	WrapSeconds *float64
	Transferred bool
}

// Milestone is the data of rapport.milestone.v1.
type Milestone struct {
	Attributes Attributes
	Labels     Labels
	CaseID     string
	Milestone  string
	CustomerID string
	Due        map[string]time.Time // by milestone
}

func (*SurveyResponse) isData()   {}
func (*SurveyInvitation) isData() {}
func (*Complaint) isData()        {}
func (*Contact) isData()          {}
func (*Milestone) isData()        {}
