package sinks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
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

// inserter is what an insert into a table needs and what does not change between inserts.
type inserter[R any] struct {
	table     table[R]
	statement string
	options   []clickhouse.QueryOption
}

func newInserter[R any](t table[R]) inserter[R] {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = "`" + c.name + "`"
	}
	return inserter[R]{
		table:     t,
		statement: "INSERT INTO " + t.name + " (" + strings.Join(names, ", ") + ")",
		options: []clickhouse.QueryOption{
			clickhouse.WithColumnNamesAndTypes(t.types()),
			// The same types over the native protocol, where the server names them.
			clickhouse.WithSettings(clickhouse.Settings{"low_cardinality_allow_in_native_format": 0}),
		},
	}
}

// insert sends rows as one block. The block is built anew for each attempt: after an error it is not known what of it was sent.
func insert[R any](ctx context.Context, c *ClickHouse, in inserter[R], rows []R) (err error) {
	if len(rows) == 0 {
		return nil
	}
	started := time.Now()
	size := 0
	defer func() { c.metrics.observe(in.table.name, len(rows), size, time.Since(started), err) }()
	ctx, cancel := context.WithTimeout(clickhouse.Context(ctx, in.options...), c.timeout)
	defer cancel()
	batch, err := c.conn.PrepareBatch(ctx, in.statement)
	if err != nil {
		return fmt.Errorf("insert %d rows into %s: %w", len(rows), in.table.name, err)
	}
	if size, err = in.table.fill(batch, rows); err != nil {
		return fmt.Errorf("build %d rows for %s: %w", len(rows), in.table.name, errors.Join(err, batch.Abort()))
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert %d rows into %s, outcome unknown: %w", len(rows), in.table.name, err)
	}
	return nil
}
