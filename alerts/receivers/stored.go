package receivers

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/metrics"
)

//go:embed sql
var files embed.FS

func statement(name string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		panic(err) // the name is a constant
	}
	return string(text)
}

// Stored is the Outbox of a database: transitions of rapport_store.alert_states that rapport_store.alert_deliveries does not have.
type Stored struct {
	conn driver.Conn
	base string
	log  zerolog.Logger
}

// NewStored returns the outbox behind conn; links to explain begin with base, as http://host:port. log takes what is stored and cannot be read.
func NewStored(conn driver.Conn, base string, log zerolog.Logger) *Stored {
	return &Stored{conn, base, log}
}

// Begin implements Outbox.
func (s *Stored) Begin(ctx context.Context, receiver string, now time.Time) (time.Time, error) {
	for range 2 {
		var began []time.Time
		err := s.each(ctx, "began.sql", func(rows driver.Rows) error {
			var at time.Time
			defer func() { began = append(began, at) }()
			return rows.Scan(&at)
		}, clickhouse.Named("receiver", receiver))
		if err != nil {
			return time.Time{}, err
		}
		if len(began) > 0 {
			return began[0].UTC(), nil
		}
		// Read back: another process may have been earlier.
		if err := s.conn.Exec(ctx, statement("begin.sql"), clickhouse.Named("receiver", receiver), clickhouse.Named("since", now.UnixMilli())); err != nil {
			return time.Time{}, fmt.Errorf("receivers: note %s: %w", receiver, err)
		}
	}
	return time.Time{}, fmt.Errorf("receivers: %s was noted and is not there", receiver)
}

// Backlog implements Outbox.
func (s *Stored) Backlog(ctx context.Context, receiver string, since time.Time) ([]Backlog, error) {
	var found []Backlog
	err := s.each(ctx, "backlog.sql", func(rows driver.Rows) error {
		var b Backlog
		var oldest int64
		err := rows.Scan(&b.Tenant, &b.N, &oldest)
		b.Oldest = time.UnixMilli(oldest).UTC()
		found = append(found, b)
		return err
	}, clickhouse.Named("receiver", receiver), clickhouse.Named("since", since.UnixMilli()))
	return found, err
}

// Waiting implements Outbox.
func (s *Stored) Waiting(ctx context.Context, a Asked) ([]Notification, error) {
	return s.notifications(ctx, "waiting.sql", clickhouse.Named("receiver", a.Receiver), clickhouse.Named("tenants", a.Tenants),
		clickhouse.Named("since", a.Since.UnixMilli()), clickhouse.Named("limit", uint64(a.Limit)))
}

// Firing implements Outbox.
func (s *Stored) Firing(ctx context.Context, a Asked) ([]Notification, error) {
	return s.notifications(ctx, "firing.sql", clickhouse.Named("receiver", a.Receiver), clickhouse.Named("limit", uint64(a.Limit)))
}

// Note implements Outbox.
func (s *Stored) Note(ctx context.Context, deliveries []Delivery) error {
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO rapport_store.alert_deliveries (receiver, tenant, alert_id, transition, outcome, attempts, error, at)")
	if err != nil {
		return fmt.Errorf("receivers: note deliveries: %w", err)
	}
	defer func() { _ = batch.Abort() }() // after Send it does nothing
	for _, d := range deliveries {
		if err := batch.Append(d.Receiver, d.Tenant, d.AlertID, d.Transition, d.Outcome, d.Attempts, d.Error, d.At); err != nil {
			return fmt.Errorf("receivers: note deliveries: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("receivers: note deliveries: %w", err)
	}
	return nil
}

func (s *Stored) notifications(ctx context.Context, file string, args ...any) ([]Notification, error) {
	var found []Notification
	err := s.each(ctx, file, func(rows driver.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		n, err := decode([]byte(text), s.base)
		if err != nil {
			// It holds up no other; that it waits shows.
			s.log.Error().Err(err).Msg("cannot read an alert that is to be sent")
			return nil
		}
		found = append(found, n)
		return nil
	}, args...)
	return found, err
}

func (s *Stored) each(ctx context.Context, file string, row func(driver.Rows) error, args ...any) error {
	rows, err := s.conn.Query(ctx, statement(file), args...)
	if err != nil {
		return fmt.Errorf("receivers: %s: %w", file, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("receivers: %s: %w", file, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("receivers: %s: %w", file, err)
	}
	return nil
}

// decode reads a transition as it is stored.
func decode(text []byte, base string) (Notification, error) {
	var t alerts.Transition
	if err := json.Unmarshal(text, &t); err != nil {
		return Notification{}, fmt.Errorf("a stored transition: %w", err)
	}
	n := Notification{
		ID: t.ID, Tenant: t.Tenant, Alert: t.Alert, Group: t.Group, Transition: string(t.Change), StartsAt: t.FiredAt, At: t.At,
		Labels: t.Labels, Annotations: t.Annotations, Metric: t.Metric, Questionnaire: t.Questionnaire, Detail: t.Detail, Window: t.Window,
		Cut: t.Cut, CutValue: t.CutValue, Value: t.Value, Low: t.Low, High: t.High, Previous: t.Previous, N: t.N, PreviousN: t.PreviousN,
		Unit: string(t.Unit), Bound: string(t.Bound), Threshold: t.Threshold, Confidence: t.Confidence, Explain: base + t.Explain,
		Label: metrics.Text{En: t.LabelEn, Zh: t.LabelZh}, Over: t.Over,
	}
	if n.ID == "" || n.Tenant == "" || n.Transition == "" || n.At.IsZero() {
		return Notification{}, fmt.Errorf("a stored transition without id, tenant, transition or instant: %.200s", text)
	}
	if n.StartsAt.IsZero() {
		n.StartsAt = n.At
	}
	if n.Transition != Firing {
		n.EndsAt = &n.At
	}
	for _, m := range t.Movers {
		n.Movers = append(n.Movers, Mover{m.Cut, m.CutValue, m.Value, m.Previous, m.N, m.PreviousN, m.Contribution})
	}
	return n, nil
}
