package alerts

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// orphans are the groups that have alerts alive and are in no file any more, without rules: judged once, they end what they had begun. They are looked for
// once a minute.
func (e *Evaluator) orphans(ctx context.Context, now time.Time) ([]Group, error) {
	const looked = ""
	minute := now.Truncate(defaultInterval)
	if !e.done.get(looked).Before(minute) {
		return nil, nil
	}
	names, err := e.o.Store.Groups(ctx)
	if err != nil {
		return nil, err
	}
	e.done.set(looked, minute)
	var gone []Group
	for _, name := range names {
		if _, ok := e.o.Rules.Group(name); !ok {
			gone = append(gone, Group{Name: name, Interval: defaultInterval})
		}
	}
	return gone, nil
}

// left are the tenants of this process that have alerts alive and no events any more. One that was erased altogether is judged no more: nothing is to be
// stored of it, and what was stored too late goes. With an error there are those that could be asked about.
func (e *Evaluator) left(ctx context.Context, states map[string]State, present []string) ([]string, error) {
	var left []string
	var failed []error
	for _, tenant := range slices.Sorted(maps.Keys(states)) {
		if slices.Contains(present, tenant) || !e.o.Share(tenant) {
			continue
		}
		gone, err := e.o.Store.Gone(ctx, tenant)
		switch {
		case err != nil:
			failed = append(failed, err)
		case !gone && len(states[tenant].Alive) > 0:
			left = append(left, tenant)
		}
	}
	return left, errors.Join(failed...)
}
