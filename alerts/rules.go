package alerts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/metrics"
)

// Bound is which way a figure is past a threshold.
type Bound string

// The bounds. A drop is the window before less the present one, in the metric's own unit.
const (
	Below Bound = "below"
	Above Bound = "above"
	Drop  Bound = "drop"
)

// NoData says what becomes of an alert whose figure is not there, or rests on too few observations.
type NoData string

// The ways. Keep leaves a firing alert as it is; Resolve ends it; Fire takes a figure that is not there for one that is past.
const (
	Keep    NoData = "keep"
	Resolve NoData = "resolve"
	Fire    NoData = "fire"
)

// Rules are all groups in force, by name. They are not changed once loaded, so that they may be shared.
type Rules struct{ Groups []Group }

// Group is a set of rules that are judged at the same instants.
type Group struct {
	Name string
	// Interval between instants, which are whole numbers of it since 1970.
	Interval time.Duration
	Rules    []Rule
}

// Rule is one alert to be.
type Rule struct {
	Alert  string
	Metric metrics.Metric
	// Questionnaire and Detail are '' where every one is judged by itself.
	Questionnaire, Detail string
	Window                metrics.Window
	// Cut is '' for the overall figure.
	Cut string
	// CutValue is the one value to judge; nil judges every value of the cut by itself.
	CutValue *string
	// Tenants are those it is for; none means all.
	Tenants []string

	Bound     Bound
	Threshold float64
	// Confidence that the figure is past, above 0.5 and below 1; 0 compares the value itself.
	Confidence float64
	// MinN is the least number of observations; 0 is the tenant's.
	MinN int
	// For is how long the figure must be past at every instant before the alert fires; KeepFiringFor how long it fires on after the last instant
	// at which it was not yet back.
	For, KeepFiringFor time.Duration
	// Back is the threshold at which a firing alert is over: resolve of the file, else Threshold.
	Back   float64
	NoData NoData

	Labels, Annotations []Template
}

// Concerns says whether the rule is for a tenant.
func (r Rule) Concerns(tenant string) bool {
	return len(r.Tenants) == 0 || slices.Contains(r.Tenants, tenant)
}

// counts says that the figure is a number of things: none is 0 of them, and n is no sample. Moves to a target are made of a sample, and none are none.
func (r Rule) counts() bool {
	return r.Metric.Kind == metrics.Plain && r.Metric.Unit == metrics.Count && !r.Metric.PerQuestionnaire
}

// Group finds a group by its name.
func (r *Rules) Group(name string) (Group, bool) {
	for _, g := range r.Groups {
		if g.Name == name {
			return g, true
		}
	}
	return Group{}, false
}

func (g Group) rule(alert string) (Rule, bool) {
	for _, r := range g.Rules {
		if r.Alert == alert {
			return r, true
		}
	}
	return Rule{}, false
}

// Instant is the last instant of the group's grid at or before now.
func (g Group) Instant(now time.Time) time.Time { return now.UTC().Truncate(g.Interval) }

// String says what the rule means.
func (r Rule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s over %s", r.Metric.Name, r.Window.Name)
	if r.Detail != "" {
		fmt.Fprintf(&b, " of %s", r.Detail)
	}
	if r.Questionnaire != "" {
		fmt.Fprintf(&b, ", %s", r.Questionnaire)
	}
	switch {
	case r.CutValue != nil:
		fmt.Fprintf(&b, ", %s = %s", r.Cut, *r.CutValue)
	case r.Cut != "":
		fmt.Fprintf(&b, ", each %s by itself", r.Cut)
	}
	fmt.Fprintf(&b, ", %s %v %s", r.Bound, r.Threshold, r.Metric.Unit)
	if r.Confidence > 0 {
		fmt.Fprintf(&b, " at %v %% confidence", r.Confidence*100)
	}
	if r.MinN > 0 {
		fmt.Fprintf(&b, ", n at least %d", r.MinN)
	}
	if r.For > 0 {
		fmt.Fprintf(&b, ", for %s", r.For)
	}
	fmt.Fprintf(&b, "; over at %v", r.Back)
	if r.KeepFiringFor > 0 {
		fmt.Fprintf(&b, " for %s", r.KeepFiringFor)
	}
	fmt.Fprintf(&b, "; without data: %s", r.NoData)
	return b.String()
}
