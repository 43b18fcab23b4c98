package docs

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
)

var update = flag.Bool("update", false, "write docs/metrics.md from the registry")

// TestCatalogueOfMetrics: docs/metrics.md is what the registry says.
func TestCatalogueOfMetrics(t *testing.T) {
	want := catalogue(t)
	if *update {
		if err := os.WriteFile(filepath.Join(root, "docs", "metrics.md"), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, read(t, "docs/metrics.md")); diff != "" {
		t.Errorf("the registry (-) and docs/metrics.md (+) differ; go test ./docs -run Catalogue -update writes it:\n%s", diff)
	}
}

func catalogue(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Metrics

Every figure that windows, API, alerts and this page show is defined once, in [the registry](../metrics), and this page is made of it: ` + "`go test ./docs -run Catalogue -update`" + `.
Shares have a Wilson score interval, means one of Student's t, ` + "`nps`" + ` one of its own variance; counts, ratios and quantiles have none. *n* is what a figure rests on,
*left out* what ` + "`n_excluded`" + ` counts. The statement beside each computes it from facts alone: it is what the figures are tested against, and what ` + "`/v1/explain`" + ` shows.
A change of a formula raises its version, and rows carry it. Figures of satisfaction are per questionnaire and of role customer alone except in ` + "`gap_by_role`" + `.

`)
	labels := metrics.Labels()
	section := ""
	for _, m := range metrics.All() {
		if m.Section != section {
			section = m.Section
			title := labels[metrics.Sections][section]
			fmt.Fprintf(&b, "## %s · %s\n\n", title.En, title.Zh)
		}
		fmt.Fprintf(&b, "### `%s`\n\n**%s** · **%s**. %s.\n\n| | |\n| --- | --- |\n", m.Name, m.Label.En, m.Label.Zh, upper(m.Formula))
		unit := labels[metrics.Units][string(m.Unit)]
		fmt.Fprintf(&b, "| unit | `%s`: %s · %s |\n| n | %s |\n", m.Unit, unit.En, unit.Zh, m.Denominator)
		if m.LeavesOut != "" {
			fmt.Fprintf(&b, "| left out | %s |\n", m.LeavesOut)
		}
		if m.Detail != "" {
			fmt.Fprintf(&b, "| detail | %s |\n", m.Detail)
		}
		fmt.Fprintf(&b, "| kind | %s%s |\n| windows | %s and longer |\n| version | %d |\n", m.Kind, better(m.Better), shortest(m), m.Version)
		if name := "metrics/sql/" + m.Name + ".sql"; m.Points != nil {
			fmt.Fprintf(&b, "| from facts | [%s.sql](../%s) |\n", m.Name, name)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func better(b metrics.Better) string {
	if b == metrics.Neither {
		return ""
	}
	return ", " + string(b) + " is better"
}

func shortest(m metrics.Metric) string {
	for _, w := range metrics.Windows() {
		if w.Length >= m.Shortest() {
			return w.Name
		}
	}
	return ""
}

// TestViewsSayTheUnitsOfMetrics: a column with the name of a metric is that figure, and says so by its unit.
func TestViewsSayTheUnitsOfMetrics(t *testing.T) {
	says := map[metrics.Unit][]string{
		metrics.Percent: {"%"}, metrics.Score: {"0..100", "0 to 100"}, metrics.NPSPoints: {"-100..100"}, metrics.Ease: {"1..7"}, metrics.Points: {"points", "scores", "unhandled -5"},
		metrics.Seconds: {"seconds"}, metrics.PerMille: {"per 1 000"}, metrics.Ratio: {" / "}, metrics.Rho: {"points"},
	}
	columns := 0
	for _, name := range tree(t) {
		if !strings.HasPrefix(name, "store/sql/views/") {
			continue
		}
		for _, line := range strings.Split(read(t, name), "\n") {
			for _, column := range found("^    (\\w+) +Nullable\\(Float64\\) +COMMENT '", line) {
				m, ok := metrics.ByName(column)
				if !ok {
					continue
				}
				columns++
				if !slices.ContainsFunc(says[m.Unit], func(word string) bool { return strings.Contains(line, word) }) {
					t.Errorf("%s: %s is in %s, of which its comment says nothing: %s", name, column, m.Unit, line)
				}
			}
		}
	}
	if columns < 20 {
		t.Errorf("only %d columns have the name of a metric", columns)
	}
}
