package rolling

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/schemas"
)

func windowOf(t testing.TB, name string) metrics.Window {
	t.Helper()
	w, ok := metrics.WindowOf(name)
	if !ok {
		t.Fatalf("no window %s", name)
	}
	return w
}

// line is a figure as text: what it is of, then its value and what else is said of it.
func line(f Figure) string {
	number := func(x *float64) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%.4g", *x)
	}
	text := fmt.Sprintf("%s/%s/%s %s=%s: %s n %d [%s %s] before %s n %d change %s", f.Metric, f.Questionnaire, f.Detail, f.Cut, f.CutValue,
		number(f.Value), f.N, number(f.Low), number(f.High), number(f.Previous), f.PreviousN, number(f.Change))
	for word, said := range map[string]bool{" significant": f.Significant, " provisional": f.Provisional, " below_min_n": f.BelowMinN} {
		if said {
			text += word
		}
	}
	return text
}

func lines(figures []Figure) []string {
	var all []string
	for _, f := range figures {
		all = append(all, line(f))
	}
	return all
}

func (r *rig) figures(a Asked) []Figure {
	r.Helper()
	got, err := r.c.Figures(r.Context(), a)
	if err != nil {
		r.Fatal(err)
	}
	return got
}

// regions writes n responses of a score for a region, minutes before an instant.
func (r *rig) regions(at time.Time, region string, n int, score int16) {
	for i := range n {
		f := response(fmt.Sprint(region, at.Unix(), score, i), at.Add(-time.Duration(i+1)*time.Minute), score, schemas.AttributeColumns{Region: region})
		if score >= 7 {
			f.Level = "satisfied"
		} else {
			f.Level = "dissatisfied"
		}
		r.rows.Responses = append(r.rows.Responses, f)
	}
}

func TestFigures(t *testing.T) {
	acme := in(t, "UTC")
	r := newRig(t, fixed{"acme": acme})
	at := instant(t, "2026-03-10T06:15:00Z")
	w := windowOf(t, "7d")
	r.regions(at, "north", 50, 9)
	r.regions(at, "south", 10, 4)
	r.regions(at, "east", 10, 9)
	r.regions(at, "small", 2, 10)
	r.regions(at.Add(-w.Length), "south", 40, 9)
	r.regions(at.Add(-w.Length), "west", 5, 4)
	r.write()

	got := r.figures(Asked{Tenant: "acme", Metrics: []string{"csat_top2", "rank"}, Window: w, Cuts: []string{"", "region"}, AsOf: at})
	want := []string{
		"csat_top2/after-sales-10/ =: 86.11 n 72 [76.29 92.28] before 88.89 n 45 change -2.778",
		"csat_top2/after-sales-10/ region=east: 100 n 10 [72.25 100] before - n 0 change -",
		"csat_top2/after-sales-10/ region=north: 100 n 50 [92.87 100] before - n 0 change -",
		"csat_top2/after-sales-10/ region=small: 100 n 2 [34.24 100] before - n 0 change - below_min_n",
		"csat_top2/after-sales-10/ region=south: 0 n 10 [0 27.75] before 100 n 40 change -100 significant",
		"csat_top2/after-sales-10/ region=west: - n 0 [- -] before 0 n 5 change - below_min_n",
		"rank/after-sales-10/csat_top2 region=east: 1 n 10 [- -] before - n 0 change -",
		"rank/after-sales-10/csat_top2 region=north: 1 n 50 [- -] before - n 0 change -",
		"rank/after-sales-10/csat_top2 region=south: 3 n 10 [- -] before 1 n 40 change 2",
		"rank/after-sales-10/csat_top2 region=west: - n 0 [- -] before 2 n 5 change - below_min_n",
	}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Error(diff)
	}
	for _, f := range got {
		if f.Metric == "rank" && f.Value != nil && f.Excluded != 1 {
			t.Errorf("%s leaves out %d values below min_n", line(f), f.Excluded)
		}
		if f.Tenant != "acme" || f.Window != "7d" || !f.AsOf.Equal(at) || f.Version != 1 || f.Unit == "" {
			t.Errorf("%+v", f)
		}
	}

	// What is counted is 0 for all of the tenant where nothing came; a cut has no such rows.
	none := r.figures(Asked{Tenant: "acme", Metrics: []string{"volume"}, Window: w, Cuts: []string{"", "region"}, AsOf: at})
	if diff := cmp.Diff([]string{"volume// =: 0 n 0 [- -] before 0 n 0 change 0 below_min_n"}, lines(none)); diff != "" {
		t.Error(diff)
	}

	// Ranks alone are those of all metrics.
	alone := r.figures(Asked{Tenant: "acme", Metrics: []string{"rank"}, Window: windowOf(t, "1h"), Cuts: []string{"region"}, AsOf: at})
	var ranks []string
	for _, f := range alone {
		if f.CutValue == "south" {
			ranks = append(ranks, f.Detail)
		}
	}
	if got := strings.Join(ranks, " "); !strings.Contains(got, "csat_top2") || !strings.Contains(got, "dimension_score:skill") || strings.Contains(got, "coverage") {
		t.Errorf("ranks alone: %s", got)
	}
}

