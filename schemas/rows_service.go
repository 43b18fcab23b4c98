package schemas

import "time"

// ContactFact is one contact as stored. Durations are whole microseconds, so that their sums do not depend on order.
type ContactFact struct {
	Identity
	Version
	OccurredAt time.Time `ch:"occurred_at"`
	Chain      string    `ch:"chain"` // part of the key: what Chain of the contact gives
	CustomerID string    `ch:"customer_id"`
	Issue      string    `ch:"issue"`
	CaseID     string    `ch:"case_id"`
	AttributeColumns
	Direction   string `ch:"direction"` // inbound or outbound
	Answered    bool   `ch:"answered"`
	Resolved    *bool  `ch:"resolved"`
	WaitMicros  *int64 `ch:"wait_micros"`
	TalkMicros  *int64 `ch:"talk_micros"`
	HoldMicros  *int64 `ch:"hold_micros"`
	WrapMicros  *int64 `ch:"wrap_micros"`
	Transferred bool   `ch:"transferred"`
	// Superseded is set by the sweeper: the same id holds under another hour or chain.
	Superseded bool `ch:"superseded"`
}

// Due is a list of due times by milestone or phase, in the order of their names.
type Due struct {
	Name []string    `ch:"due.name"`
	At   []time.Time `ch:"due.at"`
}

// MilestoneFact is one milestone event as stored.
type MilestoneFact struct {
	Identity
	Version
	OccurredAt time.Time `ch:"occurred_at"`
	CaseID     string    `ch:"case_id"` // part of the key
	Milestone  string    `ch:"milestone"`
	CustomerID string    `ch:"customer_id"`
	AttributeColumns
	Due
	// Superseded is set by the sweeper: the same id holds under another hour or case.
	Superseded bool `ch:"superseded"`
}

// ComplaintFact is one complaint event as stored.
type ComplaintFact struct {
	Identity
	Version
	OccurredAt  time.Time `ch:"occurred_at"`
	ComplaintID string    `ch:"complaint_id"` // part of the key
	Phase       string    `ch:"phase"`
	CustomerID  string    `ch:"customer_id"`
	CaseID      string    `ch:"case_id"`
	Issue       string    `ch:"issue"`
	Severity    string    `ch:"severity"`
	Category    string    `ch:"category"`
	Reason      string    `ch:"reason"`
	Dimension   string    `ch:"dimension"`
	Handling    string    `ch:"handling"`
	Timely      *bool     `ch:"timely"`
	AttributeColumns
	Due
	// Superseded is set by the sweeper: the same id holds under another hour or complaint.
	Superseded bool `ch:"superseded"`
}

// OutcomeVersion orders the writes of one outcome row: the highest wins, whoever wrote last.
type OutcomeVersion struct {
	Epoch uint64 `ch:"epoch"` // what it was computed under
	Mark  uint64 `ch:"mark"`  // offset + 1 of the newest mark that it answers
}

// ContactOutcome is a contact with what its chain makes of it. Every fact of a chain has one, retracted and superseded ones too,
// which have Live false and no outcome; nothing of it depends on the clock.
type ContactOutcome struct {
	ContactFact
	OutcomeVersion
	Live           bool       `ch:"live"`             // neither retracted nor superseded
	InChain        bool       `ch:"in_chain"`         // live, answered and inbound
	First          bool       `ch:"is_first"`         // in chain, and no contact of the chain in the window before it
	Episode        uint32     `ch:"episode"`          // contacts of the episode that it begins; 0 where it is not first
	Later          bool       `ch:"later"`            // in chain, and another contact of the chain in the window after it
	FCR            string     `ch:"fcr"`              // yes or no; '' where it is not first or resolved is not known
	FCRReason      string     `ch:"fcr_reason"`       // of a no: not_resolved, repeat_contact or reopened
	Excluded       string     `ch:"excluded"`         // why a live contact is left out: abandoned, outbound or, of a first one, resolved_unknown
	ConfirmedAt    *time.Time `ch:"confirmed_at"`     // of a first contact: until then its outcome is provisional
	NextMicros     *int64     `ch:"next_micros"`      // to the next contact of the chain; nil where there is none
	InServiceLevel bool       `ch:"in_service_level"` // live, inbound, answered, and the wait is known and within the tenant's limit
}

// CaseOutcome is a case: its milestones as they hold. Nothing of it depends on the clock.
type CaseOutcome struct {
	OutcomeVersion
	Tenant     string `ch:"tenant"`
	CaseID     string `ch:"case_id"`
	Live       bool   `ch:"live"` // at least one milestone event holds
	CustomerID string `ch:"customer_id"`
	AttributeColumns
	// Milestones that were reached and when, those that are due and when, each in the order of names.
	Reached   []string    `ch:"reached.name"`
	ReachedAt []time.Time `ch:"reached.at"`
	Due
	// Durations from requested, whole microseconds, in the order of names: one for each milestone reached at or after requested
	// except requested and reopened, and first_response, to the first of acknowledged and responded.
	Duration        []string   `ch:"duration.name"`
	DurationMicros  []int64    `ch:"duration.micros"`
	DurationWorking []*int64   `ch:"duration.working_micros"` // by the tenant's business calendar; nil where it has none
	RequestedAt     *time.Time `ch:"requested_at"`
	WasResolved     bool       `ch:"was_resolved"` // a resolved event holds, followed by a reopened or not
	WasReopened     bool       `ch:"was_reopened"` // a reopened event holds and the case was resolved at some time
}

// ComplaintOutcome is a complaint: its phases as they hold. Nothing of it depends on the clock.
type ComplaintOutcome struct {
	OutcomeVersion
	Tenant      string `ch:"tenant"`
	ComplaintID string `ch:"complaint_id"`
	Live        bool   `ch:"live"`
	CustomerID  string `ch:"customer_id"`
	CaseID      string `ch:"case_id"`
	Issue       string `ch:"issue"`
	Severity    string `ch:"severity"`
	Category    string `ch:"category"`
	Reason      string `ch:"reason"`
	Dimension   string `ch:"dimension"`
	Handling    string `ch:"handling"`
	Timely      *bool  `ch:"timely"`
	AttributeColumns
	Reached   []string    `ch:"reached.name"`
	ReachedAt []time.Time `ch:"reached.at"`
	Due
	// Durations from opened: first_response, to the first of acknowledged and responded, and resolution.
	Duration        []string   `ch:"duration.name"`
	DurationMicros  []int64    `ch:"duration.micros"`
	DurationWorking []*int64   `ch:"duration.working_micros"`
	OpenedAt        *time.Time `ch:"opened_at"`
	WasResolved     bool       `ch:"was_resolved"`
	WasReopened     bool       `ch:"was_reopened"`
}

// ComplaintSubject is a complaint under what it is about: a customer and an issue. A complaint has one row for each subject that any of
// its events named, of which at most one is live.
type ComplaintSubject struct {
	OutcomeVersion
	Tenant      string    `ch:"tenant"`
	CustomerID  string    `ch:"customer_id"`
	Issue       string    `ch:"issue"`
	ComplaintID string    `ch:"complaint_id"`
	OpenedAt    time.Time `ch:"opened_at"` // 1970 where Live is false
	Live        bool      `ch:"live"`
}
