package sinks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/sinks/sinktest"
	"github.com/rapport-project/rapport/store"
	"github.com/rapport-project/rapport/store/storetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

func TestMemory(t *testing.T) {
	var m *sinks.Memory
	sinktest.Run(t, sinktest.Harness{
		New:      func(*testing.T) sinks.Sink { m = sinks.NewMemory(); return m },
		Contents: func(*testing.T) sinks.Batch { return m.Contents() },
		Count:    func(*testing.T) int { return len(m.Contents().Responses) },
	})
}

func TestClickHouse(t *testing.T) { run(t, storetest.Start(t)) }

// Inserts over HTTP to another machine are compressed.
func TestCompressed(t *testing.T) {
	dsn := clickhousetest.Start(t)
	for _, method := range []string{"lz4", "zstd", "gzip"} {
		t.Run(method, func(t *testing.T) {
			if testing.Short() && method != "lz4" {
				t.Skip("one way of compressing is enough for a short run")
			}
			conn, err := store.Open(store.Config{DSN: dsn + "?compress=" + method})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if err := store.Migrate(t.Context(), conn, zerolog.Nop()); err != nil {
				t.Fatal(err)
			}
			run(t, conn)
		})
	}
}

// The same over the client's way for the native protocol, which the embedded ClickHouse does not speak: all but the wire itself.
func TestNativeProtocol(t *testing.T) { run(t, native{storetest.Start(t)}) }

// native is a connection that takes rows by columns alone, as those of the native protocol do, with types as its server names them.
type native struct{ driver.Conn }

func (native) InsertFormat(context.Context, string, string, io.Reader) error {
	return clickhouse.ErrFormatNativeUnsupported
}

func (n native) PrepareBatch(ctx context.Context, statement string, options ...driver.PrepareBatchOption) (driver.Batch, error) {
	table := strings.Fields(statement)[2]
	rows, err := n.Query(ctx, "SELECT name, replaceAll(type, 'LowCardinality(String)', 'String') FROM system.columns WHERE database || '.' || table = ? AND position(?, '`' || name || '`') > 0 ORDER BY position(?, '`' || name || '`')", table, statement, statement)
	if err != nil {
		return nil, err
	}
	var columns []clickhouse.ColumnNameAndType
	for rows.Next() {
		var c clickhouse.ColumnNameAndType
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return n.Conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(columns)), statement, options...)
}

// A column of another type than the sink knows is told, not filled with what happens to fit.
func TestNativeProtocolChecksTypes(t *testing.T) {
	conn := storetest.Start(t)
	if err := conn.Exec(t.Context(), "ALTER TABLE rapport_store.progress DROP COLUMN `end`, ADD COLUMN `end` UInt64"); err != nil {
		t.Fatal(err)
	}
	err := sinks.NewClickHouse(native{conn}, sinks.Config{}, prometheus.NewRegistry()).Write(t.Context(), sinks.Batch{Progress: sinktest.Batch(1, 1).Progress})
	if err == nil || !strings.Contains(err.Error(), "column end is UInt64, want Int64") || sinks.Classify(err) != sinks.ClassRefused {
		t.Errorf("got %v of class %q", err, sinks.Classify(err))
	}
}

func run(t *testing.T, conn driver.Conn) {
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	sinktest.Run(t, sinktest.Harness{
		New:      func(t *testing.T) sinks.Sink { storetest.Truncate(t, conn); return sink },
		Contents: func(t *testing.T) sinks.Batch { return contents(t, conn) },
		Count: func(t *testing.T) int {
			var n uint64
			if err := conn.QueryRow(context.Background(), "SELECT count() FROM rapport_store.survey_facts FINAL").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return int(n)
		},
	})
}

// contents reads the tables through the driver's own mapping of rows to structs, so that it shares no code with the sink.
func contents(t *testing.T, conn driver.Conn) sinks.Batch {
	var consumed []schemas.Consumed
	for _, r := range read[consumedRow](t, conn, "consumed FINAL ORDER BY topic, partition, verdict, first, last") {
		consumed = append(consumed, schemas.Consumed{Topic: r.Topic, Partition: r.Partition, Verdict: schemas.Verdict(r.Verdict), First: r.First, Last: r.Last})
	}
	var deliveries []schemas.Delivery
	if err := conn.Select(context.Background(), &deliveries, `SELECT * REPLACE (arraySort(bitmapToArray(records)) AS records, arraySort(bitmapToArray(strange)) AS strange)
		FROM rapport_store.deliveries FINAL ORDER BY tenant, source, type, within, topic, partition, block`); err != nil {
		t.Fatal(err)
	}
	return sinks.Batch{
		Responses:   read[schemas.SurveyFact](t, conn, "survey_facts FINAL ORDER BY tenant, hour, source, id", "superseded"),
		Invitations: read[schemas.InvitationFact](t, conn, "invitation_facts FINAL ORDER BY tenant, hour, source, id", "superseded"),
		Contacts:    read[schemas.ContactFact](t, conn, "contact_facts FINAL ORDER BY tenant, hour, source, id, chain"),
		Milestones:  read[schemas.MilestoneFact](t, conn, "milestone_facts FINAL ORDER BY tenant, hour, source, id, case_id"),
		Complaints:  read[schemas.ComplaintFact](t, conn, "complaint_facts FINAL ORDER BY tenant, hour, source, id, complaint_id"),
		Late:        read[schemas.LateFact](t, conn, "late_facts FINAL ORDER BY topic, partition, offset"),
		DeadLetters: read[schemas.DeadLetter](t, conn, "dead_letters FINAL ORDER BY topic, partition, offset", "received_at"),
		Deliveries:  deliveries,
		Consumed:    consumed,
		Gaps:        read[sinks.Gap](t, conn, "offset_gaps FINAL ORDER BY topic, partition, from, to", "noticed_at"),
		Progress:    read[sinks.Progress](t, conn, "progress FINAL ORDER BY topic, partition"),
	}
}

