package erasures

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/rapport-project/rapport/schemas"
)

// States of an erasure.
const (
	seeking = "seeking" // hashes are being written; nothing is gone
	taking  = "taking"  // rows are going; what is to be computed again is in the row
	done    = "done"
)

// erasure is its row.
type erasure struct {
	ID      string    `ch:"id"`
	Tenant  string    `ch:"tenant"`
	Scope   string    `ch:"scope"`
	Subject string    `ch:"subject"`
	Key     string    `ch:"key"`
	State   string    `ch:"state"`
	Step    uint64    `ch:"step"`
	BegunAt time.Time `ch:"begun_at"`
	Work    string    `ch:"work"`
	Receipt string    `ch:"receipt"`
	// Still is for how many milliseconds the row has not changed, by the clock of the database that it was written by.
	Still int64 `ch:"still"`
}

// work is what an erasure touched and has computed again.
type work struct {
	Days       []schemas.Day `json:"days,omitempty"`
	Chains     []string      `json:"chains,omitempty"`
	Cases      []string      `json:"cases,omitempty"`
	Complaints []string      `json:"complaints,omitempty"`
}

// entities of the work, each at all times.
func (w work) entities(tenant string) map[schemas.Entity]schemas.Span {
	all := map[schemas.Entity]schemas.Span{}
	for kind, keys := range map[schemas.Kind][]string{schemas.ChainOfContacts: w.Chains, schemas.CaseOfWork: w.Cases, schemas.OneComplaint: w.Complaints} {
		for _, key := range keys {
			all[schemas.Entity{Tenant: tenant, Kind: kind, Key: key}] = schemas.Span{}
		}
	}
	return all
}

// ErrNoErasure is of a receipt that is not there.
var ErrNoErasure = errors.New("there is no such erasure")

// begin is the row of a new erasure.
func begin(s Subject, scope string, at time.Time) (erasure, error) {
	key, err := newKey()
	if err != nil {
		return erasure{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return erasure{}, fmt.Errorf("erasures: id: %w", err)
	}
	row := erasure{ID: id.String(), Tenant: s.Tenant, Scope: scope, Key: key, State: seeking, BegunAt: at.UTC().Truncate(time.Millisecond)}
	if s.Customer != "" {
		row.Subject = subjectHash(key, s.Customer)
	}
	return row, nil
}

// load reads erasures: one, or all where id is empty; open ones alone are not done.
func load(ctx context.Context, conn driver.Conn, id, state string, open bool) ([]erasure, error) {
	var rows []erasure
	err := conn.Select(ctx, &rows, plain("erasures.sql"), named("id", id), named("state", state), named("open", flag(open)))
	if err != nil {
		return nil, fmt.Errorf("erasures: load: %w", err)
	}
	return rows, nil
}

// save writes the next step of an erasure. Two processes that work on one may write the same step: either row is right.
func (row *erasure) save(ctx context.Context, conn driver.Conn) error {
	row.Step++
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO rapport_store.erasures (id, tenant, scope, subject, key, state, step, begun_at, work, receipt)")
	if err != nil {
		return fmt.Errorf("erasures: save %s: %w", row.ID, err)
	}
	if err := batch.AppendStruct(row); err != nil {
		return fmt.Errorf("erasures: save %s: %w", row.ID, errors.Join(err, batch.Abort()))
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("erasures: save %s as %s: %w", row.ID, row.State, err)
	}
	return nil
}

// chains are the parameters of a statement about the chains of erased contacts.
func (row *erasure) chains() []any {
	return []any{named("tenant", row.Tenant), named("key", row.Key), named("erasure", row.ID)}
}

func (row *erasure) setWork(w work) error {
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("erasures: work: %w", err)
	}
	row.Work = string(text)
	return nil
}

func (row *erasure) work() (w work, err error) {
	if row.Work != "" {
		err = json.Unmarshal([]byte(row.Work), &w)
	}
	if err != nil {
		return w, fmt.Errorf("erasures: work of %s: %w", row.ID, err)
	}
	return w, nil
}

func (row *erasure) setReceipt(r Receipt) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("erasures: receipt: %w", err)
	}
	row.Receipt = string(text)
	return nil
}

func (row *erasure) receipt() (r Receipt, err error) {
	if row.Receipt != "" {
		err = json.Unmarshal([]byte(row.Receipt), &r)
	}
	if err != nil {
		return r, fmt.Errorf("erasures: receipt of %s: %w", row.ID, err)
	}
	return r, nil
}

// State names the state that all erasures are in, for those who compare what is stored with its facts: a difference is a fault only if no erasure
// went on meanwhile. Empty: one is taking rows away.
func State(ctx context.Context, conn driver.Conn) (string, error) {
	var name string
	if err := conn.QueryRow(ctx, plain("state.sql")).Scan(&name); err != nil {
		return "", fmt.Errorf("erasures: state: %w", err)
	}
	return name, nil
}

func flag(set bool) int {
	if set {
		return 1
	}
	return 0
}
