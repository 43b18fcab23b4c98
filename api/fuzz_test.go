package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/rapport-project/rapport/api"
)

// FuzzQuery: whatever stands in a query, the answer is figures or a problem that says what is wrong, and nothing of another tenant is asked for.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "window=7d", "window=7d&as_of=2026-03-01T00:00:00Z&cut=region&cut_value=north", "from=2026-02-01&to=2026-03-01&step=day", "window=7d&tenant=other",
		"window=7d&cursor=WyJhIiwiYiIsImMiXQ&as_of=2026-03-01T00:00:00Z", "window=%27%20OR%201=1--", "from=0001-01-01&to=9999-12-31&step=hour", "window=7d&detail=%00%ff",
		"as_of=2026-03-01T00:00:00%2B23:59&window=1h&limit=-1", "from=2026-02-01T00:00:00.000000001Z&to=2026-02-01T00:00:00.000000002Z&step=hour",
	} {
		for _, path := range []string{"csat_top2", "coverage", "../alerts", "%2e%2e"} {
			f.Add(path, seed)
		}
	}
	c := &computer{figures: regions(3)}
	s := newServer(f, api.Options{Figures: c})
	f.Fuzz(func(t *testing.T, metric, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/metrics/x", nil)
		r.URL = &url.URL{Path: "/v1/metrics/" + metric, RawQuery: query + "&as_of=2026-03-01T00:00:00Z"}
		r.Header.Set("X-API-Key", "acme-key")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		var body map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil && w.Code != http.StatusMovedPermanently {
			t.Fatalf("%d %v: %s", w.Code, err, w.Body)
		}
		for _, tenant := range []string{c.asked.Tenant, c.series.Tenant} {
			if tenant != "" && tenant != "acme" {
				t.Fatalf("asked for tenant %q", tenant)
			}
		}
	})
}
