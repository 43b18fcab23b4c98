package api

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/rapport-project/rapport/internal/problems"
)

// The parts of OpenAPI 3.1 that this interface needs. Schemas are of JSON Schema 2020-12, as 3.1 has them.
type (
	openAPI struct {
		OpenAPI    string                `json:"openapi"`
		Info       openAPIInfo           `json:"info"`
		Servers    []map[string]string   `json:"servers"`
		Security   []map[string][]string `json:"security"`
		Paths      map[string]pathItem   `json:"paths"`
		Components components            `json:"components"`
	}
	openAPIInfo struct {
		Title       string            `json:"title"`
		Version     string            `json:"version"`
		Description string            `json:"description"`
		License     map[string]string `json:"license"`
	}
	pathItem struct {
		Get operation `json:"get"`
	}
	operation struct {
		ID          string                   `json:"operationId"`
		Summary     string                   `json:"summary"`
		Description string                   `json:"description"`
		Parameters  []openAPIParameter       `json:"parameters,omitempty"`
		Responses   map[string]openAPIAnswer `json:"responses"`
	}
	openAPIParameter struct {
		Name        string             `json:"name"`
		In          string             `json:"in"`
		Description string             `json:"description"`
		Required    bool               `json:"required"`
		Explode     *bool              `json:"explode,omitempty"`
		Schema      *jsonschema.Schema `json:"schema"`
	}
	openAPIAnswer struct {
		Description string                   `json:"description"`
		Headers     map[string]openAPIHeader `json:"headers,omitempty"`
		Content     map[string]mediaType     `json:"content,omitempty"`
	}
	openAPIHeader struct {
		Description string             `json:"description"`
		Schema      *jsonschema.Schema `json:"schema"`
	}
	mediaType struct {
		Schema *jsonschema.Schema `json:"schema"`
	}
	components struct {
		Schemas         map[string]*jsonschema.Schema `json:"schemas"`
		SecuritySchemes map[string]map[string]string  `json:"securitySchemes"`
	}
)

// interfaceVersion is that of the addresses: /v1.
const interfaceVersion = "1.0.0"

// document is this interface as a tenant may use it.
func document(o offer) (openAPI, error) {
	d := openAPI{
		OpenAPI: "3.1.0",
		Info: openAPIInfo{
			Title: "rapport", Version: interfaceVersion, License: map[string]string{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			Description: "Figures of service quality: the catalogue, figures of windows that roll, series, explanations and alerts. The tenant is that of the API key. Unknown parameters are refused.",
		},
		Servers:  []map[string]string{{"url": "/"}},
		Security: []map[string][]string{{"bearer": {}}, {"key": {}}},
		Paths:    map[string]pathItem{},
		Components: components{
			Schemas: map[string]*jsonschema.Schema{},
			SecuritySchemes: map[string]map[string]string{
				"bearer": {"type": "http", "scheme": "bearer", "description": "An API key. Without a keys file callers on the same machine need none."},
				"key":    {"type": "apiKey", "in": "header", "name": "X-API-Key"},
			},
		},
	}
	var err error
	if d.Components.Schemas["problem"], err = schemaOf(reflect.TypeFor[problemShape]()); err != nil {
		return d, err
	}
	for _, rt := range routes() {
		if d.Paths[rt.pattern], err = d.path(rt, o); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (d openAPI) path(rt route, o offer) (pathItem, error) {
	op := operation{ID: rt.id, Summary: rt.summary, Description: rt.doc, Responses: map[string]openAPIAnswer{}}
	for _, p := range rt.params {
		op.Parameters = append(op.Parameters, p.openAPI(o))
	}
	ok := openAPIAnswer{Description: "The answer.", Content: map[string]mediaType{"application/json": {&jsonschema.Schema{Type: "object"}}}}
	if rt.answer != nil {
		s, err := schemaOf(rt.answer)
		if err != nil {
			return pathItem{}, err
		}
		d.Components.Schemas[rt.answer.Name()] = s
		ok.Content["application/json"] = mediaType{&jsonschema.Schema{Ref: "#/components/schemas/" + rt.answer.Name()}}
	}
	op.Responses["200"] = ok
	if rt.stable {
		op.Responses["304"] = openAPIAnswer{Description: "It is as it was when the ETag in If-None-Match was sent."}
	}
	for _, status := range rt.refusals() {
		op.Responses[strconv.Itoa(status)] = refusedAs(status)
	}
	return pathItem{op}, nil
}

// refusals are the statuses of problems that a route can answer with.
func (rt route) refusals() []int {
	all := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed}
	for _, p := range rt.params {
		if p.path {
			all = append(all, http.StatusNotFound)
		}
	}
	if !rt.light {
		all = append(all, http.StatusTooManyRequests)
	}
	return append(all, http.StatusServiceUnavailable)
}

func refusedAs(status int) openAPIAnswer {
	a := openAPIAnswer{
		Description: http.StatusText(status) + ".",
		Content:     map[string]mediaType{problems.MediaType: {&jsonschema.Schema{Ref: "#/components/schemas/problem"}}},
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		a.Headers = map[string]openAPIHeader{"Retry-After": {"Seconds to wait, where it is a matter of time.", &jsonschema.Schema{Type: "integer"}}}
	}
	return a
}

func (p param) openAPI(o offer) openAPIParameter {
	out := openAPIParameter{Name: p.name, In: "query", Description: p.doc, Required: p.required, Schema: p.schema(o)}
	if p.path {
		out.In = "path"
	}
	if p.times > 1 {
		explode := true
		out.Explode, out.Schema = &explode, &jsonschema.Schema{Type: "array", Items: out.Schema, MaxItems: &p.times}
	}
	return out
}

// problemShape is a problem as it is sent.
type problemShape struct {
	Type       string           `json:"type" jsonschema:"urn:rapport:problem: and what programs tell problems apart by"`
	Title      string           `json:"title" jsonschema:"what is wrong"`
	Status     int              `json:"status" jsonschema:"that of the answer"`
	Detail     string           `json:"detail" jsonschema:"what to do about it"`
	Parameters []wrongParameter `json:"parameters,omitempty" jsonschema:"what is wrong with the parameters, one by one"`
}

// schemaOf is the JSON Schema of a type's JSON.
func schemaOf(t reflect.Type) (*jsonschema.Schema, error) {
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time"},
	}})
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", t, err)
	}
	return s, nil
}
