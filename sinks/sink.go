package sinks

import (
	"context"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Sink makes batches durable.
type Sink interface {
	// Write returns nil only when every row of the batch is durable. Repeating a batch, whole or in part, alone or among other
	// batches, in any order, changes nothing. An error means that the outcome is unknown: some rows may be there, and the
	// caller has to write the same batch again until it gets nil; Transient says whether that can be expected to help. A sink
	// keeps no reference to the batch, whose rows and lists are used again for other events once Write returned nil, and may be used by several goroutines at once.
	Write(ctx context.Context, b Batch) error
}

// Batch is what a run of records comes to. Deliveries and Consumed account for offsets, so a sink writes them only after all facts.
type Batch struct {
	Responses   []schemas.SurveyFact
	Invitations []schemas.InvitationFact
	Contacts    []schemas.ContactFact
	Milestones  []schemas.MilestoneFact
	Complaints  []schemas.ComplaintFact
	Late        []schemas.LateFact
	DeadLetters []schemas.DeadLetter
	Deliveries  []schemas.Delivery
	Consumed    []schemas.Consumed
	Gaps        []Gap
	Progress    []Progress

	// ResponseBlock is more of Responses, already in the form in which the sink that made it inserts them; nil: none.
	ResponseBlock *ResponseBlock

	// Outcomes, which the outcome stage writes.
	ContactOutcomes   []schemas.ContactOutcome
	CaseOutcomes      []schemas.CaseOutcome
	ComplaintOutcomes []schemas.ComplaintOutcome
	ComplaintSubjects []schemas.ComplaintSubject
}

// Gap says that the offsets From..To-1 of a partition were gone before they were read.
type Gap struct {
	Topic     string `ch:"topic"`
	Partition int32  `ch:"partition"`
	From      int64  `ch:"from"`
	To        int64  `ch:"to"`
}

// Progress says how far a partition has been processed. Nothing is computed from it: it is the lag that people see.
type Progress struct {
	Topic     string    `ch:"topic"`
	Partition int32     `ch:"partition"`
	Committed int64     `ch:"committed"` // next offset to read
	End       int64     `ch:"end"`       // offset that the next appended record will get
	AsOf      time.Time `ch:"as_of"`     // zero: the moment of the write
}
