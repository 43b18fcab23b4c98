package metrics

import (
	"math/big"
	"slices"

	"github.com/rapport-project/rapport/questionnaires"
)

// move is a one-point rise of an answer: what it adds to the sum of the scores, and how many there is room for.
type move struct {
	gain *big.Rat
	room uint64
}

func targetMovesPoints(s *States, c *questionnaires.Catalog) []Point {
	indexes, dimensions := s.indexes(), s.dimensions(customer)
	of := make(map[detailed]Sample)
	for id, newest := range s.newest() {
		var index []move
		var within map[string][]move
		for _, t := range targetsOf(version(c, id, newest)) {
			if t.metric != "satisfaction_index" && t.metric != "dimension_score" {
				continue
			}
			if within == nil {
				index, within = s.moves(id, c)
			}
			sums, moves := indexes[id], index
			if t.dimension != "" {
				sums, moves = dimensions[detailed{id, t.dimension}], within[t.dimension]
			}
			if n := sums.count(); n > 0 {
				need := new(big.Rat).SetInt(new(big.Int).SetUint64(n))
				need.Sub(need.Mul(need, t.value), sums.total())
				count, ok := fewest(need, moves)
				of[detailed{id, t.detail}] = Sample{Kind: Plain, N: n, Plain: float64(count), Known: ok}
			}
		}
	}
	return points(of, func(_ detailed, s Sample) Sample { return s })
}

// itemOf is an item of a version.
type itemOf struct{ version, item string }

// moves are those that the answers of a questionnaire have room for: by what they add to the index, and by dimension what they add to its score.
func (s *States) moves(id string, c *questionnaires.Catalog) (index []move, within map[string][]move) {
	room := make(map[itemOf]uint64)
	for key, n := range s.Scores {
		if key.Questionnaire != id || key.Role != customer {
			continue
		}
		if v := version(c, id, key.Version); v != nil && key.Score < v.Scale.Max {
			room[itemOf{key.Version, key.Item}] += n * uint64(v.Scale.Max-key.Score)
		}
	}
	within = make(map[string][]move)
	for _, v := range c.Versions(id) {
		w := weightsOf(v)
		for _, item := range v.Items {
			n, gain := room[itemOf{v.Version, item.ID}], w.item(item)
			if n == 0 || gain.Sign() == 0 {
				continue
			}
			within[item.Dimension] = append(within[item.Dimension], move{gain, n})
			if part := w.dimension[item.Dimension]; part.Sign() > 0 {
				index = append(index, move{new(big.Rat).Mul(gain, part), n})
			}
		}
	}
	return index, within
}

// weights of a version as parts.
type weights struct {
	// dimension is the part of each in the index; within the sum of the weights of its items.
	dimension map[string]*big.Rat
	within    map[string]int64
	span      int64
}

func weightsOf(v *questionnaires.Version) weights {
	w := weights{make(map[string]*big.Rat), make(map[string]int64), int64(v.Scale.Span())}
	var total int64
	for _, d := range v.Dimensions {
		total += d.Weight
	}
	for _, d := range v.Dimensions {
		w.dimension[d.ID] = big.NewRat(d.Weight, max(total, 1))
	}
	for _, item := range v.Items {
		w.within[item.Dimension] += item.Weight
	}
	return w
}

// item is what one point more for it adds to the score of its dimension.
func (w weights) item(item questionnaires.Item) *big.Rat {
	gain := big.NewRat(percent*item.Weight, max(w.within[item.Dimension], 1))
	return gain.Quo(gain, big.NewRat(max(w.span, 1), 1))
}

// fewest is how many moves add up to what is needed, the largest first; false where all together do not.
func fewest(need *big.Rat, moves []move) (count uint64, ok bool) {
	slices.SortFunc(moves, func(a, b move) int { return b.gain.Cmp(a.gain) })
	need = new(big.Rat).Set(need)
	for _, m := range moves {
		if need.Sign() <= 0 {
			break
		}
		wanted := new(big.Rat).Quo(need, m.gain)
		up := new(big.Int).Add(wanted.Num(), new(big.Int).Sub(wanted.Denom(), big.NewInt(1)))
		up.Quo(up, wanted.Denom())
		take := m.room
		if up.IsUint64() {
			take = min(take, up.Uint64())
		}
		count += take
		used := new(big.Rat).SetInt(new(big.Int).SetUint64(take))
		need.Sub(need, used.Mul(used, m.gain))
	}
	return count, need.Sign() <= 0
}
