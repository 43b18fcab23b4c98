package keeper

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// rig is a store with a keeper, and the topics of marks as lists.
type rig struct {
	t      testing.TB
	conn   driver.Conn
	sink   *sinks.ClickHouse
	keeper *Keeper
	defs   *processors.Definitions
	// entities are the unanswered marks of entities, next the offset of the next one; days are those marked.
	entities []kafka.Message
	next     int64
	days     map[string]bool
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigOf(t, "", func(string) outcomes.Calendar { return nil })
}

// newRigOf is a rig for the tenants of a configuration folder.
func newRigOf(t testing.TB, dir string, calendar func(id string) outcomes.Calendar) *rig {
	t.Helper()
	conn := storetest.Start(t)
	settings, err := tenants.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, conn: conn, sink: sinks.NewClickHouse(conn, sinks.Config{}, nil), days: map[string]bool{}, defs: &processors.Definitions{Tenants: settings}}
	r.keeper = New(Options{
		Config: Config{SweepEntities: 100}, Conn: conn, Sink: r.sink, Settings: settings, Calendar: calendar, Publisher: r,
		Epochs: func(_ context.Context, common uint64, names []string) (map[string]uint64, error) {
			epochs := map[string]uint64{}
			for _, n := range names {
				epochs[n] = common
			}
			return epochs, nil
		},
		Log: zerolog.Nop(),
	})
	return r
}

// Publish implements Publisher.
func (r *rig) Publish(_ context.Context, msgs ...kafka.Message) error {
	for _, m := range msgs {
		if m.Topic != schemas.TopicStaleEntities {
			r.days[string(m.Value)] = true
			continue
		}
		m.Offset, r.next = r.next, r.next+1
		r.entities = append(r.entities, m)
	}
	return nil
}

// write processes events and marks what they make stale.
func (r *rig) write(events ...*schemas.Event) {
	r.t.Helper()
	var out processors.Output
	for _, e := range events {
		if err := processors.Process(e, r.defs, &out); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.sink.Write(r.t.Context(), sinks.Batch{Contacts: out.Contacts, Milestones: out.Milestones, Complaints: out.Complaints}); err != nil {
		r.t.Fatal(err)
	}
	if err := Mark(r.t.Context(), r, out.StaleEntities); err != nil {
		r.t.Fatal(err)
	}
}

// settle answers marks until there are none.
func (r *rig) settle() {
	r.t.Helper()
	for len(r.entities) > 0 {
		msgs := r.entities
		r.entities = nil
		if _, err := r.keeper.Answer(r.t.Context(), 1, msgs); err != nil {
			r.t.Fatal(err)
		}
	}
}

// computed is what a worker would write for marks of a kind, had it read the facts now.
func (r *rig) computed(kind schemas.Kind, msgs []kafka.Message) result {
	r.t.Helper()
	entities := read(msgs, func(m kafka.Message, err error) { r.t.Error(err) })
	all, err := r.keeper.compute(r.t.Context(), kind, byKind(entities)[kind], func(e schemas.Entity) (stale, schemas.OutcomeVersion) {
		v := r.keeper.o.Version(1, entities[e].offset)
		return entities[e], schemas.OutcomeVersion{Epoch: v.Epoch, Mark: v.Mark}
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

// table is what a query gives, a line per row.
func (r *rig) table(sql string) []string {
	r.t.Helper()
	rows, err := r.conn.Query(r.t.Context(), "SELECT toString(tuple(*)) FROM ("+sql+")")
	if err != nil {
		r.t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			r.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return lines
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func event(t testing.TB, kind schemas.Type, id, when string, data schemas.Data) *schemas.Event {
	t.Helper()
	return &schemas.Event{ID: id, Source: "/test", Type: kind, Tenant: "t", Time: at(t, when), Payload: uint64(len(fmt.Sprint(data))), Data: data}
}

func contact(t testing.TB, id, when string, change ...func(*schemas.Contact)) *schemas.Event {
	yes := true
	c := &schemas.Contact{CustomerID: "c", Issue: "pump", Direction: "inbound", Answered: true, Resolved: &yes}
	for _, f := range change {
		f(c)
	}
	return event(t, schemas.TypeContact, id, when, c)
}

func milestone(t testing.TB, id, when, caseID, name string) *schemas.Event {
	return event(t, schemas.TypeMilestone, id, when, &schemas.Milestone{CaseID: caseID, Milestone: name})
}

// finish is what a worker does with what it computed.
func (k *Keeper) finish(ctx context.Context, result result) error {
	if err := k.write(ctx, result); err != nil {
		return err
	}
	return k.mark(ctx, result.days, false)
}
