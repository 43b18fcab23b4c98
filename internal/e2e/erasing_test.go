package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/erasures"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/schemas"
)

// eventKey is an event whatever its revision.
type eventKey struct{ tenant, source, id string }

func keyOf(e generator.Event) eventKey {
	tenant := e.Tenant
	if tenant == "" {
		tenant = plain
	}
	return eventKey{tenant, e.Source, e.ID}
}

// named is whom and what an event names.
type named struct {
	Customer  string `json:"customer_id"`
	Case      string `json:"case_id"`
	Complaint string `json:"complaint_id"`
}

func namedBy(t testing.TB, e generator.Event) named {
	t.Helper()
	var m struct{ Data named }
	if err := json.Unmarshal(e.JSON, &m); err != nil {
		t.Fatal(err)
	}
	return m.Data
}

// loyal leaves out the events whose deliveries do not agree on whom they are about: whose they are is then a matter of what was merged.
func loyal(t testing.TB, events []generator.Event) []generator.Event {
	t.Helper()
	first, torn := map[eventKey]named{}, map[eventKey]bool{}
	for _, e := range events {
		k, n := keyOf(e), namedBy(t, e)
		if was, ok := first[k]; ok && was != n {
			torn[k] = true
		}
		first[k] = n
	}
	return slices.DeleteFunc(slices.Clone(events), func(e generator.Event) bool { return torn[keyOf(e)] })
}

// without are the events that are not the customer's, by the rule of docs/erasure.md, found out from the events and the oracle's outcomes alone.
func without(t testing.TB, events []generator.Event, o oracle.Options, s erasures.Subject) []generator.Event {
	t.Helper()
	theirs := map[named]bool{}
	all := Expect(t, events, o)
	for _, c := range all.Cases {
		if c.Tenant == s.Tenant && c.CustomerID == s.Customer {
			theirs[named{Case: c.CaseID}] = true
		}
	}
	for _, c := range all.Complaints {
		if c.Tenant == s.Tenant && c.CustomerID == s.Customer {
			theirs[named{Complaint: c.ComplaintID}] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(events), func(e generator.Event) bool {
		if keyOf(e).tenant != s.Tenant {
			return false
		}
		n := namedBy(t, e)
		switch {
		case s.Customer == "" || n.Customer == s.Customer:
			return true
		case n.Customer != "":
			return false
		case e.Type == schemas.TypeMilestone:
			return theirs[named{Case: n.Case}]
		case e.Type == schemas.TypeComplaint:
			return theirs[named{Complaint: n.Complaint}]
		}
		return false
	})
}

// erase runs the command and returns its receipt.
func (s *System) erase(args ...string) erasures.Receipt {
	s.t.Helper()
	out, errs, err := s.Command("", append([]string{"erase", "--format", "json"}, args...)...)
	if err != nil {
		s.t.Fatalf("erase %q: %v\n%s%s", args, err, out, errs)
	}
	var r erasures.Receipt
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		s.t.Fatalf("%v in %s", err, out)
	}
	for _, f := range r.Tables {
		if f.Left != 0 {
			s.t.Errorf("%d rows are left in %s", f.Left, f.Table)
		}
	}
	return r
}

// sees returns, by table and column, how many rows hold a text as a word in any string column of database rapport_store, whether or not FINAL shows the row; of
// tables with tenants, the rows of one.
func sees(t testing.TB, conn driver.Conn, tenant, word string) map[string]uint64 {
	t.Helper()
	ctx := context.Background()
	var columns []struct {
		Table     string `ch:"table"`
		Name      string `ch:"name"`
		HasTenant bool   `ch:"has_tenant"`
	}
	if err := conn.Select(ctx, &columns, `SELECT table, name, table IN (SELECT table FROM system.columns WHERE database = 'rapport_store' AND name = 'tenant') AS has_tenant
		FROM system.columns WHERE database = 'rapport_store' AND position(type, 'String') > 0
			AND table IN (SELECT name FROM system.tables WHERE database = 'rapport_store' AND engine LIKE '%MergeTree')`); err != nil {
		t.Fatal(err)
	}
	if len(columns) < 100 {
		t.Fatalf("only %d columns to look into", len(columns))
	}
	found := map[string]uint64{}
	for _, c := range columns {
		sql := fmt.Sprintf("SELECT count() FROM rapport_store.%s WHERE match(toString(`%s`), {word:String})", c.Table, c.Name)
		if c.HasTenant {
			sql += " AND tenant = {tenant:String}"
		}
		var n uint64
		if err := conn.QueryRow(ctx, sql, clickhouse.Named("word", `(^|[^a-zA-Z0-9])`+word+`($|[^a-zA-Z0-9])`), clickhouse.Named("tenant", tenant)).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if n > 0 {
			found[c.Table+"."+c.Name] = n
		}
	}
	return found
}

