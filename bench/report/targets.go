package report

import (
	"fmt"
	"strings"
)

// target is what the project set out to reach, by the results of one run.
type target struct {
	number int
	what   string
	wanted string
	// holds says whether a figure that was got is good enough.
	holds func(float64) bool
	// got reads the figure from a result; false where it was not measured.
	from string
	got  func(Result) (float64, bool)
	unit string
}

func ratio(r Result) (float64, bool) { return r.Ratio, r.Ratio > 0 }

func rss(r Result) (float64, bool) { return r.RSS, r.RSS > 0 }

// value reads the median of a value.
func value(name string) func(Result) (float64, bool) {
	return func(r Result) (float64, bool) {
		for _, v := range r.Values {
			if v.Name == name {
				return v.Median, true
			}
		}
		return 0, false
	}
}

func atLeast(x float64) func(float64) bool { return func(got float64) bool { return got >= x } }

func atMost(x float64) func(float64) bool { return func(got float64) bool { return got <= x } }

// targets are those that one run of the benchmark can tell.
func targets() []target {
	return []target{
		{1, "survey events in order into facts, times the Kafka engine", "at least 3 (2 is the least)", atLeast(3), "rapport_facts", ratio, ""},
		{1, "the rollups stand after the last fact", "at most 10 s", atMost(10), "rapport_rollups", value(AfterFacts), "s"},
		{2, "with repeats, bad events and no order, times the Kafka engine", "at least 2", atLeast(2), "rapport_mixed", ratio, ""},
		{3, "contacts with outcomes and figures, times the Kafka engine writing the plain rows", "at least 1", atLeast(1), "rapport_contacts", ratio, ""},
		{4, "live, from publish to facts, p99", "at most 1.5 s", atMost(1.5), "rapport_live", value(LiveFacts), "s"},
		{4, "live, from publish to `rolling_metrics`, p99", "at most 10 s", atMost(10), "rapport_live", value(LiveRolling), "s"},
		{4, "live, memory of rapport's process", "at most 400 MiB", atMost(400), "rapport_live", rss, "MiB"},
		{4, "memory of rapport's process under a backlog", "at most 400 MiB", atMost(400), "rapport_rollups", rss, "MiB"},
		{5, "HTTP ingest, times a bare kafka-go writer", "at least 0.6", atLeast(0.6), "http_ingest", ratio, ""},
		{7, "all metrics of one cut for a dashboard", "at most 50 ms", atMost(50), "reads", value(ReadDashboard), "ms"},
		{7, "90 days by region through the API", "at most 100 ms", atMost(100), "reads", value(ReadSeries), "ms"},
		{7, "90 days by region from the BI view with all attributes", "at most 2,000 ms", atMost(2000), "reads", value(ReadView), "ms"},
		{8, "cost per event on 50 million facts, times that on one million", "at most 1.3", atMost(1.3), "growth", value(Growth), ""},
	}
}

func targetTable(results []Result) string {
	byName := map[string]Result{}
	for _, r := range results {
		byName[r.Name] = r
	}
	var b strings.Builder
	b.WriteString("| target | of | wanted | got | met |\n| ---: | --- | --- | ---: | --- |\n")
	for _, t := range targets() {
		got, met := "not run", "–"
		if x, ok := t.got(byName[t.from]); ok {
			got, met = measured(x, t.unit), "no"
			if t.holds(x) {
				met = "yes"
			}
		}
		fmt.Fprintf(&b, "| %d | %s (`%s`) | %s | %s | %s |\n", t.number, t.what, t.from, t.wanted, got, met)
	}
	return b.String()
}
