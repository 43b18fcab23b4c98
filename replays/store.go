package replays

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

//go:embed sql/*.sql
var files embed.FS

const statementTimeout = 2 * time.Minute

// store asks what is there.
type store struct{ conn driver.Conn }

// fact is what is stored under a key.
type fact struct {
	digest   uint64
	revision uint32
	payload  uint64
}

// key of a fact.
type key struct {
	tenant     string
	hour       int64
	source, id string
}

// delivery is a fact of a batch.
type delivery struct {
	key
	revision uint32
	payload  uint64
}

func deliveryOf(i schemas.Identity, v schemas.Version) delivery {
	return delivery{key{i.Tenant, i.Hour.Unix(), i.Source, i.ID}, v.Revision, v.Payload}
}

// deliveries are the facts of a batch by table.
func deliveries(b *sinks.Batch) map[string][]delivery {
	out := map[string][]delivery{}
	add := func(table string, i schemas.Identity, v schemas.Version) {
		out[table] = append(out[table], deliveryOf(i, v))
	}
	for i := range b.Responses {
		add("survey_facts", b.Responses[i].Identity, b.Responses[i].Version)
	}
	for i := range b.Invitations {
		add("invitation_facts", b.Invitations[i].Identity, b.Invitations[i].Version)
	}
	for i := range b.Contacts {
		add("contact_facts", b.Contacts[i].Identity, b.Contacts[i].Version)
	}
	for i := range b.Milestones {
		add("milestone_facts", b.Milestones[i].Identity, b.Milestones[i].Version)
	}
	for i := range b.Complaints {
		add("complaint_facts", b.Complaints[i].Identity, b.Complaints[i].Version)
	}
	return out
}

// facts are those stored under the keys of deliveries.
func (s store) facts(ctx context.Context, table string, of []delivery) (map[key]fact, error) {
	t, err := ext.NewTable("keys", ext.Column("tenant", "String"), ext.Column("hour", "UInt32"), ext.Column("source", "String"), ext.Column("id", "String"))
	for i := 0; err == nil && i < len(of); i++ {
		err = t.Append(of[i].tenant, uint32(of[i].hour), of[i].source, of[i].id)
	}
	if err != nil {
		return nil, fmt.Errorf("replay: table of keys: %w", err)
	}
	found := map[key]fact{}
	err = s.query(clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), "facts.sql", table, func(rows driver.Rows) error {
		var k key
		var f fact
		var hour uint32
		err := rows.Scan(&k.tenant, &hour, &k.source, &k.id, &f.digest, &f.revision, &f.payload)
		k.hour = int64(hour)
		found[k] = f
		return err
	})
	return found, err
}

// Day is one day of one table of daily figures.
type Day struct {
	Table  string `json:"table"`
	Tenant string `json:"tenant"`
	Day    string `json:"day"`
}

// Figures are the daily figures of a tenant, or of all where that is empty, as a number a day that changes with them.
type Figures map[Day]uint64

// Look reads the figures that are stored now.
func Look(ctx context.Context, conn driver.Conn, tenant string) (Figures, error) {
	var tables []string
	for _, family := range rollups.Families() {
		tables = append(tables, family...)
	}
	found := Figures{}
	err := store{conn}.query(ctx, "figures.sql", tables, func(rows driver.Rows) error {
		var d Day
		var digest uint64
		err := rows.Scan(&d.Table, &d.Tenant, &d.Day, &digest)
		found[d] = digest
		return err
	}, clickhouse.Named("tenant", tenant))
	return found, err
}

// Changed are the days whose figures are not those of before, in order.
func (f Figures) Changed(before Figures) []Day {
	changed := []Day{}
	for d, digest := range f {
		if was, ok := before[d]; !ok || was != digest {
			changed = append(changed, d)
		}
	}
	for d := range before {
		if _, ok := f[d]; !ok {
			changed = append(changed, d)
		}
	}
	slices.SortFunc(changed, func(a, b Day) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Day, b.Day))
	})
	return changed
}

// noted stands among verdicts for records that a replay took and noted so.
const noted schemas.Verdict = "noted"

// verdicts are the runs of offsets of a span by the verdict that they got before.
type verdicts map[schemas.Verdict][]schemas.Consumed

func (s store) verdicts(ctx context.Context, span kafka.Span) (verdicts, error) {
	found := verdicts{}
	err := s.query(ctx, "verdicts.sql", nil, func(rows driver.Rows) error {
		var c schemas.Consumed
		var verdict string
		err := rows.Scan(&verdict, &c.First, &c.Last)
		v := schemas.Verdict(verdict)
		// Runs may overlap after a redelivery: joined, they can be searched.
		if runs := found[v]; len(runs) > 0 && c.First <= runs[len(runs)-1].Last+1 {
			last := &runs[len(runs)-1]
			last.Last = max(last.Last, c.Last)
			return err
		}
		found[v] = append(found[v], c)
		return err
	}, clickhouse.Named("topic", span.Topic), clickhouse.Named("partition", int32(span.Partition)), clickhouse.Named("from", span.From), clickhouse.Named("to", span.To))
	return found, err
}

// of is the verdict that an offset got before; "" if none. Accepted outweighs the others: what is stored stays.
func (v verdicts) of(offset int64) schemas.Verdict {
	for _, verdict := range []schemas.Verdict{schemas.Accepted, schemas.Rejected, schemas.Late} {
		if v.has(verdict, offset) {
			return verdict
		}
	}
	return ""
}

// open says whether an offset was refused or late, whatever else it was, and no replay has noted that it took it.
func (v verdicts) open(offset int64) bool {
	return (v.has(schemas.Rejected, offset) || v.has(schemas.Late, offset)) && !v.has(noted, offset)
}

func (v verdicts) has(verdict schemas.Verdict, offset int64) bool {
	runs := v[verdict]
	i, exact := slices.BinarySearchFunc(runs, offset, func(c schemas.Consumed, at int64) int { return cmp.Compare(c.First, at) })
	return exact || i > 0 && runs[i-1].Last >= offset
}

func (s store) query(ctx context.Context, statement string, data any, row func(driver.Rows) error, args ...any) error {
	t, err := template.ParseFS(files, "sql/"+statement)
	if err != nil {
		return fmt.Errorf("replay: statement: %w", err)
	}
	var sql strings.Builder
	if err := t.Execute(&sql, data); err != nil {
		return fmt.Errorf("replay: statement %s: %w", statement, err)
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	rows, err := s.conn.Query(ctx, sql.String(), args...)
	if err != nil {
		return fmt.Errorf("replay: %s: %w", statement, err)
	}
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("replay: %s: %w", statement, errors.Join(err, rows.Close()))
		}
	}
	if err := errors.Join(rows.Close(), rows.Err()); err != nil {
		return fmt.Errorf("replay: %s: %w", statement, err)
	}
	return nil
}
