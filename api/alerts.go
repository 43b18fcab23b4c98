package api

import (
	"context"
	_ "embed" // for the statements
	"encoding/json"
	"fmt"
	"time"
)

// alertsAnswer is the answer of /v1/alerts.
type alertsAnswer struct {
	Alerts []alert `json:"alerts" jsonschema:"those that fired last first"`
	Next   *string `json:"next" jsonschema:"the cursor of the next page; null on the last"`
}

// alert is one that fired, with the figure that it fired for.
type alert struct {
	ID            string            `json:"alert_id" jsonschema:"the same in every message about the alert"`
	Alert         string            `json:"alert" jsonschema:"name of the rule"`
	Group         string            `json:"group" jsonschema:"group of rules"`
	State         string            `json:"state" jsonschema:"firing, resolved, or corrected: with what came late it would not have fired"`
	Metric        string            `json:"metric" jsonschema:"what the rule watches"`
	Label         label             `json:"label" jsonschema:"the metric's name for people"`
	Questionnaire string            `json:"questionnaire" jsonschema:"empty where the metric has none"`
	Detail        string            `json:"detail" jsonschema:"the dimension, item, level, milestone, quantile or reason; empty where there is none"`
	Window        string            `json:"window" jsonschema:"of the figure"`
	Cut           string            `json:"cut" jsonschema:"an attribute or a pair; empty: overall"`
	CutValue      string            `json:"cut_value" jsonschema:"the value of the cut; that of a pair is a JSON array"`
	StartedAt     time.Time         `json:"started_at" jsonschema:"from when the figure was past the bound"`
	FiredAt       time.Time         `json:"fired_at" jsonschema:"when it fired"`
	ResolvedAt    *time.Time        `json:"resolved_at" jsonschema:"when it was over; null while it fires"`
	CorrectedAt   *time.Time        `json:"corrected_at" jsonschema:"when it was taken back; null where it was not"`
	AsOf          time.Time         `json:"as_of" jsonschema:"the instant of the figure that it fired for"`
	Value         *float64          `json:"value" jsonschema:"the figure that it fired for; null where it fired for want of one"`
	N             uint64            `json:"n" jsonschema:"observations it rests on"`
	Low           *float64          `json:"ci_low" jsonschema:"lower end of the interval of 95 %"`
	High          *float64          `json:"ci_high" jsonschema:"upper end of the interval of 95 %"`
	Threshold     float64           `json:"threshold" jsonschema:"what the figure was past"`
	Bound         string            `json:"bound" jsonschema:"below, above, or drop against the window before"`
	Confidence    *float64          `json:"confidence" jsonschema:"how sure the rule wants to be; null where the value itself is compared"`
	Previous      *float64          `json:"previous_value" jsonschema:"the figure of the window before"`
	PreviousN     uint64            `json:"previous_n" jsonschema:"observations that rests on"`
	Unit          string            `json:"unit" jsonschema:"what the figures are in"`
	Movers        []mover           `json:"movers" jsonschema:"the values of cuts that moved the figure most"`
	Labels        map[string]string `json:"labels" jsonschema:"of the alert"`
	Annotations   map[string]string `json:"annotations" jsonschema:"of the rule, filled in when it fired"`
	Explain       string            `json:"explain" jsonschema:"the address that explains the figure"`
}

// mover is a value of a cut with what it did to the figure.
type mover struct {
	Cut          string   `json:"cut" jsonschema:"an attribute or a pair"`
	CutValue     string   `json:"cut_value" jsonschema:"its value"`
	Value        *float64 `json:"value" jsonschema:"its own figure"`
	Previous     *float64 `json:"previous_value" jsonschema:"its own figure of the window before"`
	N            uint64   `json:"n" jsonschema:"observations that value rests on"`
	PreviousN    uint64   `json:"previous_n" jsonschema:"observations that previous_value rests on"`
	Contribution float64  `json:"contribution" jsonschema:"its part in the change of the figure"`
}

//go:embed sql/alerts.sql
var alertsSQL string

// inClickHouse is how an instant is written for a DateTime64(6, 'UTC').
const inClickHouse = "2006-01-02 15:04:05.000000"

// alerts answers /v1/alerts.
func (h *Handler) alerts(ctx context.Context, r *request) (any, error) {
	from, before := earliest, []string{earliest.Format(time.RFC3339Nano), ""}
	if r.given["from"] {
		from = r.from
	}
	if r.after != nil {
		before = r.after
	}
	at, err := time.Parse(time.RFC3339Nano, before[0])
	if err != nil {
		return nil, err // read before, by checkAlerts
	}
	rows, err := h.o.Conn.Query(h.bounded(ctx), alertsSQL,
		parameter("tenant", r.tenant.ID), flag("any_state", r.state == ""), parameter("state", r.state), parameter("from", from.Format(inClickHouse)),
		flag("first", r.after == nil), parameter("before", at.UTC().Format(inClickHouse)), parameter("before_id", before[1]), parameter("rows", fmt.Sprint(r.limit+1)))
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	answer := alertsAnswer{Alerts: []alert{}}
	for rows.Next() {
		var a alert
		var movers string
		err := rows.Scan(&a.ID, &a.Alert, &a.Group, &a.State, &a.Metric, &a.Questionnaire, &a.Detail, &a.Window, &a.Cut, &a.CutValue, &a.StartedAt, &a.FiredAt,
			&a.ResolvedAt, &a.CorrectedAt, &a.AsOf, &a.Value, &a.N, &a.Low, &a.High, &a.Threshold, &a.Bound, &a.Confidence, &a.Previous, &a.PreviousN, &a.Unit,
			&a.Label.En, &a.Label.Zh, &movers, &a.Labels, &a.Annotations, &a.Explain)
		if err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		if a.Movers, err = moversOf(movers); err != nil {
			return nil, fmt.Errorf("read what moved alert %s: %w", a.ID, err)
		}
		answer.Alerts = append(answer.Alerts, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	if len(answer.Alerts) > r.limit {
		answer.Alerts = answer.Alerts[:r.limit]
		last := answer.Alerts[r.limit-1]
		answer.Next = cursor(last.FiredAt.UTC().Format(time.RFC3339Nano), last.ID)
	}
	return answer, nil
}

// moversOf reads the JSON of movers; none where an alert fired for want of figures.
func moversOf(text string) ([]mover, error) {
	movers := []mover{}
	if text == "" || text == "null" {
		return movers, nil
	}
	err := json.Unmarshal([]byte(text), &movers)
	return movers, err
}
