package alerts

import (
	"context"
	"slices"
	"time"
)

// Stretch is what a backtest goes over: the instants in (From, To].
type Stretch struct {
	Tenants  []string
	From, To time.Time
	// Progress may be nil; it is called with the share that is done.
	Progress func(float64)
}

// Backtest walks the rules over history as the evaluator does, and answers what would have been told, in order of instants. The figures are those of now:
// what came late, live rules did not know.
func Backtest(ctx context.Context, o Options, over Stretch) ([]Transition, error) {
	from, to := over.From, over.To
	memory := NewMemory()
	o.Store, o.Hindsight, o.Registerer = memory, true, nil
	e := New(o)
	for i, tenant := range over.Tenants {
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
			if over.Progress != nil {
				over.Progress((float64(i) + at.Sub(from).Seconds()/to.Sub(from).Seconds()) / float64(len(over.Tenants)))
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
