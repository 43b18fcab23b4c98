package metrics

import "strings"

// Column is one of the rows that figures are served as.
type Column struct{ Name, Comment string }

// Columns are those of rolling_metrics in their order: the one place that their comments come from.
func Columns() []Column {
	return []Column{
		{"tenant", "Tenant"},
		{"metric", "Name of the metric; docs/metrics.md has the catalogue"},
		{"questionnaire", "Questionnaire, where the metric is of one; else empty"},
		{"detail", "Dimension, item, level, milestone, quantile or reason; empty where there is none"},
		{"window", "Length of the window: " + listed(windowNames())},
		{"cut", "Empty for overall; one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product"},
		{"cut_value", "Value of the attribute, empty where it is not stated; a JSON array for a pair; other beyond the cap of the tenant"},
		{"as_of", "End of the window, which belongs to it, UTC: what was booked in (as_of - window, as_of] counts"},
		{"value", "The figure, in unit; NULL where nothing was observed"},
		{"n", "Observations that it rests on: its denominator"},
		{"n_excluded", "Observations left out of it"},
		{"ci_low", "Lower end of the interval of 95 %; NULL for figures that have none: counts, quantiles, ratios"},
		{"ci_high", "Upper end of the interval of 95 %"},
		{"previous_value", "The figure of the window before, one length earlier"},
		{"change", "value - previous_value; NULL where either is"},
		{"significant", "Whether value and previous_value differ at 95 %; false where either rests on fewer than min_n observations. Provisional observations are left out of the test"},
		{"provisional", "Whether, at as_of, the figure could still change by time alone"},
		{"unit", "Unit of the value: " + listed(unitNames())},
		{"version", "Version of the formula"},
		{"previous_n", "Observations that previous_value rests on"},
		{"below_min_n", "Whether n is below the min_n of the tenant: too few to judge by"},
		{"label", "Value of a figure that is a name, as ipa_quadrant; else empty"},
	}
}

// HistoryColumns are those of rolling_metrics_history: the same, but for what a row of the past says.
func HistoryColumns() []Column {
	past := map[string]string{
		"as_of": "Whole hour that the window ends at, UTC: what was booked in (as_of - window, as_of] counts",
		"value": "The figure, in unit; NULL where nothing was observed, and where a figure that was there is no more",
	}
	columns := Columns()
	for i, c := range columns {
		if comment, differs := past[c.Name]; differs {
			columns[i].Comment = comment
		}
	}
	return columns
}

// AllUnits are the units that figures come in.
func AllUnits() []Unit {
	return []Unit{Percent, Score, NPSPoints, Ease, Points, Seconds, Count, Ratio, PerMille, Place, Label, Rho}
}

func unitNames() []string {
	var names []string
	for _, u := range AllUnits() {
		names = append(names, string(u))
	}
	return names
}

func windowNames() []string {
	var names []string
	for _, w := range Windows() {
		names = append(names, w.Name)
	}
	return names
}

// listed is a, b or c.
func listed(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