func TestFiguresRefuse(t *testing.T) {
	c := New(Options{Settings: fixed{}})
	at := instant(t, "2026-03-10T06:15:00Z")
	for want, a := range map[string]Asked{
		"rolling: window 7d: as_of 2026-03-10T06:20:00Z is no whole number of 15m0s": {Window: windowOf(t, "7d"), AsOf: at.Add(5 * time.Minute)},
		`rolling: no metric "happiness"`:                                             {Window: windowOf(t, "7d"), AsOf: at, Metrics: []string{"happiness"}},
		"rolling: metric coverage is served for 24h0m0s and more, not for 1h0m0s":    {Window: windowOf(t, "1h"), AsOf: at, Metrics: []string{"coverage"}},
		`rolling: tenant "": no cut "region,product"; there are: region; org_unit; product; service; channel; segment; agent`: {
			Window: windowOf(t, "7d"), AsOf: at, Metrics: []string{"nps"}, Cuts: []string{"region,product"},
		},
		`rolling: tenant "": cut "region" is asked for twice`: {Window: windowOf(t, "7d"), AsOf: at, Metrics: []string{"nps"}, Cuts: []string{"region", "region"}},
	} {
		if _, err := c.Figures(t.Context(), a); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Values beyond the cap of a tenant are one, in figures of all kinds, and what is not stated stays what it is.
func TestOther(t *testing.T) {
	acme := in(t, "UTC")
	acme.Cuts = [][2]string{{"region", "product"}}
	r := newRig(t, fixed{"acme": acme})
	at := instant(t, "2026-03-10T06:15:00Z")
	for _, region := range []string{"north", "south", "east", ""} {
		r.regions(at, region, 6, 8)
	}
	r.write()
	r.exec(`INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept, computed_at) VALUES
		('acme', 'region', 3, 1, 2, 18, 12, ['north'], now64(3)), ('acme', 'region,product', 3, 1, 2, 18, 12, ['["north",""]'], now64(3))`)
	got := r.figures(Asked{Tenant: "acme", Metrics: []string{"satisfaction_index", "rank"}, Window: windowOf(t, "7d"), Cuts: []string{"region", "region,product"}, AsOf: at})
	var short []string
	for _, f := range got {
		short = append(short, fmt.Sprint(f.Metric, " ", f.CutValue, " ", *f.Value, " ", f.N))
	}
	want := []string{
		"rank  1 6", "rank north 1 6", "rank other 1 12", `rank ["north",""] 1 6`, `rank ["other","other"] 1 18`,
		"satisfaction_index  80 6", "satisfaction_index north 80 6", "satisfaction_index other 80 12", `satisfaction_index ["north",""] 80 6`, `satisfaction_index ["other","other"] 80 18`,
	}
	if diff := cmp.Diff(want, short); diff != "" {
		t.Error(diff)
	}
}

func TestSeries(t *testing.T) {
	r := newRig(t, fixed{"acme": in(t, "Europe/Berlin")})
	// From the first microsecond of the 25th, a day of 25 hours, on: one response every six hours until the 27th begins.
	for h := 0; h < 50; h += 6 {
		r.regions(instant(t, "2026-10-24T22:01:00Z").Add(time.Duration(h)*time.Hour), "north", 1, 8)
	}
	r.write()
	questionnaire := "after-sales-10"
	ask := SeriesAsked{
		Tenant: "acme", Metric: "satisfaction_index", Questionnaire: &questionnaire, Cut: "region", CutValues: []string{"north"},
		From: instant(t, "2026-10-23T10:00:00Z"), To: instant(t, "2026-10-26T23:00:00Z"), Step: "day",
	}
	got, err := r.c.Series(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	for _, f := range got {
		short = append(short, fmt.Sprint(f.AsOf.UTC().Format(time.RFC3339), " ", f.Window, " ", *f.Value, " ", f.N))
	}
	// Hours 0, 6, 12, 18 and 24 after midnight are of the first day.
	if diff := cmp.Diff([]string{"2026-10-25T23:00:00Z day 80 5", "2026-10-26T23:00:00Z day 80 4"}, short); diff != "" {
		t.Error(diff)
	}
	ask.Step, ask.From, ask.To = "hour", instant(t, "2026-10-24T21:30:00Z"), instant(t, "2026-10-25T05:00:00Z")
	got, err = r.c.Series(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !got[0].AsOf.Equal(instant(t, "2026-10-24T23:00:00Z")) || !got[1].AsOf.Equal(instant(t, "2026-10-25T05:00:00Z")) {
		t.Errorf("by hour: %q", lines(got))
	}
	ask.Metric, ask.Questionnaire, ask.Cut, ask.CutValues = "volume", nil, "", nil
	if got, err = r.c.Series(t.Context(), ask); err != nil || len(got) != 8 || *got[3].Value != 0 {
		t.Errorf("%v: %q", err, lines(got))
	}
	for _, wrong := range []SeriesAsked{
		{Metric: "volume", Step: "week", From: ask.From, To: ask.To}, {Metric: "volume", Step: "day", From: ask.To, To: ask.From},
		{Metric: "coverage", Step: "hour", From: ask.From, To: ask.To}, {Metric: "volume", Step: "hour", From: ask.From, To: ask.To.AddDate(1, 0, 0)},
	} {
		if _, err := r.c.Series(t.Context(), wrong); err == nil {
			t.Errorf("%+v is answered", wrong)
		}
	}
}
