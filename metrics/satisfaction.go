package metrics

import (
	"strconv"

	"github.com/rapport-project/rapport/questionnaires"
)

const leavesInvalid = "responses that the validity rule refuses, and those without it"

func scoreMetrics() []Metric {
	return []Metric{
		{
			Name: "satisfaction_index", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Score, Better: Higher, PerQuestionnaire: true,
			Label:   Text{"Satisfaction index", "满意度指数"},
			Formula: "mean of the indexes of valid responses", Denominator: "valid responses that have an index", LeavesOut: leavesInvalid,
			Rests: []State{Surveys}, Points: indexPoints,
		},
		{
			Name: "dimension_score", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Score, Better: Higher, PerQuestionnaire: true, Detail: "dimension",
			Label:   Text{"Dimension score", "维度得分"},
			Formula: "mean score of the dimension", Denominator: "valid responses with an answer in the dimension", LeavesOut: leavesInvalid,
			Rests: []State{Dimensions, Surveys}, Points: dimensionPoints,
		},
		{
			Name: "item_score", Section: Satisfaction, Version: 1, Kind: Mean, Unit: Score, Better: Higher, PerQuestionnaire: true, Detail: "item",
			Label:   Text{"Item score", "题项得分"},
			Formula: "mean score of the item; a neutral fill is no answer", Denominator: "answers of the item in valid responses", LeavesOut: leavesInvalid,
			Rests: []State{Scores, Surveys}, Points: itemPoints,
		},
		{
			Name: "csat_top2", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, Better: Higher, PerQuestionnaire: true,
			Label:   Text{"Satisfied responses (top 2)", "满意率（前两级）"},
			Formula: "responses at satisfied or better / valid responses", Denominator: "valid responses", LeavesOut: "responses that the validity rule refuses",
			Rests: []State{Surveys}, Points: topPoints,
		},
		{
			Name: "level_share", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, PerQuestionnaire: true, Detail: "level",
			Label:   Text{"Share of a level", "各满意等级占比"},
			Formula: "responses at that level / valid responses", Denominator: "valid responses", LeavesOut: "responses that the validity rule refuses",
			Rests: []State{Surveys}, Points: levelPoints,
		},
		{
			Name: "score_share", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, PerQuestionnaire: true,
			Detail:  "item:score; dimension:score for dimensions of several items. A score that nobody gave has no figure",
			Label:   Text{"Share of a score", "各分值占比"},
			Formula: "answers with that score / answers of the item or dimension", Denominator: "answers of the item or dimension in valid responses",
			LeavesOut: "answers without score, and those of responses that the validity rule refuses",
			Rests:     []State{Scores}, Points: scorePoints,
		},
	}
}

func indexPoints(s *States, _ *questionnaires.Catalog) []Point {
	surveys := s.surveyed()
	of := make(map[detailed]parts)
	for id, p := range s.indexes() {
		of[detailed{questionnaire: id}] = p
	}
	return points(of, func(at detailed, p parts) Sample { return p.mean().leaving(surveys[at.questionnaire]) })
}

// leaving counts what a figure of responses leaves out.
func (s Sample) leaving(all Survey) Sample {
	s.Excluded = all.leftOut(s.N)
	return s
}

func dimensionPoints(s *States, _ *questionnaires.Catalog) []Point {
	surveys := s.surveyed()
	return points(s.dimensions(customer), func(at detailed, p parts) Sample { return p.mean().leaving(surveys[at.questionnaire]) })
}

func itemPoints(s *States, c *questionnaires.Catalog) []Point {
	surveys := s.surveyed()
	of := make(map[detailed]parts)
	for key, n := range s.Scores {
		v := version(c, key.Questionnaire, key.Version)
		if key.Role != customer || v == nil || v.Scale.Span() <= 0 {
			continue
		}
		x := percent * (int64(key.Score) - int64(v.Scale.Zero()))
		at := detailed{key.Questionnaire, key.Item}
		of[at] = of[at].add(part{n, int64(v.Scale.Span()), x * int64(n), whole(x * x * int64(n))})
	}
	return points(of, func(at detailed, p parts) Sample { return p.mean().leaving(surveys[at.questionnaire]) })
}

func topPoints(s *States, _ *questionnaires.Catalog) []Point {
	return surveyPoints(s, func(c Survey) []Point {
		if c.IndexN == 0 {
			return nil
		}
		return one(share(c.VerySatisfied+c.Satisfied, c.N, c.Invalid))
	})
}

func levelPoints(s *States, _ *questionnaires.Catalog) []Point {
	return surveyPoints(s, func(c Survey) []Point {
		if c.IndexN == 0 {
			return nil
		}
		var all []Point
		for _, level := range []struct {
			name questionnaires.Level
			n    uint64
		}{
			{questionnaires.VerySatisfied, c.VerySatisfied}, {questionnaires.Satisfied, c.Satisfied}, {questionnaires.Neutral, c.Neutral},
			{questionnaires.Dissatisfied, c.Dissatisfied}, {questionnaires.VeryDissatisfied, c.VeryDissatisfied},
		} {
			all = append(all, Point{Detail: string(level.name), Sample: share(level.n, c.N, c.Invalid)})
		}
		return all
	})
}

// surveyPoints are those of every questionnaire that customers answered.
func surveyPoints(s *States, of func(Survey) []Point) []Point {
	var all []Point
	for id, c := range s.surveyed() {
		for _, p := range of(c) {
			p.Questionnaire = id
			all = append(all, p)
		}
	}
	return ordered(all)
}

func scorePoints(s *States, c *questionnaires.Catalog) []Point {
	seen := make(map[string]bool)
	for key := range s.Scores {
		seen[key.Questionnaire] = true
	}
	several := severalItems(versionsOf(c, seen))
	counts, of := make(map[detailed]uint64), make(map[detailed]uint64)
	parent := make(map[detailed]detailed)
	count := func(id, name string, score int16, n uint64) {
		at := detailed{id, name + ":" + strconv.Itoa(int(score))}
		counts[at] += n
		parent[at] = detailed{id, name}
		of[parent[at]] += n
	}
	for key, n := range s.Scores {
		if key.Role != customer {
			continue
		}
		count(key.Questionnaire, key.Item, key.Score, n)
		if several[detailed{key.Questionnaire, key.Dimension}] && key.Dimension != key.Item {
			count(key.Questionnaire, key.Dimension, key.Score, n)
		}
	}
	return points(counts, func(at detailed, n uint64) Sample { return share(n, of[parent[at]], 0) })
}

// severalItems are the dimensions that have more than one item in any version of their questionnaire.
func severalItems(all []*questionnaires.Version) map[detailed]bool {
	several := make(map[detailed]bool)
	for _, v := range all {
		seen := make(map[string]bool)
		for _, item := range v.Items {
			if seen[item.Dimension] {
				several[detailed{v.ID, item.Dimension}] = true
			}
			seen[item.Dimension] = true
		}
	}
	return several
}

// versions are all that the catalog has.
func versions(c *questionnaires.Catalog) []*questionnaires.Version {
	if c == nil {
		return nil
	}
	var all []*questionnaires.Version
	for _, id := range c.IDs() {
		all = append(all, c.Versions(id)...)
	}
	return all
}

// versionsOf are those of some questionnaires.
func versionsOf(c *questionnaires.Catalog, ids map[string]bool) []*questionnaires.Version {
	var all []*questionnaires.Version
	for id := range ids {
		if c != nil {
			all = append(all, c.Versions(id)...)
		}
	}
	return all
}
