package questionnaires

// Level is the verbal grade of an answer or of a response.
type Level string

// The five levels, best first.
const (
	VerySatisfied    Level = "very_satisfied"
	Satisfied        Level = "satisfied"
	Neutral          Level = "neutral"
	Dissatisfied     Level = "dissatisfied"
	VeryDissatisfied Level = "very_dissatisfied"
)

// bounded are the levels that have a lower bound; what is below them all is VeryDissatisfied.
func bounded() [4]Level { return [4]Level{VerySatisfied, Satisfied, Neutral, Dissatisfied} }

// AnswerLevels are the lowest answers of the first four levels, best first, never rising.
type AnswerLevels [4]int16

// Of is the level of an answer.
func (l AnswerLevels) Of(answer int16) Level {
	for i, level := range bounded() {
		if answer >= l[i] {
			return level
		}
	}
	return VeryDissatisfied
}

// IndexLevels are the lowest indexes, 0..100, of the first four levels, best first, never rising.
type IndexLevels [4]Decimal

// Of is the level of the index num/den.
func (l IndexLevels) of(num, den int64) Level {
	for i, level := range bounded() {
		if atLeast(num, den, l[i]) {
			return level
		}
	}
	return VeryDissatisfied
}

// defaultIndexLevels are those of metrics.md for ratio scales.
func defaultIndexLevels() IndexLevels {
	return IndexLevels{{Unscaled: 90}, {Unscaled: 70}, {Unscaled: 50}, {Unscaled: 30}}
}
