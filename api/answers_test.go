package api_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/api"
	"github.com/rapport-project/rapport/rolling"
)

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// regions are figures of one metric by region, in no order.
func regions(n int) []rolling.Figure {
	var all []rolling.Figure
	for i := range n {
		v := float64(i)
		all = append(all, rolling.Figure{
			Tenant: "acme", Metric: "csat_top2", Questionnaire: "after-sales-10", Cut: "region", CutValue: fmt.Sprintf("r%03d", (i*7)%n), AsOf: now, Value: &v, N: 10, Version: 1,
		})
	}
	return all
}

// pages walks a list to its end and answers the values of the cut.
func (s server) pages(target string) (values []string, n int) {
	s.t.Helper()
	for next := ""; ; n++ {
		var page struct {
			Figures []struct {
				CutValue string `json:"cut_value"`
			}
			Next *string
		}
		s.answer(&page, target+next)
		for _, f := range page.Figures {
			values = append(values, f.CutValue)
		}
		if page.Next == nil {
			return values, n + 1
		}
		next = "&cursor=" + *page.Next
	}
}

func TestPages(t *testing.T) {
	s := newServer(t, api.Options{Figures: &computer{figures: regions(25)}})
	const target = "/v1/metrics/csat_top2?window=7d&cut=region&as_of=2026-03-01T00:00:00Z&limit="
	whole, _ := s.pages(target + "100")
	parts, n := s.pages(target + "5")
	if diff := cmp.Diff(whole, parts); diff != "" || n != 5 || len(whole) != 25 {
		t.Errorf("%d pages of %d: %s", n, len(whole), diff)
	}
}

func TestSeriesIsBounded(t *testing.T) {
	c := api.DefaultConfig()
	c.MaxRows, c.MaxPageRows, c.PageRows = 20, 20, 20
	s := newServer(t, api.Options{Config: c, Figures: &computer{figures: regions(21)}})
	if r := s.refusal("/v1/metrics/csat_top2?from=2026-02-01&to=2026-03-01&step=day&cut=region"); r.Type != "too-many-rows" {
		t.Errorf("%+v", r)
	}
}

// TestSeries: points in the order of time, by place; what is no number of JSON is null.
func TestSeries(t *testing.T) {
	nan, one := math.NaN(), 1.0
	c := &computer{}
	for i, v := range []*float64{&one, &nan, nil} {
		c.figures = append(c.figures, rolling.Figure{Metric: "volume", AsOf: now.Add(-time.Duration(i) * time.Hour), Value: v, Unit: "count"})
	}
	s := newServer(t, api.Options{Figures: c})
	var answer struct {
		Series []struct {
			Unit   string
			Points []struct {
				AsOf  time.Time `json:"as_of"`
				Value *float64
			}
		}
		Figures []any
	}
	s.answer(&answer, "/v1/metrics/volume?from=2026-03-02T08:00:00Z&to=2026-03-02T11:00:00Z&step=hour")
	if answer.Figures != nil || len(answer.Series) != 1 || len(answer.Series[0].Points) != 3 {
		t.Fatalf("%+v", answer)
	}
	points := answer.Series[0].Points
	if points[0].Value != nil || points[1].Value != nil || *points[2].Value != 1 || !points[0].AsOf.Before(points[2].AsOf) {
		t.Errorf("%+v", points)
	}
}

// TestFaults: what the database cannot do is 503, and never names what was asked.
func TestFaults(t *testing.T) {
	const target = "/v1/metrics/csat_top2?window=7d&as_of=2026-03-01T00:00:00Z"
	for _, tc := range []struct {
		err  error
		want string
	}{
		{errors.New("no route to host"), "503 unavailable"},
		{fmt.Errorf("computing: %w", context.DeadlineExceeded), "503 too-slow"},
		{fmt.Errorf("computing: %w", &clickhouse.Exception{Code: 159}), "503 too-slow"},
		{fmt.Errorf("computing: %w", &clickhouse.Exception{Code: 396}), "400 too-many-rows"},
		{fmt.Errorf("computing: %w", &clickhouse.Exception{Code: 60}), "503 unavailable"},
	} {
		s := newServer(t, api.Options{Figures: &computer{err: tc.err}})
		r := s.refusal(target)
		if got := fmt.Sprint(r.Status, " ", r.Type); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.err, got, tc.want)
		}
		if w := s.get(target); strings.Contains(w.Body.String(), "route to host") {
			t.Errorf("the answer tells of the fault: %s", w.Body)
		}
	}
}

