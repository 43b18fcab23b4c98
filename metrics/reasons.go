package metrics

import "github.com/rapport-project/rapport/questionnaires"

func reasonMetrics() []Metric {
	return []Metric{{
		Name: "reason_share", Section: Satisfaction, Version: 1, Kind: Share, Unit: Percent, Better: Lower, PerQuestionnaire: true,
		Detail:      "reason; dimension:reason where several dimensions of the questionnaire have it",
		Label:       Text{"Share of a reason", "不满意原因占比"},
		Formula:     "answers below satisfied that name the reason / answers of that dimension below satisfied",
		Denominator: "answers of the dimension below satisfied, in valid responses", LeavesOut: "answers at satisfied or better, and those without score",
		Rests: []State{Scores, Reasons}, Points: reasonPoints,
	}}
}

// reasonAt is a reason of a dimension.
type reasonAt struct{ questionnaire, dimension, reason string }

func reasonPoints(s *States, c *questionnaires.Catalog) []Point {
	low := make(map[detailed]uint64)
	for key, n := range s.Scores {
		if key.Role == customer && below(version(c, key.Questionnaire, key.Version), key.Score) {
			low[detailed{key.Questionnaire, key.Dimension}] += n
		}
	}
	named, seen := make(map[reasonAt]uint64), make(map[string]bool)
	for key, n := range s.Reasons {
		seen[key.Questionnaire] = true
		if key.Role == customer && below(version(c, key.Questionnaire, key.Version), key.Score) {
			named[reasonAt{key.Questionnaire, key.Dimension, key.Reason}] += n
		}
	}
	home := reasonHomes(versionsOf(c, seen))
	for at := range named {
		// A code that no definition lists belongs to where it is named, if that is one place.
		if _, listed := home.listed[detailed{at.questionnaire, at.reason}]; !listed {
			home.see(at)
		}
	}
	of := make(map[detailed]Sample)
	for at, n := range named {
		of[detailed{at.questionnaire, home.detail(at)}] = share(n, max(low[detailed{at.questionnaire, at.dimension}], n), 0)
	}
	return points(of, func(_ detailed, s Sample) Sample { return s })
}

// below says that an answer lies below satisfied.
func below(v *questionnaires.Version, score int16) bool {
	if v == nil {
		return false
	}
	level := v.Scale.Levels.Of(score)
	return level != questionnaires.VerySatisfied && level != questionnaires.Satisfied
}

// homes know which dimension has a code; more than one where it is ambiguous.
type homes struct {
	listed map[detailed]bool
	of     map[detailed]map[string]bool
}

func (h *homes) see(at reasonAt) {
	key := detailed{at.questionnaire, at.reason}
	if h.of[key] == nil {
		h.of[key] = make(map[string]bool)
	}
	h.of[key][at.dimension] = true
}

func (h *homes) detail(at reasonAt) string {
	if of := h.of[detailed{at.questionnaire, at.reason}]; len(of) == 1 && of[at.dimension] {
		return at.reason
	}
	return at.dimension + ":" + at.reason
}

// reasonHomes are what the definitions list.
func reasonHomes(all []*questionnaires.Version) *homes {
	h := &homes{listed: make(map[detailed]bool), of: make(map[detailed]map[string]bool)}
	for _, v := range all {
		for _, d := range v.Dimensions {
			for _, r := range d.Reasons {
				h.see(reasonAt{v.ID, d.ID, r.Code})
				h.listed[detailed{v.ID, r.Code}] = true
			}
		}
	}
	return h
}
