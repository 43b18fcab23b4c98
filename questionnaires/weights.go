package questionnaires

import (
	"fmt"
	"math/big"
	"math/bits"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// maxDenominator bounds the common denominator of an index. A sum of numerators, each at most 100 denominators, then fits
// into 64 bits up to 92 million responses in one cell of one day.
const maxDenominator = 1_000_000_000

// integers are the decimals scaled by one power of ten so that all are whole.
func integers(weights []Decimal) []int64 {
	places := 0
	for _, w := range weights {
		places = max(places, w.Places)
	}
	whole := make([]int64, len(weights))
	for i, w := range weights {
		whole[i] = w.Unscaled
		for range places - w.Places {
			whole[i] *= 10
		}
	}
	return whole
}

// linear is a weighted sum of answers as a fraction: sum of coefficient[i] * (x[i] - zero) / den, in 0..100.
type linear struct {
	coefficients []int64
	den          int64
}

// reduce brings the parts, which sum to 1, over the smallest common denominator of parts * 100 / span.
func reduce(parts []*big.Rat, span int16) (linear, error) {
	den := big.NewInt(1)
	scaled := make([]*big.Rat, len(parts))
	for i, part := range parts {
		scaled[i] = new(big.Rat).Mul(part, big.NewRat(100, int64(span)))
		den = lcm(den, scaled[i].Denom())
	}
	if den.Cmp(big.NewInt(maxDenominator)) > 0 {
		return linear{}, fmt.Errorf("the weights need a common denominator of %s, more than %d; use fewer decimals or rounder weights", den, maxDenominator)
	}
	sum := linear{coefficients: make([]int64, len(parts)), den: den.Int64()}
	for i, c := range scaled {
		sum.coefficients[i] = new(big.Int).Mul(c.Num(), new(big.Int).Div(den, c.Denom())).Int64()
	}
	return sum, nil
}

func lcm(a, b *big.Int) *big.Int {
	gcd := new(big.Int).GCD(nil, nil, a, b)
	return new(big.Int).Mul(a, new(big.Int).Div(b, gcd))
}

// atLeast compares num/den with a threshold exactly; num and den are not negative.
func atLeast(num, den int64, threshold Decimal) bool {
	if threshold.Unscaled <= 0 {
		return true
	}
	scale := uint64(1)
	for range threshold.Places {
		scale *= 10
	}
	leftHigh, leftLow := bits.Mul64(uint64(num), scale)
	rightHigh, rightLow := bits.Mul64(uint64(threshold.Unscaled), uint64(den))
	return leftHigh > rightHigh || leftHigh == rightHigh && leftLow >= rightLow
}

// weight is a weight as stated, or 1 where nothing is said.
type weight struct {
	at    yamlfile.Value
	value Decimal
}

func readWeight(at yamlfile.Value) weight {
	w := weight{at: at, value: yamlfile.Whole(1)}
	if value, ok := at.Decimal(0, maxWeight); ok {
		w.value = value
	}
	return w
}

// scaled brings weights to integers. Stated for some and not for others they are a mistake: nobody can tell what is meant.
func scaled(weights []weight) []int64 {
	values := make([]Decimal, len(weights))
	stated, sum := 0, int64(0)
	for i, w := range weights {
		values[i] = w.value
		sum += w.value.Unscaled
		if w.at.Exists() {
			stated++
		}
	}
	for _, w := range weights {
		if stated > 0 {
			w.at.Required("a weight, since others here have one (or none at all, which is equal weights)")
		}
	}
	if sum == 0 && len(weights) > 0 {
		weights[0].at.Fail("all weights here are 0; want one above 0")
	}
	return integers(values)
}
