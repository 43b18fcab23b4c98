package questionnaires

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Definition is all that the scores of a response depend on, in the keys of a questionnaire file: scale, dimensions and items
// with their weights, validity and levels. Two versions read the same here just if they score every response alike but for
// the order of its answers: titles, texts, reasons, targets and dates are left out, weights are brought to their smallest
// proportions, and the order of items does not count.
func (v *Version) Definition() string {
	var b strings.Builder
	if len(v.Items) == 0 {
		return "items: []\n"
	}
	fmt.Fprintf(&b, "scale: {min: %d, max: %d, normalisation: %s, levels: %s}\n", v.Scale.Min, v.Scale.Max, v.Scale.Normalisation, levels(v.Scale.Levels[:]))
	b.WriteString("dimensions:\n")
	weights := make([]int64, len(v.Dimensions))
	for i, d := range v.Dimensions {
		weights[i] = d.Weight
	}
	divisor := commonDivisor(weights)
	within := map[string]int64{}
	for _, d := range slices.SortedFunc(slices.Values(v.Dimensions), func(a, b Dimension) int { return cmp.Compare(a.ID, b.ID) }) {
		fmt.Fprintf(&b, "  - {id: %s, weight: %d}\n", d.ID, d.Weight/divisor)
		var of []int64
		for _, item := range v.Items {
			if item.Dimension == d.ID {
				of = append(of, item.Weight)
			}
		}
		within[d.ID] = commonDivisor(of)
	}
	b.WriteString("items:\n")
	for _, item := range slices.SortedFunc(slices.Values(v.Items), func(a, b Item) int { return cmp.Compare(a.ID, b.ID) }) {
		fmt.Fprintf(&b, "  - {id: %s, dimension: %s, weight: %d}\n", item.ID, item.Dimension, item.Weight/within[item.Dimension])
	}
	fmt.Fprintf(&b, "validity: {max_missing: %d", v.MaxMissing)
	// Without missing items there is nothing that the neutral answer could stand for.
	if v.MaxMissing > 0 {
		fmt.Fprintf(&b, ", neutral: %d", v.Neutral)
	}
	// What is optional is not said, so that definitions registered before there was a choice read the same.
	if v.ExpectationRequired {
		b.WriteString(", expectation: required")
	}
	b.WriteString("}\n")
	fmt.Fprintf(&b, "index_levels: %s\n", levels(v.IndexLevels[:]))
	return b.String()
}

// Fingerprint is the SHA-256 of Definition, in hexadecimal: 64 characters.
func (v *Version) Fingerprint() string {
	sum := sha256.Sum256([]byte(v.Definition()))
	return hex.EncodeToString(sum[:])
}

// levels are the bounds of the first four levels as a file has them.
func levels[T any](bounds []T) string {
	parts := make([]string, len(bounds))
	for i, level := range bounded() {
		parts[i] = fmt.Sprintf("%s: %v", level, bounds[i])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// commonDivisor is the greatest one of the weights; 1 where all are 0.
func commonDivisor(weights []int64) int64 {
	var divisor int64
	for _, w := range weights {
		for w != 0 {
			divisor, w = w, divisor%w
		}
	}
	return max(divisor, 1)
}
