package rollups

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/tenants"
)

// Pinned are the settings that statements over facts and rollups run with, so that FINAL is exact: they end a statement.
const Pinned = pinned

// Spans is a SELECT of what the cells of a table would be if its days were other stretches of time: columns slot (UInt16), cut, cut_value and those of a cell,
// measures by their plain names. Cuts are ” for overall, attributes, or pairs as region,product; the names are checked here. Whoever runs it ends it with
// Pinned and gives as parameters the tenant; first_hours and end_hours (Array(UInt32), first <= hour < end, hours since 1970 UTC), which say what is
// scanned; and bounds (Array(Int64), rising, microseconds since 1970 UTC) with slots (Array(UInt16)): a time belongs to the slot of the last bound at or
// before it, slot 0 is left out, and the first bound must lie before all times.
func Spans(name string, cuts []string) (string, error) {
	for _, f := range families() {
		if slices.Contains(f.Tables, name) {
			return spansOf(f, name, cuts)
		}
	}
	return "", fmt.Errorf("rollups: no table %q", name)
}

func spansOf(f family, name string, names []string) (string, error) {
	var sets [][]string
	for _, c := range names {
		var set []string
		if c != "" {
			set = strings.Split(c, ",")
		}
		sets = append(sets, set)
	}
	cuts, used, err := groupings(sets)
	if err != nil {
		return "", fmt.Errorf("rollups: %w", err)
	}
	t, err := newTable(f, name)
	if err != nil {
		return "", err
	}
	return renderPart(name, "spans.sql", struct {
		table
		Cuts []cut
		// Attributes are those that any of the cuts has, for nothing else may be asked of grouping.
		Attributes []string
	}{t, cuts, used})
}

// groupings are cuts of a choice of attributes, numbered by the attributes that occur.
func groupings(sets [][]string) (cuts []cut, used []string, err error) {
	for _, a := range tenants.Attributes() {
		if slices.ContainsFunc(sets, func(set []string) bool { return slices.Contains(set, a) }) {
			used = append(used, a)
		}
	}
	seen := map[int]bool{}
	for _, set := range sets {
		c := cut{Attributes: set, Name: strings.Join(set, ",")}
		for _, a := range set {
			if !slices.Contains(used, a) {
				return nil, nil, fmt.Errorf("cut %q: %q is no attribute", c.Name, a)
			}
		}
		for bit, a := range used {
			if !slices.Contains(set, a) {
				c.Grouped |= 1 << (len(used) - 1 - bit)
			}
		}
		if seen[c.Grouped] || len(set) > 2 {
			return nil, nil, fmt.Errorf("cut %q: not a cut of its own", c.Name)
		}
		seen[c.Grouped] = true
		cuts = append(cuts, c)
	}
	if len(cuts) == 0 {
		return nil, nil, fmt.Errorf("no cuts")
	}
	return cuts, used, nil
}
