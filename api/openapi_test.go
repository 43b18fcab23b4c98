package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/rolling"
)

// contract is the document as served, in the hands of a validator.
func (s server) contract(headers ...string) validator.Validator {
	s.t.Helper()
	w := s.get("/openapi.json", headers...)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	document, err := libopenapi.NewDocument(w.Body.Bytes())
	if err != nil {
		s.t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		s.t.Fatal(errs)
	}
	return v
}

func TestOpenAPIIsValid(t *testing.T) {
	s := newServer(t, api.Options{})
	for _, key := range []string{"acme-key", "other-key", "app-key"} {
		v := s.contract("X-API-Key", key)
		if ok, errs := v.ValidateDocument(); !ok {
			for _, e := range errs {
				t.Errorf("%s: %s %v", key, e.Message, e.SchemaValidationErrors)
			}
		}
	}
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	s.answer(&document, "/openapi.json")
	if !strings.HasPrefix(document.OpenAPI, "3.1.") || document.Paths["/v1/metrics/{metric}"] == nil {
		t.Errorf("openapi %s with %v", document.OpenAPI, document.Paths)
	}
}

// TestAnswersAreAsOpenAPISays: a request that the document allows gets an answer that it allows; one that it does not allow is refused, with an answer
// that it allows.
func TestAnswersAreAsOpenAPISays(t *testing.T) {
	value := 80.5
	s := newServer(t, api.Options{Figures: &computer{figures: []rolling.Figure{
		{Metric: "csat_top2", Questionnaire: "after-sales-10", AsOf: now, Value: &value, N: 12, Unit: "%", Version: 1},
	}}})
	v := s.contract()
	for _, tc := range []struct {
		target string
		fits   bool
	}{
		{"/v1/metrics", true},
		{"/v1/metrics/csat_top2?window=7d&as_of=2026-03-01T00:00:00Z", true},
		{"/v1/metrics/csat_top2?from=2026-01-01&to=2026-03-01&step=day&cut_value=a&cut_value=b&cut=region", true},
		{"/v1/metrics/csat_top2?window=2d", false},
		{"/v1/metrics/csat_top2?window=7d&cut=colour", false},
		{"/v1/metrics/csat_top2?window=7d&limit=0", false},
		{"/v1/metrics/csat_top2?window=7d&questionnaire=none", false},
		{"/v1/metrics/csat_top2?from=2026-01-01&to=2026-03-01&step=week", false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tc.target, nil)
		r.Header.Set("X-API-Key", "acme-key")
		if fits, errs := v.ValidateHttpRequest(r); fits != tc.fits {
			t.Errorf("%s: the document allows it: %v, want %v: %v", tc.target, fits, tc.fits, errs)
		}
		w := s.get(tc.target)
		if (w.Code == http.StatusOK) != tc.fits {
			t.Errorf("%s: %d %s", tc.target, w.Code, w.Body)
		}
		if ok, errs := v.ValidateHttpResponse(r, w.Result()); !ok {
			for _, e := range errs {
				t.Errorf("%s: the answer %s\n%s %v", tc.target, w.Body, e.Message, e.SchemaValidationErrors)
			}
		}
	}
}

// TestOpenAPIHasTheTenantsCuts: what one tenant may ask for is none of another's.
func TestOpenAPIHasTheTenantsCuts(t *testing.T) {
	s := newServer(t, api.Options{})
	for key, want := range map[string]bool{"acme-key": true, "other-key": false} {
		text, err := json.Marshal(json.RawMessage(s.get("/openapi.json", "X-API-Key", key).Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(text), `"region,product"`); got != want {
			t.Errorf("%s: the pair is in the document: %v", key, got)
		}
	}
}
