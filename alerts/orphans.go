package alerts

import (
	"context"
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
