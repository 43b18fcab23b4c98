package alerts

import (
	"context"
	"slices"
	"time"

	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/tenants"
)

const (
	// correctable is how long after its end an alert is still looked at.
	correctable = 24 * time.Hour
	// correctEvery is how often: each alert costs the figures of the instant at which it fired.
	correctEvery = 5 * time.Minute
)

// correct looks at the figures that alerts fired for, with what is known now. Those that are no longer past the bound are taken back: a firing alert
// is over, one that has ended is told to have been none. One that ends at this very instant is looked at too, and its end is not told beside that. One that fires
// and is still past, as those of past are, would fire anew at once under another id: it is left alone until it ends or is past no more. With an error what was not
// looked at stays as it is.
func (e *Evaluator) correct(ctx context.Context, t tenants.Tenant, g Group, s *State, told []happening, past map[Key]bool, at time.Time) ([]happening, error) {
	s.Ended = slices.DeleteFunc(s.Ended, func(a Alert) bool { return at.Sub(a.EndedAt) > correctable })
	if e.o.Hindsight {
		return told, nil
	}
	// What is to be stored must have time left.
	ctx, cancel := half(ctx)
	defer cancel()
	all := !at.Truncate(correctEvery).Equal(at.Add(-g.Interval).Truncate(correctEvery))
	known := remembered{}
	look := func(a Alert) (bool, error) {
		r, ok := g.rule(a.Alert)
		if a.EndedAt.IsZero() && past[a.Key] {
			return false, nil
		}
		if !all && !a.EndedAt.Equal(at) || !ok || a.Status != Firing || a.FiredAt.Equal(at) || !r.Concerns(t.ID) || !isCutOf(t, r.Cut) || !a.firedBy(r) || !e.whole(r, a, at) {
			return false, nil
		}
		f, err := known.figure(ctx, e.o.Figures, t, r, a)
		if err != nil {
			return false, err
		}
		if r.Judge(f, t.MinN).past(r) {
			return false, nil
		}
		told = slices.DeleteFunc(told, func(h happening) bool {
			return h.change == Resolved && h.alert.Key == a.Key && h.alert.Since.Equal(a.Since)
		})
		told = append(told, happening{tenant: t.ID, group: g.Name, rule: r, alert: a, change: Corrected, at: at, asOf: a.AsOf, figure: f})
		return true, nil
	}
	var failed error
	for _, list := range []*[]Alert{&s.Alive, &s.Ended} {
		var left []Alert
		for _, a := range *list {
			gone := false
			if failed == nil {
				gone, failed = look(a)
			}
			if !gone {
				left = append(left, a)
			}
		}
		*list = left
	}
	return told, failed
}

// firedBy says whether the rule is still the one that an alert fired by: one that was changed since says nothing about what came late.
func (a Alert) firedBy(r Rule) bool {
	x := a.Told
	return x == nil || x.Metric == r.Metric.Name && x.Window == r.Window.Name && x.Bound == r.Bound && x.Threshold == r.Threshold &&
		(x.Confidence == nil) == (r.Confidence == 0) && (x.Confidence == nil || *x.Confidence == r.Confidence)
}

// whole says whether all facts are still kept that an alert's figure, and that of the window before, rest on: of days that have none left, parts are lost.
func (e *Evaluator) whole(r Rule, a Alert, at time.Time) bool {
	return e.o.Retention <= 0 || a.AsOf.Add(-2*r.Window.Length).After(at.Add(correctable-e.o.Retention))
}

// half is ctx with half of the time that it has left.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(end)/2)
	}
	return context.WithCancel(ctx)
}

// remembered are figures of past instants while one round looks at them.
type remembered map[asking][]rolling.Figure

type asking struct {
	metric, window, cut string
	asOf                int64
}

func (known remembered) figure(ctx context.Context, of Figures, t tenants.Tenant, r Rule, a Alert) (rolling.Figure, error) {
	k := asking{r.Metric.Name, r.Window.Name, r.Cut, a.AsOf.UnixMicro()}
	figures, ok := known[k]
	if !ok {
		var err error
		figures, err = of.Figures(ctx, rolling.Asked{Tenant: t.ID, Metrics: []string{r.Metric.Name}, Window: r.Window, Cuts: []string{r.Cut}, AsOf: a.AsOf})
		if err != nil {
			return rolling.Figure{}, err
		}
		known[k] = figures
	}
	for _, f := range figures {
		if f.Questionnaire == a.Questionnaire && f.Detail == a.Detail && f.Cut == a.Cut && f.CutValue == a.CutValue {
			return f, nil
		}
	}
	return rolling.Figure{}, nil
}
