package sinks

import (
	"io"

	"github.com/rapport-project/rapport/schemas"
)

// Table is a table of the sink without the type of its rows.
type Table struct {
	Name    string
	Columns []Column
}

// Column is a column that the sink writes.
type Column struct{ Name, Type string }

func (t table[R]) describe() Table {
	out := Table{Name: t.name}
	for _, c := range t.columns {
		out.Columns = append(out.Columns, Column{c.name, c.typ})
	}
	return out
}

// Tables are those that the sink writes.
func Tables() []Table {
	var out []Table
	for _, t := range []interface{ describe() Table }{surveyFacts(), invitationFacts(), contactFacts(), milestoneFacts(), complaintFacts(), lateFacts(), deadLetters(),
		deliveries(), consumed(), gaps(), progress(), contactOutcomes(), caseOutcomes(), complaintOutcomes(), complaintSubjects()} {
		out = append(out, t.describe())
	}
	return out
}

// Filler makes blocks as inserts do.
type Filler[R any] struct{ blocks blocks[R] }

// Table is what the blocks are for.
func (f Filler[R]) Table() Table { return f.blocks.table.describe() }

// Block gives the block of rows to read and frees it.
func (f Filler[R]) Block(rows []R, read func(io.Reader)) {
	b := f.blocks.fill(rows)
	read(b.reader())
	f.blocks.release(b)
}

// Fillers of the tables.
var (
	Responses         = Filler[schemas.SurveyFact]{newBlocks(surveyFacts())}
	Invitations       = Filler[schemas.InvitationFact]{newBlocks(invitationFacts())}
	Contacts          = Filler[schemas.ContactFact]{newBlocks(contactFacts())}
	Milestones        = Filler[schemas.MilestoneFact]{newBlocks(milestoneFacts())}
	Complaints        = Filler[schemas.ComplaintFact]{newBlocks(complaintFacts())}
	LateFacts         = Filler[schemas.LateFact]{newBlocks(lateFacts())}
	DeadLetters       = Filler[schemas.DeadLetter]{newBlocks(deadLetters())}
	Deliveries        = Filler[schemas.Delivery]{newBlocks(deliveries())}
	Consumptions      = Filler[schemas.Consumed]{newBlocks(consumed())}
	Gaps              = Filler[Gap]{newBlocks(gaps())}
	Progresses        = Filler[Progress]{newBlocks(progress())}
	ContactOutcomes   = Filler[schemas.ContactOutcome]{newBlocks(contactOutcomes())}
	CaseOutcomes      = Filler[schemas.CaseOutcome]{newBlocks(caseOutcomes())}
	ComplaintOutcomes = Filler[schemas.ComplaintOutcome]{newBlocks(complaintOutcomes())}
	ComplaintSubjects = Filler[schemas.ComplaintSubject]{newBlocks(complaintSubjects())}
)

// Room is how much memory the block's columns have.
func (b *ResponseBlock) Room() int { return b.block.room() }
