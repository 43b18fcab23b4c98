package metrics

import (
	"time"

	"github.com/rapport-project/rapport/questionnaires"
)

// Unit is what a value is in.
type Unit string

// The units, as rows and the API carry them.
const (
	Percent   Unit = "%"
	Score     Unit = "0-100"
	NPSPoints Unit = "-100-100"
	Ease      Unit = "1-7"
	Points    Unit = "points"
	Seconds   Unit = "s"
	Count     Unit = "count"
	Ratio     Unit = "ratio"
	PerMille  Unit = "per 1000"
	Place     Unit = "rank"
	Label     Unit = "label"
	Rho       Unit = "-1-1"
)

// Better says which way is good.
type Better string

// The ways.
const (
	Higher  Better = "higher"
	Lower   Better = "lower"
	Neither Better = ""
)

// Text is what people read, in both languages.
type Text struct{ En, Zh string }

// Metric is one definition. Everything that names, shows, checks or explains the figure reads it here.
type Metric struct {
	// Name as users see it everywhere.
	Name string
	// Section of the catalogue: satisfaction, first_contact, timeliness or complaints.
	Section string
	// Version rises with any change of the formula; rows carry it.
	Version int
	Kind    Kind
	Unit    Unit
	Better  Better
	Label   Text
	// Formula in words, its denominator (what n counts), and what is left out (what n_excluded counts; '' where nothing is).
	Formula, Denominator, LeavesOut string
	// Detail says what detail names: dimension, item, level, milestone, quantile, reason ...; '' where it is always ''.
	Detail string
	// PerQuestionnaire metrics have a figure for each questionnaire.
	PerQuestionnaire bool
	// Rests are the states that Points reads.
	Rests []State
	// Points makes the samples of a span out of its states, in the order of (questionnaire, detail). nil for what is made of other figures: rank.
	Points func(*States, *questionnaires.Catalog) []Point
}

// Point is one figure of a metric.
type Point struct {
	Questionnaire, Detail string
	Sample                Sample
	// Unit where it is not that of the metric: a stated importance is in points of the scale.
	Unit Unit
}

// Shortest is the shortest window the metric is served for.
func (m Metric) Shortest() time.Duration {
	for _, s := range m.Rests {
		if s.Heavy() {
			return 24 * time.Hour
		}
	}
	if m.Kind == Quantile {
		return 24 * time.Hour
	}
	return time.Hour
}

// Window is a span that rolls: (as_of - Length, as_of].
type Window struct {
	Name   string
	Length time.Duration
	// Step is what as_of is a whole number of.
	Step time.Duration
}

// Windows are all that are served, the shortest first.
func Windows() []Window {
	const day = 24 * time.Hour
	return []Window{
		{"1h", time.Hour, time.Minute}, {"24h", day, time.Minute},
		{"7d", 7 * day, 15 * time.Minute}, {"28d", 28 * day, 15 * time.Minute}, {"90d", 90 * day, 15 * time.Minute},
	}
}

// WindowOf is the window of a name; false if there is none.
func WindowOf(name string) (Window, bool) {
	for _, w := range Windows() {
		if w.Name == name {
			return w, true
		}
	}
	return Window{}, false
}

// AsOf is the last instant at or before now that the window is served for.
func (w Window) AsOf(now time.Time) time.Time { return now.UTC().Truncate(w.Step) }
