package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/rolling"
)

// TestRefusals: what is wrong is told by parameter, all at once, and nothing is computed.
func TestRefusals(t *testing.T) {
	s := newServer(t, api.Options{})
	const figures = "/v1/metrics/csat_top2?"
	for _, tc := range []struct {
		target string
		status int
		kind   string
		names  string
	}{
		{"/v1/metrics/nothing?window=7d", 404, "unknown-metric", ""},
		{"/v1/metrics/csat%5Ftop2%27?window=7d", 404, "unknown-metric", ""},
		{"/v1/nothing", 404, "not-found", ""},
		{"/v1/metrics?tenant=other", 400, "invalid-parameters", "tenant"},
		{figures, 400, "invalid-parameters", "window"},
		{figures + "window=7d&tenant=other&colour=red", 400, "invalid-parameters", "colour tenant"},
		{figures + "window=7d&metric=volume", 400, "invalid-parameters", "metric"},
		{figures + "window=2d&cut=colour&questionnaire=none&limit=many&as_of=now", 400, "invalid-parameters", "window cut questionnaire as_of limit"},
		{figures + "window=7d&window=7d", 400, "invalid-parameters", "window"},
		{figures + "window=7d&cut_value=north", 400, "invalid-parameters", "cut_value"},
		{figures + "window=7d&cut=region" + strings.Repeat("&cut_value=x", 51), 400, "invalid-parameters", "cut_value"},
		{figures + "window=7d&cut=product,region", 400, "invalid-parameters", "cut"},
		{figures + "window=7d&detail=" + strings.Repeat("x", 1025), 400, "invalid-parameters", "detail"},
		{figures + "window=7d&detail=%00", 400, "invalid-parameters", "detail"},
		{figures + "window=7d&detail=%ff", 400, "invalid-parameters", "detail"},
		{figures + "window=7d&as_of=2026-03-02T11:08:00Z", 400, "invalid-parameters", "as_of"}, // has not passed
		{figures + "window=7d&as_of=2026-03-01T00:00:00+08:00", 400, "invalid-parameters", "as_of"},
		{figures + "window=7d&as_of=1926-03-01T00:00:00Z", 400, "invalid-parameters", "as_of"},
		{figures + "window=7d&cursor=abc", 400, "invalid-parameters", "cursor"},
		{figures + "window=7d&limit=10001", 400, "invalid-parameters", "limit"},
		{figures + "window=7d&step=day", 400, "invalid-parameters", "from to window"},
		{figures + "from=2026-02-01&to=2026-03-01", 400, "invalid-parameters", "step"},
		{figures + "from=2026-03-01&to=2026-02-01&step=day", 400, "invalid-parameters", "to"},
		{figures + "from=1971-01-01&to=2199-01-01&step=hour", 400, "invalid-parameters", "from"},
		{figures + "from=2026-02-30&to=2026-03-01&step=day", 400, "invalid-parameters", "from"},
		{"/v1/metrics/coverage?window=1h", 400, "invalid-parameters", "window"},
		{"/v1/metrics/coverage?from=2026-02-01&to=2026-03-01&step=hour", 400, "invalid-parameters", "step"},
		{"/v1/metrics/volume?window=7d&questionnaire=after-sales-10", 400, "invalid-parameters", "questionnaire"},
		{figures + "window=%zz", 400, "broken-query", ""},
		{figures + "window=7d;cut=region", 400, "broken-query", ""},
		{"/v1/explain", 400, "invalid-parameters", "metric window"},
		{"/v1/explain?metric=csat_top2&window=7d&cut=region", 400, "invalid-parameters", "cut_value questionnaire"},
		{"/v1/explain?metric=volume&window=7d&cursor=WyJhIiwiYiIsImMiLCJkIiwiZSJd", 400, "invalid-parameters", "cursor"},
		{"/v1/alerts?state=loud", 400, "invalid-parameters", "state"},
	} {
		got := s.refusal(tc.target)
		if want := fmt.Sprint(tc.status, tc.kind, tc.names); fmt.Sprint(got.Status, got.Type, got.names()) != want {
			t.Errorf("%.100s: %d %s, parameters %s; want %s", tc.target, got.Status, got.Type, got.names(), want)
		}
	}
}

// TestWhoIsLetIn: the scope read, and no method but GET and HEAD.
func TestWhoIsLetIn(t *testing.T) {
	s := newServer(t, api.Options{})
	for _, path := range []string{"/v1/metrics", "/v1/metrics/volume?window=7d", "/v1/explain?metric=volume&window=7d", "/v1/alerts"} {
		if r := s.refusal(path, "X-API-Key", "none"); r.Status != http.StatusUnauthorized {
			t.Errorf("%s without a key: %d", path, r.Status)
		}
		if r := s.refusal(path, "X-API-Key", "app-key"); r.Status != http.StatusForbidden {
			t.Errorf("%s without the scope: %d", path, r.Status)
		}
	}
	if w := s.get("/openapi.json", "X-API-Key", "none"); w.Code != http.StatusUnauthorized {
		t.Errorf("/openapi.json without a key: %d", w.Code)
	}
	for method, want := range map[string]int{"HEAD": 200, "POST": 405, "OPTIONS": 405, "DELETE": 405} {
		r := httptest.NewRequestWithContext(t.Context(), method, "/v1/metrics", nil)
		r.Header.Set("X-API-Key", "acme-key")
		r.Header.Set("Origin", "https://example.com")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != want || len(w.Header().Values("Access-Control-Allow-Origin")) > 0 {
			t.Errorf("%s: %d %v, want %d and no CORS", method, w.Code, w.Header(), want)
		}
	}
}

// TestAskedAsRead: what reaches the computer is what was asked for, of the caller's tenant, in whole steps.
func TestAskedAsRead(t *testing.T) {
	c := &computer{}
	s := newServer(t, api.Options{Figures: c})
	var answer struct{ Figures []any }
	s.answer(&answer, "/v1/metrics/csat_top2?window=28d&cut=region,product&as_of=2026-03-02T10:59:59.999999Z")
	if c.asked.Tenant != "acme" || c.asked.AsOf.Format("15:04:05") != "10:45:00" || c.asked.Window.Name != "28d" || !cmp.Equal(c.asked.Cuts, []string{"region,product"}) {
		t.Errorf("asked %+v", c.asked)
	}
	if answer.Figures == nil {
		t.Error("no figures are an empty list")
	}

	// Days of acme begin at 18:30 UTC.
	s.answer(&answer, "/v1/metrics/csat_top2?from=2026-02-01&to=2026-02-03T00:00:00Z&step=day&cut=region&cut_value=north&cut_value=&detail=")
	none := ""
	want := rolling.SeriesAsked{
		Tenant: "acme", Metric: "csat_top2", Detail: &none, Cut: "region", CutValues: []string{"north", ""}, Step: "day",
		From: day("2026-01-31T18:30:00Z"), To: day("2026-02-03T18:30:00Z"),
	}
	if diff := cmp.Diff(want, c.series); diff != "" {
		t.Error(diff)
	}
	s.answer(&answer, "/v1/metrics/csat_top2?from=2026-02-01T10:59:00Z&to=2026-02-01T12:00:00Z&step=hour", "X-API-Key", "other-key")
	if c.series.Tenant != "other" || !c.series.From.Equal(day("2026-02-01T10:00:00Z")) || !c.series.To.Equal(day("2026-02-01T12:00:00Z")) {
		t.Errorf("asked %+v", c.series)
	}
}
