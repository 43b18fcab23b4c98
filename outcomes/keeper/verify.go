package keeper

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// Scope says which entities are meant: those of one tenant, or of all where Tenant is empty, with a fact in the hours from From to To, both among them. An
// end that is zero is open.
type Scope struct {
	Tenant   string
	From, To time.Time
}

func (s Scope) parameters() []any {
	from, to := uint32(0), uint32(1<<32-3601) // the last hour of a DateTime, less what a statement adds
	if !s.From.IsZero() {
		from = uint32(max(s.From.Unix(), 0))
	}
	if !s.To.IsZero() {
		to = uint32(min(max(s.To.Unix(), 0), int64(to)))
	}
	return []any{clickhouse.Named("of", s.Tenant), clickhouse.Named("from", from), clickhouse.Named("to", to)}
}

// Kinds of entities that have outcomes.
func Kinds() []schemas.Kind { return kinds() }

// Entities are the next entities of a kind and scope after one, in the order of tenant and key, as many as are computed at once; none at the end.
func (k *Keeper) Entities(ctx context.Context, kind schemas.Kind, scope Scope, after schemas.Entity) ([]schemas.Entity, error) {
	args := append(scope.parameters(), clickhouse.Named("tenant", after.Tenant), clickhouse.Named("key", after.Key), clickhouse.Named("limit", uint64(k.o.ChunkEntities)))
	return newRota(k, kind).entities(ctx, "within.sql", args...)
}

// stray is what stray.sql needs to know of a table.
type stray struct{ Table, Key, At, Names, Facts string }

func strayOf(kind schemas.Kind) stray {
	switch kind {
	case schemas.ChainOfContacts:
		return stray{"contact_outcomes", "chain", "hour", "tenant, chain, hour, source, id", "contacts_by_chain"}
	case schemas.CaseOfWork:
		return stray{"case_outcomes", "case_id", "requested_at", "tenant, case_id", "milestones_by_case"}
	}
	return stray{"complaint_outcomes", "complaint_id", "opened_at", "tenant, complaint_id", "complaint_events_by_id"}
}

// Strays are outcomes in force, at most 1,000, of which there is no fact at all: no mark tells of them and no comparison by facts meets them.
func (k *Keeper) Strays(ctx context.Context, kind schemas.Kind, scope Scope) ([]Difference, error) {
	t, err := template.ParseFS(files, "sql/stray.sql")
	if err != nil {
		return nil, fmt.Errorf("outcomes: statement: %w", err)
	}
	of := strayOf(kind)
	var sql strings.Builder
	if err := t.Execute(&sql, of); err != nil {
		return nil, fmt.Errorf("outcomes: statement stray.sql: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, k.o.StepTimeout)
	defer cancel()
	var found []Difference
	err = k.rows(ctx, sql.String(), func(scan func(...any) error) error {
		d := Difference{Entity: schemas.Entity{Kind: kind}, Table: of.Table, Detail: "stored, but there is no fact of it"}
		err := scan(&d.Tenant, &d.Key, &d.At)
		found = append(found, d)
		return err
	}, scope.parameters()...)
	if err != nil {
		return nil, fmt.Errorf("outcomes: strays of %s: %w", of.Table, err)
	}
	return found, nil
}

// Marked are the entities that records of the topic of stale entities mark; those that are no marks are left out.
func Marked(msgs []kafka.Message) []schemas.Entity {
	var found []schemas.Entity
	for e := range read(msgs, func(kafka.Message, error) {}) {
		found = append(found, e)
	}
	return found
}

// explained is how many columns of a row are told of.
const explained = 3

// columns says how a stored row, nil where there is none, differs from the computed one.
func columns[R any](computed, stored *R) string {
	if stored == nil {
		return "not stored"
	}
	var parts []string
	differ(reflect.ValueOf(*computed), reflect.ValueOf(*stored), &parts)
	if more := len(parts) - explained; more > 0 {
		parts = append(parts[:explained], fmt.Sprintf("and %d more columns", more))
	}
	return strings.Join(parts, ", ")
}

func differ(computed, stored reflect.Value, parts *[]string) {
	for i := range computed.NumField() {
		field := computed.Type().Field(i)
		a, b := computed.Field(i), stored.Field(i)
		if field.Anonymous {
			differ(a, b, parts)
			continue
		}
		if !same(a, b) {
			*parts = append(*parts, fmt.Sprintf("%s stored %s, recomputed %s", field.Tag.Get("ch"), written(b), written(a)))
		}
	}
}

// written is a value of a column as people read it.
func written(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "NULL"
		}
		v = v.Elem()
	}
	return fmt.Sprintf("%.60s", fmt.Sprint(v.Interface()))
}

// Tables of outcomes.
func Tables() []string {
	return []string{"contact_outcomes", "case_outcomes", "complaint_outcomes", "complaint_subjects"}
}

// Day is the day that a difference is booked on, in the zone of its tenant; "" where it is booked on none.
func (k *Keeper) Day(d Difference) string {
	if d.At.Unix() == 0 {
		return ""
	}
	return k.o.Settings.For(d.Tenant).Day(d.At)
}
