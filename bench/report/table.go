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

// Table is the results for people, in Markdown.
func Table(results []Result) string {
	var b strings.Builder
	if len(results) > 0 {
		c := results[0]
		fmt.Fprintf(&b, "%s events of %d bytes on average, %d rounds; %s.\n\n", grouped(float64(c.Events)), c.EventBytes, c.Rounds, c.Machine)
	}
	b.WriteString("| contender | events/s, median | lowest to highest | ratio to ClickHouse's Kafka engine | lowest to highest in one round | CPU seconds per million |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range results {
		ratio, span := "–", "–"
		if r.Ratio > 0 {
			ratio, span = fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("%.2f to %.2f", r.LowestRatio, r.HighestRatio)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s to %s | %s | %s | %.1f |\n", r.Name, grouped(r.EventsPerS), grouped(r.Lowest), grouped(r.Highest), ratio, span, r.CPUSeconds)
	}
	return b.String()
}

// RenewPage puts the table of results into a page in place of the one that is there.
func RenewPage(file string, results []Result) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	renewed, err := Renewed(string(page), results)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(renewed), 0o644) //nolint:gosec // everybody may read it
}

// Renewed is a page with the table of results in place of the one that is there.
func Renewed(page string, results []Result) (string, error) {
	before, rest, begins := strings.Cut(page, tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return "", fmt.Errorf("want the lines %q and %q around the table", strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return before + tableBegins + "\n" + Table(results) + "\n" + tableEnds + after, nil
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
