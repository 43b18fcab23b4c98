package alerts

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/template"
)

// Template is a label or annotation of a rule.
type Template struct {
	Name string
	text *template.Template
}

// maxRendered bounds a rendered text: receivers cut longer ones, or refuse them.
const maxRendered = 4096

// NewTemplate reads a text; an error says what is wrong in it, also where it names a field that there is not.
func NewTemplate(name, text string) (Template, error) {
	parsed, err := template.New(name).Option("missingkey=zero").Parse(text)
	if err != nil {
		return Template{}, err
	}
	t := Template{Name: name, text: parsed}
	_, err = t.Render(sample())
	return t, err
}

// Render fills the template in.
func (t Template) Render(d Data) (string, error) {
	var b strings.Builder
	if err := t.text.Execute(&b, d); err != nil {
		return "", err
	}
	text := b.String()
	if len(text) > maxRendered {
		text = strings.ToValidUTF8(text[:maxRendered], "")
	}
	return text, nil
}

// Number is a figure as texts show it: rounded to two places unless it is formatted; n/a where there is none. printf "%.1f" works on it.
type Number float64

func (n Number) String() string {
	if math.IsNaN(float64(n)) {
		return "n/a"
	}
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(n), 'f', 2, 64), "0"), ".")
}

func number(of *float64) Number {
	if of == nil {
		return Number(math.NaN())
	}
	return Number(*of)
}

// Data is what templates see.
type Data struct {
	Tenant, Group, Alert string
	// Metric is its name; MetricEn and MetricZh its labels.
	Metric, MetricEn, MetricZh         string
	Questionnaire, Detail, Window      string
	Cut, CutValue                      string
	Value, Low, High, Previous, Change Number
	N, PreviousN                       uint64
	Unit, Bound                        string
	Threshold, Confidence              Number
	Labels                             map[string]string
	Movers                             []Mover
}

// Mover is a value of a cut, and how much it moved a figure.
type Mover struct {
	Cut      string `json:"cut"`
	CutValue string `json:"cut_value"`
	// Value and Previous are its own figures, in the metric's unit; nil where there was nothing.
	Value     *float64 `json:"value"`
	Previous  *float64 `json:"previous_value"`
	N         uint64   `json:"n"`
	PreviousN uint64   `json:"previous_n"`
	// Contribution to the change of the figure, in its unit: over all values of one cut these add up to the change.
	Contribution float64 `json:"contribution"`
}

func (m Mover) String() string {
	name := m.Cut + "=" + m.CutValue
	return fmt.Sprintf("%s %s (%+.2f)", name, number(m.Value), m.Contribution)
}

func sample() Data {
	v, w := 71.4, 83.2
	return Data{
		Tenant: "default", Group: "group", Alert: "alert", Metric: "csat_top2", MetricEn: "Satisfied", MetricZh: "满意", Window: "24h", Cut: "region", CutValue: "north",
		Value: Number(v), Low: 65, High: 77, Previous: Number(w), Change: Number(v - w), N: 120, PreviousN: 110, Unit: "%", Bound: string(Below),
		Threshold: 80, Confidence: 0.95, Labels: map[string]string{"tenant": "default", "region": "north"},
		Movers: []Mover{{Cut: "region", CutValue: "north", Value: &v, Previous: &w, N: 120, PreviousN: 110, Contribution: v - w}},
	}
}
