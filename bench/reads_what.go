package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rapport-project/rapport/bench/report"
)

// dashboardWindow is the window that is read.
const dashboardWindow = "28d"

// reading is one read and how often it is timed.
type reading struct {
	name        string
	warm, times int
	read        func(context.Context) ([]byte, error)
	// check says what is wrong with the first answer.
	check func([]byte) error
}

// readings are what is timed: each as a user does it, by HTTP and to the last byte.
func (b *bench) readings(db database, addr string, to time.Time) []reading {
	first, last := to.AddDate(0, 0, 1-storeDays).Format(time.DateOnly), to.AddDate(0, 0, 1).Format(time.DateOnly)
	api := func(path string, query ...string) func(context.Context) ([]byte, error) {
		values := url.Values{}
		for i := 0; i < len(query); i += 2 {
			values.Set(query[i], query[i+1])
		}
		return func(ctx context.Context) ([]byte, error) {
			return fetched(ctx, "http://"+addr+path+"?"+values.Encode(), "")
		}
	}
	sql := func(query string) func(context.Context) ([]byte, error) {
		query = strings.NewReplacer("{{tenant}}", storeTenant, "{{first}}", first, "{{window}}", dashboardWindow).Replace(query)
		return func(ctx context.Context) ([]byte, error) {
			return fetched(ctx, "http://"+hostOf(db.dsn)+"/?database=rapport", query)
		}
	}
	const byRegion = " WHERE tenant = '{{tenant}}' AND questionnaire = 'after-sales-10' AND day >= '{{first}}'"
	return []reading{
		{report.ReadDashboard, 5, 101, sql("SELECT * FROM rolling_metrics WHERE tenant = '{{tenant}}' AND window = '{{window}}' AND cut = 'region'"), rowsAtLeast(500)},
		{"metric_api", 5, 101, api("/v1/metrics/csat_top2", "window", dashboardWindow, "cut", "region"), contains(`"cut_value":"islands"`)},
		{report.ReadSeries, 5, 101, api("/v1/metrics/csat_top2", "cut", "region", "step", "day", "from", first, "to", last, "questionnaire", "after-sales-10"), points(8, storeDays)},
		{
			"view_by_cut", 5, 101, sql("SELECT day, cut_value, n, csat_top2 FROM satisfaction_by_cut_daily" + byRegion + " AND cut = 'region' ORDER BY day, cut_value"),
			rowsAtLeast(8 * storeDays),
		},
		{
			report.ReadView, 3, 21,
			sql("SELECT day, region, sum(n) AS responses, 100 * sum(satisfied_n) / sum(n) AS csat_top2 FROM satisfaction_daily" + byRegion + " GROUP BY day, region ORDER BY day, region"),
			rowsAtLeast(8 * storeDays),
		},
	}
}

// sizes are what a fact and a day of figures take on disk.
func (b *bench) sizes(ctx context.Context, db database) ([]report.Value, error) {
	var out []report.Value
	for _, of := range []struct{ name, tables, per string }{
		{report.FactBytes, "'survey_facts'", "SELECT count() FROM rapport_store.survey_facts"},
		{report.IdentityBytes, "'identities'", "SELECT count() FROM rapport_store.survey_facts"},
		{report.DayBytes, "'satisfaction_days', 'dimension_days', 'score_days', 'reason_days'", "SELECT uniqExact(day) FROM rapport_store.satisfaction_days"},
		{report.RollingBytes, "'rolling'", "SELECT toUInt64(1)"},
	} {
		bytes, err := db.number(ctx, "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'rapport_store' AND table IN ("+of.tables+")")
		if err != nil {
			return nil, err
		}
		per, err := db.number(ctx, of.per)
		if err != nil {
			return nil, err
		}
		out = append(out, report.Value{Name: of.name, Unit: "bytes", Value: float64(bytes) / float64(max(per, 1))})
	}
	return out, nil
}

// fetched is the whole answer to a request; one with a body posts it.
func fetched(ctx context.Context, address, body string) ([]byte, error) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer[:min(len(answer), 500)])
	}
	return answer, err
}

func hostOf(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return ""
	}
	return u.Host
}

func rowsAtLeast(n int) func([]byte) error {
	return func(answer []byte) error {
		if got := bytes.Count(answer, []byte("\n")); got < n {
			return fmt.Errorf("%d rows; want %d at least", got, n)
		}
		return nil
	}
}

func contains(text string) func([]byte) error {
	return func(answer []byte) error {
		if !bytes.Contains(answer, []byte(text)) {
			return fmt.Errorf("no %s in %s", text, answer[:min(len(answer), 500)])
		}
		return nil
	}
}

// points wants so many series of so many points that rest on responses.
func points(series, steps int) func([]byte) error {
	return func(answer []byte) error {
		var a struct {
			Series []struct {
				Points []struct {
					N uint64 `json:"n"`
				} `json:"points"`
			} `json:"series"`
		}
		if err := json.Unmarshal(answer, &a); err != nil {
			return err
		}
		observed := 0
		for _, s := range a.Series {
			for _, p := range s.Points {
				if p.N > 0 {
					observed++
				}
			}
		}
		if len(a.Series) != series || observed < series*steps {
			return fmt.Errorf("%d series with %d observed points; want %d with %d", len(a.Series), observed, series, series*steps)
		}
		return nil
	}
}
