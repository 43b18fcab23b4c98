package rollups

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/tenants"
)

// Pinned are the settings that statements over facts and rollups run with, so that FINAL is exact: they end a statement.
const Pinned = pinned

// mostGroups bounds into how many groups cuts are gathered together: up to there it costs less than to go over the facts once more.
const mostGroups = 1024

// Spans is a SELECT of what the cells of a table would be if its days were other stretches of time: columns slot (UInt16), cut, cut_value and those of a cell,
// measures by their plain names. A cell comes in parts to be added up, but for denominators, of which the greatest holds. Cuts are ” for overall,
// attributes, or pairs as region,product; the names are checked here. values says how many values attributes have, as far as that is known, which
// decides what is gathered together and not what comes of it. Whoever runs the statement ends it with Pinned and gives as parameters the tenant;
// first_hours and end_hours (Array(UInt32), first <= hour < end, hours since 1970 UTC), which say what is scanned; and bounds (Array(Int64), rising,
// microseconds since 1970 UTC) with slots (Array(UInt16)): a time belongs to the slot of the last bound at or before it, slot 0 is left out, and
// the first bound must lie before all times.
func Spans(name string, cuts []string, values map[string]uint64) (string, error) {
	for _, f := range families() {
		if slices.Contains(f.Tables, name) {
			return spansOf(f, name, cuts, values)
		}
	}
	return "", fmt.Errorf("rollups: no table %q", name)
}

func spansOf(f family, name string, names []string, values map[string]uint64) (string, error) {
	cuts, err := cutsByName(names)
	if err != nil {
		return "", fmt.Errorf("rollups: %w", err)
	}
	t, err := newTable(f, name)
	if err != nil {
		return "", err
	}
	sets, used := bundles(cuts, values)
	return renderPart(name, "spans.sql", struct {
		table
		Sets []bundle
		// Attributes are those that any of the sets has, for nothing else may be asked of grouping.
		Attributes []string
	}{t, sets, used})
}

// cutsByName checks names of cuts.
func cutsByName(names []string) ([]cut, error) {
	var cuts []cut
	for i, name := range names {
		c := cut{Name: name}
		if name != "" {
			c.Attributes = strings.Split(name, ",")
		}
		for _, a := range c.Attributes {
			if !slices.Contains(tenants.Attributes(), a) {
				return nil, fmt.Errorf("cut %q: %q is no attribute", name, a)
			}
		}
		if len(c.Attributes) > 2 || len(c.Attributes) == 2 && c.Attributes[0] == c.Attributes[1] || slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("cut %q: not a cut of its own", name)
		}
		cuts = append(cuts, c)
	}
	if len(cuts) == 0 {
		return nil, fmt.Errorf("no cuts")
	}
	return cuts, nil
}

// bundle is a set of attributes that facts are gathered by, and the cuts that are made of it: Grouped as that of a cut, by the attributes in use.
type bundle struct {
	cut
	Cuts   []cut
	groups uint64
}

// bundles puts each cut into one set: into one that has its attributes already, else into one that stays small with them, else into one of its own.
func bundles(cuts []cut, values map[string]uint64) (sets []bundle, used []string) {
	order := slices.Clone(cuts)
	slices.SortStableFunc(order, func(a, b cut) int {
		return cmp.Or(cmp.Compare(len(b.Attributes), len(a.Attributes)), cmp.Compare(groupsOf(b.Attributes, values), groupsOf(a.Attributes, values)))
	})
	for _, c := range order {
		best := -1
		for i, s := range sets {
			fits := groupsOf(union(s.Attributes, c.Attributes), values) <= max(mostGroups, s.groups)
			holds := len(union(s.Attributes, c.Attributes)) == len(s.Attributes)
			if holds {
				best = i
				break
			}
			if fits && best < 0 {
				best = i
			}
		}
		if best < 0 {
			sets = append(sets, bundle{cut: cut{Attributes: c.Attributes}})
			best = len(sets) - 1
		}
		s := &sets[best]
		s.Attributes = union(s.Attributes, c.Attributes)
		s.groups = groupsOf(s.Attributes, values)
		s.Cuts = append(s.Cuts, c)
	}
	for _, a := range tenants.Attributes() {
		if slices.ContainsFunc(sets, func(s bundle) bool { return slices.Contains(s.Attributes, a) }) {
			used = append(used, a)
		}
	}
	for i := range sets {
		for bit, a := range used {
			if !slices.Contains(sets[i].Attributes, a) {
				sets[i].Grouped |= 1 << (len(used) - 1 - bit)
			}
		}
	}
	return sets, used
}

// union has the attributes of both, in their canonical order.
func union(a, b []string) []string {
	var both []string
	for _, name := range tenants.Attributes() {
		if slices.Contains(a, name) || slices.Contains(b, name) {
			both = append(both, name)
		}
	}
	return both
}

// groupsOf is at most how many groups attributes make, the value that is not stated among them. What has an unknown number of values has many.
func groupsOf(attributes []string, values map[string]uint64) uint64 {
	groups := uint64(1)
	for _, a := range attributes {
		n, known := values[a]
		if !known || n >= mostGroups {
			n = mostGroups
		}
		groups *= n + 1
	}
	return groups
}
