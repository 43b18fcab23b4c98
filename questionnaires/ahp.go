package questionnaires

import (
	"fmt"
	"math/big"
	"slices"
)

// AHP is what a matrix of pairwise comparisons says: the analytic hierarchy process of Saaty. The weights of the dimensions
// are whole ten-thousandths; the figures here are for people.
type AHP struct {
	// Weights are the principal eigenvector, of sum 1, in the order of the dimensions.
	Weights []float64
	// LambdaMax is the principal eigenvalue: the number of dimensions where the matrix is consistent, else more.
	LambdaMax float64
	// CI is (LambdaMax - k) / (k - 1), CR is CI over that of random matrices; at most maxCR. Both are 0 for k of 1 and 2.
	CI, CR float64
}

const (
	// maxCompared is how many dimensions a matrix may compare: Saaty's random indexes end there.
	maxCompared = 10
	// maxComparison is how many times as important one dimension may be as another.
	maxComparison = 100
	// weightParts is the sum of the integer weights that an eigenvector is turned into.
	weightParts = 10_000
	// precision is that of the arithmetic in bits. It is not the machine's, which differs between processors in the last
	// bits of a sum of products, and the weights must not.
	precision = 320
	// squarings of the matrix make 2^64 steps of the power iteration, more than any matrix of such comparisons needs. Each doubles
	// the rounding error at most, so that more than 200 bits stay right.
	squarings = 64
)

// randomIndex is Saaty's RI for k dimensions, in hundredths; k is 1..maxCompared.
func randomIndex(k int) int64 {
	return [maxCompared + 1]int64{0, 0, 0, 58, 90, 112, 124, 132, 141, 145, 149}[k]
}

// solve gives the integer weights, which add up to weightParts, for a matrix that is square, positive and reciprocal; an
// error says that its comparisons contradict each other.
func solve(matrix [][]*big.Rat) ([]int64, AHP, error) {
	k := len(matrix)
	a := make([][]*big.Float, k)
	for i, row := range matrix {
		a[i] = make([]*big.Float, k)
		for j, x := range row {
			a[i][j] = wide().SetRat(x)
		}
	}
	vector := eigenvector(a)
	// The vector's sum is 1, so that of its image is the eigenvalue.
	lambda := wide()
	for i := range a {
		for j := range a {
			lambda.Add(lambda, wide().Mul(a[i][j], vector[j]))
		}
	}
	ci, cr := wide(), wide()
	if k > 2 {
		ci.Quo(wide().Sub(lambda, wide().SetInt64(int64(k))), wide().SetInt64(int64(k-1)))
		cr.Quo(wide().Mul(ci, wide().SetInt64(100)), wide().SetInt64(randomIndex(k)))
	}
	result := AHP{LambdaMax: float(lambda), CI: max(float(ci), 0), CR: max(float(cr), 0)}
	for _, w := range vector {
		result.Weights = append(result.Weights, float(w))
	}
	if limit := wide().SetRat(big.NewRat(1, 10)); cr.Cmp(limit) > 0 {
		return nil, result, fmt.Errorf("its consistency ratio CR is %.3f (lambda max %.4f, CI %.4f); want at most 0.10, so compare again what contradicts itself",
			result.CR, result.LambdaMax, result.CI)
	}
	return shares(vector), result, nil
}

func wide() *big.Float { return new(big.Float).SetPrec(precision) }

// float rounds to nine places first, so that what is 3 but for the last of many bits is shown as 3.
func float(x *big.Float) float64 {
	scaled, _ := wide().Mul(x, wide().SetInt64(1e9)).Float64()
	return float64(int64(scaled+0.5)) / 1e9
}

// eigenvector is the principal one of a positive matrix, of sum 1: all columns of a high power of the matrix are multiples of it.
func eigenvector(a [][]*big.Float) []*big.Float {
	for range squarings {
		a = square(a)
	}
	vector := make([]*big.Float, len(a))
	for i, row := range a {
		vector[i] = row[0]
	}
	total := sum(vector)
	for i := range vector {
		vector[i] = wide().Quo(vector[i], total)
	}
	return vector
}

// square is the matrix times itself, scaled so that its elements add up to 1 and powers of it do not overflow.
func square(a [][]*big.Float) [][]*big.Float {
	out := make([][]*big.Float, len(a))
	total := wide()
	for i := range a {
		out[i] = make([]*big.Float, len(a))
		for j := range a {
			x := wide()
			for l := range a {
				x.Add(x, wide().Mul(a[i][l], a[l][j]))
			}
			out[i][j] = x
			total.Add(total, x)
		}
	}
	for i := range out {
		for j := range out {
			out[i][j].Quo(out[i][j], total)
		}
	}
	return out
}

func sum(xs []*big.Float) *big.Float {
	total := wide()
	for _, x := range xs {
		total.Add(total, x)
	}
	return total
}

// shares shares weightParts out in proportion: each gets its whole parts, and what is left goes one by one to the largest
// remainders, of equal ones to the first.
func shares(vector []*big.Float) []int64 {
	// Thirty places of a part are looked at, so that one of just 2000 parts is not taken for one of almost so many.
	part := new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)
	scale := wide().SetInt(new(big.Int).Mul(part, big.NewInt(weightParts)))
	weights := make([]int64, len(vector))
	rests := make([]*big.Int, len(vector))
	order := make([]int, len(vector))
	left := int64(weightParts)
	for i, w := range vector {
		scaled := wide().Mul(w, scale)
		exact, _ := scaled.Add(scaled, wide().SetFloat64(0.5)).Int(nil)
		var whole big.Int
		whole.QuoRem(exact, part, exact)
		weights[i], rests[i], order[i] = whole.Int64(), exact, i
		left -= weights[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return rests[b].Cmp(rests[a]) })
	for _, i := range order[:left] {
		weights[i]++
	}
	return weights
}
