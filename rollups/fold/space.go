package fold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/tenants"
)

// Space holds the codes that cells of it share. It only grows: whoever keeps one for long starts another when Bytes is too much.
type Space struct {
	cuts   []cut
	texts  map[string]uint32
	names  []string
	pairs  codes // of two codes
	halves []uint64
	// pairNames are the codes, plus one, of the names of those pairs that were asked for.
	pairNames []uint32
	series    []*series
	bySeries  codes
	bytes     int
}

// cut is one way of cutting: by the attributes at these places of tenants.Attributes, none, one or two.
type cut struct {
	name       string
	attributes []int
}

// mostCuts and mostSeries are what the key of a cell has room for.
const (
	mostCuts   = 1 << 8
	mostSeries = 1 << 24
)

// NewSpace is a Space of cells by these cuts: ” for overall, an attribute, or two as region,product.
func NewSpace(cuts []string) (*Space, error) {
	s := &Space{texts: map[string]uint32{}}
	if len(cuts) > mostCuts {
		return nil, fmt.Errorf("fold: %d cuts, more than %d", len(cuts), mostCuts)
	}
	for _, name := range cuts {
		c := cut{name: name}
		for _, a := range strings.Split(name, ",") {
			if name == "" {
				break
			}
			i := slices.Index(tenants.Attributes(), a)
			if i < 0 {
				return nil, fmt.Errorf("fold: cut %q: %q is no attribute", name, a)
			}
			c.attributes = append(c.attributes, i)
		}
		if len(c.attributes) > 2 {
			return nil, fmt.Errorf("fold: cut %q: more than two attributes", name)
		}
		s.cuts = append(s.cuts, c)
	}
	return s, nil
}

// Cuts are the names of the cuts.
func (s *Space) Cuts() []string {
	names := make([]string, len(s.cuts))
	for i, c := range s.cuts {
		names[i] = c.name
	}
	return names
}

// Bytes is about how much memory the codes take.
func (s *Space) Bytes() int {
	n := s.bytes + s.pairs.bytes() + s.bySeries.bytes()
	for _, r := range s.series {
		n += r.byFeature.bytes() + r.byItem.bytes() + 24*len(r.features)
	}
	return n
}

// text is the code of a name.
func (s *Space) text(name []byte) uint32 {
	if code, ok := s.texts[string(name)]; ok {
		return code
	}
	code := uint32(len(s.names))
	own := string(name)
	s.texts[own] = code
	s.names = append(s.names, own)
	s.bytes += 64 + len(own)
	return code
}

// pair is the code of two codes.
func (s *Space) pair(a, b uint32) uint32 {
	code, fresh := s.pairs.of(uint64(a)<<32 | uint64(b))
	if fresh {
		s.halves = append(s.halves, uint64(a)<<32|uint64(b))
	}
	return code
}

// names of both halves of a pair.
func (s *Space) namesOf(pair uint32) (a, b string) {
	both := s.halves[pair]
	return s.names[both>>32], s.names[uint32(both)]
}

// value is the value of a cut, as rows carry it, by its code.
func (s *Space) value(c cut, code uint32) string {
	switch len(c.attributes) {
	case 0:
		return ""
	case 1:
		return s.names[code]
	}
	a, b := s.namesOf(code)
	return PairValue(a, b)
}
