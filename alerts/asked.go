package alerts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rapport-project/rapport/rolling"
)

// Figures is what rules judge; *rolling.Computer is one.
type Figures interface {
	Figures(ctx context.Context, a rolling.Asked) ([]rolling.Figure, error)
}

// asker remembers the last answer to every question until its window has moved on, so that rules and groups share what they ask, and a window that moves
// every quarter of an hour is not computed every minute.
type asker struct {
	figures Figures

	mu   sync.Mutex
	last map[string]*answer
}

type answer struct {
	mu      sync.Mutex
	asked   rolling.Asked
	known   bool
	figures []rolling.Figure
}

// maxAnswers bounds what is remembered; beyond it all is forgotten and asked again.
const maxAnswers = 4096

func newAsker(f Figures) *asker { return &asker{figures: f, last: map[string]*answer{}} }

// ask answers a question. The metrics and cuts are taken in order, so that the same ones are the same question.
func (a *asker) ask(ctx context.Context, q rolling.Asked) ([]rolling.Figure, error) {
	q.Metrics, q.Cuts = ordered(q.Metrics), ordered(q.Cuts)
	key := fmt.Sprintf("%q %q %s %s", q.Tenant, q.Window.Name, strings.Join(q.Metrics, " "), strings.Join(q.Cuts, " "))
	a.mu.Lock()
	if len(a.last) >= maxAnswers {
		clear(a.last)
	}
	last, ok := a.last[key]
	if !ok {
		last = &answer{}
		a.last[key] = last
	}
	a.mu.Unlock()
	last.mu.Lock()
	defer last.mu.Unlock()
	if last.known && last.asked.AsOf.Equal(q.AsOf) {
		return last.figures, nil
	}
	figures, err := a.figures.Figures(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("figures of %s over %s: %w", q.Tenant, q.Window.Name, err)
	}
	last.asked, last.figures, last.known = q, figures, true
	return figures, nil
}

func ordered(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}
