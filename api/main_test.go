package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/tenants"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// now is the clock of the handler under test.
var now = time.Date(2026, 3, 2, 11, 7, 30, 0, time.UTC)

// company has a pair and a zone that is half an hour off.
type company struct{}

func (company) For(id string) tenants.Tenant {
	t := tenants.Tenant{ID: id, Zone: time.UTC, MinN: 5, AttributeCap: 2000, FCRWindowDays: 7}
	if id == "acme" {
		t.Cuts = [][2]string{{"region", "product"}}
		t.Zone = time.FixedZone("IST", 5*3600+1800)
	}
	return t
}

// computer is a Figures whose answers are given, and which tells what it was asked.
type computer struct {
	figures []rolling.Figure
	err     error
	wait    chan struct{} // nil: nothing is waited for
	entered chan struct{}
	asked   rolling.Asked
	series  rolling.SeriesAsked
}

func (c *computer) Figures(ctx context.Context, a rolling.Asked) ([]rolling.Figure, error) {
	if c.wait != nil {
		c.entered <- struct{}{}
		select {
		case <-c.wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c.asked = a
	return c.figures, c.err
}

func (c *computer) Series(_ context.Context, a rolling.SeriesAsked) ([]rolling.Figure, error) {
	c.series = a
	return c.figures, c.err
}

// keys are two tenants' with scope read, and one that may only write.
const keys = `keys:
  - {id: acme, sha256: %s, tenant: acme, scopes: [read]}
  - {id: other, sha256: %s, tenant: other, scopes: [read]}
  - {id: app, sha256: %s, tenant: acme, scopes: [ingest]}
`

// server is a handler of the tests' two tenants.
type server struct {
	t       testing.TB
	handler *api.Handler
}

func newServer(t testing.TB, o api.Options) server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, keys, auth.Hash("acme-key"), auth.Hash("other-key"), auth.Hash("app-key")), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if o.Auth, err = auth.Open(file); err != nil {
		t.Fatal(err)
	}
	if o.Questionnaires, err = questionnaires.Load(questionnaires.Shipped(), ""); err != nil {
		t.Fatal(err)
	}
	if o.Figures == nil {
		o.Figures = &computer{}
	}
	if o.Metrics == nil {
		o.Metrics = catalogueOfTests()
	}
	o.Settings, o.Now, o.Log = company{}, func() time.Time { return now }, zerolog.New(zerolog.NewTestWriter(t))
	return server{t, api.New(o)}
}

// catalogueOfTests has a metric of each sort that requests tell apart.
func catalogueOfTests() []metrics.Metric {
	return []metrics.Metric{
		{Name: "csat_top2", Section: "satisfaction", Version: 1, Kind: metrics.Share, Unit: metrics.Percent, Better: metrics.Higher,
			Label: metrics.Text{En: "Satisfied", Zh: "满意率"}, PerQuestionnaire: true, Rests: []metrics.State{metrics.Surveys}},
		{Name: "level_share", Section: "satisfaction", Version: 1, Kind: metrics.Share, Unit: metrics.Percent, Detail: "level", PerQuestionnaire: true, Rests: []metrics.State{metrics.Surveys}},
		{Name: "coverage", Section: "satisfaction", Version: 1, Kind: metrics.Share, Unit: metrics.Percent, PerQuestionnaire: true, Rests: []metrics.State{metrics.Coverages}},
		{Name: "volume", Section: "timeliness", Version: 1, Kind: metrics.Plain, Unit: metrics.Count, Rests: []metrics.State{metrics.ContactStates}},
	}
}

// get asks as acme unless headers (names and values) say otherwise.
func (s server) get(target string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, target, nil)
	r.Header.Set("X-API-Key", "acme-key")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// answer is get for what must succeed.
func (s server) answer(into any, target string, headers ...string) {
	s.t.Helper()
	w := s.get(target, headers...)
	if w.Code != http.StatusOK {
		s.t.Fatalf("GET %s: %d %s", target, w.Code, w.Body)
	}
	body, err := io.ReadAll(w.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		s.t.Fatalf("GET %s: %v in %s", target, err, body)
	}
}

// refused is a problem with its parameters by name.
type refused struct {
	Type       string
	Status     int
	Parameters []struct{ Parameter, Detail string }
}

func (r refused) names() string {
	var names []string
	for _, p := range r.Parameters {
		names = append(names, p.Parameter)
	}
	return strings.Join(names, " ")
}

// refusal is get for what must not succeed.
func (s server) refusal(target string, headers ...string) refused {
	s.t.Helper()
	w := s.get(target, headers...)
	var r refused
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code < 400 || w.Header().Get("Content-Type") != "application/problem+json" || r.Status != w.Code {
		s.t.Fatalf("GET %s: %d %s, want a problem", target, w.Code, w.Body)
	}
	r.Type = strings.TrimPrefix(r.Type, "urn:rapport:problem:")
	return r
}
