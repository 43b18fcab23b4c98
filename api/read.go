package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

// read reads the parameters of a route, and says everything that is wrong with them at once.
func (rt route) read(o offer, r *http.Request) (*request, *problem) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problemQuery()
	}
	asked := &request{offer: o, given: map[string]bool{}, limit: o.config.PageRows}
	var wrong []wrongParameter
	for _, p := range rt.params {
		values := query[p.name]
		if p.path {
			value, err := url.PathUnescape(chi.URLParam(r, p.name))
			if err != nil || p.read(asked, value) != nil {
				return nil, problemMetric()
			}
			continue
		}
		if detail := p.take(asked, values); detail != "" {
			wrong = append(wrong, wrongParameter{p.name, detail})
		}
	}
	wrong = append(wrong, rt.unknown(query)...)
	if len(wrong) == 0 && rt.check != nil {
		wrong = rt.check(asked)
	}
	if len(wrong) > 0 {
		return nil, problemParameters(wrong)
	}
	return asked, nil
}

// take reads the values of one parameter. The answer says what is wrong; empty: nothing.
func (p param) take(asked *request, values []string) string {
	switch {
	case len(values) == 0 && p.required:
		return "is missing"
	case len(values) > max(p.times, 1):
		return "stands in the query too often"
	}
	for _, v := range values {
		limit := maxText
		if most := p.schema(asked.offer).MaxLength; most != nil {
			limit = *most
		}
		if utf8.RuneCountInString(v) > limit {
			return "is too long"
		}
		if err := plain(v); err != nil {
			return err.Error()
		}
		if err := p.read(asked, v); err != nil {
			return err.Error()
		}
		asked.given[p.name] = true
	}
	return ""
}

// maxUnknown is how many unknown parameters are named in one answer.
const maxUnknown = 10

// unknown refuses what the route does not have: a misspelt parameter that is passed over gives another answer than was asked for.
func (rt route) unknown(query url.Values) []wrongParameter {
	var names []string
	for name := range query {
		if !slices.ContainsFunc(rt.params, func(p param) bool { return p.name == name && !p.path }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var wrong []wrongParameter
	for _, name := range names[:min(len(names), maxUnknown)] {
		detail := "there is no such parameter"
		if name == "tenant" {
			detail = "the tenant is that of the API key, and cannot be chosen"
		}
		wrong = append(wrong, wrongParameter{clip(name), detail})
	}
	return wrong
}

// clip bounds what is quoted of a caller's text.
func clip(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "?"))
	return string(runes[:min(len(runes), 100)])
}
