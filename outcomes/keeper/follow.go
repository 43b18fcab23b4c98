package keeper

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"

	"github.com/rapport-project/rapport/schemas"
)

// addChains finds the chains that the reopened cases of a result may make fail. It is called when the milestones are durable: a contact that is
// not among them yet will find the reopening itself.
func (k *Keeper) addChains(ctx context.Context, r *result) error {
	if len(r.reopened) == 0 {
		return nil
	}
	r.chains = map[schemas.Entity]schemas.Span{}
	err := k.about(ctx, func(yield func(string, string) bool) {
		for e := range r.reopened {
			if !yield(e.Tenant, e.Key) {
				return
			}
		}
	}, func(ctx context.Context) error {
		return k.rows(ctx, plain("chains_of_cases.sql"), func(scan func(...any) error) error {
			var tenant, caseID, chain string
			if err := scan(&tenant, &caseID, &chain); err != nil {
				return err
			}
			e := schemas.Entity{Tenant: tenant, Kind: schemas.ChainOfContacts, Key: chain}
			span := r.chains[e]
			span.Join(r.reopened[schemas.Entity{Tenant: tenant, Kind: schemas.CaseOfWork, Key: caseID}])
			r.chains[e] = span
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("outcomes: chains of %d reopened cases: %w", len(r.reopened), err)
	}
	return nil
}

// addRepeats adds the days of complaints on the subjects of a result that may have become, or ceased to be, repeats. It is called when the outcomes are
// durable: of two complaints that are written at the same time, the one that is written last finds the other.
func (k *Keeper) addRepeats(ctx context.Context, r *result) error {
	if len(r.subjects) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, k.o.StepTimeout)
	defer cancel()
	t, err := ext.NewTable("wanted_subjects", ext.Column("tenant", "String"), ext.Column("customer_id", "String"), ext.Column("issue", "String"))
	if err != nil {
		return fmt.Errorf("outcomes: table of subjects: %w", err)
	}
	for s := range r.subjects {
		if err := t.Append(s.tenant, s.customer, s.issue); err != nil {
			return fmt.Errorf("outcomes: table of subjects: %w", err)
		}
	}
	err = k.rows(clickhouse.Context(ctx, clickhouse.WithExternalTable(t)), plain("later_complaints.sql"), func(scan func(...any) error) error {
		var s subject
		var opened time.Time
		if err := scan(&s.tenant, &s.customer, &s.issue, &opened); err != nil {
			return err
		}
		if span := r.subjects[s]; !opened.Before(span.From) && !opened.After(span.To) {
			tenant := k.o.Settings.For(s.tenant)
			r.days[schemas.Day{Tenant: s.tenant, Date: tenant.Day(opened), Family: schemas.Complaints}] = struct{}{}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("outcomes: complaints on %d subjects: %w", len(r.subjects), err)
	}
	return nil
}
