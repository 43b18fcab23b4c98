// Package report is what a run of the benchmark comes to: results with their spread, as a file that programs read and as the
// tables that people do, and what of the targets was met.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Contenders that others are held against.
const (
	// Reference is ClickHouse's Kafka engine on a backlog in order.
	Reference = "clickhouse_kafka_engine"
	// Mixed is the same on a backlog with repeats, bad events and no order.
	Mixed = "clickhouse_kafka_engine_mixed"
	// Contacts is the same on contacts.
	Contacts = "clickhouse_kafka_engine_contacts"
	// Writer is a bare writer of kafka-go.
	Writer = "kafka_go_writer"
)

// Names of values that targets are about, with the units they have to be told in.
const (
	// LiveFacts and LiveRolling are from publish to a fact that can be queried and to rolling_metrics, the 99th percentile in seconds; of rapport_live.
	LiveFacts   = "facts_p99"
	LiveRolling = "rolling_p99"
	// ReadDashboard, ReadSeries and ReadView are warm reads over 50 million facts, in ms: all metrics of one cut, 90 days by region through the API, and from the BI view; of reads.
	ReadDashboard = "dashboard"
	ReadSeries    = "series"
	ReadView      = "view"
	// FactBytes, IdentityBytes, DayBytes and RollingBytes are what a fact, its row of identities, a day of figures and all present rolling figures take on disk; of reads.
	FactBytes     = "fact_bytes"
	IdentityBytes = "identity_bytes"
	DayBytes      = "day_bytes"
	RollingBytes  = "rolling_bytes"
	// Growth is the cost per event on 50 million facts, times that on one million; of growth.
	Growth = "cost_50m_to_1m"
	// AfterFacts is how long after the last fact the rollups stand, in seconds.
	AfterFacts = "after_facts"
	// ClientsCPU is the processor time of this process as the clients of ingest, or as the writer, in seconds per million events; it is part of CPUSeconds.
	ClientsCPU = "clients_cpu"
)

// Result is one row of the table, from all rounds. Rates are events per second, 0 where there is none.
type Result struct {
	Name string `json:"name"`
	// EventsPerS is the median of the rounds.
	EventsPerS float64 `json:"events_per_s"`
	// ReferenceRatio is EventsPerS over that of Reference; 0 where Reference was not run.
	ReferenceRatio float64 `json:"ratio_to_clickhouse_kafka_engine"`
	// Lowest and Highest of the rounds.
	Lowest  float64 `json:"events_per_s_min"`
	Highest float64 `json:"events_per_s_max"`
	// Against is the contender on the same events that this one is held against, and Ratio EventsPerS over its; 0 where it was not run.
	Against string  `json:"against,omitempty"`
	Ratio   float64 `json:"ratio,omitempty"`
	// LowestRatio and HighestRatio are those within one round, where both ran next to each other.
	LowestRatio  float64 `json:"ratio_min"`
	HighestRatio float64 `json:"ratio_max"`
	// CPUSeconds of the contender and its database for a million events, without the broker's; the median of the rounds. DatabaseCPUSeconds are those of ClickHouse among them.
	CPUSeconds         float64 `json:"cpu_s_per_million"`
	DatabaseCPUSeconds float64 `json:"cpu_clickhouse_s_per_million"`
	// RSS is the largest resident size of rapport's process in all rounds, and DatabaseRSS of ClickHouse's, in MiB; 0 where they did not run.
	RSS         float64 `json:"rss_mib,omitempty"`
	DatabaseRSS float64 `json:"rss_clickhouse_mib,omitempty"`
	// Values are what else was measured.
	Values []Spread `json:"values,omitempty"`
	// Rounds that were run.
	Rounds int `json:"rounds"`
	// Events that were taken in, in one round; EventBytes is the mean length of an event's JSON, 0 where it was not measured.
	Events     int `json:"events"`
	EventBytes int `json:"event_bytes"`
	// Machine in words.
	Machine string `json:"machine"`
}

// Spread is a value over the rounds.
type Spread struct {
	Name string `json:"name"`
	// Unit as s, ms, MiB or 1/s; empty for a ratio.
	Unit   string  `json:"unit"`
	Median float64 `json:"median"`
	Lowest float64 `json:"min"`
	// Highest of the rounds.
	Highest float64 `json:"max"`
}

// Value is what Spread is in one round.
type Value struct {
	Name, Unit string
	Value      float64
}

// Run is one result in one round. The fields are those of Result.
type Run struct {
	EventsPerS, CPUSeconds, DatabaseCPUSeconds, RSS, DatabaseRSS float64
	Events, EventBytes                                           int
	Values                                                       []Value
}

// Row says which result is held against which.
type Row struct{ Name, Against string }

// Summarize makes the results of what was measured: by name, the runs of each round. A row without rounds is left out.
func Summarize(rows []Row, runs map[string][]Run, machine string) []Result {
	var out []Result
	for _, row := range rows {
		all := runs[row.Name]
		if len(all) == 0 {
			continue
		}
		rates := of(all, func(r Run) float64 { return r.EventsPerS })
		r := Result{
			Name: row.Name, EventsPerS: whole(Median(rates)), Lowest: whole(slices.Min(rates)), Highest: whole(slices.Max(rates)),
			CPUSeconds:         hundredths(Median(of(all, func(r Run) float64 { return r.CPUSeconds }))),
			DatabaseCPUSeconds: hundredths(Median(of(all, func(r Run) float64 { return r.DatabaseCPUSeconds }))),
			RSS:                whole(slices.Max(of(all, func(r Run) float64 { return r.RSS }))),
			DatabaseRSS:        whole(slices.Max(of(all, func(r Run) float64 { return r.DatabaseRSS }))),
			Values:             spreads(all), Rounds: len(all), Events: all[0].Events, EventBytes: all[0].EventBytes, Machine: machine,
		}
		r.ReferenceRatio, _, _ = ratios(all, runs[Reference])
		if row.Against != "" {
			r.Against = row.Against
			r.Ratio, r.LowestRatio, r.HighestRatio = ratios(all, runs[row.Against])
		}
		out = append(out, r)
	}
	return out
}

// ratios are that of the medians, and the lowest and the highest within one round; all 0 where there is nothing to hold against.
func ratios(all, against []Run) (ratio, lowest, highest float64) {
	n := min(len(all), len(against))
	if n == 0 {
		return 0, 0, 0
	}
	rates, others := of(all, func(r Run) float64 { return r.EventsPerS }), of(against, func(r Run) float64 { return r.EventsPerS })
	if Median(others) == 0 {
		return 0, 0, 0
	}
	each := make([]float64, n)
	for i := range each {
		each[i] = rates[i] / others[i]
	}
	return hundredths(whole(Median(rates)) / whole(Median(others))), hundredths(slices.Min(each)), hundredths(slices.Max(each))
}

// spreads are the values of all rounds, in the order of the first.
func spreads(all []Run) []Spread {
	var out []Spread
	for i, v := range all[0].Values {
		var rounds []float64
		for _, r := range all {
			if i < len(r.Values) {
				rounds = append(rounds, r.Values[i].Value)
			}
		}
		out = append(out, Spread{
			Name: v.Name, Unit: v.Unit, Median: hundredths(Median(rounds)), Lowest: hundredths(slices.Min(rounds)), Highest: hundredths(slices.Max(rounds)),
		})
	}
	return out
}

func of(runs []Run, value func(Run) float64) []float64 {
	out := make([]float64, len(runs))
	for i, r := range runs {
		out[i] = value(r)
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
