package rolling

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/tenants"
)

// States are the sums that a query asks for. Values of attributes beyond the tenant's cap are merged into `other`.
func (c *Computer) States(ctx context.Context, q Query) (States, error) {
	t := c.tenant(q.Tenant)
	if err := checkCuts(t, q.Cuts); err != nil {
		return nil, err
	}
	for _, rest := range q.Rests {
		if readerOf(rest) == nil && heavyReaderOf(rest) == nil {
			return nil, fmt.Errorf("rolling: no states %q", rest)
		}
	}
	over, err := c.shown(ctx, q.Tenant)
	if err != nil {
		return nil, err
	}
	r := rules{kept: c.kept(t), now: c.o.Now(), factsOnly: c.factsOnly}
	a := newAnswer(q, over)
	if err := c.gather(ctx, t, r, a); err != nil {
		return nil, fmt.Errorf("rolling: states of tenant %q: %w", q.Tenant, err)
	}
	if a.settle() {
		return a.states, nil
	}
	// A day of rollups was read before a fact that it has not: that is told from sums below zero, and nothing is taken from days then.
	r.whole = true
	a = newAnswer(q, over)
	if err := c.gather(ctx, t, r, a); err != nil {
		return nil, fmt.Errorf("rolling: states of tenant %q: %w", q.Tenant, err)
	}
	return a.states, nil
}

// gather reads all states of a query.
func (c *Computer) gather(ctx context.Context, t tenants.Tenant, r rules, a *answer) error {
	plain := newPlan(t, a.q.Spans, r)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.o.Parallel)
	folded := false
	for _, rest := range a.rests {
		if rest.Heavy() {
			g.Go(func() error { return c.heavy(ctx, t, rest, a) })
			continue
		}
		if a.q.Has != nil && !slices.Contains(a.q.Has, rest) {
			continue
		}
		p := plain
		if rest == metrics.ContactStates {
			confirmed := r
			confirmed.confirmAfter = time.Duration(t.FCRWindowDays) * 24 * time.Hour
			p = newPlan(t, a.q.Spans, confirmed)
		}
		g.Go(func() error { return c.read(ctx, t, readerOf(rest), wholeDays, p, a) })
		if slices.Contains(surveyStates(), rest) {
			folded = true
			continue
		}
		g.Go(func() error { return c.read(ctx, t, readerOf(rest), pieces, p, a) })
	}
	if folded {
		g.Go(func() error { return c.surveys(ctx, t, plain, a) })
	}
	return g.Wait()
}

// checkCuts refuses what is no cut of the tenant; names become part of statements.
func checkCuts(t tenants.Tenant, cuts []string) error {
	known := CutsOf(t)
	for i, c := range cuts {
		if !slices.Contains(known, c) {
			return fmt.Errorf("rolling: tenant %q: no cut %q; there are: %s", t.ID, c, strings.Join(known[1:], "; "))
		}
		if slices.Contains(cuts[:i], c) {
			return fmt.Errorf("rolling: tenant %q: cut %q is asked for twice", t.ID, c)
		}
	}
	return nil
}

// CutsOf are the names of a tenant's cuts: ” for overall, the attributes, its pairs as region,product.
func CutsOf(t tenants.Tenant) []string {
	names := append([]string{""}, tenants.Attributes()...)
	for _, p := range t.Cuts {
		names = append(names, p[0]+","+p[1])
	}
	return names
}

// answer gathers states from several statements at once.
type answer struct {
	q Query
	// judged are the different instants at which spans are judged, rising; order is the place of each span's.
	judged []int64
	order  []uint64
	over   overflows
	// rests are the kinds of states, each once.
	rests []metrics.State

	mu     sync.Mutex
	states States
}

func newAnswer(q Query, over overflows) *answer {
	a := &answer{q: q, over: over, rests: slices.Clone(q.Rests), states: States{}}
	slices.Sort(a.rests)
	a.rests = slices.Compact(a.rests)
	for _, s := range q.Spans {
		a.judged = append(a.judged, s.Judged.UnixMicro())
	}
	slices.Sort(a.judged)
	a.judged = slices.Compact(a.judged)
	for _, s := range q.Spans {
		i, _ := slices.BinarySearch(a.judged, s.Judged.UnixMicro())
		a.order = append(a.order, uint64(i))
	}
	for _, c := range q.Cuts {
		a.states[c] = map[string][]*metrics.States{}
	}
	return a
}

// at are the states of a span for a value of a cut. The caller holds mu.
func (a *answer) at(cut, value string, span int) *metrics.States {
	spans, ok := a.states[cut][value]
	if !ok {
		spans = make([]*metrics.States, len(a.q.Spans))
		a.states[cut][value] = spans
	}
	if spans[span] == nil {
		spans[span] = &metrics.States{}
	}
	return spans[span]
}

// take adds the row that a reader has scanned to all spans of its slot.
func (a *answer) take(r *reader, members []member, cut, value string) {
	value = a.over.show(cut, value)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range members {
		r.add(a.at(cut, value, m.span), place{m.confirmed, m.minus, a.order[m.span]})
	}
}

// settle removes what nothing is left of; false where more was taken away than was there.
func (a *answer) settle() bool {
	whole := true
	for _, rest := range a.rests {
		r := readerOf(rest)
		if r == nil {
			continue
		}
		for _, values := range a.states {
			for _, spans := range values {
				for _, s := range spans {
					if s != nil && !r.settle(s) {
						whole = false
					}
				}
			}
		}
	}
	return whole
}
