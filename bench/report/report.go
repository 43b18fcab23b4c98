// Package report is what a run of the benchmark comes to: results with their spread, as a file that programs read and as the
// table that people do.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Reference is the contender that the others are held against.
const Reference = "clickhouse_kafka_engine"

// Conditions are what was the same for every contender of a run.
type Conditions struct {
	// Events that were taken in.
	Events int `json:"events"`
	// EventBytes is the mean length of an event's JSON; 0 where it was not measured.
	EventBytes int `json:"event_bytes"`
	// Machine in words.
	Machine string `json:"machine"`
}

// Result is one row of the table. Rates are events per second.
type Result struct {
	Name string `json:"name"`
	// EventsPerS is the median of the rounds.
	EventsPerS float64 `json:"events_per_s"`
	// Ratio is EventsPerS over that of Reference; 0 where Reference was not run.
	Ratio float64 `json:"ratio_to_clickhouse_kafka_engine"`
	// Lowest and Highest of the rounds.
	Lowest  float64 `json:"events_per_s_min"`
	Highest float64 `json:"events_per_s_max"`
	// LowestRatio and HighestRatio are those within one round, where both ran next to each other.
	LowestRatio  float64 `json:"ratio_min"`
	HighestRatio float64 `json:"ratio_max"`
	// CPUSeconds of the contender and its database for a million events, without the broker's; the median of the rounds.
	CPUSeconds float64 `json:"cpu_s_per_million"`
	// Rounds that were run.
	Rounds int `json:"rounds"`
	Conditions
}

// Run is one result in one round.
type Run struct {
	EventsPerS, CPUSeconds float64
	// Events that it took in, where they were not those of Conditions; else 0, and the bytes are those of Conditions.
	Events int
}

// Summarize makes the results of what was measured: by name, the runs of each round. A name without rounds is left out.
func Summarize(names []string, runs map[string][]Run, c Conditions) []Result {
	reference := rates(runs[Reference])
	var out []Result
	for _, name := range names {
		rates := rates(runs[name])
		if len(rates) == 0 {
			continue
		}
		r := Result{Name: name, EventsPerS: whole(Median(rates)), Lowest: whole(slices.Min(rates)), Highest: whole(slices.Max(rates)), Rounds: len(rates), Conditions: c}
		r.CPUSeconds = hundredths(Median(cpu(runs[name])))
		if own := runs[name][0].Events; own > 0 {
			r.Events, r.EventBytes = own, 0
		}
		if len(reference) == len(rates) {
			ratios := make([]float64, len(rates))
			for i := range rates {
				ratios[i] = rates[i] / reference[i]
			}
			r.Ratio = hundredths(r.EventsPerS / whole(Median(reference)))
			r.LowestRatio, r.HighestRatio = hundredths(slices.Min(ratios)), hundredths(slices.Max(ratios))
		}
		out = append(out, r)
	}
	return out
}

func rates(runs []Run) []float64 {
	out := make([]float64, len(runs))
	for i, r := range runs {
		out[i] = r.EventsPerS
	}
	return out
}

func cpu(runs []Run) []float64 {
	out := make([]float64, len(runs))
	for i, r := range runs {
		out[i] = r.CPUSeconds
	}
	return out
}

// Median of at least one value; of an even number the mean of the middle two.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Write stores the results as a JSON list.
func Write(file string, results []Result) error {
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o644) //nolint:gosec // everybody may read it
}

// Read reads what Write stored.
func Read(file string) ([]Result, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var results []Result
	if err := json.Unmarshal(text, &results); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return results, nil
}