// consumedRow is schemas.Consumed with a verdict that the driver can scan.
type consumedRow struct {
	Topic     string `ch:"topic"`
	Partition int32  `ch:"partition"`
	Verdict   string `ch:"verdict"`
	First     int64  `ch:"first"`
	Last      int64  `ch:"last"`
}

func read[R any](t *testing.T, conn driver.Conn, from string, without ...string) []R {
	t.Helper()
	columns := "*"
	if len(without) > 0 {
		columns = "* EXCEPT(" + strings.Join(without, ", ") + ")"
	}
	var out []R
	if err := conn.Select(context.Background(), &out, fmt.Sprintf("SELECT %s FROM rapport_store.%s", columns, from)); err != nil {
		t.Fatalf("read %s: %v", from, err)
	}
	return out
}

// One write is one part of one partition, whatever its size: what makes it all or nothing.
func TestOneBlock(t *testing.T) {
	conn := storetest.Start(t)
	reg := prometheus.NewRegistry()
	sink := sinks.NewClickHouse(conn, sinks.Config{}, reg)
	b := sinks.Batch{Responses: sinktest.Batch(1, 100_000).Responses}
	for i := range b.Responses {
		b.Responses[i].Hour = b.Responses[0].Hour
	}
	if err := conn.Exec(context.Background(), "SYSTEM STOP MERGES rapport_store.survey_facts"); err != nil {
		t.Fatal(err)
	}
	if err := sink.Write(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	var parts uint64
	if err := conn.QueryRow(context.Background(), "SELECT count() FROM system.parts WHERE active AND database = 'rapport_store' AND table = 'survey_facts'").Scan(&parts); err != nil {
		t.Fatal(err)
	}
	if parts != 1 {
		t.Errorf("%d parts, want 1", parts)
	}
	if n, err := testutil.GatherAndCount(reg, "rapport_sink_rows_total", "rapport_sink_bytes_total", "rapport_sink_write_seconds"); err != nil || n != 3 {
		t.Errorf("%d series of metrics (%v), want 3", n, err)
	}
}

func TestUnreachable(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := nobody.Addr().String()
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := store.Open(store.Config{DSN: "http://" + address})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	reg := prometheus.NewRegistry()
	err = sinks.NewClickHouse(conn, sinks.Config{}, reg).Write(context.Background(), sinktest.Batch(1, 1))
	if !sinks.Transient(err) || sinks.Classify(err) != sinks.ClassNetwork {
		t.Errorf("got %v of class %q, want a transient error of the network", err, sinks.Classify(err))
	}
	if n, _ := testutil.GatherAndCount(reg, "rapport_sink_errors_total"); n != 1 {
		t.Errorf("%d series of errors, want 1", n)
	}
}

func TestClassify(t *testing.T) {
	exception := func(code int32) error { return fmt.Errorf("insert: %w", &clickhouse.Exception{Code: code}) }
	for _, tc := range []struct {
		err  error
		want sinks.Class
	}{
		{nil, ""},
		{fmt.Errorf("x: %w", context.Canceled), sinks.ClassCanceled},
		{context.DeadlineExceeded, sinks.ClassTimeout},
		{os.ErrDeadlineExceeded, sinks.ClassTimeout},
		{&net.OpError{Op: "read", Err: errors.New("reset")}, sinks.ClassNetwork},
		{fmt.Errorf("x: %w", io.ErrUnexpectedEOF), sinks.ClassNetwork},
		{exception(252), sinks.ClassOverloaded},
		{exception(241), sinks.ClassOverloaded},
		{exception(159), sinks.ClassTimeout},
		{exception(210), sinks.ClassNetwork},
		{exception(60), sinks.ClassRefused},
		{errors.New("a type that does not fit"), sinks.ClassRefused},
	} {
		got := sinks.Classify(tc.err)
		transient := got == sinks.ClassTimeout || got == sinks.ClassNetwork || got == sinks.ClassOverloaded
		if got != tc.want || sinks.Transient(tc.err) != transient {
			t.Errorf("%v: got %q, transient %t; want %q", tc.err, got, sinks.Transient(tc.err), tc.want)
		}
	}
}

// The types that the sink names are those of the tables, but for dictionaries, which the server makes.
func TestTypes(t *testing.T) {
	conn := storetest.Start(t)
	for _, table := range sinks.Tables() {
		rows, err := conn.Query(context.Background(), "DESCRIBE TABLE "+table.Name)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string]string{}
		for rows.Next() {
			var name, typ, kind, skip string
			if err := rows.Scan(&name, &typ, &kind, &skip, &skip, &skip, &skip); err != nil {
				t.Fatal(err)
			}
			kinds[name] = strings.ReplaceAll(typ, "LowCardinality(String)", "String")
		}
		for _, c := range table.Columns {
			if c.Type != kinds[c.Name] {
				t.Errorf("%s.%s is %s, the sink says %s", table.Name, c.Name, kinds[c.Name], c.Type)
			}
		}
		if len(table.Columns) == 0 {
			t.Errorf("%s has no columns", table.Name)
		}
	}
}
