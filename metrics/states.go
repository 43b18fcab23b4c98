package metrics

import "math/big"

// State names a kind of states, so that a reader computes no more than a metric rests on.
type State string

// The kinds of states, each from one table of rollups or, after Heavy, from facts alone.
const (
	Surveys            State = "satisfaction_days"
	Dimensions         State = "dimension_days"
	Scores             State = "score_days"
	Reasons            State = "reason_days"
	ContactStates      State = "contact_days"
	Milestones         State = "milestone_days"
	Durations          State = "milestone_duration_days"
	DueTimes           State = "milestone_due_days"
	ComplaintStates    State = "complaint_days"
	ComplaintDurations State = "complaint_duration_days"
	ComplaintDueTimes  State = "complaint_due_days"
	Recontacts         State = "recontacts"
	CustomerMeans      State = "customer_means"
	Coverages          State = "coverage"
	Invitations        State = "invitations"
	Joints             State = "joint_scores"
)

// Heavy says that the states cannot be added up from days: they are computed from the facts of a whole span, for windows of 24 hours and more.
func (s State) Heavy() bool {
	switch s {
	case Recontacts, CustomerMeans, Coverages, Invitations, Joints:
		return true
	}
	return false
}

// States are integer sums over one span of time and one value of a cut. Adding up is exact and knows no order.
type States struct {
	Surveys    map[SurveyKey]Survey
	Dimensions map[DimensionKey]Dimension
	Scores     map[ScoreKey]uint64
	Reasons    map[ReasonKey]uint64

	Contacts Contacts
	// Confirmed are the contacts of that part of the span whose first contacts can no longer change by time alone.
	Confirmed Contacts
	// Recontacts counts contacts by the whole days until the next one of their chain.
	Recontacts map[uint32]uint64

	// Milestones by name; the one without a name is of the cases themselves.
	Milestones map[string]Milestone
	Durations  map[DurationKey]uint64
	// Overdue counts, by milestone, what was due before the instant judged and is not reached.
	Overdue map[string]uint64

	Complaints         map[ComplaintKey]Complaint
	ComplaintDurations map[DurationKey]uint64
	ComplaintOverdue   map[string]uint64

	// The rest is by questionnaire, of role customer.
	Customers   map[string]CustomerMean
	Coverage    map[string]Coverage
	Invitations map[string]Invitation
	Joints      map[JointKey]uint64
}

// SurveyKey is what responses are told apart by.
type SurveyKey struct{ Questionnaire, Version, Role string }

// Survey sums up whole responses; its fields are the measures of satisfaction_days.
type Survey struct {
	N, Invalid, IndexN                                                uint64
	IndexDen, IndexSum                                                int64
	IndexSumSq                                                        Wide
	VerySatisfied, Satisfied, Neutral, Dissatisfied, VeryDissatisfied uint64
	Promoters, Passives, Detractors                                   uint64
	CESN                                                              uint64
	CESSum, CESSumSq                                                  int64
	RepurchaseN                                                       uint64
	RepurchaseSum                                                     int64
	ResolvedYes, ResolvedNo                                           uint64
}

// DimensionKey is what scores of dimensions are told apart by.
type DimensionKey struct{ Questionnaire, Version, Role, Dimension string }

// Dimension sums up scores of a dimension; its fields are the measures of dimension_days.
type Dimension struct {
	N                              uint64
	Den, NumSum                    int64
	NumSumSq                       Wide
	GapN                           uint64
	GapSum, GapSumSq               int64
	ImportanceN                    uint64
	ImportanceSum, ImportanceSumSq int64
}

// ScoreKey tells apart answers of valid responses that have a score, in scale points.
type ScoreKey struct {
	Questionnaire, Version, Role, Dimension, Item string
	Score                                         int16
}

// ReasonKey tells apart reasons that answers of valid responses name, by the score of the answer.
type ReasonKey struct {
	Questionnaire, Version, Role, Dimension, Reason string
	Score                                           int16
}

// Contacts sums up contacts; its fields are the measures of contact_days.
type Contacts struct {
	Offered, Answered, InServiceLevel, Outbound            uint64
	WaitN                                                  uint64
	WaitSum                                                int64
	WaitSumSq                                              Wide
	HandleN                                                uint64
	HandleSum                                              int64
	HandleSumSq                                            Wide
	Contacts, FirstContacts, FCRN, ResolvedFirst           uint64
	FailedNotResolved, FailedRepeatContact, FailedReopened uint64
	ResolvedUnknown, Flagged, NoRepeat, OneTouch           uint64
}

// Milestone sums up cases; its fields are the measures of milestone_days. Of the cases themselves Reached are those resolved at some time, Late those
// of them reopened.
type Milestone struct {
	Cases, Reached, OnTime, Late uint64
	N                            uint64
	Sum                          int64 // microseconds
	SumSq                        Wide
	WorkingN                     uint64
	WorkingSum                   int64
	WorkingSumSq                 Wide
}

// DurationKey is a bucket (outcomes.DurationBucket) of what was waited for, by the calendar or by the working clock.
type DurationKey struct {
	Name, Clock string
	Bucket      uint16
}

// ComplaintKey is what complaints are told apart by.
type ComplaintKey struct{ Severity, Category, Reason string }

// Complaint sums up complaints; its fields are the measures of complaint_days.
type Complaint struct {
	Opened, TimelyYes, TimelyNo, Repeats, Resolved, Reopened                             uint64
	VerySatisfied, Satisfied, MostlySatisfied, NotVerySatisfied, Dissatisfied, Unhandled uint64
	OnTime, Late                                                                         uint64
	ResponseN                                                                            uint64
	ResponseSum                                                                          int64
	ResponseSumSq                                                                        Wide
	ResolutionN                                                                          uint64
	ResolutionSum                                                                        int64
	ResolutionSumSq                                                                      Wide
}

// CustomerMean counts customers by the mean index of their valid responses in the span, against the threshold of the newest version among these.
type CustomerMean struct {
	Surveyed, Satisfied uint64
	// Anonymous are responses with an index that name no customer: left out.
	Anonymous uint64
}

// Coverage counts customers with a contact in the span, and those of them that have a valid response in it.
type Coverage struct {
	Customers, Covered uint64
	// Contacts of these customers: the share of volume covered.
	Contacts, CoveredContacts uint64
}

// Invitation counts invitations of the span, and those answered up to the instant judged.
type Invitation struct{ Sent, Answered uint64 }

// JointKey is a score of a dimension beside the score of the overall item of the same response: what a rank correlation is made of.
type JointKey struct {
	Questionnaire, Dimension string
	// Num over Den is the score of the dimension, 0 to 100.
	Num, Den int64
	Overall  int16
}

// Wide is a whole number of 128 bits: Hi * 2^64 + Lo.
type Wide struct {
	Hi int64
	Lo uint64
}

// Plus is the sum.
func (w Wide) Plus(o Wide) Wide {
	lo := w.Lo + o.Lo
	hi := w.Hi + o.Hi
	if lo < w.Lo {
		hi++
	}
	return Wide{hi, lo}
}

// Big is the number itself.
func (w Wide) Big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(w.Hi), 64)
	return n.Add(n, new(big.Int).SetUint64(w.Lo))
}
