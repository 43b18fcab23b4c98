package alerts

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const storyRules = `
groups:
  - name: story
    interval: 1m
    rules:
      - alert: Dropped
        metric: csat_top2
        window: 1h
        drop: 2
        confidence: 0.95
        labels: {severity: page, was: '{{ .Value }}'}
        annotations: {summary: '{{ .Value }} of {{ .N }}, before {{ .Previous }}; {{ range .Movers }}{{ . }} {{ end }}'}
      - alert: RegionLow
        metric: csat_top2
        window: 1h
        cut: region
        below: 80
        confidence: 0.95
        resolve: 80
`

// story is a company of four regions, four products and three channels over five hours: from the third to the fourth one product fails in one region.
func story(f *fake, tenant string) (fails, mended, end time.Time) {
	rng := rand.New(rand.NewPCG(3, 14))
	fails, mended, end = start.Add(2*time.Hour), start.Add(3*time.Hour), start.Add(6*time.Hour)
	regions, products := []string{"north", "south", "east", "west"}, []string{"pump", "crane", "mixer", "truck"}
	for at := start; at.Before(end); at = at.Add(3 * time.Second) {
		values := map[string]string{"region": regions[rng.IntN(4)], "product": products[rng.IntN(4)], "channel": []string{"phone", "app"}[rng.IntN(20)/19]}
		p := 0.9
		if values["region"] == "north" && values["product"] == "pump" && !at.Before(fails) && at.Before(mended) {
			p = 0.1
		}
		f.add(tenant, draw(rng, at, 1, p, values)...)
	}
	return fails, mended, end
}

// significant is the first instant at which the rule's figure is past its bound.
func significant(t *testing.T, r Rule, f *fake, k Key, from, to time.Time) time.Time {
	t.Helper()
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		known := remembered{}
		figure, err := known.figure(context.Background(), f, settings{}.For("t"), r, Alert{Key: k, AsOf: at})
		if err != nil {
			t.Fatal(err)
		}
		if r.Judge(figure, 5).Past {
			return at
		}
	}
	t.Fatal("it is never significant")
	return time.Time{}
}

// TestStory: what happens to one product in one region is told within two intervals of being significant, names that cut first, and is over once.
func TestStory(t *testing.T) {
	for _, s := range []settings{{}, {"t": pairs["acme"]}} {
		r, f, store := rules(t, s, storyRules), &fake{}, NewMemory()
		fails, _, end := story(f, "t")
		now := start.Add(time.Hour)
		e := evaluator(t, r, s, f, store, &now, "t")
		for ; now.Before(end); now = now.Add(time.Minute) {
			if err := e.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		byAlert := map[string][]Transition{}
		for _, x := range store.Transitions() {
			name := x.Alert + x.CutValue
			byAlert[name] = append(byAlert[name], x)
		}
		for name, k := range map[string]Key{
			"Dropped":        {Alert: "Dropped", Questionnaire: "after-sales-10"},
			"RegionLownorth": {Alert: "RegionLow", Questionnaire: "after-sales-10", Cut: "region", CutValue: "north"},
		} {
			told := byAlert[name]
			if len(told) != 2 || told[0].Change != Fired || told[1].Change != Resolved || told[0].ID != told[1].ID {
				t.Fatalf("%s was told %d times: %+v", name, len(told), told)
			}
			rule, _ := r.Groups[0].rule(told[0].Alert)
			first := significant(t, rule, f, k, fails, end)
			if late := told[0].At.Sub(first); late < 0 || late > 2*time.Minute {
				t.Errorf("%s: significant at %s, told at %s", name, first, told[0].At)
			}
			if !cmp.Equal(told[0].Labels, told[1].Labels) {
				t.Errorf("%s: labels change: %v %v", name, told[0].Labels, told[1].Labels)
			}
			t.Logf("%s: failing since %s, significant after %s, told after %s, over after %s; movers %v", name, fails.Format(time.TimeOnly), first.Sub(fails), told[0].At.Sub(fails), told[1].At.Sub(fails), told[0].Movers)
		}
		movers := byAlert["Dropped"][0].Movers
		if len(movers) != 3 {
			t.Fatalf("movers %v", movers)
		}
		want := map[string]bool{"region=north": true, "product=pump": true}
		if len(s) > 0 {
			want = map[string]bool{`region,product=["north","pump"]`: true}
		}
		for i := range len(want) {
			if name := movers[i].Cut + "=" + movers[i].CutValue; !want[name] {
				t.Errorf("mover %d is %s, want one of %v", i, name, want)
			}
		}
		if len(s) > 0 {
			if m := byAlert["RegionLownorth"][0].Movers; m[0].CutValue != `["north","pump"]` {
				t.Errorf("the region's movers are %v", m)
			}
		}
		// The region and the whole company alone have something to tell: the others are as they were.
		if len(byAlert) != 2 {
			t.Errorf("others are told too: %v", byAlert)
		}
	}
}

// TestContributionsAddUp: over all values of a cut they are the change of the figure.
func TestContributionsAddUp(t *testing.T) {
	r, f := rules(t, nil, storyRules), &fake{}
	story(f, "t")
	rule := r.Groups[0].Rules[0]
	q := question(settings{}.For("t"), r.Groups[0], rule, start.Add(170*time.Minute))
	q.Cuts = []string{"", "region", "product", "channel"}
	figures, err := f.Figures(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	overall := figures[0]
	sums := map[string]float64{}
	for _, one := range figures[1:] {
		c, _ := contribution(rule, overall, one)
		sums[one.Cut] += c
	}
	change := *overall.Value - *overall.Previous
	for cut, sum := range sums {
		if d := sum - change; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: contributions add up to %v, the change is %v", cut, sum, change)
		}
	}
	if len(sums) != 3 || change > -1 {
		t.Errorf("%v, %v", sums, change)
	}
}

// TestBacktestIsWhatWasSent: over the story the same rules tell the same.
func TestBacktestIsWhatWasSent(t *testing.T) {
	s := settings{"t": pairs["acme"]}
	r, f, store := rules(t, s, storyRules), &fake{}, NewMemory()
	_, _, end := story(f, "t")
	now := start.Add(time.Hour)
	e := evaluator(t, r, s, f, store, &now, "t")
	for ; !now.After(end); now = now.Add(time.Minute) {
		if err := e.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	last := 0.0
	got, err := Backtest(t.Context(), Options{Rules: r, Figures: f, Settings: s}, Stretch{
		Tenants: []string{"t"}, From: start.Add(59 * time.Minute), To: end, Progress: func(share float64) { last = share },
	})
	if err != nil || last != 1 {
		t.Fatal(err, last)
	}
	if diff := cmp.Diff(store.Transitions(), got); diff != "" || len(got) < 4 {
		t.Errorf("sent (-) and backtest (+) differ:\n%s", diff)
	}
}
