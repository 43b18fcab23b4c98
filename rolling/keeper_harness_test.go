package rolling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// scripted answers figures that a test has set, of the metrics that are asked for.
type scripted struct {
	mu      sync.Mutex
	figures []Figure
	fails   map[string]bool // tenants
	asked   []Asked
}

func (f *scripted) Figures(_ context.Context, a Asked) ([]Figure, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, a)
	if f.fails[a.Tenant] {
		return nil, errors.New("no figures today")
	}
	var out []Figure
	for _, figure := range f.figures {
		if slices.Contains(a.Metrics, figure.Metric) && slices.Contains(a.Cuts, figure.Cut) {
			figure.Tenant, figure.Window, figure.AsOf = a.Tenant, a.Window.Name, a.AsOf
			out = append(out, figure)
		}
	}
	return out, nil
}

// windowsAsked are the windows of the calls since the last time, with the number of metrics.
func (f *scripted) windowsAsked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, a := range f.asked {
		out = append(out, fmt.Sprint(a.Tenant, " ", a.Window.Name, " ", a.Metrics))
	}
	f.asked = nil
	return out
}

// heard keeps what is published.
type heard struct {
	mu     sync.Mutex
	fails  bool
	events []Changed
}

func (h *heard) Publish(_ context.Context, msgs ...kafka.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails {
		return errors.New("no broker today")
	}
	for _, m := range msgs {
		var e Changed
		if err := json.Unmarshal(m.Value, &e); err != nil {
			return err
		}
		if m.Topic != schemas.TopicMetrics || string(m.Key) != e.Tenant {
			return fmt.Errorf("topic %s, key %s", m.Topic, m.Key)
		}
		h.events = append(h.events, e)
	}
	return nil
}

// take are the events since the last time.
func (h *heard) take() []Changed {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := h.events
	h.events = nil
	return events
}

// keptTest is a keeper under test with all that it works with.
type keptTest struct {
	*Keeper
	t       *testing.T
	conn    driver.Conn
	figures *scripted
	heard   *heard
	now     time.Time
	reg     *prometheus.Registry
}

// paired is a tenant with a pair of attributes.
type paired struct{}

func (paired) For(id string) tenants.Tenant {
	return tenants.Tenant{ID: id, Zone: time.UTC, MinN: 5, Cuts: [][2]string{{"region", "product"}}}
}

func startKeeper(t *testing.T, conn driver.Conn, change func(*KeeperOptions)) *keptTest {
	t.Helper()
	k := &keptTest{t: t, conn: conn, figures: &scripted{fails: map[string]bool{}}, heard: &heard{}, reg: prometheus.NewRegistry(), now: time.Date(2026, 3, 10, 12, 20, 30, 0, time.UTC)}
	o := KeeperOptions{
		Config: Config{Publish: true, HistoryDelay: 5 * time.Minute, Series: 2000}, Conn: conn, Figures: k.figures, Settings: paired{}, Publisher: k.heard, Log: zerolog.Nop(), Registerer: k.reg,
		Metrics: []metrics.Metric{
			{Name: "light", Rests: []metrics.State{metrics.Surveys}, Points: nobody}, {Name: "median", Kind: metrics.Quantile, Rests: []metrics.State{metrics.Durations}, Points: nobody},
			{Name: "weighty", Rests: []metrics.State{metrics.Surveys, metrics.Coverages}, Points: nobody}, {Name: "rank"},
		},
		Now: func() time.Time { return k.now },
	}
	if change != nil {
		change(&o)
	}
	k.Keeper = NewKeeper(o)
	return k
}

// round is a round that must go well.
func (k *keptTest) round() {
	k.t.Helper()
	if err := k.Round(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

// day stores a day of a tenant as if it had been computed.
func (k *keptTest) day(tenant, day string, version int) {
	k.t.Helper()
	k.exec(fmt.Sprintf("INSERT INTO rapport_store.satisfaction_days (tenant, cut, day, version) VALUES ('%s', '', '%s', %d)", tenant, day, version))
}

func (k *keptTest) exec(sql string) {
	k.t.Helper()
	if err := k.conn.Exec(k.t.Context(), sql); err != nil {
		k.t.Fatal(err)
	}
}

// rows of a query, as text.
func (k *keptTest) rows(columns, rest string) []string {
	k.t.Helper()
	rows, err := k.conn.Query(k.t.Context(), fmt.Sprintf("SELECT toString(tuple(%s)) FROM %s", columns, rest))
	if err != nil {
		k.t.Fatal(err)
	}
	out := []string{}
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			k.t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	return out
}

// nobody asks the metrics themselves.
func nobody(*metrics.States, *questionnaires.Catalog) []metrics.Point { panic("asked for points") }

func some(v float64) *float64 { return &v }

// figure of a metric, overall where cut is empty.
func figure(metric, cut, value string, v float64, n uint64) Figure {
	return Figure{Metric: metric, Cut: cut, CutValue: value, Value: some(v), N: n, Unit: metrics.Percent, Version: 1}
}
