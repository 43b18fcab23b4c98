package rolling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rapport-project/rapport/tenants"
)

// maxSteps bounds a series: a hundred days of hours.
const maxSteps = 2400

// Series is a figure per step and value of the cut, in the order of (metric, questionnaire, detail, cut, value of the cut, time). A step is an hour of
// UTC or a day of the tenant, from its first instant to before its end; AsOf is its end and Window its name. There is no window before. A value has a
// figure in every step for which its metric has one, 0 where nothing is counted, if it has observations in any.
func (c *Computer) Series(ctx context.Context, a SeriesAsked) ([]Figure, error) {
	t := c.tenant(a.Tenant)
	spans, err := steps(t, a)
	if err != nil {
		return nil, err
	}
	length := time.Hour
	if a.Step == "day" {
		length = 24 * time.Hour
	}
	b, err := c.board(a.Tenant, []string{a.Metric}, length)
	if err != nil {
		return nil, err
	}
	states, err := c.States(ctx, Query{Tenant: a.Tenant, Cuts: []string{a.Cut}, Rests: b.rests(), Spans: spans})
	if err != nil {
		return nil, err
	}
	var all []Figure
	seen := map[figureKey]bool{}
	for i, s := range spans {
		for at, p := range b.points(a.Cut, states[a.Cut], i) {
			if !a.wants(at) {
				continue
			}
			f := b.figure(at, p, point{})
			f.Tenant, f.Window, f.Cut, f.AsOf = a.Tenant, a.Step, a.Cut, s.Judged
			seen[at] = seen[at] || f.N > 0 || a.Cut == ""
			all = append(all, f)
		}
	}
	all = slices.DeleteFunc(all, func(f Figure) bool { return !seen[figureKey{f.Metric, f.Questionnaire, f.Detail, f.CutValue}] })
	sortFigures(all)
	return all, nil
}

func (a SeriesAsked) wants(at figureKey) bool {
	return at.metric == a.Metric && (a.Questionnaire == nil || *a.Questionnaire == at.questionnaire) && (a.Detail == nil || *a.Detail == at.detail) &&
		(len(a.CutValues) == 0 || slices.Contains(a.CutValues, at.value))
}

// steps are the spans of a series. A step holds its first instant and not its end, so that a day of it is a day of the tenant.
func steps(t tenants.Tenant, a SeriesAsked) ([]Span, error) {
	if !a.From.Before(a.To) {
		return nil, fmt.Errorf("rolling: series from %s to %s: want a beginning before the end", a.From.UTC().Format(time.RFC3339), a.To.UTC().Format(time.RFC3339))
	}
	var spans []Span
	add := func(from, to time.Time) error {
		if len(spans) == maxSteps {
			return fmt.Errorf("rolling: series of more than %d steps", maxSteps)
		}
		spans = append(spans, Span{From: from.Add(-time.Microsecond), To: to.Add(-time.Microsecond), Judged: to})
		return nil
	}
	switch a.Step {
	case "hour":
		for from := a.From.UTC().Truncate(time.Hour); from.Before(a.To); from = from.Add(time.Hour) {
			if err := add(from, from.Add(time.Hour)); err != nil {
				return nil, err
			}
		}
	case "day":
		date, err := time.Parse(time.DateOnly, t.Day(a.From))
		if err != nil {
			return nil, fmt.Errorf("rolling: series from %s: %w", a.From, err)
		}
		for ; ; date = date.AddDate(0, 0, 1) {
			from, to := t.Bounds(date.Format(time.DateOnly))
			if !from.Before(a.To) {
				break
			}
			if !from.Before(to) { // a day that the zone left out
				continue
			}
			if err := add(from, to); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("rolling: step %q; want hour or day", a.Step)
	}
	return spans, nil
}
