package schemas

import (
	"math"
	"time"
)

// Identity is the sort key of every fact: what makes two deliveries the same event. Hour is part of it so that a bucket's
// facts lie together; an id seen under two hours is settled by the sweeper.
type Identity struct {
	Tenant string    `ch:"tenant"`
	Hour   time.Time `ch:"hour"` // UTC, whole hours
	Source string    `ch:"source"`
	ID     string    `ch:"id"`
}

// Version orders the deliveries of one identity by content alone: revision first, then payload hash, never arrival.
type Version struct {
	Revision  uint32 `ch:"revision"`
	Payload   uint64 `ch:"payload"`
	Retracted bool   `ch:"retracted"`
}

// AttributeColumns are Attributes as columns.
type AttributeColumns struct {
	Region  string            `ch:"region"`
	OrgUnit string            `ch:"org_unit"`
	Product string            `ch:"product"`
	Service string            `ch:"service"`
	Channel string            `ch:"channel"`
	Segment string            `ch:"segment"`
	Agent   string            `ch:"agent"`
	Labels  map[string]string `ch:"labels"`
}

// SurveyFact is one survey response as stored, scored by its questionnaire. The index of a response is
// IndexNum/IndexDen and lies in 0..100; both are integers so that sums do not depend on order.
type SurveyFact struct {
	Identity
	Version
	OccurredAt           time.Time `ch:"occurred_at"`
	Questionnaire        string    `ch:"questionnaire"`
	QuestionnaireVersion string    `ch:"questionnaire_version"`
	InvitationID         string    `ch:"invitation_id"`
	CustomerID           string    `ch:"customer_id"`
	Role                 string    `ch:"role"`
	CaseID               string    `ch:"case_id"`
	ContactID            string    `ch:"contact_id"`
	AttributeColumns
	Valid                bool   `ch:"valid"`
	IndexNum             int64  `ch:"index_num"`
	IndexDen             int64  `ch:"index_den"` // 0: the questionnaire has no items, or the response is not valid
	Level                string `ch:"level"`     // '' where there is no index
	NPS                  *int8  `ch:"nps"`
	CES                  *int8  `ch:"ces"`
	Repurchase           *int8  `ch:"repurchase"`
	ResolvedFirstContact *bool  `ch:"resolved_first_contact"`
	Comment              string `ch:"comment"`

	// Answers, one element per answered item, in the questionnaire's item order. score_100 = (score - ScaleZero) * 100 / ScaleSpan.
	ScaleZero         int16      `ch:"scale_zero"`
	ScaleSpan         int16      `ch:"scale_span"`
	AnswerItem        []string   `ch:"answers.item"`
	AnswerDimension   []string   `ch:"answers.dimension"`
	AnswerScore       []*int16   `ch:"answers.score"`
	AnswerExpectation []*int16   `ch:"answers.expectation"`
	AnswerImportance  []*int16   `ch:"answers.importance"`
	AnswerReasons     [][]string `ch:"answers.reasons"`
	AnswerComment     []string   `ch:"answers.comment"`

	// Dimension scores of a valid response, DimensionNum/DimensionDen in 0..100; a dimension none of whose items was answered is absent.
	Dimension    []string `ch:"dimensions.dimension"`
	DimensionNum []int64  `ch:"dimensions.num"`
	DimensionDen []int64  `ch:"dimensions.den"`
}

// InvitationFact is one survey invitation as stored.
type InvitationFact struct {
	Identity
	Version
	OccurredAt    time.Time `ch:"occurred_at"`
	Questionnaire string    `ch:"questionnaire"`
	InvitationID  string    `ch:"invitation_id"`
	CustomerID    string    `ch:"customer_id"`
	CaseID        string    `ch:"case_id"`
	AttributeColumns
}

