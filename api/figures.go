package api

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/rolling"
)

// figuresAnswer is the answer of /v1/metrics/{metric}.
type figuresAnswer struct {
	Metric metricInfo `json:"metric" jsonschema:"the definition"`
	Cut    string     `json:"cut" jsonschema:"what the figures are cut by; empty: overall"`
	Window string     `json:"window,omitempty" jsonschema:"of figures: the span that rolls"`
	// Figures are nil in a series.
	Figures []figure `json:"figures,omitzero" jsonschema:"by questionnaire, detail and value of the cut"`
	Next    *string  `json:"next,omitempty" jsonschema:"of figures: the cursor of the next page, where there is one"`

	Step string     `json:"step,omitempty" jsonschema:"of a series: hour or day"`
	From *time.Time `json:"from,omitempty" jsonschema:"of a series: its first instant"`
	To   *time.Time `json:"to,omitempty" jsonschema:"of a series: its end, itself left out"`
	// Series is nil where figures were asked for.
	Series []series `json:"series,omitzero" jsonschema:"by questionnaire, detail and value of the cut"`
}

// place is what figures of a metric are told apart by.
type place struct {
	Questionnaire string `json:"questionnaire" jsonschema:"empty where the metric is not of a questionnaire"`
	Detail        string `json:"detail" jsonschema:"the dimension, item, level, milestone, quantile or reason; empty where there is none"`
	CutValue      string `json:"cut_value" jsonschema:"the value of the cut; that of a pair is a JSON array; empty: overall, or not stated"`
}

func (p place) key() []string { return []string{p.Questionnaire, p.Detail, p.CutValue} }

// observed is one value with what it rests on.
type observed struct {
	AsOf        time.Time `json:"as_of" jsonschema:"the end of the span"`
	Value       *float64  `json:"value" jsonschema:"null where nothing was observed, or the value is a name"`
	Label       string    `json:"label" jsonschema:"the value of a figure that is a name; else empty"`
	N           uint64    `json:"n" jsonschema:"observations it rests on"`
	Excluded    uint64    `json:"n_excluded" jsonschema:"observations that were left out"`
	Low         *float64  `json:"ci_low" jsonschema:"lower end of the interval of 95 %; null where there is none"`
	High        *float64  `json:"ci_high" jsonschema:"upper end of the interval of 95 %"`
	Provisional bool      `json:"provisional" jsonschema:"whether, at as_of, it could still change by time alone"`
	BelowMinN   bool      `json:"below_min_n" jsonschema:"whether n is below the tenant's min_n"`
}

// figure is one of a window.
type figure struct {
	place
	observed
	Previous    *float64 `json:"previous_value" jsonschema:"the same window one period earlier"`
	PreviousN   uint64   `json:"previous_n" jsonschema:"observations that rests on"`
	Change      *float64 `json:"change" jsonschema:"value less previous value"`
	Significant bool     `json:"significant" jsonschema:"whether they differ at 95 %"`
	Unit        string   `json:"unit" jsonschema:"what the value is in"`
	Version     int      `json:"version" jsonschema:"of the formula"`
}

// series is a figure for each step.
type series struct {
	place
	Unit   string     `json:"unit" jsonschema:"what the values are in"`
	Points []observed `json:"points" jsonschema:"in the order of time"`
}

// figures answers /v1/metrics/{metric}.
func (h *Handler) figures(ctx context.Context, r *request) (any, error) {
	answer := figuresAnswer{Metric: newMetricInfo(r.metric), Cut: r.cut}
	if r.step != "" {
		all, err := h.series(ctx, r)
		answer.Step, answer.From, answer.To, answer.Series = r.step, &r.from, &r.to, all
		return answer, err
	}
	answer.Window = r.window.Name
	page := h.stored
	if r.given["as_of"] {
		page = h.computed
	}
	// One more than wanted says whether there is a next page.
	rows, err := page(ctx, r)
	if len(rows) > r.limit {
		rows = rows[:r.limit]
		answer.Next = cursor(rows[len(rows)-1].key()...)
	}
	answer.Figures = rows
	return answer, err
}

