package api

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// checkFigures says which parameters do not go together, and makes spans of whole steps.
func checkFigures(r *request) []wrongParameter {
	var wrong []wrongParameter
	say := func(name, format string, args ...any) {
		wrong = append(wrong, wrongParameter{name, fmt.Sprintf(format, args...)})
	}
	series := r.given["from"] || r.given["to"] || r.given["step"]
	switch {
	case !series && !r.given["window"]:
		say("window", "is missing: want window, or from, to and step for a series")
	case series:
		for _, name := range []string{"from", "to", "step"} {
			if !r.given[name] {
				say(name, "is missing: a series has from, to and step")
			}
		}
		for _, name := range []string{"window", "as_of", "limit", "cursor"} {
			if r.given[name] {
				say(name, "is not of a series")
			}
		}
	}
	wrong = append(wrong, r.wrongCut()...)
	if r.given["window"] {
		wrong = append(wrong, r.wrongWindow()...)
	}
	if len(wrong) == 0 && series {
		wrong = r.wrongSeries()
	}
	return wrong
}

// wrongCut: values are of a cut.
func (r *request) wrongCut() []wrongParameter {
	if len(r.cutValues) > 0 && r.cut == "" {
		return []wrongParameter{{"cut_value", "wants cut: which attribute has the value"}}
	}
	if r.given["questionnaire"] && !r.metric.PerQuestionnaire {
		return []wrongParameter{{"questionnaire", "the metric is not of a questionnaire"}}
	}
	return nil
}

// wrongWindow: what cannot be merged from parts is served for windows of a day and more.
func (r *request) wrongWindow() []wrongParameter {
	if served := windowsOf(r.metric); !slices.Contains(served, r.window.Name) {
		return []wrongParameter{{"window", "the metric is served for " + strings.Join(served, " ")}}
	}
	return nil
}

func (r *request) wrongSeries() []wrongParameter {
	if served := stepsOf(r.metric); !slices.Contains(served, r.step) {
		return []wrongParameter{{"step", "the metric is served for " + strings.Join(served, " ")}}
	}
	if !r.from.Before(r.to) {
		return []wrongParameter{{"to", "want a time after from"}}
	}
	// Counted before days are looked up one by one: a span of centuries costs nothing.
	length := time.Hour
	if r.step == stepDay {
		length = 24 * time.Hour
	}
	if n := r.to.Sub(r.from) / length; n > time.Duration(r.config.MaxSteps) {
		return []wrongParameter{{"from", fmt.Sprintf("want at most %d steps from here to to", r.config.MaxSteps)}}
	}
	r.from, r.to = r.floor(r.from), r.ceil(r.to)
	return nil
}

// floor is the first instant of the step that has t in it.
func (r *request) floor(t time.Time) time.Time {
	if r.step == stepHour {
		return t.Truncate(time.Hour)
	}
	from, _ := r.tenant.Bounds(r.tenant.Day(t))
	return from
}

// ceil is t where a step begins there, else the end of the step that has it in it.
func (r *request) ceil(t time.Time) time.Time {
	if r.floor(t).Equal(t) {
		return t
	}
	if r.step == stepHour {
		return t.Truncate(time.Hour).Add(time.Hour)
	}
	_, to := r.tenant.Bounds(r.tenant.Day(t))
	return to
}

// checkExplain says which parameters do not go together. A cursor brings its instant along.
func checkExplain(r *request) []wrongParameter {
	wrong := append(r.wrongCut(), r.wrongWindow()...)
	if r.cut != "" && len(r.cutValues) == 0 {
		wrong = append(wrong, wrongParameter{"cut_value", "is missing: which value of the cut; empty for what is not stated"})
	}
	if r.metric.PerQuestionnaire && r.questionnaire == "" {
		wrong = append(wrong, wrongParameter{"questionnaire", "is missing: the metric is of each questionnaire by itself"})
	}
	if r.after == nil {
		return wrong
	}
	at, err := readInstant(r.after[0])
	asOf, errAsOf := readInstant(r.after[4])
	if err != nil || errAsOf != nil {
		return append(wrong, wrongCursor)
	}
	r.after[0], r.asOf = at.Format(time.RFC3339Nano), asOf
	return wrong
}

// checkAlerts reads the instant in a cursor.
func checkAlerts(r *request) []wrongParameter {
	if r.after == nil {
		return nil
	}
	if _, err := readInstant(r.after[0]); err != nil {
		return []wrongParameter{wrongCursor}
	}
	return nil
}

// wrongCursor is one that was not handed out.
var wrongCursor = wrongParameter{"cursor", "want what `next` of the page before was, as it was"}
