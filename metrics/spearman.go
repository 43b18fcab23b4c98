package metrics

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// joint is how often a score num/den of a dimension, not negative, came with a score of the overall item.
type joint struct {
	num, den int64
	overall  int16
	n        uint64
}

// minRanked is how many pairs a rank correlation takes.
const minRanked = 3

// spearman is the rank correlation, with ties at their middle rank: Pearson's of the ranks, whose sums are whole. False below three pairs and where one
// side is all the same.
func spearman(cells []joint) (rho float64, n uint64, ok bool) {
	for _, c := range cells {
		n += c.n
	}
	if n < minRanked {
		return 0, n, false
	}
	x := ranks(cells, compareScores)
	y := ranks(cells, func(a, b joint) int { return cmp.Compare(a.overall, b.overall) })
	var xx, yy, xy big.Int
	for i, c := range cells {
		count := new(big.Int).SetUint64(c.n)
		// Twice the distance of the rank from the middle of all, which is whole.
		dx, dy := big.NewInt(x[i]-int64(n)), big.NewInt(y[i]-int64(n))
		add(&xx, count, dx, dx)
		add(&yy, count, dy, dy)
		add(&xy, count, dx, dy)
	}
	if xx.Sign() == 0 || yy.Sign() == 0 {
		return 0, n, false
	}
	return toFloat(&xy) / math.Sqrt(toFloat(&xx)*toFloat(&yy)), n, true
}

// ranks are those of each cell by one side, as twice the middle rank less 1.
func ranks(cells []joint, by func(a, b joint) int) []int64 {
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return by(cells[a], cells[b]) })
	twice := make([]int64, len(cells))
	var before int64
	for from := 0; from < len(order); {
		to, tied := from, int64(0)
		for ; to < len(order) && by(cells[order[from]], cells[order[to]]) == 0; to++ {
			tied += int64(cells[order[to]].n)
		}
		for _, i := range order[from:to] {
			twice[i] = 2*before + tied
		}
		before += tied
		from = to
	}
	return twice
}

// compareScores compares fractions by their cross products, which need 128 bits.
func compareScores(a, b joint) int {
	aHigh, aLow := bits.Mul64(uint64(a.num), uint64(b.den))
	bHigh, bLow := bits.Mul64(uint64(b.num), uint64(a.den))
	return cmp.Or(cmp.Compare(aHigh, bHigh), cmp.Compare(aLow, bLow))
}

func add(sum, count, x, y *big.Int) {
	product := new(big.Int).Mul(x, y)
	sum.Add(sum, product.Mul(product, count))
}

func toFloat(n *big.Int) float64 {
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}
