package alerts

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/tenants"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// settings are those of tenants that tests name; others have the defaults.
type settings map[string]tenants.Tenant

func (s settings) For(id string) tenants.Tenant {
	t, ok := s[id]
	if !ok {
		t = tenants.Tenant{Zone: time.UTC, MinN: 5, AttributeCap: 2000}
	}
	t.ID = id
	return t
}

func (s settings) Configured() []tenants.Tenant {
	var all []tenants.Tenant
	for id := range s {
		all = append(all, s.For(id))
	}
	slices.SortFunc(all, func(a, b tenants.Tenant) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func known(t testing.TB, s settings) Known {
	t.Helper()
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	return Known{Metrics: metrics.All(), Questionnaires: catalog, Settings: s}
}

func rules(t testing.TB, s settings, text string) *Rules {
	t.Helper()
	rules, problems := CheckAll([]yamlfile.Source{{Name: "rules.yaml", Text: []byte(text)}}, known(t, s))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return rules
}

// response is one observation of the fake: a share's success or a mean's number.
type response struct {
	at     time.Time
	good   bool
	values map[string]string
}

// fake computes csat_top2 and volume from responses, as the Computer would.
type fake struct {
	mu        sync.Mutex
	responses map[string][]response
	asked     int
	// err is answered once for each time it is set.
	err error
}

func (f *fake) add(tenant string, r ...response) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.responses == nil {
		f.responses = map[string][]response{}
	}
	f.responses[tenant] = append(f.responses[tenant], r...)
}

func (f *fake) Figures(_ context.Context, a rolling.Asked) ([]rolling.Figure, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if err := f.err; err != nil {
		f.err = nil
		return nil, err
	}
	type cell struct{ now, before metrics.Sample }
	var out []rolling.Figure
	// By window, so that every cut need not look at all of them.
	var spans [2][]response
	for _, r := range f.responses[a.Tenant] {
		if ago := a.AsOf.Sub(r.at); ago >= 0 && ago < 2*a.Window.Length {
			spans[ago/a.Window.Length] = append(spans[ago/a.Window.Length], r)
		}
	}
	for _, cut := range a.Cuts {
		cells := map[string]*cell{}
		for i, span := range spans {
			for _, r := range span {
				value := cutValue(cut, r.values)
				c := cells[value]
				if c == nil {
					c = &cell{now: metrics.Sample{Kind: metrics.Share, Scale: 100}, before: metrics.Sample{Kind: metrics.Share, Scale: 100}}
					cells[value] = c
				}
				s := &c.now
				if i == 1 {
					s = &c.before
				}
				s.N++
				if r.good {
					s.Count++
				}
			}
		}
		for value, c := range cells {
			for _, name := range a.Metrics {
				out = append(out, figureOf(name, cut, value, a, c.now, c.before))
			}
		}
	}
	slices.SortFunc(out, func(a, b rolling.Figure) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.CutValue, b.CutValue))
	})
	return out, nil
}

func cutValue(cut string, values map[string]string) string {
	a, b, pair := split(cut)
	switch {
	case cut == "":
		return ""
	case pair:
		return pairOf([]string{values[a], values[b]})
	}
	return values[cut]
}

func figureOf(name, cut, value string, a rolling.Asked, now, before metrics.Sample) rolling.Figure {
	m, _ := metrics.ByName(name)
	f := rolling.Figure{Tenant: a.Tenant, Metric: name, Window: a.Window.Name, Cut: cut, CutValue: value, AsOf: a.AsOf, Unit: m.Unit}
	if m.PerQuestionnaire {
		f.Questionnaire = "after-sales-10"
	}
	if m.Kind == metrics.Plain {
		now = metrics.Sample{Kind: metrics.Plain, N: now.N, Plain: float64(now.N), Known: true}
		before = metrics.Sample{Kind: metrics.Plain, N: before.N, Plain: float64(before.N), Known: true}
	}
	f.Now, f.Before, f.N, f.PreviousN = now, before, now.N, before.N
	if v, ok := now.Value(); ok {
		f.Value = &v
	}
	if v, ok := before.Value(); ok {
		f.Previous = &v
	}
	if low, high, ok := now.Interval(metrics.Confidence); ok {
		f.Low, f.High = &low, &high
	}
	return f
}

// evaluator is one over fakes, with a clock that the test sets.
func evaluator(t testing.TB, r *Rules, s settings, f Figures, store Store, now *time.Time, tenantIDs ...string) *Evaluator {
	t.Helper()
	return New(Options{
		Rules: r, Figures: f, Store: store, Settings: s, Log: zerolog.Nop(),
		Tenants: func(context.Context) ([]string, error) { return tenantIDs, nil },
		Now:     func() time.Time { return *now },
	})
}

// draw is n responses of one instant, each good with probability p.
func draw(rng *rand.Rand, at time.Time, n int, p float64, values map[string]string) []response {
	out := make([]response, n)
	for i := range out {
		out[i] = response{at: at, good: rng.Float64() < p, values: values}
	}
	return out
}

// forget drops responses that no window reaches any more.
func (f *fake) forget(tenant string, before time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.responses[tenant] = slices.DeleteFunc(f.responses[tenant], func(r response) bool { return !r.at.After(before) })
}
