package questionnaires

import (
	"time"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// Version is one version of a questionnaire: a file. Once used it is not changed; a change is a new version.
type Version struct {
	ID        string
	Version   string
	ValidFrom time.Time // midnight UTC
	Title     Text
	// Scale is that of every item; zero where there are no items.
	Scale      Scale
	Dimensions []Dimension
	Items      []Item // in the order they are asked
	// AHP is what the dimensions' weights come from where they are derived from a matrix; nil where they are given.
	AHP *AHP
	// MaxMissing items may be unanswered; each then counts as Neutral in the index. With more missing the response is not valid.
	MaxMissing int
	Neutral    int16
	// ExpectationRequired: an item without its expectation is missing too. Its score, where there is one, stays in the scores.
	ExpectationRequired bool
	// IndexLevels are the lowest index, 0..100, of each level of a response.
	IndexLevels IndexLevels
	// SatisfiedThreshold is the mean index, 0..100, from which a customer counts as satisfied.
	SatisfiedThreshold Decimal
	// Targets are by metric, in the metric's unit.
	Targets []Target

	scoring scoring
}

// Text is what people read, in English and Chinese.
type Text struct{ En, Zh string }

// Decimal is a number exactly as the file has it.
type Decimal = yamlfile.Decimal

// Normalisation is how an answer becomes a score of 0..100.
type Normalisation string

// The normalisations of metrics.md, section 1.
const (
	Ratio Normalisation = "ratio" // x / max * 100
	Range Normalisation = "range" // (x - min) / (max - min) * 100
)

// Scale is the range of an item's answers, which are integers.
type Scale struct {
	Min, Max      int16
	Normalisation Normalisation
	Levels        AnswerLevels
}

// Zero is the answer that scores 0: score = (x - Zero) * 100 / Span.
func (s Scale) Zero() int16 {
	if s.Normalisation == Range {
		return s.Min
	}
	return 0
}

// Span is the distance from Zero to the answer that scores 100.
func (s Scale) Span() int16 { return s.Max - s.Zero() }

// Item is one question.
type Item struct {
	ID        string
	Text      Text
	Dimension string
	// Weight is its part within the dimension, in integers of one scale for all items of the dimension.
	Weight int64
}

// Dimension is what one or more items measure.
type Dimension struct {
	ID    string
	Title Text
	// Weight is its part in the index, in integers of one scale for all dimensions.
	Weight  int64
	Reasons []Reason
}

// Reason is a code that an answer may name for a low score. Codes are labels: an answer with another code is taken too.
type Reason struct {
	Code  string
	Label Text
}

// Target is what a metric of the questionnaire should reach.
type Target struct {
	Metric string
	Value  Decimal
}
