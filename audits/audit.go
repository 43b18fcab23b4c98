// Package audits compares all that is stored with what it comes from, as the sweepers do by turns: outcomes with facts, daily figures with facts and outcomes. Data
// may change meanwhile: a difference is told only when it outlives all that was pending, its facts are still those of the look before, and no epoch began and nothing
// was erased in between.
package audits

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rapport-project/rapport/outcomes/keeper"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// Options is what Run works with; Rollups, Outcomes and Settled are required.
type Options struct {
	Rollups  *rollups.Recomputer
	Outcomes *keeper.Keeper
	// Settled waits until what was pending when it was called is stored.
	Settled func(context.Context) error
	// Scope of the days that are compared; an entity is compared where one of its facts may lie in one of them.
	Scope rollups.Scope
	// Ground that the facts are on: what differs while it moves is not told.
	Ground keeper.Ground
	// Retention is how long facts are kept; an outcome from before is no stray where its facts are gone. 0: for ever.
	Retention time.Duration
	// Now is the clock that Retention is judged by; nil means time.Now.
	Now func() time.Time
	// Noticed are the days and tables that the sweepers counted as mismatches since an instant: what they mended while this looked is told too. It may be nil.
	Noticed func(ctx context.Context, since time.Time) ([]Noticed, error)
	// Since are the days and entities marked since the instant that the figures are wanted as of: what differs there is not held against them. It may be nil.
	Since func(context.Context) (Changed, error)
	// Progress is told how many days, then how many entities, were compared since the last call. It may be nil.
	Progress func(days, entities int)
}

// Changed is what was marked.
type Changed struct {
	Days     map[schemas.Day]bool
	Entities map[schemas.Entity]bool
}

// Noticed is a mismatch that a sweeper counted.
type Noticed struct {
	Tenant, Day, Table, Detail string
}

// Table is how much of a table was compared.
type Table struct {
	Name string `json:"table"`
	// Rows compared; Figures are the cells in those of daily figures.
	Rows    uint64 `json:"rows"`
	Figures uint64 `json:"figures,omitempty"`
	// Differing rows among them, or entities where one row of it differs.
	Differing int `json:"differing"`
}

// Finding is one stored row that is not what it comes from gives.
type Finding struct {
	Table  string `json:"table"`
	Tenant string `json:"tenant"`
	// Day of daily figures, or of what the entity is booked on, in the tenant's zone.
	Day string `json:"day,omitempty"`
	// Cut of daily figures.
	Cut string `json:"cut"`
	// Kind and Key of an entity.
	Kind schemas.Kind `json:"kind,omitempty"`
	Key  string       `json:"key,omitempty"`
	// Detail is what differs, in words.
	Detail string `json:"detail"`
	// Healed says that a sweeper found and mended it while this looked.
	Healed bool `json:"healed"`
}

// Report is what an audit came to.
type Report struct {
	// Tables in the order of the flow, with how much of each was compared.
	Tables []Table `json:"tables"`
	// Days compared, and Expired ones that retention touched, which nothing can be said of.
	Days    int `json:"days"`
	Expired int `json:"days_expired"`
	// Entities compared.
	Entities int `json:"entities"`
	// Findings, by table, tenant and day.
	Findings []Finding `json:"differences"`
	// Passed differed at the first look and no more once what was pending had been waited for.
	Passed int `json:"pending"`
	// Moving went on changing while they were looked at, so that nothing can be said of them.
	Moving int `json:"moving"`
	// Later differ and were marked after the instant asked for.
	Later int `json:"changed_since"`
}

// looks is how often what differs is looked at before it is called moving.
const looks = 5

type auditor struct {
	Options
	report Report
	counts map[string]rollups.Compared
}

// Run compares what the scope holds. An error says that the comparison did not come to its end, not that something differs.
func Run(ctx context.Context, o Options) (Report, error) {
	a := &auditor{Options: o, counts: map[string]rollups.Compared{}, report: Report{Findings: []Finding{}, Tables: []Table{}}}
	if a.Now == nil {
		a.Now = time.Now
	}
	begun := time.Now()
	if err := a.Settled(ctx); err != nil {
		return a.report, err
	}
	for _, step := range []func(context.Context) error{a.entities, a.days} {
		if err := step(ctx); err != nil {
			return a.report, err
		}
	}
	for _, f := range rollups.Families() {
		for _, name := range f {
			a.report.Tables = append(a.report.Tables, Table{Name: name, Rows: a.counts[name].Rows, Figures: a.counts[name].Figures})
		}
	}
	if err := a.addNoticed(ctx, begun); err != nil {
		return a.report, err
	}
	for i := range a.report.Tables {
		for _, f := range a.report.Findings {
			if f.Table == a.report.Tables[i].Name {
				a.report.Tables[i].Differing++
			}
		}
	}
	return a.report, nil
}

// addNoticed adds what the sweepers mended meanwhile, which later looks do not see any more.
func (a *auditor) addNoticed(ctx context.Context, since time.Time) error {
	if a.Noticed == nil {
		return nil
	}
	noticed, err := a.Noticed(ctx, since)
	if err != nil {
		return err
	}
	for _, n := range noticed {
		told := slices.ContainsFunc(a.report.Findings, func(f Finding) bool { return f.Tenant == n.Tenant && f.Table == n.Table && f.Day == n.Day })
		if !told {
			a.report.Passed = max(0, a.report.Passed-1)
			a.report.Findings = append(a.report.Findings, Finding{Table: n.Table, Tenant: n.Tenant, Day: n.Day, Detail: n.Detail, Healed: true})
		}
	}
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.Table, y.Table), cmp.Compare(x.Tenant, y.Tenant), cmp.Compare(x.Day, y.Day), cmp.Compare(x.Cut, y.Cut), cmp.Compare(x.Key, y.Key))
	})
	return nil
}

// changed is what was marked since the instant asked for; nothing where none was.
func (a *auditor) changed(ctx context.Context) (Changed, error) {
	if a.Since == nil {
		return Changed{}, nil
	}
	return a.Since(ctx)
}

func (a *auditor) progress(days, entities int) {
	if a.Progress != nil {
		a.Progress(days, entities)
	}
}
