package rollups

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// Bound is an end of a stretch of days: a date, which is one of each tenant's own time zone, or an instant, which stands for the day there that it lies in.
// The zero Bound is open.
type Bound struct {
	Date string
	At   time.Time
}

func (b Bound) day(t tenants.Tenant) string {
	if b.Date == "" && !b.At.IsZero() {
		return t.Day(b.At)
	}
	return b.Date
}

// Scope says which days are meant: those of one tenant, or of all where Tenant is empty, from From to To, both among them.
type Scope struct {
	Tenant   string
	From, To Bound
}

// Holds says whether a day of a tenant is meant.
func (s Scope) Holds(t tenants.Tenant, date string) bool {
	from, to := s.From.day(t), s.To.day(t)
	return (s.Tenant == "" || s.Tenant == t.ID) && (from == "" || from <= date) && (to == "" || date <= to)
}

// Compared counts what of a table was compared.
type Compared struct {
	// Rows, one for each cut of each day; a day of no figures has rows too.
	Rows uint64
	// Figures are the cells in these rows.
	Figures uint64
}

// Days are the days of a scope that have something to compare, in order, and how many more there are that retention touched.
func (r *Recomputer) Days(ctx context.Context, scope Scope) (days []schemas.Day, expired int, err error) {
	all := daySet{}
	if err := (calendar{r.o.Conn, r.o.Settings}).every(ctx, scope.Tenant, all); err != nil {
		return nil, 0, err
	}
	for _, d := range all.sorted() {
		t := r.tenant(d.Tenant)
		switch {
		case !scope.Holds(t, d.Date):
		case r.expired(t, d.Date):
			expired++
		default:
			days = append(days, d)
		}
	}
	return days, expired, nil
}

func (r *Recomputer) tenant(id string) tenants.Tenant {
	t := r.o.Settings.For(id)
	t.ID = id
	return t
}

// Compare is Differences that counts, by table, what it compared.
func (r *Recomputer) Compare(ctx context.Context, days []schemas.Day) (map[string]Compared, []Difference, error) {
	groups, err := r.group(slices.Clone(days))
	if err != nil {
		return nil, nil, err
	}
	counts := map[string]Compared{}
	var found []Difference
	for _, g := range groups {
		for _, table := range g.family.Tables {
			count, more, err := r.compare(ctx, g, table)
			if err != nil {
				return nil, nil, fmt.Errorf("rollups: compare %d days of %s with facts: %w", len(g.spans), table, err)
			}
			sum := counts[table]
			counts[table] = Compared{sum.Rows + count.Rows, sum.Figures + count.Figures}
			found = append(found, more...)
		}
	}
	return counts, found, nil
}

func (r *Recomputer) compare(ctx context.Context, g dayGroup, table string) (count Compared, found []Difference, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.StepTimeout)
	defer cancel()
	var names, cuts, dates []string
	row := r.o.Conn.QueryRow(ctx, g.sql.compare[table], g.parameters(nil)...)
	if err := row.Scan(&count.Rows, &count.Figures, &names, &cuts, &dates); err != nil {
		return count, nil, err
	}
	for i := range names {
		found = append(found, Difference{Table: table, Day: schemas.Day{Tenant: names[i], Date: dates[i], Family: g.family.Name}, Cut: cuts[i]})
	}
	return count, found, nil
}

// DroppedCuts are the stored rows of a scope with figures under a cut that their tenant does not have.
func (r *Recomputer) DroppedCuts(ctx context.Context, scope Scope) ([]Difference, error) {
	found, err := r.droppedCuts(ctx)
	return slices.DeleteFunc(found, func(d Difference) bool { return !scope.Holds(r.tenant(d.Tenant), d.Date) }), err
}

// Digest is a number for each of the days that changes with any of its facts; days without facts are left out.
func (r *Recomputer) Digest(ctx context.Context, days []schemas.Day) (map[schemas.Day]uint64, error) {
	return r.digest(ctx, days)
}

// Marked are the days that records of the topic of stale days mark; those that are no marks are left out.
func Marked(msgs []kafka.Message) []schemas.Day {
	return slices.Collect(maps.Keys(newest(msgs, func(kafka.Message, error) {})))
}

// Explain says of differences, which it gets from Compare, what is stored and what the facts give. A row that is right by now has no detail.
func (r *Recomputer) Explain(ctx context.Context, found []Difference) error {
	at := map[Difference]int{}
	tables := map[string]daySet{}
	for i, d := range found {
		at[Difference{Table: d.Table, Day: d.Day, Cut: d.Cut}] = i
		if tables[d.Table] == nil {
			tables[d.Table] = daySet{}
		}
		tables[d.Table].add(d.Day)
	}
	for name, days := range tables {
		groups, err := r.group(days.sorted())
		if err != nil {
			return err
		}
		for _, g := range groups {
			t, err := newTable(g.family, name)
			if err != nil {
				return err
			}
			rows, err := r.o.Conn.Query(ctx, g.sql.explain[name], g.parameters(nil)...)
			if err != nil {
				return fmt.Errorf("rollups: explain differences of %s: %w", name, err)
			}
			err = each(rows, func() error {
				d := Difference{Table: name, Day: schemas.Day{Family: g.family.Name}}
				var fresh, stored [][]string
				if err := rows.Scan(&d.Tenant, &d.Cut, &d.Date, &fresh, &stored); err != nil {
					return err
				}
				if i, ok := at[d]; ok {
					found[i].Detail = explain(t, fresh, stored)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// explained is how many cells of a row, and columns of a cell, are told of.
const explained = 3

// explain tells cells apart, given column by column.
func explain(t table, fresh, stored [][]string) string {
	columns := t.Columns()
	width := 1 + len(t.Keys)
	cells := func(of [][]string) map[string]int {
		out := map[string]int{}
		for i := range of[0] {
			key := make([]string, width)
			for k := range key {
				key[k] = of[k][i]
			}
			out[strings.Join(key, "|")] = i
		}
		return out
	}
	a, b := cells(fresh), cells(stored)
	var parts []string
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		i, computed := a[key]
		j, there := b[key]
		switch {
		case !there:
			parts = append(parts, fmt.Sprintf("%q is missing", key))
		case !computed:
			parts = append(parts, fmt.Sprintf("%q is not in the facts", key))
		default:
			var wrong []string
			for c := width; c < len(columns); c++ {
				if fresh[c][i] != stored[c][j] && len(wrong) < explained {
					wrong = append(wrong, fmt.Sprintf("%s stored %s, recomputed %s", columns[c], cut60(stored[c][j]), cut60(fresh[c][i])))
				}
			}
			if wrong != nil {
				parts = append(parts, fmt.Sprintf("%q: %s", key, strings.Join(wrong, ", ")))
			}
		}
	}
	if len(parts) == 0 {
		return "the same cells in another order"
	}
	if more := len(parts) - explained; more > 0 {
		parts = append(parts[:explained], fmt.Sprintf("and %d more cells", more))
	}
	return strings.Join(parts, "; ")
}

// cut60 keeps arrays and sketches from filling a page.
func cut60(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