// busiest is the customer of a tenant with events of the most types, and of these the most.
func busiest(t testing.TB, events []generator.Event, tenant string) erasures.Subject {
	t.Helper()
	counts, types := map[string]int{}, map[string]map[schemas.Type]bool{}
	for _, e := range events {
		n := namedBy(t, e).Customer
		if keyOf(e).tenant != tenant || n == "" {
			continue
		}
		if types[n] == nil {
			types[n] = map[schemas.Type]bool{}
		}
		types[n][e.Type] = true
		counts[n]++
	}
	score := func(name string) int { return 10_000*len(types[name]) + counts[name] }
	most := slices.MaxFunc(slices.Sorted(maps.Keys(counts)), func(a, b string) int { return score(a) - score(b) })
	return erasures.Subject{Tenant: tenant, Customer: most}
}

// explained checks the accounting after an erasure: nothing unexplained, ids that are stored or erased, and what is repeated in its parts.
func (s *System) explained(t *testing.T, want oracle.Result) {
	t.Helper()
	var unexplained, torn, negative int64
	var stored, erased uint64
	row := s.Conn().QueryRow(context.Background(), `SELECT toInt64(sum(abs(unexplained))), toInt64(sum(abs(repeated - duplicates - toInt64(revisions) - toInt64(conflicts)))),
		toInt64(countIf(duplicates < 0)), toUInt64(sum(stored)), toUInt64(sum(erased)) FROM rapport.data_quality`)
	if err := row.Scan(&unexplained, &torn, &negative, &stored, &erased); err != nil {
		t.Fatal(err)
	}
	if unexplained != 0 || torn != 0 || negative != 0 || int(stored) != want.Counts.Identities || erased == 0 {
		t.Errorf("unexplained %d, repeated off by %d, negative %d; %d ids stored, want %d; %d of them erased", unexplained, torn, negative, stored, want.Counts.Identities, erased)
	}
}

func (s *System) send(events ...generator.Event) {
	s.t.Helper()
	client := s.Client(kgo.ProducerBatchMaxBytes(4 << 20))
	defer client.Close()
	records := make([]*kgo.Record, len(events))
	for i, e := range events {
		records[i] = Record(e)
	}
	s.Publish(client, records...)
	s.Drained()
}

func namedEvents(t testing.TB, events []generator.Event, s erasures.Subject) (n int) {
	for _, e := range events {
		if keyOf(e).tenant == s.Tenant && namedBy(t, e).Customer == s.Customer {
			n++
		}
	}
	return n
}

// renamed is a bad record of a customer.
func renamed(e generator.Event, customer string) generator.Event {
	was := e.Key
	e.Key = customer
	e.Value = []byte(strings.ReplaceAll(string(e.Value), was, customer))
	return e
}

// ofTenant is how many rows of a tenant there are, by table and view, but in the tables of erasures and those made of its settings file.
func (s *System) ofTenant(tenant string) map[string]uint64 {
	s.t.Helper()
	ctx, conn := context.Background(), s.Conn()
	var tables []struct {
		Database string `ch:"database"`
		Table    string `ch:"table"`
	}
	if err := conn.Select(ctx, &tables, `SELECT DISTINCT database, table FROM system.columns WHERE database IN ('rapport', 'rapport_store') AND name = 'tenant'
		AND table NOT IN ('erasures', 'erased_events', 'erased_places', 'erased_entities', 'tenants', 'epochs', 'outcome_epochs')
		AND table NOT IN (SELECT name FROM system.tables WHERE database = 'rapport_store' AND engine = 'MaterializedView')`); err != nil {
		s.t.Fatal(err)
	}
	found := map[string]uint64{}
	for _, t := range tables {
		var n uint64
		if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT count() FROM %s.%s WHERE tenant = {tenant:String}", t.Database, t.Table), clickhouse.Named("tenant", tenant)).Scan(&n); err != nil {
			s.t.Fatalf("%v: %v", t, err)
		}
		if n > 0 {
			found[t.Database+"."+t.Table] = n
		}
	}
	return found
}

// killedErasing kills the command while rows are going, and runs it again.
func (s *System) killedErasing(who erasures.Subject) {
	s.t.Helper()
	cmd := exec.Command(s.binary, "erase", "--tenant", who.Tenant, "--customer", who.Customer, "--yes")
	cmd.Env = s.env
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	conn := s.Conn()
	deadline := time.Now().Add(patience)
	for {
		var state string
		err := conn.QueryRow(context.Background(), "SELECT state FROM rapport_store.erasures FINAL WHERE tenant = {tenant:String} ORDER BY begun_at DESC LIMIT 1",
			clickhouse.Named("tenant", who.Tenant)).Scan(&state)
		if err == nil && state == "taking" {
			break
		}
		if time.Now().After(deadline) || state == "done" {
			s.t.Fatalf("the erasure was not caught in the middle: %q, %v", state, err)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		s.t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if r := s.erase("--tenant", who.Tenant, "--customer", who.Customer, "--yes"); r.ID == "" || r.DoneAt == nil || r.Nothing() {
		s.t.Errorf("run again after a kill: %+v", r)
	}
}