// TestOneTenantLeavesRoomForOthers: requests beyond a tenant's share are asked to come back; another tenant's are computed.
func TestOneTenantLeavesRoomForOthers(t *testing.T) {
	config := api.DefaultConfig()
	config.MaxQueries, config.MaxTenantQueries, config.QueueTimeout = 3, 2, 50*time.Millisecond
	c := &computer{wait: make(chan struct{}), entered: make(chan struct{}, 3)}
	s := newServer(t, api.Options{Config: config, Figures: c})
	const target = "/v1/metrics/csat_top2?window=7d&as_of=2026-03-01T00:00:00Z"
	codes := make(chan int, 3)
	ask := func(key string) { codes <- s.get(target, "X-API-Key", key).Code }
	go ask("acme-key")
	go ask("acme-key")
	<-c.entered
	<-c.entered
	w := s.get(target)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("a third of the tenant: %d", w.Code)
	}
	go ask("other-key")
	<-c.entered
	if w := s.get(target, "X-API-Key", "other-key"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a fourth of all: %d", w.Code)
	}
	close(c.wait)
	for range 3 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one that had its place: %d", code)
		}
	}
}

func TestSlowComputingEnds(t *testing.T) {
	config := api.DefaultConfig()
	config.Timeout = 20 * time.Millisecond
	s := newServer(t, api.Options{Config: config, Figures: &computer{wait: make(chan struct{}), entered: make(chan struct{}, 1)}})
	if r := s.refusal("/v1/metrics/csat_top2?window=7d&as_of=2026-03-01T00:00:00Z"); r.Type != "too-slow" {
		t.Errorf("%+v", r)
	}
}

// TestCatalogue has what a page needs, is not sent again as long as it is the same, and is of the tenant.
func TestCatalogue(t *testing.T) {
	s := newServer(t, api.Options{})
	w := s.get("/v1/metrics", "Accept-Encoding", "gzip")
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	unpacked, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Metrics []struct {
			Name           string
			Label          struct{ En, Zh string }
			Windows, Steps []string
		}
		Cuts           []string
		Windows        []struct{ Name string }
		Questionnaires []struct{ ID string }
	}
	if err := json.NewDecoder(unpacked).Decode(&c); err != nil {
		t.Fatal(err)
	}
	if len(c.Metrics) != 4 || c.Metrics[0].Label.Zh != "满意率" || len(c.Metrics[0].Windows) != 5 || len(c.Metrics[2].Windows) != 4 || len(c.Metrics[2].Steps) != 1 {
		t.Errorf("metrics %+v", c.Metrics)
	}
	if len(c.Cuts) != 8 || len(c.Windows) != 5 || len(c.Questionnaires) < 6 {
		t.Errorf("cuts %v, windows %v, questionnaires %v", c.Cuts, c.Windows, c.Questionnaires)
	}
	tag := w.Header().Get("ETag")
	if again := s.get("/v1/metrics", "If-None-Match", `"x", `+tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("again: %d %s", again.Code, again.Body)
	}
	if other := s.get("/v1/metrics", "If-None-Match", tag, "X-API-Key", "other-key"); other.Code != http.StatusOK {
		t.Errorf("another tenant's: %d", other.Code)
	}
	if f := s.get("/v1/metrics/volume?window=7d&as_of=2026-03-01T00:00:00Z"); f.Header().Get("Cache-Control") != "no-store" || f.Header().Get("ETag") != "" {
		t.Errorf("figures: %v", f.Header())
	}
}
