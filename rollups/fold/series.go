package fold

// series is what cells are told apart by beside slot, cut and value: a questionnaire, its version and a role, with what can be counted in it.
type series struct {
	questionnaire, version, role uint32 // codes of names

	byFeature codes
	features  []feature
	// dimensions have a sum each, from 1 on; sum 0 is of the index.
	byDimension codes
	dimensions  []uint32
	// items by their code, of which the positions of the answers before remember the last: nearly always the next response has the same ones there.
	byItem codes
	items  []*item
	recent []*item
}

// kind of what is counted.
type kind uint8

const (
	fixed kind = iota
	cesValue
	repurchaseValue
	gapValue
	importanceValue
	scoreValue
	reasonValue
)

// Features that every series has, in this order, and whose index is their number. Levels and the rest are those of the columns of satisfaction_days.
const (
	valid = iota
	invalid
	verySatisfied
	satisfied
	neutral
	dissatisfied
	veryDissatisfied
	promoters
	passives
	detractors
	resolvedYes
	resolvedNo
	fixedFeatures
)

// feature is something that is counted: a value of a kind, of a dimension (gap, importance) or of a dimension and an item or reason.
type feature struct {
	kind  kind
	of    uint32
	value int32
}

// values of features lie between these, as the difference of two Int16 does.
const (
	valueBits = 20
	valueZero = 1 << (valueBits - 1)
)

// feature is the index of one.
func (r *series) feature(k kind, of uint32, value int32) uint32 {
	i, fresh := r.byFeature.of(uint64(k)<<(32+valueBits) | uint64(of)<<valueBits | uint64(value+valueZero))
	if fresh {
		r.features = append(r.features, feature{k, of, value})
	}
	return i
}

// sum is the index of the sum of a dimension.
func (r *series) sum(dimension uint32) uint32 {
	i, fresh := r.byDimension.of(uint64(dimension))
	if fresh {
		r.dimensions = append(r.dimensions, dimension)
	}
	return i + 1
}

// item is a dimension and an item, with the features of the scores near 0 at hand.
type item struct {
	dimension, name uint32
	pair            uint32
	near            [nearScores]uint32 // index plus one
}

// Scores of most scales lie between these.
const (
	nearScores = 32
	leastNear  = -8
)

// score is the index of an answer's score.
func (r *series) score(it *item, score int16) uint32 {
	at := uint32(int32(score) - leastNear)
	if at >= nearScores {
		return r.feature(scoreValue, it.pair, int32(score))
	}
	if it.near[at] == 0 {
		it.near[at] = r.feature(scoreValue, it.pair, int32(score)) + 1
	}
	return it.near[at] - 1
}

// seriesOf is the series of three codes.
func (s *Space) seriesOf(questionnaire, version, role uint32) (*series, uint32) {
	i, fresh := s.bySeries.of(uint64(s.pair(questionnaire, version))<<32 | uint64(role))
	if fresh {
		r := &series{questionnaire: questionnaire, version: version, role: role}
		for f := range int32(fixedFeatures) {
			r.feature(fixed, 0, f)
		}
		s.series = append(s.series, r)
		s.bytes += 256
	}
	return s.series[i], i
}

// itemAt is the item of an answer, the position of which among those of its response is only a hint.
func (s *Space) itemAt(r *series, position int, dimension, name uint32) *item {
	if position < len(r.recent) {
		if it := r.recent[position]; it != nil && it.dimension == dimension && it.name == name {
			return it
		}
	}
	pair := s.pair(dimension, name)
	i, fresh := r.byItem.of(uint64(pair))
	if fresh {
		r.items = append(r.items, &item{dimension: dimension, name: name, pair: pair})
		s.bytes += 192
	}
	it := r.items[i]
	if position < mostRecent {
		for len(r.recent) <= position {
			r.recent = append(r.recent, nil)
		}
		r.recent[position] = it
	}
	return it
}

const mostRecent = 256
