package api

import (
	"context"
	"reflect"

	"github.com/rapport-project/rapport/internal/auth"
)

// route is one address: what requests are read by, and what OpenAPI and the page are made of.
type route struct {
	// pattern of the address, and the name of the operation in OpenAPI.
	pattern, id   string
	summary, doc  string
	example       string
	scopes        []auth.Scope
	params        []param
	check         func(*request) []wrongParameter
	answer        reflect.Type
	serve         func(*Handler, context.Context, *request) (any, error)
	light, stable bool // light needs no place to compute in; stable answers change with the definitions alone
}

var readScope = []auth.Scope{auth.ScopeRead}

// routes is the table.
func routes() []route {
	return []route{
		{
			pattern: "/v1/metrics", id: "listMetrics", summary: "The catalogue", scopes: readScope,
			doc:    "Every metric with its definition and its names in English and Chinese; and the windows, cuts and questionnaires that can be asked for.",
			answer: reflect.TypeFor[catalogue](), light: true, stable: true,
			serve: func(_ *Handler, _ context.Context, r *request) (any, error) { return newCatalogue(r.offer), nil },
		},
		{
			pattern: "/v1/metrics/{metric}", id: "getMetric", summary: "Figures of a metric: of a window that rolls, or a series", scopes: readScope,
			doc: "With `window`: the present figures, one for each questionnaire, detail and value of the cut, or with `as_of` those of an instant of the past. " +
				"With `from`, `to` and `step`: a figure for each hour or day. Figures carry n, what was left out, the interval of 95 % and whether they can still change by time alone.",
			example: "/v1/metrics/csat_top2?window=28d&cut=region",
			params: []param{
				metricParam(true), windowParam(false), cutParam(),
				cutValueParam(maxValues, "Values of the cut, up to 50 times; that of a pair is a JSON array, `[\"north\",\"pump\"]`. Without it: all. Values beyond the tenant's attribute_cap are one, `other`."),
				questionnaireParam("Only this questionnaire."), detailParam("Only this detail: the dimension, item, level, milestone, quantile or reason."),
				asOfParam("The end of the window; rounded down to whole minutes for windows up to 24h, to whole quarters of an hour above. Without it: the present figures."),
				fromParam("The first instant or day of a series; rounded down to a whole step."), toParam("The end of a series, itself left out: an instant, or a day that begins there; rounded up to a whole step."),
				stepParam(), limitParam(), cursorParam(3),
			},
			check: checkFigures, answer: reflect.TypeFor[figuresAnswer](),
			serve: (*Handler).figures,
		},
		{
			pattern: "/v1/explain", id: "explain", summary: "What one figure is made of", scopes: readScope,
			doc: "The definition, the span, the value as shown and as recomputed from facts, the statement that recomputes it, what is left out and why, and the events behind it, a page at a time. " +
				"Nobody is named: customers and what they wrote are in the database alone.",
			example: "/v1/explain?metric=csat_top2&questionnaire=after-sales-10&window=28d&cut=region&cut_value=north",
			params: []param{
				metricParam(false), windowParam(true), questionnaireParam("Which questionnaire, where the metric has a figure for each."),
				detailParam("Which detail, where the metric has several."), cutParam(), cutValueParam(0, "The value of the cut."),
				asOfParam("The end of the window, rounded down to its step. Without it: the present figure."), limitParam(), cursorParam(5),
			},
			check: checkExplain, answer: reflect.TypeFor[explanation](),
			serve: (*Handler).explain,
		},
		{
			pattern: "/v1/alerts", id: "listAlerts", summary: "Alerts that fired", scopes: readScope,
			doc:     "Those that fired last first, each with the figure that it fired for, what moved it, and whether it is over.",
			example: "/v1/alerts?state=firing",
			params:  []param{stateParam(), fromParam("Only alerts that fired at this instant or later, or on this day or later."), limitParam(), cursorParam(2)},
			check:   checkAlerts, answer: reflect.TypeFor[alertsAnswer](),
			serve: (*Handler).alerts,
		},
		{
			pattern: "/openapi.json", id: "getOpenAPI", summary: "This interface in OpenAPI 3.1",
			doc:   "The lists of values are those of the caller's tenant.",
			light: true, stable: true,
			serve: func(_ *Handler, _ context.Context, r *request) (any, error) { return document(r.offer) },
		},
	}
}