// LateFact is an event from before the seal horizon: kept and counted, not folded in. Its key is where it came from.
type LateFact struct {
	Topic      string            `ch:"topic"`
	Partition  int32             `ch:"partition"`
	Offset     int64             `ch:"offset"`
	Tenant     string            `ch:"tenant"`
	Source     string            `ch:"source"`
	ID         string            `ch:"id"`
	Type       string            `ch:"type"`
	Revision   uint32            `ch:"revision"`
	OccurredAt time.Time         `ch:"occurred_at"`
	AppendedAt time.Time         `ch:"appended_at"`
	Key        string            `ch:"key"` // the record's key, value and headers as they came
	Value      string            `ch:"value"`
	Headers    map[string]string `ch:"headers"`
}

// DeadLetter is a record that could not be used, with the reason and where it came from.
type DeadLetter struct {
	Topic      string            `ch:"topic"`
	Partition  int32             `ch:"partition"`
	Offset     int64             `ch:"offset"`
	AppendedAt time.Time         `ch:"appended_at"`
	Reason     string            `ch:"reason"`
	Field      string            `ch:"field"` // JSON pointer
	Detail     string            `ch:"detail"`
	Tenant     string            `ch:"tenant"` // as far as it could be read, as are source, id and type
	Source     string            `ch:"source"`
	ID         string            `ch:"id"`
	Type       string            `ch:"type"`
	Key        string            `ch:"key"`
	Value      string            `ch:"value"`
	Headers    map[string]string `ch:"headers"`
}

// Verdict is what became of a record.
type Verdict string

// Every offset read has exactly one of these.
const (
	Accepted Verdict = "accepted"
	Rejected Verdict = "rejected"
	Late     Verdict = "late"
)

// Consumed says that the records First..Last of a partition got one verdict. Ranges may overlap after a redelivery; what
// counts is the length of their union.
type Consumed struct {
	Topic     string  `ch:"topic"`
	Partition int32   `ch:"partition"`
	Verdict   Verdict `ch:"verdict"`
	First     int64   `ch:"first"`
	Last      int64   `ch:"last"`
}

// DeliveryBlock is how many offsets a Delivery can tell of.
const DeliveryBlock = 1 << 16

// Delivery says which records of a block of offsets were accepted from one source, of one class of lateness. It is a set: records
// that are told of again, in whatever company, are the same members.
type Delivery struct {
	Tenant    string `ch:"tenant"`
	Source    string `ch:"source"`
	Type      string `ch:"type"`
	Within    uint32 `ch:"within"` // see LatenessClass
	Topic     string `ch:"topic"`
	Partition int32  `ch:"partition"`
	Block     int64  `ch:"block"` // offset / DeliveryBlock

	Records []uint16 `ch:"records"` // offsets within the block, rising
	Strange []uint16 `ch:"strange"` // those of them with fields that the contract does not know
	Latest  int64    `ch:"latest"`  // the largest lateness, microseconds
}

// LatenessClass is the class of a record that was appended so long after its event's time, in seconds: the least of its bounds that
// is not below. 0 is for none, math.MaxUint32 for more than a year.
func LatenessClass(late time.Duration) uint32 {
	if late <= 0 {
		return 0
	}
	for _, bound := range latenessBounds {
		if late <= time.Duration(bound)*time.Second {
			return bound
		}
	}
	return math.MaxUint32
}

// latenessBounds are few, since each class that a batch has is a row: about three for each factor of ten.
var latenessBounds = [...]uint32{1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000}

// Family is what a day's rollups are computed from: each family has tables of its own, so that a survey response makes no day of contacts stale.
type Family string

// The families. That of surveys is the zero value.
const (
	Surveys    Family = ""
	Contacts   Family = "contacts"
	Cases      Family = "cases"
	Complaints Family = "complaints"
)

// Families are all of them.
func Families() [4]Family { return [...]Family{Surveys, Contacts, Cases, Complaints} }

// Day is a bucket of rollups: a calendar day of the tenant's time zone, of one family. It is comparable, so it can key a map.
type Day struct {
	Tenant string `json:"tenant"`
	Date   string `json:"day"` // 2006-01-02
	Family Family `json:"family,omitempty"`
}
