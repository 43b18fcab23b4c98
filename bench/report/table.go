package report

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// The table of a page stands between these lines.
const (
	tableBegins = "<!-- results: written by make bench -->\n"
	tableEnds   = "<!-- end of results -->\n"
)

// Table is the results for people, in Markdown: what of the targets was met, the contenders with a rate, and what else was measured.
func Table(results []Result) string {
	var b strings.Builder
	if len(results) > 0 {
		fmt.Fprintf(&b, "%s.\n\n", results[0].Machine)
	}
	b.WriteString(targetTable(results))
	b.WriteString("\n| contender | events | bytes | rounds | events/s, median | lowest to highest | against | ratio | lowest to highest in one round | CPU seconds per million | of them ClickHouse | peak RSS of rapport, ClickHouse, MiB |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range results {
		if r.EventsPerS == 0 {
			continue
		}
		against, ratio, span := "–", "–", "–"
		if r.Ratio > 0 && r.Against != r.Name {
			against, ratio, span = "`"+r.Against+"`", fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("%.2f to %.2f", r.LowestRatio, r.HighestRatio)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d | %d | %s | %s to %s | %s | %s | %s | %.1f | %.1f | %s, %s |\n", r.Name, grouped(float64(r.Events)), r.EventBytes, r.Rounds,
			grouped(r.EventsPerS), grouped(r.Lowest), grouped(r.Highest), against, ratio, span, r.CPUSeconds, r.DatabaseCPUSeconds, size(r.RSS), size(r.DatabaseRSS))
	}
	b.WriteString(valueTable(results))
	return b.String()
}

// valueTable is what was measured beside rates.
func valueTable(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		for _, v := range r.Values {
			if b.Len() == 0 {
				b.WriteString("\n| measured by | what | median | lowest to highest | rounds |\n| --- | --- | ---: | ---: | ---: |\n")
			}
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s to %s | %d |\n", r.Name, v.Name, measured(v.Median, v.Unit), measured(v.Lowest, v.Unit), measured(v.Highest, v.Unit), r.Rounds)
		}
	}
	return b.String()
}

// Line is one result of one round, for whoever watches.
func Line(name string, r Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s", name)
	if r.EventsPerS > 0 {
		fmt.Fprintf(&b, " %9s events/s, %5.1f CPU s per million, %5.1f of them ClickHouse's", grouped(r.EventsPerS), r.CPUSeconds, r.DatabaseCPUSeconds)
	}
	if r.RSS > 0 {
		fmt.Fprintf(&b, ", %s MiB", size(r.RSS))
	}
	for _, v := range r.Values {
		fmt.Fprintf(&b, ", %s %s", v.Name, measured(v.Value, v.Unit))
	}
	return b.String()
}

func size(mib float64) string {
	if mib == 0 {
		return "–"
	}
	return grouped(mib)
}

func measured(x float64, unit string) string {
	return strings.TrimSpace(strconv.FormatFloat(hundredths(x), 'f', -1, 64) + " " + unit)
}

// RenewPage puts the table of results into a page in place of the one that is there.
func RenewPage(file string, results []Result) error { return renew(file, Table(results)) }

// RenewCapacity puts what a machine does, and what follows for many, into a page in place of what is there.
func RenewCapacity(file string, results []Result) error { return renew(file, Capacity(results)) }

func renew(file, text string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	renewed, err := Renewed(string(page), text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(renewed), 0o644) //nolint:gosec // everybody may read it
}

// Renewed is a page with a text of results in place of the one that is there.
func Renewed(page, text string) (string, error) {
	before, rest, begins := strings.Cut(page, tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return "", fmt.Errorf("want the lines %q and %q around the table", strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return before + tableBegins + "\n" + text + "\n" + tableEnds + after, nil
}

func whole(x float64) float64      { return math.Round(x) }
func hundredths(x float64) float64 { return math.Round(x*100) / 100 }

// grouped is a whole number with its thousands apart.
func grouped(x float64) string {
	text := strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
