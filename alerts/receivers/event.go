package receivers

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// event is what the webhook and the topic carry: a CloudEvent in structured mode, whose schema is
// schemas/json/rapport.alert.v1.schema.json.
type event struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	Tenant          string `json:"tenant"`
	DataContentType string `json:"datacontenttype"`
	Data            data   `json:"data"`
}

// A number that is not there is null, a string that is not there is empty.
type data struct {
	AlertID       string            `json:"alert_id"`
	Alert         string            `json:"alert"`
	Group         string            `json:"group"`
	Transition    string            `json:"transition"`
	StartsAt      string            `json:"starts_at"`
	EndsAt        *string           `json:"ends_at"`
	Title         text              `json:"title"`
	Label         text              `json:"label"`
	Metric        string            `json:"metric"`
	Questionnaire string            `json:"questionnaire"`
	Detail        string            `json:"detail"`
	Window        string            `json:"window"`
	Cut           string            `json:"cut"`
	CutValue      string            `json:"cut_value"`
	Value         *float64          `json:"value"`
	N             uint64            `json:"n"`
	CILow         *float64          `json:"ci_low"`
	CIHigh        *float64          `json:"ci_high"`
	Unit          string            `json:"unit"`
	Bound         string            `json:"bound"`
	Threshold     float64           `json:"threshold"`
	Confidence    *float64          `json:"confidence"`
	PreviousValue *float64          `json:"previous_value"`
	PreviousN     uint64            `json:"previous_n"`
	Movers        []moved           `json:"movers"`
	Labels        map[string]string `json:"labels"`
	Annotations   map[string]string `json:"annotations"`
	Explain       string            `json:"explain"`
}

type text struct {
	En string `json:"en"`
	Zh string `json:"zh"`
}

type moved struct {
	Cut           string   `json:"cut"`
	CutValue      string   `json:"cut_value"`
	Value         *float64 `json:"value"`
	N             uint64   `json:"n"`
	PreviousValue *float64 `json:"previous_value"`
	PreviousN     uint64   `json:"previous_n"`
	Contribution  *float64 `json:"contribution"`
}

// encode is the same for the same notification, to the byte.
func encode(n Notification) ([]byte, error) {
	d := data{
		AlertID: n.ID, Alert: n.Alert, Group: n.Group, Transition: n.Transition, StartsAt: instant(n.StartsAt), Title: text(title(n)), Label: text(n.Label),
		Metric: n.Metric, Questionnaire: n.Questionnaire, Detail: n.Detail, Window: n.Window, Cut: n.Cut, CutValue: n.CutValue,
		Value: finite(n.Value), N: n.N, CILow: finite(n.Low), CIHigh: finite(n.High), Unit: n.Unit, Bound: n.Bound, Threshold: n.Threshold,
		Confidence: finite(n.Confidence), PreviousValue: finite(n.Previous), PreviousN: n.PreviousN, Movers: []moved{},
		Labels: orEmpty(n.Labels), Annotations: orEmpty(n.Annotations), Explain: n.Explain,
	}
	if n.EndsAt != nil {
		at := instant(*n.EndsAt)
		d.EndsAt = &at
	}
	for _, m := range n.Movers {
		d.Movers = append(d.Movers, moved{m.Cut, m.CutValue, finite(m.Value), m.N, finite(m.Previous), m.PreviousN, finite(&m.Contribution)})
	}
	body, err := json.Marshal(event{
		SpecVersion: "1.0", ID: n.Key(), Source: "/rapport/alerts", Type: schemas.TypeAlert, Subject: n.Alert, Time: instant(n.At), Tenant: n.Tenant,
		DataContentType: "application/json", Data: d,
	})
	if err != nil {
		return nil, fmt.Errorf("encode alert %s: %w", n.Key(), err)
	}
	return body, nil
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// finite is nil for what JSON cannot say.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
