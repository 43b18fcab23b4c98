package rolling

import "github.com/rapport-project/rapport/metrics"

// readerOf is the reader of a table of rollups; nil where states are of no table.
func readerOf(s metrics.State) *reader {
	switch s {
	case metrics.Surveys:
		return newReader(string(s), surveyKey, surveyMeasures, func(s *metrics.States) *map[metrics.SurveyKey]metrics.Survey { return &s.Surveys })
	case metrics.Dimensions:
		return newReader(string(s), dimensionKey, dimensionMeasures, func(s *metrics.States) *map[metrics.DimensionKey]metrics.Dimension { return &s.Dimensions })
	case metrics.Scores:
		return newReader(string(s), scoreKey, count, func(s *metrics.States) *map[metrics.ScoreKey]uint64 { return &s.Scores })
	case metrics.Reasons:
		return newReader(string(s), reasonKey, count, func(s *metrics.States) *map[metrics.ReasonKey]uint64 { return &s.Reasons })
	case metrics.ContactStates:
		return contactReader()
	case metrics.Milestones:
		return newReader(string(s), named("milestone"), milestoneMeasures, func(s *metrics.States) *map[string]metrics.Milestone { return &s.Milestones })
	case metrics.Durations:
		return newReader(string(s), durationKey("milestone"), count, func(s *metrics.States) *map[metrics.DurationKey]uint64 { return &s.Durations })
	case metrics.DueTimes:
		return dueReader(string(s), "milestone", func(s *metrics.States) *map[string]uint64 { return &s.Overdue })
	case metrics.ComplaintStates:
		return newReader(string(s), complaintKey, complaintMeasures, func(s *metrics.States) *map[metrics.ComplaintKey]metrics.Complaint { return &s.Complaints })
	case metrics.ComplaintDurations:
		return newReader(string(s), durationKey("duration"), count, func(s *metrics.States) *map[metrics.DurationKey]uint64 { return &s.ComplaintDurations })
	case metrics.ComplaintDueTimes:
		return dueReader(string(s), "phase", func(s *metrics.States) *map[string]uint64 { return &s.ComplaintOverdue })
	}
	return nil
}

// contactReader adds up contacts, and those confirmed beside.
func contactReader() *reader {
	var row, sum metrics.Contacts
	r := &reader{table: string(metrics.ContactStates), measures: contactMeasures(&row)}
	sums := contactMeasures(&sum)
	r.add = func(s *metrics.States, in place) {
		sum = s.Contacts
		plus(sums, r.measures, in.minus)
		s.Contacts = sum
		if in.confirmed {
			sum = s.Confirmed
			plus(sums, r.measures, in.minus)
			s.Confirmed = sum
		}
	}
	r.settle = func(s *metrics.States) bool {
		sum = s.Contacts
		_, all := holds(sums)
		sum = s.Confirmed
		_, confirmed := holds(sums)
		return all && confirmed
	}
	return r
}

// dueReader counts what was due before the instant that a span is judged at. Of a due time it asks only how many of the instants of the query come no
// later: it is before all others.
func dueReader(table, name string, of func(*metrics.States) *map[string]uint64) *reader {
	var passed uint64
	r := newReader(table, named(name), count, of)
	r.keys = append(r.keys, column{name: "due_at", into: &passed, expression: "arrayCount(at -> at <= `due_at`, {judged:Array(Int64)})"})
	add := r.add
	r.add = func(s *metrics.States, in place) {
		if passed <= in.judged {
			add(s, in)
		}
	}
	return r
}

func count(n *uint64) []column { return []column{{name: "n", into: n}} }

func named(name string) func(*string) []column {
	return func(k *string) []column { return []column{{name: name, into: k}} }
}

func surveyKey(k *metrics.SurveyKey) []column {
	return []column{{name: "questionnaire", into: &k.Questionnaire}, {name: "questionnaire_version", into: &k.Version}, {name: "role", into: &k.Role}}
}

func dimensionKey(k *metrics.DimensionKey) []column {
	return []column{
		{name: "questionnaire", into: &k.Questionnaire}, {name: "questionnaire_version", into: &k.Version}, {name: "role", into: &k.Role},
		{name: "dimension", into: &k.Dimension},
	}
}

func scoreKey(k *metrics.ScoreKey) []column {
	return []column{
		{name: "questionnaire", into: &k.Questionnaire}, {name: "questionnaire_version", into: &k.Version}, {name: "role", into: &k.Role},
		{name: "dimension", into: &k.Dimension}, {name: "item", into: &k.Item}, {name: "score", into: &k.Score},
	}
}

func reasonKey(k *metrics.ReasonKey) []column {
	return []column{
		{name: "questionnaire", into: &k.Questionnaire}, {name: "questionnaire_version", into: &k.Version}, {name: "role", into: &k.Role},
		{name: "dimension", into: &k.Dimension}, {name: "reason", into: &k.Reason}, {name: "score", into: &k.Score},
	}
}

func durationKey(name string) func(*metrics.DurationKey) []column {
	return func(k *metrics.DurationKey) []column {
		return []column{{name: name, into: &k.Name}, {name: "clock", into: &k.Clock}, {name: "bucket", into: &k.Bucket}}
	}
}

func complaintKey(k *metrics.ComplaintKey) []column {
	return []column{{name: "severity", into: &k.Severity}, {name: "category", into: &k.Category}, {name: "reason", into: &k.Reason}}
}
