package alerts

import (
	"encoding/json"
	"maps"
	"net/url"
	"time"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rolling"
)

// Transition is one change of an alert, with all that is told of it. It is stored as JSON under these names.
type Transition struct {
	ID     string `json:"alert_id"`
	Tenant string `json:"tenant"`
	Group  string `json:"group"`
	Key
	Change Change `json:"transition"`
	// At is the instant of the change; StartedAt that from which the figure was past; FiredAt when it fired.
	At        time.Time `json:"at"`
	StartedAt time.Time `json:"started_at"`
	FiredAt   time.Time `json:"fired_at"`
	Metric    string    `json:"metric"`
	Window    string    `json:"window"`
	// AsOf is the instant that the figure is of; of a correction that of the firing.
	AsOf time.Time `json:"as_of"`
	// Value and the rest are those at AsOf; nil where there is none. Low and High are the two-sided interval at 95 %.
	Value      *float64          `json:"value"`
	Low        *float64          `json:"ci_low"`
	High       *float64          `json:"ci_high"`
	N          uint64            `json:"n"`
	Previous   *float64          `json:"previous_value"`
	PreviousN  uint64            `json:"previous_n"`
	Unit       metrics.Unit      `json:"unit"`
	LabelEn    string            `json:"label_en"`
	LabelZh    string            `json:"label_zh"`
	Bound      Bound             `json:"bound"`
	Threshold  float64           `json:"threshold"`
	Confidence *float64          `json:"confidence"`
	Movers     []Mover           `json:"movers"`
	Labels     map[string]string `json:"labels"`
	// Annotations are the rule's, filled in.
	Annotations map[string]string `json:"annotations"`
	// Explain is path and query of where the figure is explained.
	Explain string `json:"explain"`
	// Over says of a correction that the alert had ended before.
	Over bool `json:"over,omitempty"`
}

// happening is what a transition is made of.
type happening struct {
	tenant, group string
	rule          Rule
	alert         Alert
	change        Change
	at, asOf      time.Time
	figure        rolling.Figure
	movers        []Mover
}

// tell makes the transition. A text that cannot be filled in says so itself: an alert is not held back for its wording.
func (h happening) tell() Transition {
	f, r, a := h.figure, h.rule, h.alert
	t := Transition{
		ID: ID(h.tenant, h.group, a.Key, a.Since), Tenant: h.tenant, Group: h.group, Key: a.Key, Change: h.change, At: h.at,
		StartedAt: a.Since, FiredAt: a.FiredAt, Metric: r.Metric.Name, Window: r.Window.Name, AsOf: h.asOf,
		Value: f.Value, Low: f.Low, High: f.High, N: f.N, Previous: f.Previous, PreviousN: f.PreviousN,
		Unit: r.Metric.Unit, LabelEn: r.Metric.Label.En, LabelZh: r.Metric.Label.Zh,
		Bound: r.Bound, Threshold: r.Threshold, Movers: h.movers, Annotations: map[string]string{},
		Over: h.change == Corrected && !a.EndedAt.IsZero() && a.EndedAt.Before(h.at),
	}
	if value, ok := r.value(f.Value); ok {
		t.Value = &value
	}
	if r.Confidence > 0 {
		t.Confidence = &r.Confidence
	}
	t.Explain = t.explain()
	if a.Told == nil {
		t.label(r)
	} else {
		// Receivers know an alert by its labels.
		t.Labels, t.Movers = a.Told.Labels, a.Told.Movers
	}
	data := t.data()
	for _, a := range r.Annotations {
		t.Annotations[a.Name] = rendered(a, data)
	}
	return t
}

// label sets the labels that say which alert it is, and the rule's own.
func (t *Transition) label(r Rule) {
	t.Labels = labels(*t)
	data, own := t.data(), map[string]string{}
	for _, l := range r.Labels {
		own[l.Name] = rendered(l, data)
	}
	maps.Copy(t.Labels, own)
}

func rendered(t Template, d Data) string {
	text, err := t.Render(d)
	if err != nil {
		return "cannot be filled in: " + err.Error()
	}
	return text
}

// labels say which alert it is; the values of a cut stand under the names of its attributes.
func labels(t Transition) map[string]string {
	all := map[string]string{"alertname": t.Alert, "group": t.Group, "tenant": t.Tenant, "metric": t.Metric, "window": t.Window}
	for name, value := range map[string]string{"questionnaire": t.Questionnaire, "detail": t.Detail, "cut": t.Cut, "cut_value": t.CutValue} {
		if value != "" {
			all[name] = value
		}
	}
	attributes, values := parts(t.Cut, t.CutValue)
	for i, a := range attributes {
		if values[i] != "" {
			all[a] = values[i]
		}
	}
	return all
}

func (t Transition) data() Data {
	d := Data{
		Tenant: t.Tenant, Group: t.Group, Alert: t.Alert, Metric: t.Metric, MetricEn: t.LabelEn, MetricZh: t.LabelZh,
		Questionnaire: t.Questionnaire, Detail: t.Detail, Window: t.Window, Cut: t.Cut, CutValue: t.CutValue,
		Value: number(t.Value), Low: number(t.Low), High: number(t.High), Previous: number(t.Previous), N: t.N, PreviousN: t.PreviousN,
		Unit: string(t.Unit), Bound: string(t.Bound), Threshold: Number(t.Threshold), Confidence: number(t.Confidence), Labels: t.Labels, Movers: t.Movers,
	}
	d.Change = d.Value - d.Previous
	return d
}

// explain is where the read API explains the figure.
func (t Transition) explain() string {
	q := url.Values{"metric": {t.Metric}, "window": {t.Window}, "as_of": {t.AsOf.UTC().Format(time.RFC3339)}}
	for name, value := range map[string]string{"questionnaire": t.Questionnaire, "detail": t.Detail, "cut": t.Cut} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if t.Cut != "" {
		q.Set("cut_value", t.CutValue)
	}
	return "/v1/explain?" + q.Encode()
}

// parts are the attributes of a cut and their values, as many of each.
func parts(cut, value string) (attributes, values []string) {
	a, b, pair := split(cut)
	switch {
	case cut == "":
		return nil, nil
	case !pair:
		return []string{cut}, []string{value}
	}
	if err := json.Unmarshal([]byte(value), &values); err != nil || len(values) != 2 {
		return nil, nil
	}
	return []string{a, b}, values
}

// ended is the end of an alert whose rule is gone: nothing more is known of its figure than when it fired.
func (t Transition) ended(at time.Time) Transition {
	t.Change, t.At = Resolved, at
	return t
}

// Of names the figure in short.
func (t Transition) Of() string {
	name := t.Metric + " " + t.Window
	for _, part := range []string{t.Questionnaire, t.Detail} {
		if part != "" {
			name += " " + part
		}
	}
	if t.Cut != "" {
		name += " " + t.Cut + "=" + t.CutValue
	}
	return name
}

// Shown is a figure as people read it.
func Shown(figure *float64) string { return number(figure).String() }
