package api

import (
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
)

// label is what people read, in both languages.
type label struct {
	En string `json:"en" jsonschema:"English"`
	Zh string `json:"zh" jsonschema:"Chinese"`
}

// catalogue is the answer of /v1/metrics.
type catalogue struct {
	Metrics        []metricInfo        `json:"metrics" jsonschema:"every metric, in the order of the catalogue"`
	Windows        []windowInfo        `json:"windows" jsonschema:"the windows that roll, the shortest first"`
	Cuts           []string            `json:"cuts" jsonschema:"what figures are cut by: attributes, and the tenant's pairs; beside these each figure is there overall"`
	Questionnaires []questionnaireInfo `json:"questionnaires" jsonschema:"the questionnaires in force, by id"`
	// Labels by vocabulary and name.
	Labels   map[string]map[string]label `json:"labels" jsonschema:"what people read instead of names: by vocabulary (unit, level, milestone, quantile, window, cut and others), then by name"`
	TimeZone string                      `json:"time_zone" jsonschema:"where the tenant's days begin"`
	MinN     int                         `json:"min_n" jsonschema:"the number of observations under which nothing is significant or ranked"`
}

// metricInfo is one definition.
type metricInfo struct {
	Name             string   `json:"name" jsonschema:"the name everywhere"`
	Section          string   `json:"section" jsonschema:"the part of the catalogue"`
	Version          int      `json:"version" jsonschema:"rises with any change of the formula"`
	Kind             string   `json:"kind" jsonschema:"share, mean and nps have an interval and a test; quantile, plain and label have none"`
	Unit             string   `json:"unit" jsonschema:"what values are in"`
	Better           string   `json:"better" jsonschema:"which way is good: higher, lower or empty"`
	Label            label    `json:"label" jsonschema:"the name for people"`
	Formula          string   `json:"formula" jsonschema:"in words"`
	Denominator      string   `json:"denominator" jsonschema:"what n counts"`
	LeavesOut        string   `json:"leaves_out" jsonschema:"what n_excluded counts; empty: nothing"`
	Detail           string   `json:"detail" jsonschema:"what detail names; empty: it is always empty"`
	PerQuestionnaire bool     `json:"per_questionnaire" jsonschema:"whether each questionnaire has a figure of its own"`
	Windows          []string `json:"windows" jsonschema:"the windows it is served for"`
	Steps            []string `json:"steps" jsonschema:"the steps of a series it is served for"`
}

type windowInfo struct {
	Name        string `json:"name" jsonschema:"as in the parameter window"`
	Seconds     int64  `json:"seconds" jsonschema:"its length"`
	StepSeconds int64  `json:"step_seconds" jsonschema:"what as_of is a whole number of"`
}

type questionnaireInfo struct {
	ID       string   `json:"id" jsonschema:"as in the parameter questionnaire"`
	Title    label    `json:"title" jsonschema:"the name for people, of the newest version"`
	Versions []string `json:"versions" jsonschema:"the versions there are, the oldest first"`
}

func newCatalogue(o offer) catalogue {
	c := catalogue{Cuts: o.cuts(), TimeZone: o.tenant.Zone.String(), MinN: o.tenant.MinN, Questionnaires: questionnaireInfos(o.catalog), Labels: map[string]map[string]label{}}
	for _, m := range o.metrics {
		c.Metrics = append(c.Metrics, newMetricInfo(m))
	}
	for _, w := range metrics.Windows() {
		c.Windows = append(c.Windows, windowInfo{w.Name, int64(w.Length.Seconds()), int64(w.Step.Seconds())})
	}
	for vocabulary, names := range metrics.Labels() {
		of := map[string]label{}
		for name, text := range names {
			of[name] = label(text)
		}
		c.Labels[string(vocabulary)] = of
	}
	return c
}

func newMetricInfo(m metrics.Metric) metricInfo {
	return metricInfo{
		Name: m.Name, Section: m.Section, Version: m.Version, Kind: string(m.Kind), Unit: string(m.Unit), Better: string(m.Better),
		Label: label(m.Label), Formula: m.Formula, Denominator: m.Denominator, LeavesOut: m.LeavesOut, Detail: m.Detail,
		PerQuestionnaire: m.PerQuestionnaire, Windows: windowsOf(m), Steps: stepsOf(m),
	}
}

// windowsOf are the windows that a metric is served for.
func windowsOf(m metrics.Metric) []string {
	var names []string
	for _, w := range metrics.Windows() {
		if w.Length >= m.Shortest() {
			names = append(names, w.Name)
		}
	}
	return names
}

// stepsOf are the steps that a metric is served for: a day may be an hour short of 24, and still is a day.
func stepsOf(m metrics.Metric) []string {
	shortest, _ := metrics.WindowOf("1h")
	if m.Shortest() <= shortest.Length {
		return []string{stepHour, stepDay}
	}
	return []string{stepDay}
}

func questionnaireInfos(catalog *questionnaires.Catalog) []questionnaireInfo {
	infos := []questionnaireInfo{}
	for _, id := range catalog.IDs() {
		info := questionnaireInfo{ID: id}
		for _, v := range catalog.Versions(id) {
			info.Title, info.Versions = label(v.Title), append(info.Versions, v.Version)
		}
		infos = append(infos, info)
	}
	return infos
}
