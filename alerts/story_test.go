package alerts

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
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

// TestCorrected: late answers take an alert back, whether it still fires or is over, and no longer than a day.
func TestCorrected(t *testing.T) {
	const text = `
groups:
  - name: g
    interval: 1m
    rules:
      - {alert: low, metric: csat_top2, window: 1h, below: 80}
`
	bad := func(at time.Time, n int) []response { return draw(rand.New(rand.NewPCG(1, 1)), at, n, 0, nil) }
	good := func(at time.Time, n int) []response { return draw(rand.New(rand.NewPCG(1, 1)), at, n, 1, nil) }
	for name, test := range map[string]struct {
		// resolved says that the alert is over before the late answers come, late when they come.
		late time.Duration
		want []Change
	}{
		"while it fires":      {10 * time.Minute, []Change{Fired, Corrected}},
		"once it is over":     {3 * time.Hour, []Change{Fired, Resolved, Corrected}},
		"when it is too late": {26 * time.Hour, []Change{Fired, Resolved}},
	} {
		r, f, store := rules(t, nil, text), &fake{}, NewMemory()
		f.add("t", bad(start.Add(-time.Minute), 10)...)
		f.add("t", good(start.Add(70*time.Minute), 10)...)
		now := start
		e := evaluator(t, r, nil, f, store, &now, "t")
		for ; now.Before(start.Add(test.late + 20*time.Minute)); now = now.Add(time.Minute) {
			if now.Equal(start.Add(test.late)) {
				f.add("t", good(start.Add(-time.Minute), 90)...)
			}
			if err := e.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var got []Change
		ids := map[string]bool{}
		for _, x := range store.Transitions() {
			got = append(got, x.Change)
			ids[x.ID] = true
		}
		if diff := cmp.Diff(test.want, got); diff != "" || len(ids) != 1 {
			t.Errorf("%s: %s%v", name, diff, ids)
		}
		if last := store.Transitions()[len(got)-1]; last.Change == Corrected && (*last.Value != 90 || !last.AsOf.Equal(start)) {
			t.Errorf("%s: corrected to %v as of %s", name, *last.Value, last.AsOf)
		}
	}
}

// TestRuleGone: an alert whose rule is taken out of the file is over, under the labels that it fired with; so is one whose group is gone.
func TestRuleGone(t *testing.T) {
	rule := "  - {name: %s, rules: [{alert: %s, metric: csat_top2, window: 1h, below: 80, labels: {x: y}}]}\n"
	for _, after := range []string{fmt.Sprintf(rule, "g", "other"), fmt.Sprintf(rule, "h", "low")} {
		f, store, now := &fake{}, NewMemory(), start
		f.add("t", draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 10, 0, nil)...)
		for _, text := range []string{fmt.Sprintf(rule, "g", "low"), after} {
			if err := evaluator(t, rules(t, nil, "groups:\n"+text), nil, f, store, &now, "t").Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Minute)
		}
		told := map[string][]Change{}
		for _, x := range store.Transitions() {
			told[x.Group+" "+x.Alert] = append(told[x.Group+" "+x.Alert], x.Change)
			if x.Labels["x"] != "y" {
				t.Errorf("labels %v", x.Labels)
			}
		}
		if !cmp.Equal(told["g low"], []Change{Fired, Resolved}) {
			t.Errorf("%v", told)
		}
	}
}

// TestCatchesUp: instants that were missed are judged in order, those of the last hour alone; a fault of one tenant holds up no other.
func TestCatchesUp(t *testing.T) {
	const text = "groups:\n  - {name: g, rules: [{alert: low, metric: csat_top2, window: 1h, below: 80, for: 30m}]}\n"
	f, store, now := &fake{}, NewMemory(), start
	r := rules(t, nil, text)
	for _, tenant := range []string{"a", "b"} {
		f.add(tenant, draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 10, 0, nil)...)
	}
	e := evaluator(t, r, nil, f, store, &now, "a", "b")
	if err := e.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	now = start.Add(40 * time.Minute)
	f.err = errors.New("away")
	if err := e.Round(t.Context()); err == nil {
		t.Error("a fault was not told")
	}
	if states, _ := store.States(t.Context(), "g"); states["a"].At.Equal(now) == states["b"].At.Equal(now) {
		t.Error("the fault of one tenant held up the other, or none")
	}
	if e.behind(now) < 39*time.Minute {
		t.Errorf("behind by %s", e.behind(now))
	}
	if err := e.Round(t.Context()); err != nil || e.behind(now) > 0 {
		t.Error(err, e.behind(now))
	}
	var got []time.Time
	for _, x := range store.Transitions() {
		got = append(got, x.At)
	}
	if !cmp.Equal(got, []time.Time{start.Add(30 * time.Minute), start.Add(30 * time.Minute)}) {
		t.Errorf("fired at %v", got)
	}
	asked := f.asked
	now = start.Add(10 * time.Hour)
	if err := e.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if judged := (f.asked - asked) / 2; judged > 61*2 {
		t.Errorf("%d figures were asked for after ten hours away", judged)
	}
	states, _ := store.States(t.Context(), "g")
	if at := states["a"].At; !at.Equal(now) {
		t.Errorf("judged up to %s", at)
	}
}

// TestNothingCounts: what is counted is 0 where there is none, and a count that stops is told.
func TestNothingCounts(t *testing.T) {
	const text = `
groups:
  - name: g
    interval: 10m
    rules:
      - {alert: stopped, metric: volume, window: 1h, drop: 20}
      - {alert: few, metric: volume, window: 1h, below: 3}
`
	f, store, now := &fake{}, NewMemory(), start
	f.add("t", draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 30, 1, nil)...)
	e := evaluator(t, rules(t, nil, text), nil, f, store, &now, "t")
	for ; now.Before(start.Add(4 * time.Hour)); now = now.Add(10 * time.Minute) {
		if err := e.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, x := range store.Transitions() {
		got = append(got, fmt.Sprint(x.Alert, " ", x.Change, " ", x.At.Sub(start), " ", *x.Value))
	}
	want := []string{"stopped firing 1h0m0s 0", "few firing 1h0m0s 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if m, _ := metrics.ByName("volume"); m.Kind != metrics.Plain {
		t.Error("volume is no count")
	}
}
