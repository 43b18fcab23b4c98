package alerts

import (
	"context"
	"slices"
	"time"
)

// Backtest walks the rules over (from, to] as the evaluator does, for the given tenants, and answers what would have been told, in order of instants. The
// figures are those of now: what came late, live rules did not know. Progress may be nil; it is called with the share that is done.
func Backtest(ctx context.Context, o Options, tenants []string, from, to time.Time, progress func(float64)) ([]Transition, error) {
	memory := NewMemory()
	o.Store, o.Hindsight, o.Registerer = memory, true, nil
	e := New(o)
	for i, tenant := range tenants {
		states := map[string]State{}
		next := map[string]time.Time{}
		for _, g := range o.Rules.Groups {
			next[g.Name] = from.UTC().Truncate(g.Interval).Add(g.Interval)
		}
		for {
			at, g, ok := earliest(o.Rules.Groups, next, to)
			if !ok {
				break
			}
			state, err := e.once(ctx, g, tenant, states[g.Name], at)
			if err != nil {
				return nil, err
			}
			states[g.Name] = state
			next[g.Name] = at.Add(g.Interval)
			if progress != nil {
				progress((float64(i) + at.Sub(from).Seconds()/to.Sub(from).Seconds()) / float64(len(tenants)))
			}
		}
	}
	all := memory.Transitions()
	slices.SortStableFunc(all, func(a, b Transition) int { return a.At.Compare(b.At) })
	return all, nil
}

// earliest is the next instant of any group, so that groups of one instant share their figures.
func earliest(groups []Group, next map[string]time.Time, to time.Time) (at time.Time, of Group, ok bool) {
	for _, g := range groups {
		if t := next[g.Name]; !t.After(to) && (!ok || t.Before(at)) {
			at, of, ok = t, g, true
		}
	}
	return at, of, ok
}
