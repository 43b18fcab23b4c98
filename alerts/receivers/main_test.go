package receivers

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/metrics"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

// patience bounds every wait of these tests; none passes by waiting for it.
const patience = 30 * time.Second

func ptr[T any](v T) *T { return &v }

// drop is the alert that these tests send: one region's satisfaction fell.
func drop(transition string) Notification {
	fired := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	n := Notification{
		ID: "5d0c1a7be2f94c0f", Tenant: "acme", Alert: "SatisfactionDrop", Group: "service", Transition: transition, StartsAt: fired, At: fired,
		Labels: map[string]string{"severity": "page", "metric": "not what was looked at"},
		Annotations: map[string]string{
			"summary": "Customers in north are <less> satisfied & say so", "summary_zh": "北区客户满意度下降",
		},
		Metric: "csat_top2", Questionnaire: "after-sales-10", Window: "7d", Cut: "region,product", CutValue: `["north","pump"]`,
		Value: ptr(61.333333333333336), Low: ptr(52.1), High: ptr(69.8), Previous: ptr(84.25), N: 75, PreviousN: 80, Unit: string(metrics.Percent),
		Bound: "below", Threshold: 75, Confidence: ptr(0.95), Explain: "http://127.0.0.1:8080/v1/explain?metric=csat_top2&window=7d",
		Label: metrics.Text{En: "Satisfied responses", Zh: "满意率"},
		Movers: []Mover{
			{Cut: "product", CutValue: "pump", Value: ptr(50.0), Previous: ptr(86.0), N: 50, PreviousN: 50, Contribution: -24.166666666666668},
			{Cut: "agent", CutValue: "li", Value: ptr(70.0), Previous: ptr(80.5), N: 20, PreviousN: 22, Contribution: -3.5},
			{Cut: "channel", CutValue: "", Value: ptr(90.0), Previous: nil, N: 5, PreviousN: 0, Contribution: 6},
		},
	}
	if transition != Firing {
		n.At = fired.Add(3 * time.Hour)
		n.EndsAt = ptr(n.At)
		n.Value = ptr(86.0)
	}
	return n
}

// taken is what a test's receiver was posted.
type taken struct {
	path   string
	header http.Header
	body   []byte
}

// serve answers every post by answer, and hands over what was posted.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) (address string, posts chan taken) {
	t.Helper()
	posts = make(chan taken, 1000)
	address = httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 0, 1<<16)
		buffer := make([]byte, 4096)
		for {
			n, err := r.Body.Read(buffer)
			body = append(body, buffer[:n]...)
			if err != nil {
				break
			}
		}
		posts <- taken{r.URL.Path, r.Header, body}
		answer(w, r)
	})
	return address, posts
}

// httpServer answers by a handler until the test ends.
func httpServer(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

// lacks skips a test that has not what it needs, and fails it under CI.
func lacks(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