// computed are the figures of an instant of the past after the cursor, one more than the page may hold.
func (h *Handler) computed(ctx context.Context, r *request) ([]figure, error) {
	all, err := h.o.Figures.Figures(ctx, rolling.Asked{
		Tenant: r.tenant.ID, Metrics: []string{r.metric.Name}, Window: r.window, Cuts: []string{r.cut}, AsOf: r.window.AsOf(r.asOf),
	})
	if err != nil {
		return nil, fmt.Errorf("compute figures: %w", err)
	}
	rows := []figure{}
	for _, f := range all {
		if row := newFigure(f); r.wants(f) && (r.after == nil || slices.Compare(row.key(), r.after) > 0) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b figure) int { return slices.Compare(a.key(), b.key()) })
	return rows[:min(len(rows), r.limit+1)], nil
}

// wants says whether a figure is among those asked for.
func (r *request) wants(f rolling.Figure) bool {
	return f.Metric == r.metric.Name && f.Cut == r.cut &&
		(!r.given["questionnaire"] || f.Questionnaire == r.questionnaire) &&
		(!r.given["detail"] || f.Detail == r.detail) &&
		(len(r.cutValues) == 0 || slices.Contains(r.cutValues, f.CutValue))
}

func (h *Handler) series(ctx context.Context, r *request) ([]series, error) {
	all, err := h.o.Figures.Series(ctx, rolling.SeriesAsked{
		Tenant: r.tenant.ID, Metric: r.metric.Name, Questionnaire: r.stated("questionnaire", r.questionnaire), Detail: r.stated("detail", r.detail),
		Cut: r.cut, CutValues: r.cutValues, From: r.from, To: r.to, Step: r.step,
	})
	if err != nil {
		return nil, fmt.Errorf("compute a series: %w", err)
	}
	if len(all) > h.config.MaxRows {
		return nil, problemRows(h.config.MaxRows)
	}
	index := map[place]int{}
	out := []series{}
	for _, f := range all {
		if !r.wants(f) {
			continue
		}
		p := place{f.Questionnaire, f.Detail, f.CutValue}
		i, ok := index[p]
		if !ok {
			i = len(out)
			index[p], out = i, append(out, series{place: p, Unit: string(f.Unit), Points: []observed{}})
		}
		out[i].Points = append(out[i].Points, newObserved(f))
	}
	for _, s := range out {
		slices.SortFunc(s.Points, func(a, b observed) int { return a.AsOf.Compare(b.AsOf) })
	}
	slices.SortFunc(out, func(a, b series) int {
		return cmp.Or(strings.Compare(a.Questionnaire, b.Questionnaire), strings.Compare(a.Detail, b.Detail), strings.Compare(a.CutValue, b.CutValue))
	})
	return out, nil
}

// stated is the value of a parameter; nil where it was not given.
func (r *request) stated(name, value string) *string {
	if !r.given[name] {
		return nil
	}
	return &value
}

func newFigure(f rolling.Figure) figure {
	return figure{
		place: place{f.Questionnaire, f.Detail, f.CutValue}, observed: newObserved(f),
		Previous: number(f.Previous), PreviousN: f.PreviousN, Change: number(f.Change), Significant: f.Significant, Unit: string(f.Unit), Version: f.Version,
	}
}

func newObserved(f rolling.Figure) observed {
	return observed{
		AsOf: f.AsOf.UTC(), Value: number(f.Value), Label: f.Label, N: f.N, Excluded: f.Excluded, Low: number(f.Low), High: number(f.High),
		Provisional: f.Provisional, BelowMinN: f.BelowMinN,
	}
}

// number is x, or none where JSON has no such number.
func number(x *float64) *float64 {
	if x == nil || math.IsNaN(*x) || math.IsInf(*x, 0) {
		return nil
	}
	return x
}
