package rollups

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/tenants"
)

// cut is one way of cutting a day: overall (no attributes), by one attribute, or by a pair.
type cut struct {
	Attributes []string
	// Name as rows carry it: '', "region", "region,product".
	Name string
	// Grouped is what grouping(region, ..., agent) gives for rows of the cut: a bit for each attribute that is not in it.
	Grouped int
}

// cutsOf are a tenant's cuts: overall, the attributes, its pairs. Names become part of statements, so that each is checked
// against the list of attributes here, wherever it came from.
func cutsOf(pairs [][2]string) ([]cut, error) {
	attributes := tenants.Attributes()
	sets := [][]string{nil}
	for _, a := range attributes {
		sets = append(sets, []string{a})
	}
	for _, p := range pairs {
		sets = append(sets, p[:])
	}
	cuts := make([]cut, len(sets))
	seen := map[int]bool{}
	for i, set := range sets {
		c := cut{Attributes: set, Name: strings.Join(set, ",")}
		for bit, a := range attributes {
			if !slices.Contains(set, a) {
				c.Grouped |= 1 << (len(attributes) - 1 - bit)
			}
		}
		for _, a := range set {
			if !slices.Contains(attributes, a) {
				return nil, fmt.Errorf("cut %q: %q is no attribute", c.Name, a)
			}
		}
		// Cuts are told apart by their bits, which is why a pair cannot be there twice, in either order, nor of one attribute.
		if seen[c.Grouped] {
			return nil, fmt.Errorf("cut %q: not a pair of its own", c.Name)
		}
		seen[c.Grouped] = true
		cuts[i] = c
	}
	return cuts, nil
}
