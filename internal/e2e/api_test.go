package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// read asks the read API of the system and takes the answer apart.
func (s *System) read(path string, into any) error {
	resp, err := http.Get(s.HTTP + path)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, resp.StatusCode, body)
	}
	return json.Unmarshal(body, into)
}

// TestAPI: what was posted is read from the same address as a present figure, which the facts agree with, as a day of a series, and with the events behind it.
func TestAPI(t *testing.T) {
	s := New(t, rapport)
	s.Up()
	at := time.Now().Add(-3 * time.Hour)
	for i, region := range []string{"north", "north", "south"} {
		if a, err := s.Post("/v1/events", "application/json", answered(fmt.Sprint("r-", i), region, at, 9-3*i, nil).Structured()); err != nil || a.Status != http.StatusAccepted {
			t.Fatalf("%+v %v", a, err)
		}
	}
	var figures struct {
		Figures []struct {
			CutValue string `json:"cut_value"`
			Value    float64
			N        uint64
		}
	}
	s.Eventually("a figure by region", func() error {
		if err := s.read("/v1/metrics/csat_top2?window=24h&cut=region", &figures); err != nil {
			return err
		}
		if got := fmt.Sprint(figures.Figures); got != "[{north 50 2} {south 0 1}]" {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	var explained struct {
		Shown, Recomputed *struct {
			Value float64
			N     uint64
		}
		Agrees *bool
		Events []struct{ ID string }
	}
	if err := s.read("/v1/explain?metric=csat_top2&questionnaire=after-sales-10&window=24h&cut=region&cut_value=north", &explained); err != nil {
		t.Fatal(err)
	}
	if explained.Agrees == nil || !*explained.Agrees || len(explained.Events) != 2 {
		t.Errorf("%+v", explained)
	}
	var series struct {
		Series []struct {
			Points []struct {
				Value *float64
				N     uint64
			}
		}
	}
	day := time.Now().UTC().AddDate(0, 0, -2)
	// A day of the series may be computed from rollups, which come a moment after the facts.
	s.Eventually("a series", func() error {
		path := fmt.Sprintf("/v1/metrics/csat_top2?step=day&from=%s&to=%s", day.Format(time.DateOnly), day.AddDate(0, 0, 3).Format(time.DateOnly))
		if err := s.read(path, &series); err != nil {
			return err
		}
		n := uint64(0)
		for _, one := range series.Series {
			for _, p := range one.Points {
				n += p.N
			}
		}
		if n != 3 {
			return fmt.Errorf("%d responses in %+v", n, series)
		}
		return nil
	})
	for _, path := range []string{"/v1/metrics", "/v1/alerts", "/openapi.json"} {
		var answer map[string]any
		if err := s.read(path, &answer); err != nil {
			t.Error(err)
		}
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}
