package native

import "sort"

// dynamicPrefix reads which types a Dynamic column holds: they are Variant's types in its data, with one more,
// SharedVariant, whose values are text of their own binary form.
func (c *cursor) dynamicPrefix(s *state) {
	switch version := c.uint64(); version {
	case dynamicV1:
		c.varint() // limit of types, no longer used
	case dynamicV2:
	default:
		panic(unsupported{"Dynamic in a serialization version this does not know"})
	}
	type named struct {
		text string
		of   *node
	}
	all := []named{{"SharedVariant", &node{name: "String"}}}
	for range int(c.varint()) {
		text := string(c.take(int(c.varint())))
		n, err := parseType(text)
		if err != nil {
			panic(unsupported{err.Error()})
		}
		all = append(all, named{text, n})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].text < all[j].text })
	if mode := c.uint64(); mode != variantBasic {
		panic(unsupported{"Dynamic in compact form"})
	}
	for _, a := range all {
		s.types = append(s.types, a.of)
		s.children = append(s.children, c.prefix(a.of))
	}
}

// sharedData is how a JSON column keeps paths beyond its limit.
var sharedData = &node{name: "Map", args: []*node{{name: "String"}, {name: "String"}}}

// objectPrefix reads the paths of a JSON column. Paths with a type of their own come first, in order of their names.
func (c *cursor) objectPrefix(n *node, s *state) {
	switch version := c.uint64(); version {
	case objectText:
		s.text = true
		return
	case objectV1:
		c.varint() // limit of paths, no longer used
	case objectV2:
	default:
		panic(unsupported{"JSON in a serialization version this does not know"})
	}
	s.paths = int(c.varint())
	for range s.paths {
		c.skip(int(c.varint()))
	}
	for _, t := range typedPaths(n) {
		s.children = append(s.children, c.prefix(t))
	}
	for range s.paths {
		s.children = append(s.children, c.prefix(&node{name: "Dynamic"}))
	}
}

func (c *cursor) object(n *node, rows int, s *state) {
	if s.text {
		c.data(&node{name: "String"}, rows, s)
		return
	}
	typed := typedPaths(n)
	for i, t := range typed {
		c.data(t, rows, s.children[i])
	}
	for i := range s.paths {
		c.data(&node{name: "Dynamic"}, rows, s.children[len(typed)+i])
	}
	c.data(sharedData, rows, &state{children: []*state{{}, {}}})
}

// typedPaths are the types of JSON(a.b UInt32, ...), sorted by path; other arguments are limits and paths to skip.
func typedPaths(n *node) []*node {
	type named struct {
		path string
		of   *node
	}
	var all []named
	for _, arg := range n.raw {
		of := withoutElementName(arg)
		if of == arg || len(arg) > 5 && arg[:5] == "SKIP " {
			continue
		}
		t, err := parseType(of)
		if err != nil {
			panic(unsupported{err.Error()})
		}
		all = append(all, named{arg[:len(arg)-len(of)], t})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].path < all[j].path })
	out := make([]*node, len(all))
	for i, a := range all {
		out[i] = a.of
	}
	return out
}
