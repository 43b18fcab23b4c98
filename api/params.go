package api

import (
	"fmt"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/tenants"
)

// The closed lists.

func (o offer) metricNames() []string {
	names := make([]string, len(o.metrics))
	for i, m := range o.metrics {
		names[i] = m.Name
	}
	return names
}

func (o offer) windowNames() []string {
	var names []string
	for _, w := range metrics.Windows() {
		names = append(names, w.Name)
	}
	return names
}

// cuts are the names of the tenant's cuts, but for the overall one.
func (o offer) cuts() []string {
	names := tenants.Attributes()
	for _, pair := range o.tenant.Cuts {
		names = append(names, pair[0]+","+pair[1])
	}
	return names
}

func (o offer) questionnaires() []string { return o.catalog.IDs() }

// The steps of a series.
const (
	stepHour = "hour"
	stepDay  = "day"
)

func (o offer) steps() []string { return []string{stepHour, stepDay} }

// states of alerts.
func (o offer) states() []string { return []string{"firing", "resolved", "corrected"} }

func (o offer) named(name string) (metrics.Metric, bool) {
	for _, m := range o.metrics {
		if m.Name == name {
			return m, true
		}
	}
	return metrics.Metric{}, false
}

// The parameters. Which of them go together is checked by the route.

func metricParam(path bool) param {
	return param{
		name: "metric", doc: "Which figure: a name of the catalogue.", path: path, required: true, schema: choice(offer.metricNames),
		read: func(r *request, s string) error {
			m, ok := r.named(s)
			if !ok {
				return fmt.Errorf("want a metric of the catalogue, GET /v1/metrics")
			}
			r.metric = m
			return nil
		},
	}
}

func windowParam(required bool) param {
	return param{
		name: "window", doc: "The span that rolls, up to `as_of`.", required: required, schema: choice(offer.windowNames),
		read: func(r *request, s string) error {
			r.window, _ = metrics.WindowOf(s)
			return among(r.windowNames(), s)
		},
	}
}

func cutParam() param {
	return param{
		name: "cut", doc: "What the figure is cut by: an attribute, or a pair of the tenant's as `region,product`. Without it: overall.", schema: choice(offer.cuts),
		read: func(r *request, s string) error {
			r.cut = s
			return among(r.cuts(), s)
		},
	}
}

func cutValueParam(times int, doc string) param {
	return param{
		name: "cut_value", doc: doc, times: times, schema: text(maxText),
		read: func(r *request, s string) error {
			r.cutValues = append(r.cutValues, s)
			return nil
		},
	}
}

func questionnaireParam(doc string) param {
	return param{
		name: "questionnaire", doc: doc, schema: choice(offer.questionnaires),
		read: func(r *request, s string) error {
			r.questionnaire = s
			return among(r.questionnaires(), s)
		},
	}
}

func detailParam(doc string) param {
	return param{
		name: "detail", doc: doc, schema: text(maxText),
		read: func(r *request, s string) error {
			r.detail = s
			return nil
		},
	}
}

func asOfParam(doc string) param {
	return param{
		name: "as_of", doc: doc, schema: instant,
		read: func(r *request, s string) (err error) {
			r.asOf, err = readInstant(s)
			if err == nil && r.asOf.After(r.now) {
				err = fmt.Errorf("want an instant that has passed")
			}
			return err
		},
	}
}

func fromParam(doc string) param {
	return param{name: "from", doc: doc, schema: moment, read: func(r *request, s string) (err error) {
		r.from, err = readMoment(r.offer, s)
		return err
	}}
}

func toParam(doc string) param {
	return param{name: "to", doc: doc, schema: moment, read: func(r *request, s string) (err error) {
		r.to, err = readMoment(r.offer, s)
		return err
	}}
}

func stepParam() param {
	return param{name: "step", doc: "A series: a figure for each hour, or for each day of the tenant's zone.", schema: choice(offer.steps), read: func(r *request, s string) error {
		r.step = s
		return among(r.steps(), s)
	}}
}

func stateParam() param {
	return param{name: "state", doc: "Only alerts in this state. Without it: all.", schema: choice(offer.states), read: func(r *request, s string) error {
		r.state = s
		return among(r.states(), s)
	}}
}

func limitParam() param {
	return param{name: "limit", doc: "Rows of a page.", schema: pageSize, read: readLimit}
}

func cursorParam(parts int) param {
	return param{name: "cursor", doc: "`next` of the page before, to go on after it.", schema: text(maxCursor), read: readCursor(parts)}
}
