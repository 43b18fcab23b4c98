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
	over, err := c.shown(ctx, q.Tenant)
	if err != nil {
		return nil, err
	}
	a := newAnswer(q, over)
	rests := slices.Clone(q.Rests)
	slices.Sort(rests)
	r := rules{kept: c.kept(t), factsOnly: c.factsOnly}
	plain := newPlan(t, q.Spans, r)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.o.Parallel)
	for _, rest := range slices.Compact(rests) {
		if rest.Heavy() {
			g.Go(func() error { return c.heavy(ctx, t, rest, a) })
			continue
		}
		p := plain
		if rest == metrics.ContactStates {
			confirmed := r
			confirmed.confirmAfter = time.Duration(t.FCRWindowDays) * 24 * time.Hour
			p = newPlan(t, q.Spans, confirmed)
		}
		if readerOf(rest) == nil {
			return nil, fmt.Errorf("rolling: no states %q", rest)
		}
		for _, source := range []source{wholeDays, pieces} {
			g.Go(func() error { return c.read(ctx, t, readerOf(rest), source, p, a) })
		}
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("rolling: states of tenant %q: %w", q.Tenant, err)
	}
	return a.states, nil
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

	mu     sync.Mutex
	states States
}

func newAnswer(q Query, over overflows) *answer {
	a := &answer{q: q, over: over, states: States{}}
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
		r.add(a.at(cut, value, m.span), place{m.confirmed, a.order[m.span]})
	}
}
