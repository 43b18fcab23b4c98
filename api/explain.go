package api

import (
	"context"
	_ "embed" // for the statements
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/rapport-project/rapport/metrics"
)

// explanation is the answer of /v1/explain.
type explanation struct {
	Metric metricInfo `json:"metric" jsonschema:"the definition"`
	place
	Window string    `json:"window" jsonschema:"the span that rolls"`
	Cut    string    `json:"cut" jsonschema:"what the figure is cut by; empty: overall"`
	AsOf   time.Time `json:"as_of" jsonschema:"the end of the span, in it; what the clock decides is judged at it"`
	After  time.Time `json:"after" jsonschema:"the beginning of the span, itself not in it"`
	// Shown is nil on later pages, and where there is no such figure.
	Shown      *figure     `json:"shown" jsonschema:"the figure as it is shown; null where there is none, and on later pages"`
	Recomputed *recomputed `json:"recomputed" jsonschema:"what the statement makes of the facts as they are now; null where it finds none, and on later pages"`
	Agrees     *bool       `json:"agrees" jsonschema:"whether both are the same: to the rounding of floating point, quantiles within 1 %; events that came after the figure was stored make a difference until it is computed again"`
	LeftOut    *leftOut    `json:"left_out" jsonschema:"what is not in n; null where there is no figure"`
	SQL        string      `json:"sql" jsonschema:"the statement over facts; empty for what is made of other figures"`
	Parameters []setting   `json:"parameters" jsonschema:"the statement's parameters"`
	Events     []behind    `json:"events" jsonschema:"the events behind the figure, those left out too, in the order of time"`
	Next       *string     `json:"next" jsonschema:"the cursor of the next page of events; null on the last"`
}

type recomputed struct {
	Value *float64 `json:"value" jsonschema:"null where nothing was observed"`
	N     uint64   `json:"n" jsonschema:"observations it rests on"`
}

type leftOut struct {
	N   uint64 `json:"n" jsonschema:"how many"`
	Why string `json:"why" jsonschema:"which they are"`
}

type setting struct {
	Name  string `json:"name" jsonschema:"as in the statement"`
	Value string `json:"value" jsonschema:"as ClickHouse reads it"`
}

// behind is an event that a figure is made of. It names nobody: who the customer was, and what was written, stays in the database.
type behind struct {
	At     time.Time `json:"occurred_at" jsonschema:"when it happened"`
	Type   string    `json:"type" jsonschema:"of the event"`
	Source string    `json:"source" jsonschema:"who published it"`
	ID     string    `json:"id" jsonschema:"its id at the source"`
	Entity string    `json:"entity" jsonschema:"the case or complaint; empty where there is none"`
	Counts bool      `json:"counts" jsonschema:"whether n has it in"`
	What   string    `json:"what" jsonschema:"what it says"`
}

//go:embed sql/recomputed.sql
var recomputedSQL string

//go:embed sql/events.sql
var eventsSQL string

// explain answers /v1/explain.
func (h *Handler) explain(ctx context.Context, r *request) (any, error) {
	e := explanation{
		Metric: newMetricInfo(r.metric), place: place{r.questionnaire, r.detail, strings.Join(r.cutValues, "")},
		Window: r.window.Name, Cut: r.cut, Events: []behind{}, Parameters: []setting{},
	}
	if r.after == nil {
		var err error
		if e.Shown, err = h.shown(ctx, r); err != nil {
			return nil, err
		}
		if e.Shown != nil {
			r.asOf, e.LeftOut = e.Shown.AsOf, &leftOut{e.Shown.Excluded, r.metric.LeavesOut}
		}
	}
	if r.asOf.IsZero() {
		r.asOf = r.now
	}
	e.AsOf = r.window.AsOf(r.asOf)
	e.After = e.AsOf.Add(-r.window.Length)
	if r.metric.Points == nil {
		return e, nil // it is made of other figures, which have their own explanations
	}
	p := metrics.Parameters{Tenant: r.tenant.ID, From: e.After, To: e.AsOf, Judged: e.AsOf, Questionnaire: r.questionnaire, CutValue: e.CutValue}
	var err error
	if e.SQL, err = metrics.Explain(r.metric, r.cut, h.o.Questionnaires); err != nil {
		return nil, err
	}
	for _, name := range []string{"tenant", "from", "to", "judged", "questionnaire", "cut_value"} {
		e.Parameters = append(e.Parameters, setting{name, p.Named()[name]})
	}
	if r.after == nil {
		if e.Recomputed, err = h.recomputed(ctx, e, p); err != nil {
			return nil, err
		}
		e.Agrees = agree(r.metric, e.Shown, e.Recomputed)
	}
	e.Events, e.Next, err = h.events(ctx, r, p)
	return e, err
}

