package rolling

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// gauges are the metrics of the keeper, and the figures as gauges. The figures are of what is stored, not of this process: only the one that keeps shows them.
type gauges struct {
	failures, published prometheus.Counter
	seconds             *prometheus.HistogramVec
	refreshed           *prometheus.GaugeVec
	// figures are replaced as a whole, so that a scrape sees all of one time.
	figures atomic.Pointer[series]
}

// series are the figures of one time.
type series struct {
	value, n, low, high, asOf *prometheus.GaugeVec
	leftOut                   prometheus.Gauge
}

func newGauges(reg prometheus.Registerer) *gauges {
	b := &gauges{
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_rolling_failures_total", Help: "Computations of the rolling figures of a tenant and window, and looks for what is to be computed, that ended in a fault.",
		}),
		published: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rapport_rolling_published_total", Help: "Rolling figures that changed, published to rapport.metrics; what is told again counts again.",
		}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rapport_rolling_seconds", Help: "A round of the keeper of rolling figures.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 16),
		}, []string{"lane"}),
		refreshed: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_rolling_refreshed_at_seconds", Help: "When all rolling figures were last found to be as of now, Unix time; none in a process that does not keep them.",
		}, []string{"lane"}),
	}
	b.figures.Store(newSeries())
	if reg != nil {
		reg.MustRegister(b.failures, b.published, b.seconds, b.refreshed, b)
	}
	return b
}

func newSeries() *series {
	labels := []string{"tenant", "metric", "questionnaire", "detail", "window", "cut", "cut_value"}
	return &series{
		value: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "rapport_metric_value", Help: "Column value of the view rolling_metrics."}, labels),
		n:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "rapport_metric_n", Help: "Column n of the view rolling_metrics."}, labels),
		low:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "rapport_metric_ci_low", Help: "Column ci_low of the view rolling_metrics."}, labels),
		high:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "rapport_metric_ci_high", Help: "Column ci_high of the view rolling_metrics."}, labels),
		asOf: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rapport_metric_as_of_seconds", Help: "Column as_of of the view rolling_metrics, Unix time; the oldest of a tenant and window.",
		}, []string{"tenant", "window"}),
		leftOut: prometheus.NewGauge(prometheus.GaugeOpts{Name: "rapport_metric_left_out", Help: "Rolling figures beyond the cap, and those of pairs: without series."}),
	}
}

func (s *series) all() []prometheus.Collector {
	return []prometheus.Collector{s.value, s.n, s.low, s.high, s.asOf, s.leftOut}
}

// Describe implements prometheus.Collector.
func (b *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range newSeries().all() {
		c.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (b *gauges) Collect(ch chan<- prometheus.Metric) {
	for _, c := range b.figures.Load().all() {
		c.Collect(ch)
	}
}

// clear shows nothing.
func (b *gauges) clear() {
	b.figures.Store(newSeries())
	b.refreshed.Reset()
}

// restOfGauges is how many times as long as reading them took the gauges stay as they are: nobody scrapes oftener than figures can be sorted.
const restOfGauges = 20

// show makes the gauges be what is stored, where something was stored since.
func (k *Keeper) show(ctx context.Context) error {
	if time.Now().Before(k.showAgain) || !k.written.Swap(false) {
		return nil
	}
	started := time.Now()
	defer func() { k.showAgain = started.Add(restOfGauges * time.Since(started)) }()
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	s, err := k.series(ctx)
	if err != nil {
		k.written.Store(true)
		return fmt.Errorf("rolling: show figures as metrics: %w", err)
	}
	k.gauges.figures.Store(s)
	return nil
}

func (k *Keeper) series(ctx context.Context) (*series, error) {
	s := newSeries()
	rows, err := k.o.Conn.Query(ctx, kept("series.sql"), clickhouse.Named("most", uint64(k.o.Series)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	shown := uint64(0)
	for rows.Next() {
		var f Figure
		if err := rows.Scan(&f.Tenant, &f.Metric, &f.Questionnaire, &f.Detail, &f.Window, &f.Cut, &f.CutValue, &f.Value, &f.N, &f.Low, &f.High); err != nil {
			return nil, err
		}
		shown++
		labels := []string{f.Tenant, f.Metric, f.Questionnaire, f.Detail, f.Window, f.Cut, f.CutValue}
		s.n.WithLabelValues(labels...).Set(float64(f.N))
		for vec, v := range map[*prometheus.GaugeVec]*float64{s.value: f.Value, s.low: f.Low, s.high: f.High} {
			if v != nil {
				vec.WithLabelValues(labels...).Set(*v)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	ages, err := k.o.Conn.Query(ctx, kept("ages.sql"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = ages.Close() }()
	all := uint64(0)
	for ages.Next() {
		var tenant, window string
		var asOf time.Time
		var figures uint64
		if err := ages.Scan(&tenant, &window, &asOf, &figures); err != nil {
			return nil, err
		}
		all += figures
		s.asOf.WithLabelValues(tenant, window).Set(float64(asOf.Unix()))
	}
	s.leftOut.Set(float64(all) - float64(shown))
	return s, ages.Err()
}
