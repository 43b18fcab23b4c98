package faults

import (
	"context"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/rapport-project/rapport/internal/e2e"
)

// usage is what the largest member holds.
type usage struct{ goroutines, residentMiB float64 }

func (x *Trial) usage() usage {
	x.t.Helper()
	var u usage
	for i := range x.Members {
		u.goroutines = max(u.goroutines, x.Metric(i, "go_goroutines"))
		u.residentMiB = max(u.residentMiB, x.Metric(i, "process_resident_memory_bytes")/(1<<20))
	}
	return u
}

// Metric is the sum of a member's series of that name; 0 where there are none.
func (x *Trial) Metric(member int, name string) float64 {
	x.t.Helper()
	sum, err := metric(x.Members[member], name)
	if err != nil {
		x.t.Fatal(err)
	}
	return sum
}

func metric(m *e2e.System, name string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.HTTP+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, m := range families[name].GetMetric() {
		sum += value(m)
	}
	return sum, nil
}

func value(m *dto.Metric) float64 {
	return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
}