// shown is the figure that is explained: of the instant asked for, else the present one.
func (h *Handler) shown(ctx context.Context, r *request) (*figure, error) {
	one := *r
	one.limit, one.cutValues = 1, []string{strings.Join(r.cutValues, "")}
	one.given = map[string]bool{"questionnaire": true, "detail": true}
	read := h.stored
	if r.given["as_of"] {
		read = h.computed
	}
	rows, err := read(ctx, &one)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

func (h *Handler) recomputed(ctx context.Context, e explanation, p metrics.Parameters) (*recomputed, error) {
	args := append(named(p.Named()), parameter("of_questionnaire", e.Questionnaire), parameter("of_detail", e.Detail))
	rows, err := h.o.Conn.Query(h.bounded(ctx), strings.Replace(recomputedSQL, "(explained)", "(\n"+e.SQL+"\n)", 1), args...)
	if err != nil {
		return nil, fmt.Errorf("recompute a figure: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var found *recomputed
	for rows.Next() {
		found = &recomputed{}
		if err := rows.Scan(&found.Value, &found.N); err != nil {
			return nil, fmt.Errorf("recompute a figure: %w", err)
		}
		found.Value = number(found.Value)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("recompute a figure: %w", err)
	}
	return found, nil
}

// events are a page of what the figure is made of.
func (h *Handler) events(ctx context.Context, r *request, p metrics.Parameters) ([]behind, *string, error) {
	statement, err := metrics.Behind(r.metric, r.cut, h.o.Questionnaires)
	if err != nil {
		return nil, nil, err
	}
	page := metrics.Page{Limit: uint32(r.limit) + 1} //nolint:gosec // at most MaxPageRows
	if r.after != nil {
		page.At, _ = time.Parse(time.RFC3339Nano, r.after[0]) // read before, by checkExplain
		page.Type, page.Source, page.ID = r.after[1], r.after[2], r.after[3]
	}
	args := append(named(p.Named()), named(page.Named())...)
	rows, err := h.o.Conn.Query(h.bounded(ctx), strings.Replace(eventsSQL, "(behind)", "(\n"+statement+"\n)", 1), args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read the events of a figure: %w", err)
	}
	defer func() { _ = rows.Close() }()
	events := []behind{}
	for rows.Next() {
		var b behind
		if err := rows.Scan(&b.At, &b.Type, &b.Source, &b.ID, &b.Entity, &b.Counts, &b.What); err != nil {
			return nil, nil, fmt.Errorf("read the events of a figure: %w", err)
		}
		b.At = b.At.UTC()
		events = append(events, b)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("read the events of a figure: %w", err)
	}
	if len(events) <= r.limit {
		return events, nil, nil
	}
	events = events[:r.limit]
	last := events[r.limit-1]
	// The page after is of the same span, wherever the present has got to.
	return events, cursor(last.At.Format(time.RFC3339Nano), last.Type, last.Source, last.ID, p.To.UTC().Format(time.RFC3339Nano)), nil
}

// named are parameters of a statement by name.
func named(values map[string]string) []any {
	var args []any
	for name, value := range values {
		args = append(args, parameter(name, value))
	}
	return args
}

// agree compares what is shown with what the facts come to; nil where either is not there.
func agree(m metrics.Metric, shown *figure, again *recomputed) *bool {
	if shown == nil || again == nil {
		return nil
	}
	relative := 1e-9
	if m.Kind == metrics.Quantile {
		relative = 0.01
	}
	same := shown.N == again.N && (shown.Value == nil) == (again.Value == nil)
	if same && shown.Value != nil {
		same = math.Abs(*shown.Value-*again.Value) <= relative*max(math.Abs(*shown.Value), math.Abs(*again.Value), 1e-9)
	}
	return &same
}
