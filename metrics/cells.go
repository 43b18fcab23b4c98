package metrics

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rapport-project/rapport/questionnaires"
)

// detailed is what points are ordered by.
type detailed struct{ questionnaire, detail string }

// points makes one of each sample that rests on something, in the order of (questionnaire, detail).
func points[T any](of map[detailed]T, sample func(detailed, T) Sample) []Point {
	all := make([]Point, 0, len(of))
	for key, v := range of {
		if s := sample(key, v); s.N > 0 {
			all = append(all, Point{Questionnaire: key.questionnaire, Detail: key.detail, Sample: s})
		}
	}
	return ordered(all)
}

func ordered(all []Point) []Point {
	slices.SortFunc(all, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Questionnaire, b.Questionnaire), cmp.Compare(a.Detail, b.Detail))
	})
	return all
}

// surveyed merges the versions of a questionnaire, of customers: all fields but those of the index, whose denominators are the versions' own.
func (s *States) surveyed() map[string]Survey {
	all := make(map[string]Survey)
	for key, c := range s.Surveys {
		if key.Role == customer {
			all[key.Questionnaire] = all[key.Questionnaire].plus(c)
		}
	}
	return all
}

// plus adds up all but what has a denominator.
func (a Survey) plus(b Survey) Survey {
	a.N, a.Invalid, a.IndexN = a.N+b.N, a.Invalid+b.Invalid, a.IndexN+b.IndexN
	a.VerySatisfied, a.Satisfied, a.Neutral = a.VerySatisfied+b.VerySatisfied, a.Satisfied+b.Satisfied, a.Neutral+b.Neutral
	a.Dissatisfied, a.VeryDissatisfied = a.Dissatisfied+b.Dissatisfied, a.VeryDissatisfied+b.VeryDissatisfied
	a.Promoters, a.Passives, a.Detractors = a.Promoters+b.Promoters, a.Passives+b.Passives, a.Detractors+b.Detractors
	a.CESN, a.CESSum, a.CESSumSq = a.CESN+b.CESN, a.CESSum+b.CESSum, a.CESSumSq+b.CESSumSq
	a.RepurchaseN, a.RepurchaseSum = a.RepurchaseN+b.RepurchaseN, a.RepurchaseSum+b.RepurchaseSum
	a.ResolvedYes, a.ResolvedNo = a.ResolvedYes+b.ResolvedYes, a.ResolvedNo+b.ResolvedNo
	return a
}

// leftOut are the responses of a customer survey that n of them do not count.
func (a Survey) leftOut(n uint64) uint64 { return a.Invalid + less(a.N, n) }

// indexes are the parts of the mean index by questionnaire.
func (s *States) indexes() map[string]parts {
	all := make(map[string]parts)
	for _, key := range sortedKeys(s.Surveys, compareSurveys) {
		if c := s.Surveys[key]; key.Role == customer {
			all[key.Questionnaire] = all[key.Questionnaire].add(part{c.IndexN, c.IndexDen, c.IndexSum, c.IndexSumSq})
		}
	}
	return all
}

// dimensions are the parts of the mean score by questionnaire and dimension, of one role.
func (s *States) dimensions(role string) map[detailed]parts {
	all := make(map[detailed]parts)
	for key, c := range s.Dimensions {
		if key.Role == role {
			at := detailed{key.Questionnaire, key.Dimension}
			all[at] = all[at].add(part{c.N, c.Den, c.NumSum, c.NumSumSq})
		}
	}
	return all
}

// newest is the greatest version, as text, among the valid responses of customers to each questionnaire: views take the same.
func (s *States) newest() map[string]string {
	all := make(map[string]string)
	for key, c := range s.Surveys {
		if key.Role == customer && c.N > 0 {
			all[key.Questionnaire] = max(all[key.Questionnaire], key.Version)
		}
	}
	for key, c := range s.Dimensions {
		if key.Role == customer && c.N > 0 {
			all[key.Questionnaire] = max(all[key.Questionnaire], key.Version)
		}
	}
	return all
}

// version finds a definition; nil where the catalog has it no more.
func version(c *questionnaires.Catalog, id, version string) *questionnaires.Version {
	if c == nil {
		return nil
	}
	for _, v := range c.Versions(id) {
		if v.Version == version {
			return v
		}
	}
	return nil
}

func compareSurveys(a, b SurveyKey) int {
	return cmp.Or(cmp.Compare(a.Questionnaire, b.Questionnaire), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Role, b.Role))
}

func sortedKeys[K comparable, V any](m map[K]V, by func(a, b K) int) []K {
	return slices.SortedFunc(maps.Keys(m), by)
}
