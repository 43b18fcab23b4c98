package sinks

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/schemas"
)

// Config of the ClickHouse sink.
type Config struct {
	// WriteTimeout bounds the insert into one table; 0 means 60 s. What it cuts off is written again.
	WriteTimeout time.Duration `env:"WRITE_TIMEOUT" envDefault:"60s" doc:"how long the insert into one table may take before it is tried again"`
}

// ClickHouse is the sink of the tables of package store. Each table gets its rows of a batch as one block of one insert, so
// that a month of a table gets all of them or none.
type ClickHouse struct {
	conn    driver.Conn
	timeout time.Duration
	metrics *metrics

	responses   inserter[schemas.SurveyFact]
	invitations inserter[schemas.InvitationFact]
	contacts    inserter[schemas.ContactFact]
	milestones  inserter[schemas.MilestoneFact]
	complaints  inserter[schemas.ComplaintFact]
	late        inserter[schemas.LateFact]
	deadLetters inserter[schemas.DeadLetter]
	deliveries  inserter[schemas.Delivery]
	consumed    inserter[schemas.Consumed]
	gaps        inserter[Gap]
	progress    inserter[Progress]

	contactOutcomes   inserter[schemas.ContactOutcome]
	caseOutcomes      inserter[schemas.CaseOutcome]
	complaintOutcomes inserter[schemas.ComplaintOutcome]
	complaintSubjects inserter[schemas.ComplaintSubject]
}

// NewClickHouse makes a sink that writes through conn, which store.Open made.
func NewClickHouse(conn driver.Conn, cfg Config, reg prometheus.Registerer) *ClickHouse {
	if cfg.WriteTimeout <= 0 {
		cfg.WriteTimeout = time.Minute
	}
	return &ClickHouse{
		conn: conn, timeout: cfg.WriteTimeout, metrics: newMetrics(reg),
		responses: newInserter(surveyFacts()), invitations: newInserter(invitationFacts()), late: newInserter(lateFacts()),
		deadLetters: newInserter(deadLetters()), deliveries: newInserter(deliveries()), consumed: newInserter(consumed()), gaps: newInserter(gaps()), progress: newInserter(progress()),
		contacts: newInserter(contactFacts()), milestones: newInserter(milestoneFacts()), complaints: newInserter(complaintFacts()),
		contactOutcomes: newInserter(contactOutcomes()), caseOutcomes: newInserter(caseOutcomes()),
		complaintOutcomes: newInserter(complaintOutcomes()), complaintSubjects: newInserter(complaintSubjects()),
	}
}

// Write implements Sink. It stops at the first table that fails, so that offsets are accounted for only after their facts.
func (c *ClickHouse) Write(ctx context.Context, b Batch) error {
	steps := []func() error{
		func() error { return insert(ctx, c, c.responses, b.Responses) },
		func() error { return c.insertBlock(ctx, b.ResponseBlock) },
		func() error { return insert(ctx, c, c.invitations, b.Invitations) },
		func() error { return insert(ctx, c, c.contacts, b.Contacts) },
		func() error { return insert(ctx, c, c.milestones, b.Milestones) },
		func() error { return insert(ctx, c, c.complaints, b.Complaints) },
		func() error { return insert(ctx, c, c.contactOutcomes, b.ContactOutcomes) },
		func() error { return insert(ctx, c, c.caseOutcomes, b.CaseOutcomes) },
		func() error { return insert(ctx, c, c.complaintOutcomes, b.ComplaintOutcomes) },
		func() error { return insert(ctx, c, c.complaintSubjects, b.ComplaintSubjects) },
		func() error { return insert(ctx, c, c.late, b.Late) },
		func() error { return insert(ctx, c, c.deadLetters, b.DeadLetters) },
		func() error { return insert(ctx, c, c.gaps, b.Gaps) },
		func() error { return c.account(ctx, b) },
		func() error { return insert(ctx, c, c.progress, b.Progress) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// account inserts side by side what is said of offsets: an insert of a few rows is all waiting, and neither needs the other.
func (c *ClickHouse) account(ctx context.Context, b Batch) error {
	var both errgroup.Group
	both.Go(func() error { return insert(ctx, c, c.deliveries, b.Deliveries) })
	both.Go(func() error { return insert(ctx, c, c.consumed, b.Consumed) })
	return both.Wait()
}
